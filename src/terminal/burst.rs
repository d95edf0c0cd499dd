//! Text that comes faster than anybody types is a paste, whether the terminal says so or not
//! (reliability, G5): it becomes data, and no key of it decides anything.

use crossterm::event::{Event, KeyCode, KeyEvent};
use std::time::Duration;

/// More keys of text than this in one reading are no typing.
const KEYS: usize = 20;
/// What follows a paste so soon still belongs to it.
const SPAN: Duration = Duration::from_millis(50);

/// Remembers when the last paste was.
#[derive(Debug, Default)]
pub(super) struct Burst {
    until: Option<Duration>,
}

impl Burst {
    /// Folds the text of one reading into a paste when it is one.
    pub(super) fn fold(&mut self, events: Vec<Event>, at: Duration) -> Vec<Event> {
        let typed = events
            .iter()
            .filter(|event| letter(event).is_some())
            .count();
        let pasted = events.iter().any(|event| matches!(event, Event::Paste(_)));
        let within = self.until.is_some_and(|until| at < until);
        if typed <= KEYS && !pasted && !within {
            return events;
        }
        self.until = Some(at + SPAN);
        let mut kept = Vec::new();
        let mut text = String::new();
        for event in events {
            match (letter(&event), event) {
                (Some(letter), _) => text.push(letter),
                (None, Event::Paste(more)) => kept.push(Event::Paste(more)),
                // A key that is no text (an arrow, Esc) in the middle of a paste means nothing.
                (None, _) => {}
            }
        }
        if !text.is_empty() {
            kept.push(Event::Paste(text));
        }
        kept
    }
}

/// What the key would write.
fn letter(event: &Event) -> Option<char> {
    match event {
        Event::Key(KeyEvent {
            code, modifiers, ..
        }) if modifiers.is_empty() => match code {
            KeyCode::Char(letter) => Some(*letter),
            KeyCode::Enter => Some('\n'),
            KeyCode::Tab => Some('\t'),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::Decoder;
    use super::*;

    fn read(burst: &mut Burst, bytes: &[u8], millis: u64) -> Vec<Event> {
        let mut events = Vec::new();
        Decoder::default().feed(bytes, &mut events);
        burst.fold(events, Duration::from_millis(millis))
    }

    #[test]
    fn typing_stays_keys() {
        let mut burst = Burst::default();
        for at in 0..30 {
            assert_eq!(read(&mut burst, b"ay\r", at * 10).len(), 3);
        }
        let arrows = b"\x1b[B".repeat(100);
        assert_eq!(
            read(&mut burst, &arrows, 500).len(),
            100,
            "a held arrow key on a slow line"
        );
    }

    #[test]
    fn a_paste_without_brackets_is_a_paste_to_its_last_byte() {
        let mut burst = Burst::default();
        let first = read(&mut burst, &b"ay\r".repeat(20), 1_000);
        assert_eq!(first, [Event::Paste("ay\n".repeat(20))]);
        let last = read(&mut burst, b"y\r", 1_049);
        assert_eq!(last, [Event::Paste("y\n".to_owned())]);
        assert_eq!(read(&mut burst, b"y", 1_099).len(), 1);
        assert!(matches!(
            read(&mut burst, b"y", 1_200).as_slice(),
            [Event::Key(_)]
        ));
    }

    #[test]
    fn what_breaks_out_of_a_bracketed_paste_is_still_pasted() {
        let mut burst = Burst::default();
        let told = read(&mut burst, b"\x1b[200~a\x1b[201~y\r", 0);
        assert_eq!(
            told,
            [Event::Paste("a".to_owned()), Event::Paste("y\n".to_owned())]
        );
        assert_eq!(
            read(&mut burst, b"y\r", 20),
            [Event::Paste("y\n".to_owned())]
        );
    }
}
