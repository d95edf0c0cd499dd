//! A question of a command, answered by keys one after the other. What was typed ahead is drained
//! when it opens and ignored for 400 ms (reliability, G6); what comes faster than anybody types is a
//! paste, told by the terminal's brackets or by its speed, and answers nothing (G5). The terminal is
//! given back on every way out.

use crossterm::event::{Event, KeyCode, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr,
};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::decode::Decoder;
use super::tty;
use crate::ports::Clock;

/// Keys that were on their way before the question could be read.
const DEAF: Duration = Duration::from_millis(400);
/// More letters than this in one reading are no typing; a slow line may bring two at once.
const AT_ONCE: usize = 2;
/// Nobody presses Enter so soon after a letter.
const BREATH: Duration = Duration::from_millis(30);
/// A paste is over when nothing came for so long, or is left to itself after ten times that.
const QUIET: Duration = Duration::from_millis(200);
/// Longest answer.
const LONGEST: usize = 24;

/// The modes to go back to while a question is open, and whether pastes are told by brackets.
static ASKED: Mutex<Option<(Termios, bool)>> = Mutex::new(None);

/// How a question ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Typed, and Enter after it.
    Typed(String),
    /// Pasted or written by a program: no answer.
    Pasted,
    /// Left by Ctrl-C, Ctrl-D or Esc.
    Left,
    /// The terminal is gone.
    Gone,
}

/// Asks at the terminal of standard input; `show` writes the question, the answer is echoed on
/// standard error. `brackets` says whether this terminal may be asked to bracket pastes.
///
/// # Errors
/// The terminal refuses its modes, or cannot be read.
pub fn ask(clock: &dyn Clock, brackets: bool, show: impl FnOnce()) -> io::Result<Answer> {
    let _given_back = open(brackets)?;
    show();
    let shown = clock.now().0;
    let (mut decoder, mut typing) = (Decoder::default(), Typing::default());
    loop {
        let mut events = Vec::new();
        match read(decoder.patience())? {
            Read::Bytes(bytes) => decoder.feed(&bytes, &mut events),
            Read::Rest => decoder.rest(&mut events),
            Read::Gone => return Ok(Answer::Gone),
        }
        let at = clock.now().0;
        if at.saturating_sub(shown) < DEAF {
            continue;
        }
        let answer = typing.take(&events, at);
        echo(&typing.echo())?;
        if let Some(answer) = answer {
            if answer == Answer::Pasted {
                drain(clock)?;
            }
            echo("\n")?;
            return Ok(answer);
        }
    }
}

/// Gives the terminal back, if a question holds it: for whoever ends the program in the middle.
pub fn close_question() {
    let asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((modes, brackets)) = asked {
        // Nobody is left to tell when this fails. A terminal that is stuck is not waited for, neither
        // to write nor to have written; its modes are set in any case.
        if brackets && tty::takes(io::stderr()) {
            let _ = echo("\x1b[?2004l");
        }
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
        // What is left of a paste must not run in the shell behind us.
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    }
}

/// Closes the question when it goes.
pub(super) struct GivenBack;

impl Drop for GivenBack {
    fn drop(&mut self) {
        close_question();
    }
}

/// Keys come one by one, unechoed, and none is a signal; what is there already is thrown away.
pub(super) fn open(brackets: bool) -> io::Result<GivenBack> {
    let input = io::stdin();
    let (modes, _) = tty::sane(tcgetattr(&input)?);
    let mut keys = modes.clone();
    keys.local_modes -=
        LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN;
    keys.input_modes -=
        InputModes::ICRNL | InputModes::INLCR | InputModes::IGNCR | InputModes::IXON;
    *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = Some((modes, brackets));
    let given_back = GivenBack;
    tcsetattr(&input, OptionalActions::Flush, &keys)?;
    if brackets {
        echo("\x1b[?2004h")?;
    }
    Ok(given_back)
}

/// What the terminal has to say.
pub(super) enum Read {
    Bytes(Vec<u8>),
    /// Nothing came for as long as was asked.
    Rest,
    Gone,
}

