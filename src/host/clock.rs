//! The real clock: monotonic time since the start of the process, wall time, tokio's timer.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the clock that is injected"
)]

use futures_util::FutureExt as _;
use jiff::Timestamp;
use std::time::Duration;

use crate::ports::{Clock, Instant, Work};

/// Time as the machine tells it. Needs a tokio runtime for sleeping.
#[derive(Clone, Debug)]
pub struct RealClock {
    start: std::time::Instant,
}

impl RealClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

impl Default for RealClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for RealClock {
    fn now(&self) -> Instant {
        Instant(self.start.elapsed())
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, span: Duration) -> Work<'_, ()> {
        tokio::time::sleep(span).boxed()
    }
}
