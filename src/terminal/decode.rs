//! What a terminal sends, as events. Keys, pastes and nothing else: replies of the terminal (device
//! attributes, cursor and colour reports, focus, mouse) are read to their end and dropped, whole or
//! cut in pieces, so that no byte of them is ever taken for a key (reliability, G7).
//!
//! Our own reading, because crossterm's takes an unknown reply for keys and spins after a hang-up.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

use super::codes::{key, named, single};

/// Longest paste that is kept, in bytes; the fields take less and say that they cut.
const PASTE_KEPT: usize = 128 * 1024;
/// Longest sequence that can mean a key.
const SEQUENCE_CAP: usize = 32;
/// A lone `Esc` is the key when nothing follows for so long.
const ESCAPE_REST: Duration = Duration::from_millis(30);
/// Replies and pastes may arrive in pieces, but not with such gaps.
const STRING_REST: Duration = Duration::from_secs(1);

const PASTE_END: &[u8] = b"\x1b[201~";

/// Where in a sequence the next byte is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// A letter of several bytes: what is there, and how many are missing.
    Letter(Vec<u8>, usize),
    Escape,
    /// `ESC O`.
    Single,
    /// `ESC [`, with parameters and intermediates so far.
    Sequence(Vec<u8>),
    /// So many bytes belong to a report that has no end of its own.
    Skip(usize),
    /// OSC, DCS, APC, PM, SOS; whether the last byte was `ESC`.
    Text(bool),
    Paste(Vec<u8>),
}

/// Turns bytes into events.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    state: State,
    /// Whether `ESC` came before the letter that is being read.
    alt: bool,
}

