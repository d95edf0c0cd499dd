//! The terminal as it was found, and the way back to that: modes, alternate screen, cursor, paste
//! brackets. One per process, because there is one terminal and a panic may have to give it back.

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, Termios, tcgetattr, tcgetwinsize,
    tcsetattr,
};
use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// Number of the signal that asks a program to stop for a while.
pub(super) const SUSPEND: i32 = Signal::TSTP.as_raw();
/// Number of the signal that lets it go on.
pub(super) const CONTINUE: i32 = Signal::CONT.as_raw();

/// The modes to go back to; there while the terminal is ours.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);
/// Whether the terminal is ours, for whoever cannot wait for a lock.
static OURS: AtomicBool = AtomicBool::new(false);
/// Held while something is written, so that good-bye does not land inside a frame.
static WRITING: Mutex<()> = Mutex::new(());

/// How long good-bye waits for a terminal that takes nothing.
const PATIENCE: Duration = Duration::from_millis(300);
/// A step of that waiting.
const STEP: Duration = Duration::from_millis(10);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a terminal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// As a shell leaves it.
    Sane,
    /// Raw: a program was killed in it. It is given back sane.
    Raw,
}

/// Raw mode, alternate screen, bracketed paste, no cursor.
pub(super) fn borrow() -> io::Result<Found> {
    let found = take()?;
    hello().and_then(|hello| write(&hello)).inspect_err(|_| {
        give_back();
    })?;
    Ok(found)
}

/// Raw mode alone. A shell may have changed the modes while we were stopped: those that were found
/// first stay the ones to go back to.
pub(super) fn take() -> io::Result<Found> {
    let stdin = io::stdin();
    let mut kept = lock(&FOUND);
    let modes = match kept.as_ref() {
        Some(modes) => modes.clone(),
        None => tcgetattr(&stdin)?,
    };
    let mut raw = modes.clone();
    raw.make_raw();
    let (modes, found) = sane(modes);
    *kept = Some(modes);
    tcsetattr(&stdin, OptionalActions::Now, &raw)?;
    OURS.store(true, Ordering::SeqCst);
    Ok(found)
}

/// The modes to give back for those that were found, and how that was.
pub(super) fn sane(mut modes: Termios) -> (Termios, Found) {
    let echo = LocalModes::ICANON | LocalModes::ECHO;
    let found = if modes.local_modes.intersects(echo) {
        Found::Sane
    } else {
        modes.local_modes |= echo | LocalModes::ISIG | LocalModes::IEXTEN;
        modes.input_modes |= InputModes::ICRNL | InputModes::IXON;
        modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        Found::Raw
    };
    (modes, found)
}

/// A session that was killed leaves its text on the alternate screen, and its colours on.
pub(super) fn hello() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    queue!(
        bytes,
        EnterAlternateScreen,
        SetAttribute(Attribute::Reset),
        Clear(ClearType::All),
        EnableBracketedPaste,
        Hide
    )?;
    Ok(bytes)
}

/// Whether the terminal is still ours.
pub(super) fn is_ours() -> bool {
    OURS.load(Ordering::SeqCst)
}

/// Writes to the terminal, as long as it is ours.
///
/// # Errors
/// It takes no more, or was given back.
pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let _writing = lock(&WRITING);
    if !is_ours() {
        return Err(io::Error::other("the terminal was given back"));
    }
    write_all(bytes)
}

/// Past the standard library's lock, which whoever prints good-bye would wait for.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(io::stdout(), bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Gives the terminal back, once; whether it takes what is written. One that hung up or is stuck is
/// not waited for; its modes are set in any case.
pub(super) fn give_back() -> bool {
    if !OURS.swap(false, Ordering::SeqCst) {
        return takes(io::stdout());
    }
    let mut taken = false;
    if let Some(_writing) = quiet()
        && takes(io::stdout())
    {
        let mut bytes = Vec::new();
        let ready = queue!(
            bytes,
            EndSynchronizedUpdate,
            SetAttribute(Attribute::Reset),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        taken = ready.and_then(|()| write_all(&bytes)).is_ok();
    }
    if let Some(modes) = lock(&FOUND).take() {
        // Nobody is left to tell when this fails.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
    }
    taken
}

/// Waits until nobody writes, but not for long.
fn quiet() -> Option<MutexGuard<'static, ()>> {
    let mut left = PATIENCE;
    loop {
        match WRITING.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(guard)) => return Some(guard.into_inner()),
            Err(TryLockError::WouldBlock) if left.is_zero() => return None,
            Err(TryLockError::WouldBlock) => {
                left = left.saturating_sub(STEP);
                // Waits for nothing: a rest without a clock.
                let _ = poll(&mut [], timespec(STEP).as_ref());
            }
        }
    }
}

/// Whether the terminal takes what is written there.
pub(super) fn takes(output: impl AsFd) -> bool {
    let mut fds = [PollFd::new(&output, PollFlags::OUT)];
    let _ = poll(&mut fds, timespec(PATIENCE).as_ref());
    let [state] = fds.map(|fd| fd.revents());
    state.contains(PollFlags::OUT) && !state.intersects(PollFlags::HUP | PollFlags::ERR)
}

fn timespec(span: Duration) -> Option<Timespec> {
    Timespec::try_from(span).ok()
}

/// Columns and rows.
pub(super) fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(io::stdout()).ok()?;
    Some((size.ws_col, size.ws_row))
}

/// Whether somebody would let a stopped program go on: a shell with job control puts every job into
/// a group of its own. Without one, stopping would be for ever.
pub(super) fn can_suspend() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops this program, and what was started together with it, until it is told to go on.
pub(super) fn suspend() {
    let _ = kill_current_process_group(Signal::STOP);
}

/// Lets go of the terminal for good: it is given back if it is still there, and whatever is read or
/// written from here on is nothing. A run goes on without it; the session of the terminal has no
/// hold on this program any more, but for signals that are sent to it by its number.
pub(super) fn detach() {
    give_back();
    let nothing = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null");
    if let Ok(nothing) = nothing {
        // A terminal that stays open is as good as gone: it answers with errors.
        let _ = rustix::stdio::dup2_stdin(&nothing);
        let _ = rustix::stdio::dup2_stdout(&nothing);
        let _ = rustix::stdio::dup2_stderr(&nothing);
    }
}

/// Whether whoever started us wants a hang-up to be ignored, as `nohup` does. Taking the signal
/// would undo that. Linux tells in `/proc`; elsewhere it is taken.
#[expect(clippy::disallowed_methods, reason = "the process asks about itself")]
pub fn ignores_hangup() -> bool {
    let status = std::fs::read("/proc/self/status").unwrap_or_default();
    ignored(&String::from_utf8_lossy(&status)) & 1 == 1
}

/// The mask of ignored signals; bit 0 is signal 1.
fn ignored(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        assert_eq!(ignored("Name:\tq\nSigIgn:\t0000000000001001\n"), 0x1001);
        assert_eq!(ignored("SigBlk: 1\n"), 0);
    }
}
