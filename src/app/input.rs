//! A line of text being typed. Pastes are data: cut at 4 KiB, line breaks become blanks, and they
//! never act as keys.

use crossterm::event::{KeyCode, KeyModifiers};
use tui_input::{Input, InputRequest};

use super::key::Key;

/// Longest text a field takes, in bytes.
pub const PASTE_CAP: usize = 4096;

/// A text field.
#[derive(Clone, Debug, Default)]
pub struct Field(Input);

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.cursor() == other.cursor()
    }
}

impl Field {
    /// A field that holds `text`.
    pub fn with(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// Cursor in terminal cells from the start of the text.
    pub fn cursor(&self) -> usize {
        self.0.visual_cursor()
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// Takes a key; whether it was one for a text field.
    pub fn key(&mut self, key: Key) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let request = match key.code {
            KeyCode::Char('u') if control => InputRequest::DeleteLine,
            KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
            KeyCode::Char('a') if control => InputRequest::GoToStart,
            KeyCode::Char('e') if control => InputRequest::GoToEnd,
            KeyCode::Char(letter) if key.modifiers.is_empty() => {
                if self.text().len() + letter.len_utf8() > PASTE_CAP {
                    return true;
                }
                InputRequest::InsertChar(letter)
            }
            KeyCode::Backspace => InputRequest::DeletePrevChar,
            KeyCode::Delete => InputRequest::DeleteNextChar,
            KeyCode::Left => InputRequest::GoToPrevChar,
            KeyCode::Right => InputRequest::GoToNextChar,
            KeyCode::Home => InputRequest::GoToStart,
            KeyCode::End => InputRequest::GoToEnd,
            _ => return false,
        };
        self.0.handle(request);
        true
    }

    /// Takes a paste; whether some of it was cut off.
    pub fn paste(&mut self, text: &str) -> bool {
        for letter in text.chars() {
            let letter = if letter.is_control() { ' ' } else { letter };
            if self.text().len() + letter.len_utf8() > PASTE_CAP {
                return true;
            }
            self.0.handle(InputRequest::InsertChar(letter));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_bomb_is_cut_and_stays_one_line() {
        let mut field = Field::default();
        assert!(!field.paste("a\nb\u{1b}c"));
        assert_eq!(field.text(), "a b c");
        assert!(field.paste(&"x".repeat(1 << 20)));
        assert_eq!(field.text().len(), PASTE_CAP);
    }
}
