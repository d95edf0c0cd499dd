//! What a form holds.

use super::asked::Open;
use crate::app::model::Capabilities;

/// How a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Open.
    Now,
    /// Answered, and what was tried of it works.
    Done,
    /// Answered, and left as it is although something of it fails.
    Flawed,
}

/// Whether something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not yet.
    Nothing,
    /// It is going on: nobody can leave in the middle.
    Writing,
    /// It is there.
    Written,
}

/// A step at the left.
#[derive(Debug)]
pub struct FormStep {
    /// What it is about.
    pub title: String,
    /// How it is.
    pub state: StepState,
    /// What was answered so far, never a secret.
    pub answers: Vec<String>,
}

/// Something to read at the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A step begins.
    Head(String),
    /// What to know.
    Note(String),
    /// What was tried, and is as it should be.
    Good(String),
    /// What was tried, and something is to be known of it.
    Know(String),
    /// What does not work.
    Bad(String),
    /// What to do about it.
    Mend(String),
    /// An answer, under its question.
    Answer(String),
}

/// A place to go back to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub(super) said: usize,
    pub(super) answers: usize,
}

/// A set-up on the screen.
#[derive(Debug)]
pub struct Form {
    /// What is set up, for the first line.
    pub title: String,
    /// The steps in order.
    pub steps: Vec<FormStep>,
    /// The one that is open.
    pub step: Option<usize>,
    /// What was said so far; of the steps before, too, so that nothing passes unread.
    pub said: Vec<Said>,
    /// What is going on right now; empty when nothing is.
    pub progress: String,
    /// The question that is open.
    pub open: Option<Open>,
    /// Whether it is asked if the person wants to leave.
    pub leaving: bool,
    /// Lines of the right that are hidden below, because somebody reads further up.
    pub up: usize,
    /// Columns and rows.
    pub size: (u16, u16),
    /// What the terminal can show.
    pub capabilities: Capabilities,
    /// Whether something was written.
    pub outcome: Outcome,
    /// Where Back leads.
    pub(super) mark: Mark,
    /// Before the last answer.
    pub(super) last: Mark,
    pub(super) frame: u64,
    pub(super) dirty: bool,
}

impl Form {
    /// A form before its first step.
    pub fn new(
        title: String,
        steps: Vec<String>,
        size: (u16, u16),
        capabilities: Capabilities,
    ) -> Self {
        let step = |title| FormStep {
            title,
            state: StepState::Waiting,
            answers: Vec::new(),
        };
        Self {
            title,
            steps: steps.into_iter().map(step).collect(),
            step: None,
            said: Vec::new(),
            progress: String::new(),
            open: None,
            leaving: false,
            up: 0,
            size,
            capabilities,
            outcome: Outcome::Nothing,
            mark: Mark::default(),
            last: Mark::default(),
            frame: 0,
            dirty: true,
        }
    }

    /// Whether something changed since the last frame, which is counted now.
    pub fn take_dirty(&mut self) -> bool {
        if self.dirty {
            self.frame += 1;
        }
        std::mem::take(&mut self.dirty)
    }

    /// Number of the frame that is drawn now.
    pub fn frame(&self) -> u64 {
        self.frame
    }

    /// Too small for anything but one line.
    pub fn is_tiny(&self) -> bool {
        self.size.0 < 40 || self.size.1 < 10
    }

    /// Columns of the steps at the left; none where there is no room for both.
    pub fn left(&self) -> u16 {
        match self.size.0 {
            0..72 => 0,
            width => (width * 35 / 100).clamp(26, 40),
        }
    }

    /// Columns of the right.
    pub fn right(&self) -> usize {
        let taken = match self.left() {
            0 => 2,
            left => left + 3,
        };
        usize::from(self.size.0.saturating_sub(taken))
    }

    /// Rows between the first lines and the last ones.
    pub fn rows(&self) -> usize {
        usize::from(self.size.1.saturating_sub(4))
    }
}
