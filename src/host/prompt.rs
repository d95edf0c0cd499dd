//! Asking at the terminal without echo: for a secret, or for a pasted address that holds one. It may be
//! longer than a line that the terminal itself would edit.
//!
//! Read byte by byte with echo, line editing and signal keys off: Ctrl-C then is a byte that ends
//! the question, so no signal can leave the terminal mute.

use rustix::termios::{LocalModes, OptionalActions, Termios, isatty, tcgetattr, tcsetattr};
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use super::vault::off_thread;
use crate::ports::{Kind, Problem, Secret};

/// The modes to go back to while a question is open; one terminal, one question.
static MUTED: Mutex<Option<Termios>> = Mutex::new(None);

/// Answers a question for a line that is not shown; `None` when the person left.
pub type Elsewhere = Box<dyn Fn(&str) -> Option<String> + Send>;

/// Who asks instead of us, while the terminal is somebody else's.
static ELSEWHERE: Mutex<Option<Elsewhere>> = Mutex::new(None);

/// From here on questions for secrets are asked there, or at the terminal again.
pub fn ask_elsewhere(asker: Option<Elsewhere>) {
    *ELSEWHERE.lock().unwrap_or_else(PoisonError::into_inner) = asker;
}

/// Gives the terminal its echo back, if a question holds it: for whoever ends the program in the middle.
pub fn unmute() {
    let before = MUTED.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // Nothing better can be done when the terminal is gone.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &before);
    }
}

/// Restores the terminal however the question ends.
struct Mute;

impl Mute {
    fn begin() -> rustix::io::Result<Self> {
        let input = std::io::stdin();
        let before = tcgetattr(&input)?;
        let mut mute = before.clone();
        mute.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        *MUTED.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let muted = Self;
        tcsetattr(&input, OptionalActions::Flush, &mute)?;
        Ok(muted)
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        unmute();
    }
}

/// Asks for a secret; `None` when standard input is no terminal or nothing was typed.
pub(super) fn ask(name: &str) -> Result<Option<Secret>, Problem> {
    if !isatty(std::io::stdin()) {
        return Ok(None);
    }
    let typed = line(&format!("Secret for {name} (not shown, not stored): "))?
        .ok_or_else(|| Problem::new(Kind::User, "the question for the secret was cancelled"))?;
    Ok((!typed.is_empty()).then(|| Secret::new(typed)))
}

/// Asks for the passphrase of an encrypted file; `None` when standard input is no terminal or nothing
/// was typed.
pub(super) fn ask_passphrase(file: &str) -> Result<Option<Secret>, Problem> {
    if !isatty(std::io::stdin()) {
        return Ok(None);
    }
    let typed = line(&format!("Passphrase of {file} (not shown): "))?
        .ok_or_else(|| Problem::new(Kind::User, "the question for the passphrase was cancelled"))?;
    Ok((!typed.is_empty()).then(|| Secret::new(typed)))
}

/// Asks for a line that is not shown, such as a pasted address with a code in it; `None` when the
/// person left by Ctrl-C or the end of the input.
///
/// # Errors
/// `Host` when the terminal cannot be asked.
pub async fn ask_unseen(question: impl Into<String>) -> Result<Option<Secret>, Problem> {
    let question = question.into();
    let typed = off_thread(move || line(&question)).await??;
    Ok(typed.map(Secret::new))
}

/// The question and what was typed; `None` when the person left.
fn line(question: &str) -> Result<Option<String>, Problem> {
    if let Some(asker) = &*ELSEWHERE.lock().unwrap_or_else(PoisonError::into_inner) {
        let question = question.trim().trim_end_matches(':');
        return Ok(asker(
            question.split(" (not shown").next().unwrap_or(question),
        ));
    }
    let failed = |error| {
        Problem::new(Kind::Host, "the terminal could not be asked for a secret").because(error)
    };
    let mute = Mute::begin()
        .map_err(std::io::Error::from)
        .map_err(failed)?;
    let mut screen = std::io::stderr();
    write!(screen, "{question}").map_err(failed)?;
    screen.flush().map_err(failed)?;
    let typed = read(|byte| rustix::io::read(std::io::stdin(), byte).map_err(std::io::Error::from));
    drop(mute);
    writeln!(screen).map_err(failed)?;
    typed.map_err(failed)
}

/// One line; `None` for Ctrl-C or the end of input before anything.
fn read(
    mut next: impl FnMut(&mut [u8]) -> std::io::Result<usize>,
) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut byte = [0_u8];
    loop {
        match next(&mut byte) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
            Ok(0) if line.is_empty() => return Ok(None),
            Ok(0) => break,
            Ok(_) => {}
        }
        match byte[0] {
            3 | 28 => return Ok(None),
            4 if line.is_empty() => return Ok(None),
            4 | b'\n' | b'\r' => break,
            8 | 127 => drop_character(&mut line),
            21 => line.clear(),
            byte => line.push(byte),
        }
    }
    Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
}

fn drop_character(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> Option<String> {
        let mut keys = keys.iter();
        read(|byte| match keys.next() {
            Some(key) => {
                byte[0] = *key;
                Ok(1)
            }
            None => Ok(0),
        })
        .unwrap()
    }

    #[test]
    fn editing_keys_work_and_control_c_ends() {
        assert_eq!(typed(b"abc\r"), Some("abc".into()));
        assert_eq!(typed("aä\u{7f}\u{7f}b\n".as_bytes()), Some("b".into()));
        assert_eq!(typed(b"wrong\x15right\n"), Some("right".into()));
        assert_eq!(typed(b"abc\x03"), None);
        assert_eq!(typed(b""), None);
        assert_eq!(typed(b"cut"), Some("cut".into()));
    }
}
