//! Terminal cells: how wide a text is, and how to make it fit without losing its ends.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::door::is_altered;

/// Width in terminal cells.
pub fn width(text: &str) -> usize {
    text.width()
}

/// What stands for a middle that was cut out.
const CUT: char = '…';
/// The same in a text that the door changed: what it made visible may be what was cut out.
pub(super) const ALTERED_CUT: char = '⋯';

/// Cuts to at most `cells`, replacing the middle by `…`: two names that differ at either end stay
/// different. A text that is to be warned of stays one.
pub fn elide_middle(text: &str, cells: usize) -> String {
    if text.len() <= cells || width(text) <= cells {
        return text.to_owned();
    }
    if cells == 0 {
        return String::new();
    }
    let room = cells - 1;
    let head = take(text.graphemes(true), room.div_ceil(2));
    let tail: Vec<&str> = take(text.graphemes(true).rev(), room / 2);
    let mut out: String = head.concat();
    out.push(if is_altered(text) { ALTERED_CUT } else { CUT });
    out.extend(tail.into_iter().rev());
    out
}

/// Exactly `cells` wide: elided or padded with blanks on the right.
pub fn fit(text: &str, cells: usize) -> String {
    let mut out = elide_middle(text, cells);
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&out))));
    out
}

fn take<'a>(graphemes: impl Iterator<Item = &'a str>, room: usize) -> Vec<&'a str> {
    let mut used = 0;
    graphemes
        .take_while(|grapheme| {
            used += width(grapheme);
            used <= room
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_ends_survive() {
        assert_eq!(
            elide_middle("anna.andersson@corp.example", 11),
            "anna.…ample"
        );
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(fit("山田太郎", 5), "山…郎");
    }

    #[test]
    fn what_is_cut_out_is_still_warned_of() {
        let cut = elide_middle("anna.⟨U+202E⟩andersson@corp.example", 11);
        assert_eq!(cut, "anna.⋯ample");
        assert!(is_altered(&elide_middle("a\\u{1b}b", 3)));
        assert!(!is_altered(&elide_middle("abcdef", 3)));
    }

    proptest! {
        #[test]
        fn fitted_text_is_exactly_as_wide_as_asked(text in "[a-zäß山田 é]{0,40}", cells in 0usize..30) {
            prop_assert_eq!(width(&fit(&text, cells)), cells);
        }
    }
}
