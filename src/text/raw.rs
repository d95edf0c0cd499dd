//! Text from outside, exactly as it came. Fit for comparing and sending back, not for showing.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::door::{Shown, show};

/// Text from a network, a directory, a file or a paste, unchanged.
///
/// There is deliberately no `Display` and no `Into<String>`: the way to a screen, a log or an
/// export is [`Raw::show`]. Serialising keeps it lossless (JSON files, request bodies).
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Raw(Box<str>);

impl Raw {
    /// Takes text from outside.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for comparing, matching and sending back to where it belongs.
    /// Never for printing.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text made safe for people to read.
    pub fn show(&self) -> Shown {
        show(self)
    }

    /// The form in which two spellings of one identifier are equal: trimmed and lower-cased.
    /// Qlik's own tools join subjects this way, and its filters ignore case.
    pub fn key(&self) -> String {
        self.0.trim().to_lowercase()
    }

    /// Whether nothing but blanks came.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Raw({})", self.show())
    }
}

impl From<&str> for Raw {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Raw {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
