//! Time, injected. Waits run on the monotonic clock, wall time is only information (D4).

use jiff::Timestamp;
use std::time::Duration;

use super::Work;

/// A point on the monotonic clock: time since the clock's own start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub Duration);

impl Instant {
    /// Time from `earlier` to here; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

/// Reads time and waits.
pub trait Clock: Send + Sync {
    /// Monotonic.
    fn now(&self) -> Instant;
    /// Wall clock.
    fn wall(&self) -> Timestamp;
    /// Ends after `span`.
    fn sleep(&self, span: Duration) -> Work<'_, ()>;
}
