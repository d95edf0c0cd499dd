//! HUP, INT and TERM: the first asks for a stop (what is in flight is finished and journalled, for
//! half a minute at most), a second INT or TERM ends the program at once. A second HUP does not: a
//! dying session sends it twice, from the shell and from the kernel. Under `nohup` HUP means nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::out::clear_foot;
use crate::host::RealClock;
use crate::ports::{Clock as _, Kind, Problem};
use crate::terminal::ignores_hangup;

/// How long what is in flight may take once a stop was asked for.
const DRAIN: Duration = Duration::from_secs(30);

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
        let failed = |error: std::io::Error| {
            Problem::new(Kind::Host, "signals cannot be handled").because(error)
        };
        let mut hangup = if ignores_hangup() {
            None
        } else {
            Some(signal(SignalKind::hangup()).map_err(failed)?)
        };
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
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
