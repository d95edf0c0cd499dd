//! A key as text: `a`, `U`, `S-Tab`, `C-c`, `Space`, `PgUp`. One parser reads the configuration and
//! the key logs of tests (`/adm<enter><space>p`), and the same names stand in footer and help.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// One key with its modifiers. Shift is part of a character, not a modifier, except on `Tab` and
/// other named keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Control, Alt, and Shift on named keys.
    pub modifiers: KeyModifiers,
}

impl Key {
    /// What the terminal reported, in the one spelling that is compared.
    pub fn from_event(event: &KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            KeyCode::Char(letter) => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(letter)
            }
            other => other,
        };
        Self { code, modifiers }
    }

    /// A key without modifiers.
    pub fn plain(code: KeyCode) -> Self {
        Self {
            code,
            modifiers: KeyModifiers::NONE,
        }
    }

    /// Whether Control or Alt is held: such a key is no letter, so it answers no question.
    pub fn is_chord(self) -> bool {
        self.modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    }

    /// Reads a name; `None` when there is no such key.
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((head, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            modifiers |= match head {
                "C" | "c" | "Ctrl" | "ctrl" => KeyModifiers::CONTROL,
                "S" | "s" | "Shift" | "shift" => KeyModifiers::SHIFT,
                "A" | "a" | "Alt" | "alt" | "M" => KeyModifiers::ALT,
                _ => return None,
            };
            rest = tail;
        }
        let code = named(rest).or_else(|| single(rest))?;
        Some(Self { code, modifiers })
    }

    /// As the terminal would report it; for tests and for keys named in dialogs.
    pub fn to_event(self) -> Event {
        let (code, modifiers) = match (self.code, self.modifiers) {
            (KeyCode::Tab, KeyModifiers::SHIFT) => (KeyCode::BackTab, KeyModifiers::SHIFT),
            pair => pair,
        };
        Event::Key(KeyEvent::new(code, modifiers))
    }
}

/// Reads a log of keys: single characters, and names between `<` and `>`; `<lt>` is `<` itself.
/// Unknown names are kept as characters, so that nothing is lost silently.
pub fn keys(text: &str) -> Vec<Key> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((name, tail)) = rest.strip_prefix('<').and_then(|r| r.split_once('>'))
            && let Some(key) = Key::parse(name)
        {
            found.push(key);
            rest = tail;
            continue;
        }
        let code = if first == ' ' {
            KeyCode::Char(' ')
        } else {
            KeyCode::Char(first)
        };
        found.push(Key::plain(code));
        rest = &rest[first.len_utf8()..];
    }
    found
}

fn single(text: &str) -> Option<KeyCode> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Some(KeyCode::Char(letter)),
        _ => None,
    }
}

fn named(text: &str) -> Option<KeyCode> {
    let code = match text.to_ascii_lowercase().as_str() {
        "enter" | "cr" => KeyCode::Enter,
        "esc" | "escape" => KeyCode::Esc,
        "space" => KeyCode::Char(' '),
        "tab" => KeyCode::Tab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" | "pageup" => KeyCode::PageUp,
        "pgdn" | "pagedown" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "backspace" | "bs" => KeyCode::Backspace,
        "del" | "delete" => KeyCode::Delete,
        "lt" => KeyCode::Char('<'),
        "gt" => KeyCode::Char('>'),
        "f1" => KeyCode::F(1),
        _ => return None,
    };
    Some(code)
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in [
            (KeyModifiers::CONTROL, "C-"),
            (KeyModifiers::ALT, "A-"),
            (KeyModifiers::SHIFT, "S-"),
        ] {
            if self.modifiers.contains(modifier) {
                out.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => out.write_str("Space"),
            KeyCode::Char(letter) => write!(out, "{letter}"),
            KeyCode::PageUp => out.write_str("PgUp"),
            KeyCode::PageDown => out.write_str("PgDn"),
            KeyCode::F(number) => write!(out, "F{number}"),
            KeyCode::Delete => out.write_str("Del"),
            other => write!(out, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_way_there_and_back() {
        for name in [
            "a", "U", "S-Tab", "C-c", "Space", "PgUp", "Esc", "*", "-", "F1",
        ] {
            let key = Key::parse(name).expect(name);
            assert_eq!(key.to_string(), name);
            let Event::Key(event) = key.to_event() else {
                panic!("{name}")
            };
            assert_eq!(Key::from_event(&event), key);
        }
        assert_eq!(Key::parse("Hyper-x"), None);
        assert_eq!(Key::parse("wat"), None);
    }

    #[test]
    fn a_log_of_keys_reads_like_one() {
        let typed: Vec<String> = keys("/a<enter> <lt>x<nope>")
            .iter()
            .map(Key::to_string)
            .collect();
        assert_eq!(
            typed,
            [
                "/", "a", "Enter", "Space", "<", "x", "<", "n", "o", "p", "e", ">"
            ]
        );
    }
}
