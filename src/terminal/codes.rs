//! Which sequence is which key, for terminals that speak like xterm.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

pub(super) fn key(code: KeyCode, alt: bool) -> Event {
    let modifiers = if alt {
        KeyModifiers::ALT
    } else {
        KeyModifiers::NONE
    };
    Event::Key(KeyEvent::new(code, modifiers))
}

/// After `ESC O`.
pub(super) fn single(byte: u8) -> Option<Event> {
    let code = match byte {
        b'P'..=b'S' => KeyCode::F(byte - b'P' + 1),
        _ => arrow(byte)?,
    };
    Some(key(code, false))
}

fn arrow(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        _ => return None,
    })
}

/// After `ESC [`: a key with its modifiers, or nothing that is a key. `R` is a cursor report, so F3
/// with modifiers is not known.
pub(super) fn named(held: &[u8], last: u8) -> Option<Event> {
    let text = std::str::from_utf8(held).ok()?;
    let mut numbers = Vec::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        numbers.push(part.parse::<u16>().ok()?);
    }
    let first = numbers.first().copied();
    let code = match last {
        b'Z' => KeyCode::BackTab,
        b'~' => numbered(first?)?,
        b'P' | b'Q' | b'S' if matches!(first, None | Some(1)) => KeyCode::F(last - b'P' + 1),
        b'A'..=b'D' | b'F' | b'H' if matches!(first, None | Some(1)) => arrow(last)?,
        _ => return None,
    };
    if numbers.len() > 2 {
        return None;
    }
    let mask = numbers.get(1).copied().unwrap_or(1).saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
    ] {
        if mask & bit != 0 {
            modifiers |= modifier;
        }
    }
    if last == b'Z' {
        modifiers |= KeyModifiers::SHIFT;
    }
    Some(Event::Key(KeyEvent::new(code, modifiers)))
}

fn numbered(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(u8::try_from(number - 10).ok()?),
        17..=21 => KeyCode::F(u8::try_from(number - 11).ok()?),
        23 | 24 => KeyCode::F(u8::try_from(number - 12).ok()?),
        _ => return None,
    })
}
