//! HUP, INT and TERM: the first asks for a stop (what is in flight is finished and journalled),
//! the second ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::ports::{Kind, Problem};

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
        let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let stop = Self {
            token: CancellationToken::new(),
            number: Arc::default(),
        };
        let told = stop.clone();
        tokio::spawn(async move {
            let first = next(&mut hangup, &mut interrupt, &mut terminate).await;
            told.number.store(first, Ordering::SeqCst);
            told.token.cancel();
            let second = next(&mut hangup, &mut interrupt, &mut terminate).await;
            std::process::exit(128 + i32::from(second));
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
async fn next(hangup: &mut Signal, interrupt: &mut Signal, terminate: &mut Signal) -> u8 {
    tokio::select! {
        biased;
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
        _ = hangup.recv() => 1,
    }
}
