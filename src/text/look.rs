//! Whether two names look alike: skeletons and scripts of UTS #39, through `unicode-security`.
//! Only for warning; nothing is matched by the look of a name.

use std::collections::BTreeSet;
use unicode_security::{MixedScript as _, skeleton};

use super::raw::Raw;

/// What a text looks like, as written and in small letters: `I` and `l` are alike, `i` and `l` are
/// not. Two texts look alike when they share one of these.
pub fn looks(text: &Raw) -> BTreeSet<String> {
    let written = text.expose().trim();
    [written.to_owned(), written.to_lowercase()]
        .iter()
        .map(|text| skeleton(text).collect())
        .filter(|look: &String| !look.is_empty())
        .collect()
}

/// A word whose letters come from scripts that are not written together, like Latin and Cyrillic.
/// Whole names may hold two scripts, one a word: "Иван (Ivan)".
pub fn mixed_word(text: &Raw) -> Option<&str> {
    text.expose()
        .split(|letter: char| !letter.is_alphanumeric())
        .find(|word| !word.is_single_script())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        !looks(&Raw::from(one)).is_disjoint(&looks(&Raw::from(other)))
    }

    #[test]
    fn names_that_read_the_same_look_alike() {
        for (one, other) in [
            ("mike@corp.example", "mıke@corp.example"),
            ("Ada Admin", "Аdа Admin"),
            ("Alice", "AIice"),
            ("Paul", "ᏢauI"),
            ("ada", "a\u{200b}da"),
            ("Ada", "ada "),
            ("burn", "bum"),
        ] {
            assert!(alike(one, other), "{one} {other}");
        }
        for (one, other) in [("Ada", "Ida"), ("Anna Berg", "Hanna Berg"), ("", " ")] {
            assert!(!alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_word_of_two_scripts_is_odd_and_a_name_of_two_is_not() {
        let mixed = |text: &str| mixed_word(&Raw::from(text)).map(str::to_owned);
        assert_eq!(mixed("Bob Аdmin").as_deref(), Some("Аdmin"));
        for fine in [
            "Иван Петров (Ivan Petrov)",
            "山田 タロウ",
            "김철수",
            "Jörg Müller-Lüdenscheidt 2",
            "O'Brien",
            "\u{1b}[31mred",
            "",
        ] {
            assert_eq!(mixed(fine), None, "{fine}");
        }
    }
}
