//! The only way onto the screen: text cut to its place, never outside the buffer, in ASCII where
//! that is all the terminal has.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::theme::{Mean, Theme, ascii};
use crate::app::Area;
use crate::text::{elide_middle, is_altered, shorten, width};

/// Stands before a text of which the door changed something.
const WARNING: &str = "!";

/// Writes cells.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    /// Colours and glyphs.
    pub(super) theme: Theme,
}

/// A piece of a line.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) mean: Mean,
}

/// Cells that a text takes, with the warning before it.
pub(super) fn taken(text: &str) -> usize {
    width(text) + usize::from(is_altered(text))
}

/// A piece of a line.
pub(super) fn piece(mean: Mean, text: impl Into<String>) -> Piece {
    Piece {
        text: text.into(),
        mean,
    }
}

impl<'a> Pen<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme }
    }

    /// The text as this terminal can show it, at most `cells` wide.
    fn fitted(&self, text: &str, cells: usize) -> String {
        if self.theme.unicode {
            return elide_middle(text, cells);
        }
        elide_middle(&ascii(text), cells).replace(['…', '⋯'], "~")
    }

    /// Writes at most `cells` cells; gives how many were used. Too long a text loses its middle.
    pub(super) fn put(&mut self, x: u16, y: u16, cells: usize, text: &str, mean: Mean) -> usize {
        let style = self.theme.style(mean);
        self.put_styled(x, y, cells, text, style)
    }

    /// Writes a sentence: too long a one loses whole words at its end.
    pub(super) fn prose(&mut self, x: u16, y: u16, cells: usize, text: &str, mean: Mean) -> usize {
        let marked = usize::from(is_altered(text));
        let text = shorten(text, cells.saturating_sub(marked));
        self.put(x, y, cells, &text, mean)
    }

    /// Writes pieces of sentences one after the other; the first that has no room is the last.
    pub(super) fn sentence(&mut self, x: u16, y: u16, cells: usize, pieces: &[Piece]) {
        let mut used = 0;
        for piece in pieces {
            let at = x.saturating_add(u16::try_from(used).unwrap_or(u16::MAX));
            let room = cells.saturating_sub(used);
            if taken(&piece.text) > room {
                self.prose(at, y, room, &piece.text, piece.mean);
                return;
            }
            used += self.put(at, y, room, &piece.text, piece.mean);
        }
    }

    fn put_styled(&mut self, x: u16, y: u16, cells: usize, text: &str, style: Style) -> usize {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() {
            return 0;
        }
        let room = cells.min(usize::from(area.right() - x));
        // What is elided may be what was made visible: the mark says that there was something.
        let (mut from, mut left) = (x, room);
        if is_altered(text) && room > 1 {
            let warning = self.theme.style(Mean::Error);
            self.buffer.set_stringn(x, y, WARNING, 1, warning);
            (from, left) = (x + 1, room - 1);
        }
        let text = self.fitted(text, left);
        let (end, _) = self.buffer.set_stringn(from, y, text, left, style);
        usize::from(end.saturating_sub(x))
    }

    /// Writes a text and fills the rest of its place, so that its style covers all of it.
    pub(super) fn cell(&mut self, x: u16, y: u16, cells: usize, text: &str, mean: Mean) {
        let used = self.put(x, y, cells, text, mean);
        let rest = " ".repeat(cells.saturating_sub(used));
        let from = x.saturating_add(u16::try_from(used).unwrap_or(u16::MAX));
        self.put(from, y, rest.len(), &rest, mean);
    }

    /// The sign of a line that is marked, or in a range that is being marked.
    pub(super) fn mark(&mut self, x: u16, y: u16, marked: bool, ranged: bool) {
        let sign = match (marked, ranged) {
            (true, _) => "*",
            (false, true) => "v",
            (false, false) => " ",
        };
        self.put(x, y, 1, sign, Mean::Mark);
    }

    /// What a line is called: under the cursor all of its place stands out.
    pub(super) fn name(
        &mut self,
        (x, y): (u16, u16),
        cells: usize,
        name: &str,
        (cursor, marked): (bool, bool),
    ) {
        if cursor {
            self.cell(x, y, cells, name, Mean::Cursor);
        } else {
            let mean = if marked { Mean::Mark } else { Mean::Plain };
            self.put(x, y, cells, name, mean);
        }
    }

    /// Writes at the right end of a place.
    pub(super) fn right(&mut self, x: u16, y: u16, cells: usize, text: &str, mean: Mean) {
        let marked = usize::from(is_altered(text));
        let fitted = self.fitted(text, cells.saturating_sub(marked));
        let gap = u16::try_from(cells.saturating_sub(width(&fitted) + marked)).unwrap_or(0);
        self.put(x.saturating_add(gap), y, cells, text, mean);
    }

    /// Writes pieces one after the other; gives how many cells were used.
    pub(super) fn pieces(&mut self, x: u16, y: u16, cells: usize, pieces: &[Piece]) -> usize {
        let mut used = 0;
        for piece in pieces {
            let at = x.saturating_add(u16::try_from(used).unwrap_or(u16::MAX));
            used += self.put(at, y, cells.saturating_sub(used), &piece.text, piece.mean);
        }
        used
    }

    /// The rule between two panes.
    pub(super) fn rule(&mut self, x: u16, area: Area) {
        for y in area.y..area.y.saturating_add(area.height) {
            self.put(x, y, 1, "│", Mean::Quiet);
        }
    }

    /// A line across an area.
    pub(super) fn line(&mut self, area: Area, y: u16) {
        let text = "─".repeat(usize::from(area.width));
        self.put(area.x, y, usize::from(area.width), &text, Mean::Quiet);
    }

    /// Blanks an area, and what would reach into it.
    pub(super) fn clear(&mut self, area: Area) {
        let blank = " ".repeat(usize::from(area.width));
        for y in area.y..area.y.saturating_add(area.height) {
            self.spare(area.x, y);
            self.put_styled(area.x, y, blank.len(), &blank, Style::reset());
        }
    }

    /// What stands before an edge may take more cells than it should: half of a wide sign, or one of
    /// several code points, which many terminals draw side by side. Behind it nothing is drawn that
    /// would cover the rest, so it goes.
    fn spare(&mut self, edge: u16, y: u16) {
        for x in edge.saturating_sub(2)..edge {
            let odd = |symbol: &str| {
                let cells = u16::try_from(width(symbol)).unwrap_or(u16::MAX);
                x.saturating_add(cells) > edge || cells > 1 && symbol.chars().nth(1).is_some()
            };
            let cell = self.buffer.cell((x, y));
            if cell.is_some_and(|cell| odd(cell.symbol())) {
                self.put_styled(x, y, 1, " ", Style::reset());
            }
        }
    }
}
