//! Lines as wide as the terminal: broken between words, continued under their beginning, never cut.

use crate::text::width;

/// How much further in than its beginning a line goes on.
const HANG: usize = 2;
/// A terminal narrower than this is left to break lines itself.
const NARROWEST: usize = 20;

/// The lines of a text, none wider than `cells` unless a single word is. Lines that fit are left
/// exactly as they are, with their columns.
pub(super) fn wrap(text: &str, cells: usize) -> String {
    if cells < NARROWEST {
        return text.to_owned();
    }
    let lines: Vec<String> = text.split('\n').map(|line| broken(line, cells)).collect();
    lines.join("\n")
}

fn broken(line: &str, cells: usize) -> String {
    if width(line) <= cells {
        return line.to_owned();
    }
    let body = line.trim_start_matches(' ');
    let indent = line.len() - body.len();
    let hang = " ".repeat((indent + HANG).min(cells / 2));
    let mut out = " ".repeat(indent);
    let mut used = indent;
    let mut at_start = true;
    // Blanks between words stay, so that columns stay as long as their line does.
    for word in body.split_inclusive(' ') {
        let bare = width(word.trim_end_matches(' '));
        if !at_start && bare > 0 && used + bare > cells {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.push_str(&hang);
            used = hang.len();
        }
        out.push_str(word);
        used += width(word);
        at_start = false;
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_between_words_and_hang() {
        assert_eq!(wrap("  short line", 40), "  short line");
        assert_eq!(
            wrap("  warning  Ada: the name looks like another's", 24),
            "  warning  Ada: the name\n    looks like another's"
        );
        let hash = "f".repeat(64);
        assert_eq!(
            wrap(&format!("Plan {hash}  eight words"), 40),
            format!("Plan\n  {hash}\n  eight words"),
            "a word is never cut"
        );
        assert_eq!(
            wrap("a b c d e f g h i j k l", 10),
            "a b c d e f g h i j k l"
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_too_wide(text in "[a-zä山\n ]{0,200}", cells in 20usize..100) {
            let wrapped = wrap(&text, cells);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrapped), words(&text));
            for line in wrapped.split('\n') {
                let one_word = line.split_whitespace().count() <= 1;
                prop_assert!(width(line) <= cells || one_word, "{:?}", line);
            }
        }
    }
}
