//! The world's clock: wall time for the dates in records, and an elapsed time that can run faster
//! than the wall so that rate windows and token lifetimes can be exercised in seconds.

#![expect(
    clippy::disallowed_methods,
    reason = "the embedded world has a clock of its own"
)]

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Reads time for the embedded world; the only place in this room that does.
#[derive(Debug, Clone, Copy)]
pub struct SimClock {
    started: Instant,
    speed: f64,
}

impl SimClock {
    /// A clock whose elapsed time runs `speed` times as fast as the wall (10 = limits refill ten
    /// times faster). Values that are not finite or not positive count as 1.
    pub fn new(speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 {
            speed
        } else {
            1.0
        };
        Self {
            started: Instant::now(),
            speed,
        }
    }

    /// Time since the world was started, sped up. Rate windows and token lifetimes use this.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed().mul_f64(self.speed)
    }

    /// Wall time, for `createdAt` and its like.
    pub fn now() -> Timestamp {
        Timestamp::now()
    }

    /// How many whole seconds of wall time a span of sped-up time takes, at least 1.
    pub fn wall_seconds(&self, span: Duration) -> u64 {
        let seconds = span.div_f64(self.speed);
        (seconds.as_secs() + u64::from(seconds.subsec_nanos() > 0)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_shortens_the_wait() {
        let clock = SimClock::new(10.0);
        assert_eq!(clock.wall_seconds(Duration::from_secs(100)), 10);
        assert_eq!(clock.wall_seconds(Duration::from_secs(101)), 11);
        assert_eq!(clock.wall_seconds(Duration::ZERO), 1);
    }

    #[test]
    fn nonsense_speeds_count_as_one() {
        for speed in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(SimClock::new(speed).wall_seconds(Duration::from_secs(7)), 7);
        }
    }
}