pub(super) fn read(patience: Option<Duration>) -> io::Result<Read> {
    let input = io::stdin();
    let patience = patience.and_then(|span| Timespec::try_from(span).ok());
    let mut buffer = [0; 4096];
    loop {
        let mut asked = [PollFd::new(&input, PollFlags::IN)];
        match poll(&mut asked, patience.as_ref()) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(0) => return Ok(Read::Rest),
            Ok(_) => {}
        }
        let [state] = asked.map(|fd| fd.revents());
        if state.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Ok(Read::Gone);
        }
        match rustix::io::read(&input, &mut buffer) {
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Ok(0) => return Ok(Read::Gone),
            Ok(count) => {
                return Ok(Read::Bytes(
                    buffer.get(..count).unwrap_or_default().to_vec(),
                ));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads the rest of a paste away.
pub(super) fn drain(clock: &dyn Clock) -> io::Result<()> {
    let until = clock.now().0 + QUIET * 10;
    while clock.now().0 < until {
        if !matches!(read(Some(QUIET))?, Read::Bytes(_)) {
            break;
        }
    }
    Ok(())
}

pub(super) fn echo(text: &str) -> io::Result<()> {
    let mut bytes = text.as_bytes();
    while !bytes.is_empty() {
        match rustix::io::write(io::stderr(), bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What was typed so far, and when.
#[derive(Debug, Default)]
struct Typing {
    text: String,
    last: Option<Duration>,
    /// Letters on the terminal.
    echoed: usize,
}

impl Typing {
    /// Takes the events of one reading.
    fn take(&mut self, events: &[Event], at: Duration) -> Option<Answer> {
        let letters = events.iter().filter(|event| is_letter(event)).count();
        let enters = events.iter().any(is_enter);
        let close = self
            .last
            .is_some_and(|last| at.saturating_sub(last) < BREATH);
        let told = events.iter().any(|event| matches!(event, Event::Paste(_)));
        if told || letters > AT_ONCE || enters && (letters > 1 || close) {
            return Some(Answer::Pasted);
        }
        if letters > 0 {
            self.last = Some(at);
        }
        events.iter().find_map(|event| self.key(event))
    }

    fn key(&mut self, event: &Event) -> Option<Answer> {
        if is_enter(event) {
            return Some(Answer::Typed(std::mem::take(&mut self.text)));
        }
        let Event::Key(key) = event else { return None };
        let control = key.modifiers == KeyModifiers::CONTROL;
        match key.code {
            KeyCode::Esc => return Some(Answer::Left),
            KeyCode::Char('c') if control => return Some(Answer::Left),
            KeyCode::Char('d') if control && self.text.is_empty() => return Some(Answer::Left),
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char('h') if control => drop(self.text.pop()),
            KeyCode::Backspace => drop(self.text.pop()),
            KeyCode::Char(letter)
                if key.modifiers.is_empty()
                    && (letter.is_ascii_graphic() || letter == ' ')
                    && self.text.len() < LONGEST =>
            {
                self.text.push(letter);
            }
            _ => {}
        }
        None
    }

    /// What makes the terminal show the text as it is now: letters are added and taken at the end.
    fn echo(&mut self) -> String {
        let mut out = String::new();
        while self.echoed > self.text.len() {
            out.push_str("\u{8} \u{8}");
            self.echoed -= 1;
        }
        out.push_str(self.text.get(self.echoed..).unwrap_or_default());
        self.echoed = self.text.len();
        out
    }
}

pub(super) fn is_enter(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    // A line feed, which a program may send for Enter.
    key.code == KeyCode::Enter && key.modifiers.is_empty()
        || key.code == KeyCode::Char('j') && key.modifiers == KeyModifiers::CONTROL
}

fn is_letter(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    is_enter(event) || matches!(key.code, KeyCode::Char(_)) && key.modifiers.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings, each at a time in milliseconds.
    fn answer(readings: &[(&str, u64)]) -> Option<Answer> {
        let (mut decoder, mut typing) = (Decoder::default(), Typing::default());
        readings.iter().find_map(|(bytes, at)| {
            let mut events = Vec::new();
            decoder.feed(bytes.as_bytes(), &mut events);
            if *bytes == "\u{1b}" {
                decoder.rest(&mut events);
            }
            typing.take(&events, Duration::from_millis(*at))
        })
    }

    fn typed(text: &str) -> Answer {
        Answer::Typed(text.to_owned())
    }

    #[test]
    fn keys_one_after_the_other_are_an_answer() {
        assert_eq!(
            answer(&[("y", 0), ("e", 90), ("s", 160), ("\r", 300)]),
            Some(typed("yes"))
        );
        assert_eq!(
            answer(&[("ye", 0), ("s", 90), ("\r", 300)]),
            Some(typed("yes")),
            "a slow line"
        );
        assert_eq!(
            answer(&[("1", 0), ("\u{7f}", 90), ("7", 160), ("\n", 300)]),
            Some(typed("7"))
        );
        assert_eq!(
            answer(&[("x", 0), ("\u{15}", 90), ("4", 160), ("\r", 300)]),
            Some(typed("4"))
        );
        assert_eq!(answer(&[("\r", 0)]), Some(typed("")));
        assert_eq!(answer(&[("y", 0), ("e", 90)]), None);
    }

    #[test]
    fn what_comes_at_once_is_a_paste_with_and_without_brackets() {
        for readings in [
            &[("yes\r", 0)][..],
            &[("yes", 0), ("\r", 900)],
            &[("y\r", 0)],
            &[("y", 0), ("\r", 20)],
            &[("y", 0), ("e", 1), ("s", 2), ("\r", 3)],
            &[("\x1b[200~yes\r\x1b[201~", 0)],
            &[("\x1b[200~y", 0), ("es\x1b[201~", 900), ("\r", 1_900)],
            &[
                ("y", 0),
                ("e", 90),
                ("s", 180),
                ("\x1b[200~\r\x1b[201~", 900),
            ],
            &[("7\nls\n", 0)],
        ] {
            assert_eq!(answer(readings), Some(Answer::Pasted), "{readings:?}");
        }
    }

    #[test]
    fn it_can_be_left_and_replies_of_the_terminal_are_no_keys() {
        assert_eq!(answer(&[("y", 0), ("\u{3}", 90)]), Some(Answer::Left));
        assert_eq!(answer(&[("\u{4}", 0)]), Some(Answer::Left));
        assert_eq!(answer(&[("\u{1b}", 0)]), Some(Answer::Left));
        let reply = "\x1b]11;rgb:yyyy/eeee/ssss\x07\x1b[24;80R\x1b[?1;2c";
        assert_eq!(
            answer(&[(reply, 0), ("n", 200), ("\r", 300)]),
            Some(typed("n"))
        );
    }

    #[test]
    fn the_terminal_shows_what_is_typed() {
        let mut typing = Typing {
            text: "yes".to_owned(),
            ..Typing::default()
        };
        assert_eq!(typing.echo(), "yes");
        typing.text.pop();
        assert_eq!(typing.echo(), "\u{8} \u{8}");
        assert_eq!(typing.echo(), "");
    }
}
