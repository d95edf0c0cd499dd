//! A line that somebody types or pastes at a question where nothing dangerous follows: a name, an
//! address, a number of a choice. What was typed ahead is thrown away when the question opens, and of
//! a paste only its first line counts, so that no paste answers the next question.

use crossterm::event::{Event, KeyCode, KeyModifiers};
use std::io;
use unicode_normalization::UnicodeNormalization as _;

use super::decode::Decoder;
use super::question::{Answer, Read, drain, echo, is_enter, open, read};
use crate::ports::Clock;
use crate::text::{show_str, width};

/// Longest line; a path or a DN is shorter.
const LONGEST: usize = 1024;

/// Asks at the terminal of standard input; `show` writes the question, the line is echoed on standard
/// error. `brackets` says whether this terminal may be asked to bracket pastes.
///
/// # Errors
/// The terminal refuses its modes, or cannot be read.
pub fn ask_line(clock: &dyn Clock, brackets: bool, show: impl FnOnce()) -> io::Result<Answer> {
    let _given_back = open(brackets)?;
    show();
    let (mut decoder, mut line) = (Decoder::default(), Line::default());
    loop {
        let mut events = Vec::new();
        match read(decoder.patience())? {
            Read::Bytes(bytes) => decoder.feed(&bytes, &mut events),
            Read::Rest => decoder.rest(&mut events),
            Read::Gone => return Ok(Answer::Gone),
        }
        let (mut out, mut answer) = (String::new(), None);
        let mut events = events.iter();
        for event in events.by_ref() {
            answer = line.take(event, &mut out);
            if answer.is_some() {
                break;
            }
        }
        echo(&out)?;
        if let Some(answer) = answer {
            if events.next().is_some() {
                drain(clock)?;
            }
            echo("\n")?;
            return Ok(answer);
        }
    }
}

/// What was typed so far.
#[derive(Debug, Default)]
struct Line {
    text: String,
}

impl Line {
    /// Takes an event; what the terminal is to show is put behind `out`.
    fn take(&mut self, event: &Event, out: &mut String) -> Option<Answer> {
        if is_enter(event) {
            return Some(Answer::Typed(std::mem::take(&mut self.text)));
        }
        let key = match event {
            Event::Paste(text) => {
                let first = text.lines().next().unwrap_or_default();
                first.nfc().for_each(|letter| self.push(letter, out));
                return None;
            }
            Event::Key(key) => key,
            _ => return None,
        };
        let control = key.modifiers == KeyModifiers::CONTROL;
        match key.code {
            KeyCode::Esc => return Some(Answer::Left),
            KeyCode::Char('c') if control => return Some(Answer::Left),
            KeyCode::Char('d') if control && self.text.is_empty() => return Some(Answer::Left),
            KeyCode::Char('u') if control => while self.pop(out) {},
            KeyCode::Char('h') if control => drop(self.pop(out)),
            KeyCode::Backspace => drop(self.pop(out)),
            KeyCode::Char(letter) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                self.push(letter, out);
            }
            _ => {}
        }
        None
    }

    /// Takes a letter that can be seen as what it is.
    fn push(&mut self, letter: char, out: &mut String) {
        let mut buffer = [0; 4];
        let shown = letter.encode_utf8(&mut buffer);
        if self.text.len() < LONGEST && !letter.is_control() && !show_str(shown).altered() {
            self.text.push(letter);
            out.push(letter);
        }
    }

    fn pop(&mut self, out: &mut String) -> bool {
        let Some(letter) = self.text.pop() else {
            return false;
        };
        let mut buffer = [0; 4];
        for _ in 0..width(letter.encode_utf8(&mut buffer)) {
            out.push_str("\u{8} \u{8}");
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a line of keys answers, and what the terminal was shown.
    fn typed(bytes: &str) -> (Option<Answer>, String) {
        let (mut decoder, mut line) = (Decoder::default(), Line::default());
        let (mut events, mut out) = (Vec::new(), String::new());
        decoder.feed(bytes.as_bytes(), &mut events);
        let answer = events.iter().find_map(|event| line.take(event, &mut out));
        (answer, out)
    }

    fn line(text: &str) -> Answer {
        Answer::Typed(text.to_owned())
    }

    #[test]
    fn typed_and_pasted_lines_are_answers() {
        assert_eq!(typed("acme\r").0, Some(line("acme")));
        assert_eq!(typed("ou=K\u{f6}ln\r").0, Some(line("ou=K\u{f6}ln")));
        let pasted = "\x1b[200~https://acme.eu\nsecond\nthird\n\x1b[201~/x\r";
        assert_eq!(typed(pasted).0, Some(line("https://acme.eu/x")));
        assert_eq!(typed("one\rtwo\r").0, Some(line("one")));
        assert_eq!(typed("ab").0, None);
    }

    #[test]
    fn it_can_be_edited_and_left() {
        let (answer, out) = typed("a\u{5c71}\u{7f}b\r");
        assert_eq!(answer, Some(line("ab")));
        assert_eq!(out, "a\u{5c71}\u{8} \u{8}\u{8} \u{8}b");
        assert_eq!(typed("wrong\u{15}right\r").0, Some(line("right")));
        assert_eq!(typed("ab\u{3}").0, Some(Answer::Left));
        assert_eq!(typed("\u{4}").0, Some(Answer::Left));
    }

    #[test]
    fn what_cannot_be_seen_is_not_taken() {
        let (answer, out) = typed("\x1b[200~a\u{202e}b\u{200b}c\u{9b}d\x1b[201~\r");
        assert_eq!(answer, Some(line("abcd")));
        assert_eq!(out, "abcd");
    }
}
