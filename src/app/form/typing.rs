//! Keys at a question that is open.

use crossterm::event::{KeyCode, KeyModifiers};
use std::time::Duration;

use super::asked::{Asked, Open, Reply, Typed};
use super::pace::{DEAF, Pressed};
use crate::app::PASTE_CAP;
use crate::app::key::Key;
use crate::ports::Secret;
use crate::text::show_str;

impl Open {
    /// Whether a key at a question that only typing answers was typed.
    pub(super) fn paced(&mut self, key: Key, enter: bool, at: Duration) -> bool {
        if self
            .since
            .is_none_or(|since| at.saturating_sub(since) < DEAF)
        {
            return false;
        }
        if !enter && !matches!(key.code, KeyCode::Char(_)) {
            return true;
        }
        match self.pace.key(at, enter) {
            Pressed::Typed => true,
            Pressed::Pasted => {
                self.pasted();
                false
            }
            Pressed::More => false,
        }
    }

    pub(super) fn pasted(&mut self) {
        self.typed = Typed::empty(&self.asked);
        self.wrong = Some("That came all at once: a paste is no answer. Type it.".to_owned());
    }

    pub(super) fn edit(&mut self, key: Key) {
        let default = match &self.asked {
            Asked::Text { default, .. } => default.as_deref(),
            _ => None,
        };
        match &mut self.typed {
            Typed::Line(field) => match (key.code, default) {
                // What Enter would take, to be changed.
                (KeyCode::Right | KeyCode::End, Some(default)) if field.is_empty() => {
                    *field = crate::app::Field::with(default);
                }
                (KeyCode::Char(letter), _) if !key.is_chord() && !is_seen(letter) => {}
                _ => drop(field.key(key)),
            },
            Typed::Way(at) => {
                let Asked::Choice { ways, .. } = &self.asked else {
                    return;
                };
                *at = moved(*at, ways.len(), key);
            }
            Typed::Hidden(secret) => hide(secret, key),
        }
    }

    /// What Enter answers; nothing where it is no answer yet.
    pub(super) fn reply(&mut self) -> Option<Reply> {
        match (&self.asked, &mut self.typed) {
            (Asked::Sure { .. }, Typed::Line(field)) => {
                let sure = match field.text().trim() {
                    "yes" => true,
                    "no" => false,
                    _ => {
                        self.typed = Typed::empty(&self.asked);
                        self.wrong = Some("Type yes or no.".to_owned());
                        return None;
                    }
                };
                Some(Reply::Sure(sure))
            }
            (Asked::Text { default, .. }, Typed::Line(field)) => {
                let text = match (field.text().trim(), default) {
                    ("", Some(default)) => default.clone(),
                    (text, _) => text.to_owned(),
                };
                Some(Reply::Text(text))
            }
            (_, Typed::Line(_)) => None,
            (_, Typed::Way(at)) => Some(Reply::Way(*at)),
            (_, Typed::Hidden(secret)) => {
                let secret = std::mem::take(secret);
                Some(Reply::Secret(
                    (!secret.trim().is_empty()).then(|| Secret::new(secret.trim())),
                ))
            }
        }
    }
}

fn moved(at: usize, ways: usize, key: Key) -> usize {
    let last = ways.saturating_sub(1);
    match key.code {
        KeyCode::Up => at.saturating_sub(1),
        KeyCode::Down => (at + 1).min(last),
        KeyCode::Home => 0,
        KeyCode::End => last,
        KeyCode::Char(digit) => {
            let number = digit
                .to_digit(10)
                .and_then(|number| usize::try_from(number).ok());
            let asked = number.and_then(|number| number.checked_sub(1));
            asked.filter(|asked| *asked <= last).unwrap_or(at)
        }
        _ => at,
    }
}

fn hide(secret: &mut String, key: Key) {
    let control = key.modifiers == KeyModifiers::CONTROL;
    match key.code {
        KeyCode::Char('u') if control => secret.clear(),
        KeyCode::Backspace => drop(secret.pop()),
        KeyCode::Char('h') if control => drop(secret.pop()),
        KeyCode::Char(letter) if !key.is_chord() => {
            let mut buffer = [0; 4];
            secret.push_str(cut(letter.encode_utf8(&mut buffer), secret.len()));
        }
        _ => {}
    }
}

/// As much as fits behind what is there.
pub(super) fn cut(text: &str, there: usize) -> &str {
    let mut end = PASTE_CAP.saturating_sub(there).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Whether a letter can be seen as what it is.
pub(super) fn is_seen(letter: char) -> bool {
    let mut buffer = [0; 4];
    !letter.is_control() && !show_str(letter.encode_utf8(&mut buffer)).altered()
}
