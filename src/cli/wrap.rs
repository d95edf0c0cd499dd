//! Lines as wide as the terminal: broken between words, continued under their beginning, never cut.

use crate::text::width;

/// How much further in than its beginning a line goes on.
const HANG: usize = 2;
/// A terminal narrower than this is left to break lines itself.
const NARROWEST: usize = 20;
/// Blanks between two words of a line that is broken.
const MOST_BLANKS: usize = 2;

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
    let words = words(body);
    let whole: usize = words.iter().map(|word| width(word)).sum();
    if indent + whole <= cells {
        return format!("{}{}", " ".repeat(indent), words.concat());
    }
    let hang = " ".repeat((indent + HANG).min(cells / 2));
    let mut out = " ".repeat(indent);
    let mut used = indent;
    let mut at_start = true;
    for word in words {
        let bare = width(word.trim_end_matches(' '));
        if !at_start && bare > 0 && used + bare > cells {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.push_str(&hang);
            used = hang.len();
        }
        out.push_str(&word);
        used += width(&word);
        at_start = false;
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// The words of a line that is too wide, with the blanks behind them, which are two at most: with
/// more of them a name would choose what begins a line. An option whose value is quoted for a shell
/// is one word, to be copied as it is.
fn words(body: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let end = quoted_option(rest).unwrap_or(0);
        let end = rest
            .get(end..)
            .and_then(|behind| behind.find(' '))
            .map_or(rest.len(), |at| end + at);
        let (word, behind) = rest.split_at(end);
        rest = behind.trim_start_matches(' ');
        let blanks = behind.len() - rest.len();
        words.push(format!("{word}{}", " ".repeat(blanks.min(MOST_BLANKS))));
    }
    words
}

/// Where the value of an option ends that begins here and whose value is quoted.
fn quoted_option(text: &str) -> Option<usize> {
    let word = text
        .split(' ')
        .next()
        .filter(|word| word.starts_with("--"))?;
    let start = word.find("='")? + 1;
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in text.get(start..)?.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\'' => quoted = !quoted,
            '\\' if !quoted => escaped = true,
            _ if quoted => {}
            _ => return Some(start + at),
        }
    }
    (!quoted).then_some(text.len())
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

    #[test]
    fn blanks_within_a_name_begin_no_line() {
        let name = format!("Ada{}error: everything is lost", " ".repeat(29));
        assert_eq!(
            wrap(&format!("  note  {name}"), 40),
            "  note  Ada  error: everything is lost"
        );
        let far = format!("Ada{}error: everything is lost", " ".repeat(500));
        assert_eq!(wrap(&far, 20), "Ada  error:\n  everything is lost");
    }

    #[test]
    fn what_is_to_be_copied_stays_in_one_piece() {
        let option = "--allow-admin='Ada  Maria O'\\''Brien'";
        assert_eq!(
            wrap(&format!("for this one: {option} with plan"), 30),
            format!("for this one:\n  {option}\n  with plan")
        );
        let open = "--x='never closed and therefore words like others";
        assert_eq!(
            wrap(open, 30),
            "--x='never closed and\n  therefore words like others"
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
