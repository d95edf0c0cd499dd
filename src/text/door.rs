//! The door: the only function that turns outside text into something a person may read.
//!
//! Controls become `\u{1b}`, hidden and reordering characters become `⟨U+202E⟩`, line breaks and
//! tabs become marks, runs of combining marks are cut at four. Applying it twice changes nothing.

use serde::{Serialize, Serializer};
use std::fmt;
use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeEmoji as _, UnicodeGeneralCategory as _};

use super::cells::ALTERED_CUT;
use super::raw::Raw;

/// More combining marks than this on one base letter are noise meant to spill over other rows.
pub(super) const MARKS_PER_BASE: usize = 4;

/// Text that may be drawn, printed and logged.
#[derive(Clone, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shown {
    text: String,
    altered: bool,
}

impl Shown {
    /// Words of our own program: already safe.
    pub fn ours(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            altered: false,
        }
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether something had to be made visible or taken out: a reason for a warning mark.
    pub fn altered(&self) -> bool {
        self.altered
    }

    /// Cuts to at most `cells` terminal cells, keeping both ends.
    #[must_use]
    pub fn elided(self, cells: usize) -> Self {
        let text = super::cells::elide_middle(&self.text, cells);
        Self {
            text,
            altered: self.altered,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Makes outside text safe to read. See the module for the rules.
pub fn show(raw: &Raw) -> Shown {
    show_str(raw.expose())
}

/// [`show`] for text that is borrowed from a parser or an error of a library.
pub fn show_str(text: &str) -> Shown {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Shown {
            text: text.to_owned(),
            altered: false,
        };
    }
    let mut shown = Shown {
        text: String::with_capacity(text.len()),
        altered: false,
    };
    let (mut marks, mut after_emoji) = (0, false);
    for character in text.nfc() {
        if is_emoji_selector(character) && after_emoji {
            continue; // Its width differs from terminal to terminal; the emoji shows without it.
        }
        let combining = is_combining(character);
        marks = if combining { marks + 1 } else { 0 };
        after_emoji = character.is_emoji_char() && !character.is_ascii();
        if combining && shown.text.is_empty() {
            // Without a letter of its own it would sit on what stands before this text.
            trace(&mut shown, character);
            shown.altered = true;
        } else if marks > MARKS_PER_BASE {
            shown.altered = true;
            // The first one too many leaves a trace; the rest is what wanted to spill over.
            if marks == MARKS_PER_BASE + 1 {
                trace(&mut shown, character);
            }
        } else {
            push(&mut shown, character);
        }
    }
    shown
}

fn push(shown: &mut Shown, character: char) {
    let visible = match character {
        '\n' => Some("␊".to_owned()),
        '\t' => Some("␉".to_owned()),
        '\r' => Some("␍".to_owned()),
        _ if character.is_control() => Some(escape(character)),
        _ if is_hidden(character) => Some(number(character)),
        _ => None,
    };
    match visible {
        Some(text) => {
            shown.text.push_str(&text);
            shown.altered = true;
        }
        None => shown.text.push(character),
    }
}

/// The number of a character, in brackets that our own words do not use.
fn number(character: char) -> String {
    format!("⟨U+{:04X}⟩", u32::from(character))
}

fn trace(shown: &mut Shown, character: char) {
    shown.text.push_str(&number(character));
}

/// Whether a text that went through the door was altered there: what is made visible leaves a trace,
/// also in a text that was put together or cut since. A text that only looks like that counts as well.
pub fn is_altered(shown: &str) -> bool {
    shown.contains("⟨U+") || shown.contains("\\u{") || shown.contains(['␊', '␉', '␍', ALTERED_CUT])
}

fn escape(character: char) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
    text
}

fn is_emoji_selector(character: char) -> bool {
    matches!(character, '\u{fe0e}' | '\u{fe0f}')
}

pub(super) fn is_combining(character: char) -> bool {
    matches!(
        character.general_category(),
        GeneralCategory::NonspacingMark
            | GeneralCategory::EnclosingMark
            | GeneralCategory::SpacingMark
    )
}

/// Format characters (bidi controls, zero-width, tags, soft hyphen), variation selectors,
/// fillers that draw nothing, separators, private use and unassigned code points.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{fe00}'..='\u{fe0f}'
            | '\u{e0100}'..='\u{e01ef}'
            | '\u{034f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{2800}'
    ) || matches!(
        character.general_category(),
        GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::Surrogate
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::holds;
    use proptest::prelude::*;

    #[test]
    fn controls_and_hidden_characters_become_visible() {
        for (raw, safe) in [
            ("\u{1b}]0;owned\u{7}", "\\u{1b}]0;owned\\u{7}"),
            ("Anna\u{202e}nimda", "Anna⟨U+202E⟩nimda"),
            ("a\u{200b}b\u{ad}c", "a⟨U+200B⟩b⟨U+00AD⟩c"),
            ("one\ntwo\tthree", "one␊two␉three"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("tag\u{e0041}", "tag⟨U+E0041⟩"),
        ] {
            let shown = show_str(raw);
            assert_eq!(shown.as_str(), safe);
            assert!(shown.altered(), "{safe} must carry the warning");
        }
    }

    #[test]
    fn honest_names_pass_unchanged() {
        for name in [
            "Björn Ivanova",
            "山田 太郎",
            "Dmitri O'Brien",
            "محمد",
            "Zoë 🎉",
        ] {
            let shown = show_str(name);
            assert_eq!(shown.as_str(), name);
            assert!(!shown.altered());
        }
    }

    #[test]
    fn marks_are_capped_and_emoji_selectors_dropped() {
        let zalgo = format!("e{}", "\u{317}".repeat(40));
        assert_eq!(
            show_str(&zalgo).as_str().chars().count(),
            1 + MARKS_PER_BASE + "⟨U+0317⟩".chars().count()
        );
        assert_eq!(show_str("❤\u{fe0f}").as_str(), "❤");
        assert_eq!(show_str("\u{302}x").as_str(), "⟨U+0302⟩x");
    }

    #[test]
    fn a_selector_is_dropped_behind_an_emoji_only_and_nothing_else_is() {
        for (raw, seen) in [
            ("❤\u{fe0f}x", "❤x"),
            ("❤xy", "❤xy"),
            ("é\u{fe0f}", "é⟨U+FE0F⟩"),
            ("Ж\u{fe0e}", "Ж⟨U+FE0E⟩"),
            ("1\u{fe0f}é", "1⟨U+FE0F⟩é"),
        ] {
            assert_eq!(show_str(raw).as_str(), seen, "{raw:?}");
        }
    }

    #[test]
    fn words_of_ours_pass_and_a_cut_keeps_the_mark() {
        let ours = Shown::ours("tenant");
        assert_eq!((ours.as_str(), ours.altered()), ("tenant", false));
        let cut = show_str("Ann\u{202e}a of the long name").elided(9);
        assert!(cut.altered(), "{cut}");
        assert!(cut.as_str().starts_with("Ann"), "{cut}");
        assert!(cut.as_str().ends_with("name"), "{cut}");
        assert_eq!(serde_json::json!(show_str("a\nb\r\tc")), "a␊b␍␉c");
    }

    #[test]
    fn proof_t9_the_door_is_idempotent_and_its_output_clean() {
        holds("the door: idempotent, and clean", "\\PC*|.*", |text| {
            let once = show_str(&text);
            let twice = show_str(once.as_str());
            prop_assert_eq!(twice.as_str(), once.as_str());
            prop_assert!(!once.altered() || is_altered(once.as_str()));
            let clean = once
                .as_str()
                .chars()
                .all(|c| !c.is_control() && !is_hidden(c));
            prop_assert!(clean);
            Ok(())
        });
    }
}
