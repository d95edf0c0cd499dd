//! Where the cursor is in a list and which slice of it is on screen. The cursor travels; when it
//! leaves the window the list hops by half a page, because one scrolled row costs as many bytes as
//! a scrolled page.

/// Cursor and window of a list whose length lives elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Index under the cursor.
    pub cursor: usize,
    /// First index shown.
    pub offset: usize,
    /// Rows on screen.
    pub height: usize,
}

/// A move of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the keys of the same names")]
pub enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
}

impl List {
    /// Moves within `len` entries; whether anything changed.
    pub fn step(&mut self, step: Step, len: usize) -> bool {
        let before = *self;
        let page = self.height.saturating_sub(1).max(1);
        let last = len.saturating_sub(1);
        self.cursor = match step {
            Step::Up => self.cursor.saturating_sub(1),
            Step::Down => self.cursor.saturating_add(1).min(last),
            Step::PageUp => self.cursor.saturating_sub(page),
            Step::PageDown => self.cursor.saturating_add(page).min(last),
            Step::Home => 0,
            Step::End => last,
        };
        self.settle(len);
        *self != before
    }

    /// Puts the cursor on `index`.
    pub fn select(&mut self, index: usize, len: usize) {
        self.cursor = index;
        self.settle(len);
    }

    /// Tells how many rows fit.
    pub fn resize(&mut self, height: usize, len: usize) {
        self.height = height;
        self.settle(len);
    }

    /// Brings cursor and window back into `len` entries.
    pub fn settle(&mut self, len: usize) {
        self.cursor = self.cursor.min(len.saturating_sub(1));
        if self.height == 0 {
            self.offset = self.cursor;
            return;
        }
        let half = self.height / 2;
        if self.cursor < self.offset {
            self.offset = self.cursor.saturating_sub(half);
        } else if self.cursor >= self.offset + self.height {
            self.offset = self
                .cursor
                .saturating_sub(self.height - 1 - half.min(self.height - 1));
        }
        self.offset = self.offset.min(len.saturating_sub(self.height));
    }

    /// The indices on screen.
    pub fn window(&self, len: usize) -> std::ops::Range<usize> {
        let start = self.offset.min(len);
        start..start.saturating_add(self.height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_cursor_travels_and_the_window_hops_by_half() {
        let mut list = List {
            height: 10,
            ..List::default()
        };
        for _ in 0..9 {
            list.step(Step::Down, 100);
        }
        assert_eq!((list.cursor, list.offset), (9, 0));
        list.step(Step::Down, 100);
        assert_eq!((list.cursor, list.offset), (10, 6));
        list.step(Step::End, 100);
        assert_eq!((list.cursor, list.offset), (99, 90));
        assert!(!list.step(Step::Down, 100));
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_on_screen(
            height in 1usize..40, len in 0usize..200,
            steps in prop::collection::vec(0u8..6, 0..60),
        ) {
            let mut list = List { height, ..List::default() };
            for step in steps {
                let step = [Step::Up, Step::Down, Step::PageUp, Step::PageDown, Step::Home, Step::End]
                    [usize::from(step)];
                list.step(step, len);
                prop_assert!(len == 0 || list.window(len).contains(&list.cursor));
            }
        }
    }
}
