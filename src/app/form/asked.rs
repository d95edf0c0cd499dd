//! A question of a form, and what is typed at it.

use std::fmt;
use std::time::Duration;

use super::pace::Pace;
use crate::app::input::Field;
use crate::ports::Secret;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A line.
    Text {
        /// What for.
        question: String,
        /// Taken by Enter alone.
        default: Option<String>,
    },
    /// One of several.
    Choice {
        /// What for.
        question: String,
        /// The ways, in order.
        ways: Vec<String>,
        /// Where the cursor begins.
        default: usize,
        /// Whether the answer is one of the set-up, and no way to go on.
        kept: bool,
    },
    /// A line that is never shown.
    Secret {
        /// What for.
        question: String,
    },
    /// Something that cannot be taken back: yes or no, typed.
    Sure {
        /// What for.
        question: String,
    },
}

impl Asked {
    /// The words of the question.
    pub fn question(&self) -> &str {
        match self {
            Self::Text { question, .. }
            | Self::Choice { question, .. }
            | Self::Secret { question }
            | Self::Sure { question } => question,
        }
    }

    /// What is left to be read of an answer; nothing of one that is no answer of the set-up. Of a secret it
    /// says that there is one.
    pub fn kept(&self, reply: &Reply) -> Option<String> {
        match (self, reply) {
            (Self::Text { .. }, Reply::Text(text)) => Some(text.clone()),
            (
                Self::Choice {
                    ways, kept: true, ..
                },
                Reply::Way(at),
            ) => ways.get(*at).cloned(),
            (Self::Secret { question }, Reply::Secret(_)) => {
                let what = question.split(',').next().unwrap_or_default();
                Some(format!("{what}: not shown"))
            }
            _ => None,
        }
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A line.
    Text(String),
    /// Which way.
    Way(usize),
    /// A secret; nothing when Enter alone was pressed.
    Secret(Option<Secret>),
    /// Yes or no.
    Sure(bool),
    /// To the question before.
    Back,
    /// The person left.
    Left,
    /// The terminal is gone.
    Gone,
}

/// A question that is open.
#[derive(Debug)]
pub struct Open {
    /// What is asked.
    pub asked: Asked,
    /// What is typed.
    pub typed: Typed,
    /// Why the last answer was not taken.
    pub wrong: Option<String>,
    /// Whether there is a question before it to go back to.
    pub back: bool,
    /// The first frame that shows it.
    pub(super) frame: u64,
    /// Whether that frame is on its way: keys before it were meant for something else.
    pub(super) drawn: bool,
    /// When it was out.
    pub(super) since: Option<Duration>,
    pub(super) pace: Pace,
}

/// What is typed at a question.
pub enum Typed {
    /// A line with a cursor.
    Line(Field),
    /// The way under the cursor.
    Way(usize),
    /// A secret: nobody reads it but whoever it is for.
    Hidden(String),
}

impl fmt::Debug for Typed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(field) => write!(out, "Line({:?})", field.text()),
            Self::Way(at) => write!(out, "Way({at})"),
            Self::Hidden(_) => out.write_str("Hidden(***)"),
        }
    }
}

impl Typed {
    /// Nothing typed yet.
    pub(super) fn empty(asked: &Asked) -> Self {
        match asked {
            Asked::Choice { ways, default, .. } => {
                Self::Way((*default).min(ways.len().saturating_sub(1)))
            }
            // Room from the start, so that a growing secret leaves no shorter copies behind.
            Asked::Secret { .. } => Self::Hidden(String::with_capacity(crate::app::PASTE_CAP)),
            Asked::Text { .. } | Asked::Sure { .. } => Self::Line(Field::default()),
        }
    }
}