impl Decoder {
    /// Takes bytes; what they mean is put behind `events`.
    pub(super) fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        for byte in bytes {
            if let Some(event) = self.take(*byte, events) {
                events.push(event);
            }
        }
    }

    /// How long to wait for the rest of what has begun; `None` when nothing has.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground => None,
            State::Escape | State::Single | State::Letter(..) => Some(ESCAPE_REST),
            State::Sequence(_) | State::Skip(_) | State::Text(_) | State::Paste(_) => {
                Some(STRING_REST)
            }
        }
    }

    /// Nothing came within [`Self::patience`].
    pub(super) fn rest(&mut self, events: &mut Vec<Event>) {
        match std::mem::take(&mut self.state) {
            State::Escape => events.push(key(KeyCode::Esc, false)),
            State::Paste(held) => events.push(paste(&held)),
            _ => {}
        }
        self.alt = false;
    }

    fn take(&mut self, byte: u8, events: &mut Vec<Event>) -> Option<Event> {
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(byte),
            State::Letter(held, missing) => self.letter(held, missing, byte),
            State::Escape => self.escape(byte, events),
            State::Single => single(byte),
            State::Sequence(held) => self.sequence(held, byte),
            State::Skip(left) => {
                if left > 1 {
                    self.state = State::Skip(left - 1);
                }
                None
            }
            State::Text(escaped) => self.text(escaped, byte),
            State::Paste(held) => self.paste(held, byte),
        }
    }

    fn ground(&mut self, byte: u8) -> Option<Event> {
        match byte {
            0x1b => {
                self.state = State::Escape;
                None
            }
            0x00..=0x7f => Some(self.plain(byte)),
            0xc2..=0xf4 => {
                let missing = match byte {
                    0xc2..=0xdf => 1,
                    0xe0..=0xef => 2,
                    _ => 3,
                };
                self.state = State::Letter(vec![byte], missing);
                None
            }
            _ => {
                // No beginning of a letter.
                self.alt = false;
                None
            }
        }
    }

    /// One byte that is a key.
    fn plain(&mut self, byte: u8) -> Event {
        let alt = std::mem::take(&mut self.alt);
        let control = |letter: u8| {
            let mut event = KeyEvent::new(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
            if alt {
                event.modifiers |= KeyModifiers::ALT;
            }
            Event::Key(event)
        };
        match byte {
            b'\r' => key(KeyCode::Enter, alt),
            b'\t' => key(KeyCode::Tab, alt),
            0x7f => key(KeyCode::Backspace, alt),
            0x00 => control(b' '),
            0x01..=0x1a => control(byte - 1 + b'a'),
            0x1b => key(KeyCode::Esc, alt),
            0x1c..=0x1f => control(byte - 0x1c + b'4'),
            _ => key(KeyCode::Char(char::from(byte)), alt),
        }
    }

    fn letter(&mut self, mut held: Vec<u8>, missing: usize, byte: u8) -> Option<Event> {
        if !(0x80..=0xbf).contains(&byte) {
            // The letter is broken; this byte begins something else.
            self.alt = false;
            return self.ground(byte);
        }
        held.push(byte);
        if missing > 1 {
            self.state = State::Letter(held, missing - 1);
            return None;
        }
        let alt = std::mem::take(&mut self.alt);
        let letter = std::str::from_utf8(&held).ok()?.chars().next()?;
        (!letter.is_control()).then(|| key(KeyCode::Char(letter), alt))
    }

    fn escape(&mut self, byte: u8, events: &mut Vec<Event>) -> Option<Event> {
        self.state = match byte {
            b'[' => State::Sequence(Vec::new()),
            b'O' => State::Single,
            b']' | b'P' | b'X' | b'^' | b'_' => State::Text(false),
            0x1b => {
                events.push(key(KeyCode::Esc, false));
                State::Escape
            }
            _ => {
                self.alt = true;
                return self.ground(byte);
            }
        };
        None
    }

    fn sequence(&mut self, mut held: Vec<u8>, byte: u8) -> Option<Event> {
        match byte {
            0x20..=0x3f => {
                if held.len() <= SEQUENCE_CAP {
                    held.push(byte);
                }
                self.state = State::Sequence(held);
                None
            }
            b'M' if held.is_empty() => {
                // The oldest mouse report: three bytes that may be anything.
                self.state = State::Skip(3);
                None
            }
            b'[' => {
                // The Linux console's F1 to F5.
                self.state = State::Skip(1);
                None
            }
            b'~' if held == b"200" => {
                self.state = State::Paste(Vec::new());
                None
            }
            0x40..=0x7e => named(&held, byte),
            0x1b => {
                self.state = State::Escape;
                None
            }
            _ => None, // Cut off by a control: dropped with it.
        }
    }

    fn text(&mut self, escaped: bool, byte: u8) -> Option<Event> {
        self.state = match byte {
            0x07 | 0x18 | 0x1a => State::Ground,
            b'\\' if escaped => State::Ground,
            0x1b => State::Text(true),
            _ => State::Text(false),
        };
        None
    }

    fn paste(&mut self, mut held: Vec<u8>, byte: u8) -> Option<Event> {
        held.push(byte);
        if held.ends_with(PASTE_END) {
            held.truncate(held.len() - PASTE_END.len());
            return Some(paste(&held));
        }
        if held.len() > PASTE_KEPT + PASTE_END.len() {
            // Too long anyway: only the end is still looked for.
            held.remove(PASTE_KEPT);
        }
        self.state = State::Paste(held);
        None
    }
}

