//! What must never leave the program because somebody put it into a name; said anew here and not
//! asked of the door, so that a slip of the door shows.

use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization as _;

/// Whether a terminal would obey, hide or reorder by this character.
pub(crate) fn is_forbidden(letter: char) -> bool {
    let plain = letter.is_ascii() && !letter.is_ascii_control();
    !plain
        && (letter.is_control()
            || matches!(
                letter,
                // Bidi controls, zero-width, line and paragraph separators, invisible operators.
                '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
                    | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                // Fillers that draw nothing.
                    | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
                // Variation selectors, annotation marks, tags.
                    | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
                // Private use and a few that nobody has assigned.
                    | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{378}' | '\u{379}' | '\u{2fe00}'..='\u{2fe20}'
            ))
}

/// Whether the door has to change something in this text, so that a warning must be shown.
pub(crate) fn must_warn(text: &str) -> bool {
    let mut before = None;
    let mut marks = 0;
    for letter in text.nfc() {
        let selector = matches!(letter, '\u{fe0e}' | '\u{fe0f}');
        // Behind an emoji it chooses a drawing, and is left out without a word.
        let harmless = selector && before.is_some_and(is_pictograph);
        if is_forbidden(letter) && !harmless {
            return true;
        }
        marks = if is_mark(letter) { marks + 1 } else { 0 };
        if marks > 4 {
            return true;
        }
        before = Some(letter);
    }
    // As it came, it reads like something that was made visible.
    ["⟨U+", "\\u{", "␊", "␉", "␍"]
        .iter()
        .any(|trace| text.contains(trace))
}

/// Whether it begins with a mark that has no letter of its own: the door makes it visible where the
/// text stands alone, behind words of ours it sits on these.
#[cfg(test)]
fn leads_with_mark(text: &str) -> bool {
    text.nfc().next().is_some_and(is_mark)
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{34e}' | '\u{483}'..='\u{489}' | '\u{64b}'..='\u{652}' | '\u{93e}'..='\u{94c}' | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1ac0}' | '\u{20d0}'..='\u{20f0}')
}

fn is_pictograph(letter: char) -> bool {
    matches!(letter, '\u{2300}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

/// What is wrong with a text that is to be read, a line at a time. Line ends are ours.
pub(crate) fn faults_of_text(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(letter) = line.chars().find(|letter| is_forbidden(*letter)) {
            faults.push(format!(
                "{} in line {number}: {}",
                letter.escape_unicode(),
                quoted(line)
            ));
        }
        let stack = line.chars().fold((0, 0_usize), |(run, most), letter| {
            let run = if is_mark(letter) { run + 1 } else { 0 };
            (run, most.max(run))
        });
        if stack.1 > 4 {
            faults.push(format!(
                "{} marks on a letter in line {number}: {}",
                stack.1,
                quoted(line)
            ));
        }
    }
    faults
}

/// What is wrong with bytes on their way to a terminal: everything but text and the few sequences
/// that a screen of ours needs.
pub(crate) fn faults_of_bytes(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut faults = Vec::new();
    let mut rest = text.as_ref();
    let mut plain = String::new();
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        if let Some(length) = ours(tail) {
            rest = &tail[length..];
        } else {
            let told = quoted(&rest[at..]);
            faults.push(format!("a sequence that is not ours: {told}"));
            rest = tail;
        }
    }
    plain.push_str(rest);
    // `\r\n` ends the lines of a terminal.
    faults.extend(faults_of_text(&plain.replace("\r\n", "\n")));
    faults
}

/// Length of a sequence that our screens use, behind its `ESC`.
fn ours(tail: &str) -> Option<usize> {
    if let Some(coded) = tail.strip_prefix("]52;c;") {
        // The clipboard, as base64.
        let length = coded
            .find(|letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter))?;
        return coded[length..]
            .strip_prefix("\u{1b}\\")
            .map(|_| "]52;c;".len() + length + 2);
    }
    let body = tail.strip_prefix('[')?;
    let length = body.find(|letter: char| ('@'..='~').contains(&letter))?;
    let (held, last) = (&body[..length], body[length..].chars().next()?);
    let known = match last {
        'H' | 'J' => held
            .chars()
            .all(|letter| letter.is_ascii_digit() || letter == ';'),
        // No blinking (5) and nothing concealed (8).
        'm' => {
            held.split(';').all(|part| {
                part.parse::<u8>()
                    .is_ok_and(|part| !matches!(part, 8 | 30..=37))
            }) || held.is_empty()
        }
        'h' | 'l' => matches!(held, "?1049" | "?25" | "?2004" | "?2026"),
        _ => false,
    };
    known.then_some(1 + length + 1)
}

/// A text for a message: nothing of it acts.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().take(160) {
        if letter.is_ascii_graphic() || letter == ' ' {
            out.push(letter);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "{}", letter.escape_unicode());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::strings::{FULL, Family, Hostile};
    use super::*;
    use qroll::text::show_str;

    /// The proof can fail: what is not sent through the door is caught here.
    #[test]
    fn proof_t13_a_raw_string_is_caught() {
        let mut caught = 0;
        for seed in 0..FULL {
            let one = Hostile::drawn(seed);
            let text = one.text('a');
            let shown = show_str(&text);
            // What only looks as if it had been changed is warned of too.
            let told = shown.altered() || one.family == Family::Escapes && must_warn(&text);
            assert_eq!(
                must_warn(&text) || leads_with_mark(&text),
                told,
                "{seed} {:?} {}",
                one.family,
                quoted(&text)
            );
            assert_eq!(
                faults_of_text(shown.as_str()),
                [""; 0],
                "{seed} {:?}",
                one.family
            );
            assert_eq!(
                faults_of_bytes(shown.as_str().as_bytes()),
                [""; 0],
                "{seed}"
            );
            let bad = must_warn(&text) && !matches!(one.family, Family::Escapes);
            let raw = [faults_of_text(&text), faults_of_bytes(text.as_bytes())].concat();
            // Line ends are ours in a text of lines; a screen has none, and cells are looked at there.
            let only_lines = one.family == Family::Lines && raw.is_empty();
            assert!(
                !bad || only_lines || !raw.is_empty(),
                "{seed} {:?} {}",
                one.family,
                quoted(&text)
            );
            caught += usize::from(bad && !only_lines);
        }
        assert!(caught > 200, "{caught}");
    }

    #[test]
    fn our_own_sequences_pass() {
        let frame = b"\x1b[?2026h\x1b[1;1H\x1b[38;5;2m\x1b[1mAnna\x1b[0m\x1b[?2026l\x1b]52;c;QW5uYQ==\x1b\\\x1b[?1049l\r\n";
        assert_eq!(faults_of_bytes(frame), [""; 0]);
        for bad in [
            &b"\x1b]0;x\x07"[..],
            b"\x1b[5n",
            b"\x1bc",
            b"\x1b[31m",
            b"a\x08",
            b"\xc2\x9b2J",
            b"\x1b]52;c;!\x07",
        ] {
            assert!(!faults_of_bytes(bad).is_empty(), "{}", bad.escape_ascii());
        }
    }
}
