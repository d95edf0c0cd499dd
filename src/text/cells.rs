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

/// A word of more cells is an id or a name, which keeps both ends.
const LONG_WORD: usize = 12;

/// Cuts a sentence to at most `cells` at the end of a word, with `…` behind it; an id at the cut
/// keeps both ends. Where not even the first word has room, like [`elide_middle`].
pub fn shorten(text: &str, cells: usize) -> String {
    let text = text.trim_end();
    if text.len() <= cells || width(text) <= cells {
        return text.to_owned();
    }
    let cut = if is_altered(text) { ALTERED_CUT } else { CUT };
    let room = cells.saturating_sub(2);
    let blanks = text.match_indices(' ').map(|(at, _)| at);
    let ends = blanks.take_while(|at| text.get(..*at).is_some_and(|head| width(head) <= room));
    let Some((head, rest)) = ends.last().and_then(|at| text.split_at_checked(at)) else {
        return elide_middle(text, cells);
    };
    if head.trim().is_empty() {
        return elide_middle(text, cells);
    }
    let rest = rest.trim_start();
    let (word, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let end = if more.is_empty() { 0 } else { 2 };
    let left = cells.saturating_sub(width(head) + 1 + end);
    if width(word) > LONG_WORD && left >= LONG_WORD {
        let word = elide_middle(word, left);
        let end = if end == 0 {
            String::new()
        } else {
            format!(" {cut}")
        };
        return format!("{head} {word}{end}");
    }
    format!("{} {cut}", head.trim_end_matches([' ', ',', ';', ':']))
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

    #[test]
    fn a_sentence_loses_whole_words_at_its_end() {
        let text = "is disabled in the directory; skipped";
        assert_eq!(shorten(text, 40), text);
        assert_eq!(shorten(text, 31), "is disabled in the directory …");
        assert_eq!(shorten(text, 29), "is disabled in the …");
        assert_eq!(shorten("anna.andersson@corp.example", 11), "anna.…ample");
        assert_eq!(shorten("   anna.andersson", 8), "   a…son");
        assert_eq!(shorten("a \\u{1b} word more", 11), "a \\u{1b} ⋯");
        assert_eq!(shorten("one two", 0), "");
        let run = "takes back run 20261124T182228Z-44cf7d1b-6547";
        assert_eq!(shorten(run, 30), "takes back run 2026112…1b-6547");
        assert_eq!(shorten(run, 24), "takes back run …");
    }

    proptest! {
        #[test]
        fn shortened_text_has_room(text in "[a-zäß山田 ;é]{0,40}", cells in 0usize..30) {
            prop_assert!(width(&shorten(&text, cells)) <= cells);
        }

        #[test]
        fn fitted_text_is_exactly_as_wide_as_asked(text in "[a-zäß山田 é]{0,40}", cells in 0usize..30) {
            prop_assert_eq!(width(&fit(&text, cells)), cells);
        }
    }
}
