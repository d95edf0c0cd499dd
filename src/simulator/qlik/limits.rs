//! Rate tiers (dossier 9.1): per caller and tier, over a rolling window.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// A class of endpoints that share a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tier {
    /// Most reads: 1,000 a minute, evaluated over five minutes.
    One,
    /// Writes and token requests: 100 a minute, evaluated over five minutes.
    Two,
    /// Filter action of users: 200 in a minute.
    UserFilter,
    /// Filter action of groups: 200 in a minute.
    GroupFilter,
    /// Audits: 1,000 in a minute.
    Audits,
    /// Not limited (well-known).
    Free,
}

impl Tier {
    /// Calls allowed, and the window they are counted in.
    fn budget(self) -> (usize, Duration) {
        const FIVE_MINUTES: Duration = Duration::from_mins(5);
        const MINUTE: Duration = Duration::from_mins(1);
        match self {
            Self::One => (5_000, FIVE_MINUTES),
            Self::Two => (500, FIVE_MINUTES),
            Self::UserFilter | Self::GroupFilter => (200, MINUTE),
            Self::Audits => (1_000, MINUTE),
            Self::Free => (usize::MAX, MINUTE),
        }
    }
}

/// When each caller called, for each tier.
#[derive(Debug, Default)]
pub(super) struct Limits {
    calls: HashMap<(String, Tier), VecDeque<Duration>>,
}

impl Limits {
    /// Counts a call, or says how long the tier stays closed. Refused calls are not counted.
    pub(super) fn admit(
        &mut self,
        caller: &str,
        tier: Tier,
        now: Duration,
    ) -> Result<(), Duration> {
        if tier == Tier::Free {
            return Ok(());
        }
        let (budget, window) = tier.budget();
        let calls = self.calls.entry((caller.to_owned(), tier)).or_default();
        while calls.front().is_some_and(|at| *at + window <= now) {
            calls.pop_front();
        }
        match calls.front() {
            Some(oldest) if calls.len() >= budget => Err((*oldest + window).saturating_sub(now)),
            _ => {
                calls.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_burst_of_five_minutes_worth_is_allowed_and_no_more() {
        let mut limits = Limits::default();
        for _ in 0..500 {
            assert_eq!(limits.admit("a", Tier::Two, s(10)), Ok(()));
        }
        assert_eq!(limits.admit("a", Tier::Two, s(20)), Err(s(290)));
        assert_eq!(
            limits.admit("b", Tier::Two, s(20)),
            Ok(()),
            "another caller has its own"
        );
        assert_eq!(
            limits.admit("a", Tier::One, s(20)),
            Ok(()),
            "another tier has its own"
        );
        assert_eq!(limits.admit("a", Tier::Two, s(310)), Ok(()));
    }

    #[test]
    fn the_window_rolls() {
        let mut limits = Limits::default();
        for at in 0..200 {
            assert!(
                limits
                    .admit("a", Tier::UserFilter, Duration::from_millis(at * 100))
                    .is_ok()
            );
        }
        assert_eq!(limits.admit("a", Tier::UserFilter, s(20)), Err(s(40)));
        assert_eq!(limits.admit("a", Tier::UserFilter, s(60)), Ok(()));
        assert!(limits.admit("a", Tier::UserFilter, s(60)).is_err());
    }
}
