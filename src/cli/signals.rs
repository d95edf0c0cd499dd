//! HUP, INT and TERM: the first asks for a stop (what is in flight is finished and journalled, for
//! half a minute at most), a second INT or TERM ends the program at once. A second HUP does not: a
//! dying session sends it twice, from the shell and from the kernel. Under `nohup` HUP means nothing.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::out::clear_foot;
use crate::host::RealClock;
use crate::ports::{Clock as _, Kind, Problem};
use crate::terminal::ignores_hangup;

/// How long what is in flight may take once a stop was asked for.
const DRAIN: Duration = Duration::from_secs(30);

/// What ends the program at a signal while nothing runs yet; one program, one of them.
static LEAVE: Mutex<Option<AbortHandle>> = Mutex::new(None);

/// From here on a signal ends the program at once, after `last`, until a [`Stop`] listens: for a
/// question that must give the terminal back. Must be called on the runtime, from any thread of it.
///
/// # Errors
/// The system refuses the handlers.
pub(super) fn leave_at_signal(last: fn()) -> Result<(), Problem> {
    let (mut hangup, mut interrupt, mut terminate) = handlers()?;
    let mut quit = signal(SignalKind::quit()).map_err(refused)?;
    let task = tokio::spawn(async move {
        let number = tokio::select! {
            number = next(hangup.as_mut(), &mut interrupt, &mut terminate) => number,
            _ = quit.recv() => 3,
        };
        last();
        std::process::exit(128 + i32::from(number));
    });
    replace(Some(task.abort_handle()));
    Ok(())
}

/// Whoever waited for a signal to end the program waits no more: the screen has signals of its own.
pub(super) fn hand_over() {
    replace(None);
}

/// Another one, or none, takes the place of whatever waited for a signal to end the program.
fn replace(next: Option<AbortHandle>) {
    let mut held = LEAVE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = std::mem::replace(&mut *held, next) {
        before.abort();
    }
}

fn refused(error: std::io::Error) -> Problem {
    Problem::new(Kind::Host, "signals cannot be handled").because(error)
}

/// HUP where it means something, INT and TERM.
fn handlers() -> Result<(Option<Signal>, Signal, Signal), Problem> {
    let hangup = if ignores_hangup() {
        None
    } else {
        Some(signal(SignalKind::hangup()).map_err(refused)?)
    };
    let interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let terminate = signal(SignalKind::terminate()).map_err(refused)?;
    Ok((hangup, interrupt, terminate))
}

/// Listens for signals from here on.
#[derive(Clone, Debug)]
pub struct Stop {
    token: CancellationToken,
    number: Arc<AtomicU8>,
}

impl Stop {
    /// Begins to listen. Must be called on the runtime.
    ///
    /// # Errors
    /// The system refuses the handlers.
    pub fn listen() -> Result<Self, Problem> {
        let (mut hangup, mut interrupt, mut terminate) = handlers()?;
        let mut quit = signal(SignalKind::quit()).map_err(refused)?;
        replace(None);
        tokio::spawn(async move {
            // Asks for an end without any waiting; whoever took the signal has to end.
            let _ = quit.recv().await;
            clear_foot();
            std::process::exit(128 + 3);
        });
        let stop = Self {
            token: CancellationToken::new(),
            number: Arc::default(),
        };
        let told = stop.clone();
        tokio::spawn(async move {
            let first = next(hangup.as_mut(), &mut interrupt, &mut terminate).await;
            told.number.store(first, Ordering::SeqCst);
            told.token.cancel();
            let clock = RealClock::new();
            let last = tokio::select! {
                second = next(None, &mut interrupt, &mut terminate) => second,
                () = clock.sleep(DRAIN) => first,
            };
            clear_foot();
            // Everything that is known is in the journal; the rest is unknown until resumed.
            std::process::exit(128 + i32::from(last));
        });
        Ok(stop)
    }

    /// Cancelled by the first signal.
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// 128 plus the signal, when there was one.
    pub fn exit_code(&self) -> Option<u8> {
        match self.number.load(Ordering::SeqCst) {
            0 => None,
            number => Some(128 + number),
        }
    }
}

/// Number of the next signal.
async fn next(hangup: Option<&mut Signal>, interrupt: &mut Signal, terminate: &mut Signal) -> u8 {
    let hangup = async {
        match hangup {
            Some(hangup) => hangup.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
        _ = hangup => 1,
    }
}
