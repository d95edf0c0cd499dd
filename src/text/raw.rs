//! Text from outside, exactly as it came. Fit for comparing and sending back, not for showing.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::sync::Arc;

use super::door::{Shown, show};

/// Text from a network, a directory, a file or a paste, unchanged.
///
/// There is deliberately no `Display` and no `Into<String>`: the way to a screen, a log or an
/// export is [`Raw::show`]. Serialising keeps it lossless (JSON files, request bodies).
///
/// Clones share one text: the id of one of a hundred thousand people stands in their record, in
/// their row, in what is marked, staged and planned, and is held once.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Raw(Arc<str>);

impl Raw {
    /// Takes text from outside.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
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

    /// [`Self::key`] as a text to keep: most identifiers are in that form already, and share.
    #[must_use]
    pub fn folded(&self) -> Self {
        let text = self.expose();
        let is_folded = |letter: u8| letter.is_ascii_graphic() && !letter.is_ascii_uppercase();
        if text.bytes().all(is_folded) {
            self.clone()
        } else {
            Self::new(self.key())
        }
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

/// Straight from the input, without a `String` on the way.
impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Raw;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::new(text))
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