fn paste(held: &[u8]) -> Event {
    Event::Paste(String::from_utf8_lossy(held).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Key;
    use proptest::prelude::*;

    fn events(bytes: &[u8]) -> Vec<Event> {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.feed(bytes, &mut events);
        decoder.rest(&mut events);
        events
    }

    fn names(bytes: &[u8]) -> String {
        let names: Vec<String> = events(bytes)
            .iter()
            .map(|event| match event {
                Event::Key(key) => Key::from_event(key).to_string(),
                Event::Paste(text) => format!("paste({text})"),
                other => format!("{other:?}"),
            })
            .collect();
        names.join(" ")
    }

    #[test]
    fn keys_are_read_as_terminals_send_them() {
        for (bytes, told) in [
            (&b"aU/"[..], "a U /"),
            (b"\r\t\x7f \x1b", "Enter Tab Backspace Space Esc"),
            (b"\x03\x0c\x1a", "C-c C-l C-z"),
            (b"\x1b[A\x1b[B\x1bOC\x1b[D", "Up Down Right Left"),
            (
                b"\x1b[Z\x1b[5~\x1b[6~\x1b[H\x1b[F",
                "S-Tab PgUp PgDn Home End",
            ),
            (b"\x1b[1;5A", "C-Up"),
            (b"\x1bq\x1b\x1b", "A-q Esc Esc"),
            ("é山👩".as_bytes(), "é 山 👩"),
        ] {
            assert_eq!(names(bytes), told, "{}", bytes.escape_ascii());
        }
    }

    const REPLIES: [&[u8]; 14] = [
        b"\x1b[?62;1;6;9;15;22c",
        b"\x1b[>41;354;0c",
        b"\x1b[24;80R",
        b"\x1b[0n",
        b"\x1b[8;36;120t",
        b"\x1b[I",
        b"\x1b[O",
        b"\x1b[<0;12;7M",
        b"\x1b[Myyy",
        b"\x1b[?2026;2$y",
        b"\x1b]11;rgb:yyyy/yyyy/yyyy\x07",
        b"\x1b]11;rgb:yyyy/yyyy/yyyy\x1b\\",
        b"\x1bP>|xterm(yes)\x1b\\",
        b"\x1b_Gi=1;y\x1b\\",
    ];

    #[test]
    fn replies_of_the_terminal_are_no_keys_however_they_are_cut() {
        for reply in REPLIES {
            for cut in 1..reply.len() {
                let (mut decoder, mut events) = (Decoder::default(), Vec::new());
                decoder.feed(&reply[..cut], &mut events);
                decoder.feed(&reply[cut..], &mut events);
                assert_eq!(events, [], "{}", reply.escape_ascii());
                assert_eq!(decoder.patience(), None, "{}", reply.escape_ascii());
            }
        }
    }

    #[test]
    fn a_paste_is_one_thing_even_with_sequences_and_a_bomb_is_cut() {
        assert_eq!(
            names(b"\x1b[200~ay\r\x1b[A\x1b]0;x\x07\x1b[201~q"),
            "paste(ay\r\u{1b}[A\u{1b}]0;x\u{7}) q"
        );
        let mut bomb = b"\x1b[200~".to_vec();
        bomb.extend(std::iter::repeat_n(b"ay\r\n", 1 << 18).flatten());
        bomb.extend(b"\x1b[201~q");
        let events = events(&bomb);
        let [Event::Paste(text), Event::Key(_)] = events.as_slice() else {
            panic!("{} events", events.len());
        };
        assert!(text.len() <= PASTE_KEPT + PASTE_END.len());
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.feed(b"\x1b]11;rgb", &mut events);
        assert_eq!(decoder.patience(), Some(STRING_REST));
        decoder.rest(&mut events);
        decoder.feed(b"q", &mut events);
        assert_eq!(events, [key(KeyCode::Char('q'), false)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
            let cut = cut.min(bytes.len());
            let (mut whole, mut pieces) = (Vec::new(), Vec::new());
            Decoder::default().feed(&bytes, &mut whole);
            let mut decoder = Decoder::default();
            decoder.feed(&bytes[..cut], &mut pieces);
            decoder.feed(&bytes[cut..], &mut pieces);
            prop_assert_eq!(whole, pieces);
        }

        #[test]
        fn replies_between_keys_change_nothing(which in proptest::collection::vec(0usize..14, 0..8)) {
            let mut bytes = Vec::new();
            for reply in &which {
                bytes.extend(REPLIES[*reply]);
                bytes.push(b'k');
            }
            let told = names(&bytes);
            prop_assert!(told.split(' ').filter(|name| !name.is_empty()).all(|name| name == "k"), "{}", told);
        }
    }
}
