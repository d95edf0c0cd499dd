//! How far a run is, in one line that fits any width: done of total, what went wrong, a wait that
//! counts down, and how long it may still take. Reads no clock and prints nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::{Counts, OperationId, RunEvent};
use crate::ports::Instant;
use crate::text::width;

/// Verdicts before the pace of this run says anything about its end.
const PACE_FROM: u64 = 5;
/// Seconds in which the published limit lets a window's writes go (dossier 11).
const WINDOW: u64 = 300;

/// What a run has told so far.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    began: Instant,
    total: u64,
    /// Verdicts of an earlier part of the run.
    before: u64,
    counts: Counts,
    /// Operations that are being read back.
    checking: BTreeSet<OperationId>,
    /// Until when all writes wait, and whether the tenant asked for it.
    paused: Option<(Instant, bool)>,
    writes: u64,
    window: Option<(u32, u32)>,
}

impl Meter {
    /// A run that is about to begin.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            total: 0,
            before: 0,
            counts: Counts::default(),
            checking: BTreeSet::new(),
            paused: None,
            writes: 0,
            window: None,
        }
    }

    /// Takes an event.
    pub(super) fn take(&mut self, event: &RunEvent, now: Instant) {
        match event {
            RunEvent::Started { total, judged, .. } => {
                self.total = *total;
                self.before = *judged;
            }
            RunEvent::Sending { .. } | RunEvent::Finished { .. } => self.paused = None,
            RunEvent::Checking { operations } => {
                self.checking.extend(operations.iter().cloned());
            }
            RunEvent::Judged(outcome) => {
                self.counts.count(&outcome.verdict);
                self.checking.remove(&outcome.operation);
            }
            RunEvent::Paused { millis, asked, .. } => {
                self.paused = Some((now.plus(Duration::from_millis(*millis)), *asked));
            }
            RunEvent::Window { used, of } => {
                self.writes += 1;
                self.window = Some((*used, *of));
            }
        }
    }

    fn left(&self) -> u64 {
        self.total
            .saturating_sub(self.before + self.counts.judged())
    }

    /// Seconds until writes may go again.
    fn wait(&self, now: Instant) -> Option<(u64, bool)> {
        let (until, asked) = self.paused?;
        let left = until.since(now);
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        (seconds > 0).then_some((seconds, asked))
    }

    /// Seconds that are left at the pace so far, or at the published limit if that is slower.
    fn seconds_left(&self, now: Instant) -> Option<u64> {
        let (judged, left) = (self.counts.judged(), self.left());
        if judged < PACE_FROM || left == 0 {
            return None;
        }
        let wait = self.wait(now).map_or(0, |(seconds, _)| seconds);
        let spent = now.since(self.began).as_secs();
        let at_this_pace = spent.saturating_mul(left) / judged;
        let writes = (self.writes * left).div_ceil(judged);
        let at_the_limit = self.window.map_or(0, |(used, of)| {
            let free = u64::from(of.saturating_sub(used));
            writes.saturating_sub(free).saturating_mul(WINDOW) / u64::from(of.max(1))
        });
        Some(at_this_pace.max(at_the_limit.max(wait)))
    }

    /// The line for a terminal, at most `cells` wide: what there is no room for is left out whole,
    /// the least important first.
    pub(super) fn line(&self, now: Instant, stopping: bool, cells: usize) -> String {
        let mut line = String::new();
        let mut used = 0;
        for part in self.parts(now, stopping) {
            let joint = if used == 0 { "" } else { "; " };
            let more = width(joint) + width(&part);
            if used + more <= cells {
                line.push_str(joint);
                line.push_str(&part);
                used += more;
            }
        }
        line
    }

    /// What there is to say, the most important first.
    fn parts(&self, now: Instant, stopping: bool) -> Vec<String> {
        let done = (self.before + self.counts.judged()).min(self.total);
        let mut parts = vec![format!("{done} of {}", self.total)];
        let count = |number: u64, word: &str| (number > 0).then(|| format!("{number} {word}"));
        if stopping {
            parts.push("stopping after what is in flight".to_owned());
        } else if let Some((seconds, asked)) = self.wait(now) {
            parts.push(format!("{}: {seconds} s", why(asked)));
        } else {
            let checking = u64::try_from(self.checking.len()).unwrap_or(0);
            parts.extend(count(checking, "being read back"));
        }
        parts.extend(count(self.counts.unknown, "unknown"));
        if !stopping {
            parts.extend(self.seconds_left(now).map(about));
        }
        parts.extend(count(self.counts.not_applied, "not applied"));
        parts.extend(count(self.counts.skipped, "skipped"));
        parts
    }
}

/// Why writes wait.
pub(super) fn why(asked: bool) -> &'static str {
    if asked {
        "the tenant asks to wait"
    } else {
        "the published limit is used up"
    }
}

/// A guess is rounded: nobody believes 437 seconds.
fn about(seconds: u64) -> String {
    match seconds {
        0..10 => "a few seconds left".to_owned(),
        10..100 => format!("about {} s left", seconds.div_ceil(10) * 10),
        100..5400 => format!("about {} min left", seconds.div_ceil(60)),
        _ => format!("about {} h left", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Outcome, Tier, Verdict};
    use proptest::prelude::*;

    fn at(seconds: u64) -> Instant {
        Instant(Duration::from_secs(seconds))
    }

    fn judged(verdict: Verdict) -> RunEvent {
        RunEvent::Judged(Outcome {
            operation: "o".into(),
            verdict,
            status: None,
            millis: 0,
            trace: None,
        })
    }

    fn begun(total: u64) -> Meter {
        let mut meter = Meter::new(at(0));
        meter.total = total;
        meter
    }

    fn paused(millis: u64, asked: bool) -> RunEvent {
        RunEvent::Paused {
            tier: Tier::Two,
            millis,
            asked,
        }
    }

    #[test]
    fn it_counts_and_counts_down() {
        let mut meter = begun(100);
        assert_eq!(meter.line(at(0), false, 80), "0 of 100");
        for _ in 0..10 {
            meter.take(&judged(Verdict::Applied), at(5));
        }
        meter.take(&judged(Verdict::Unknown { check: "c".into() }), at(5));
        assert_eq!(
            meter.line(at(11), false, 80),
            "11 of 100; 1 unknown; about 90 s left"
        );
        meter.take(&paused(27_000, true), at(11));
        assert_eq!(
            meter.line(at(12), false, 80),
            "11 of 100; the tenant asks to wait: 26 s; 1 unknown; about 100 s left"
        );
        assert!(
            !meter.line(at(38), false, 80).contains("wait"),
            "the wait is over"
        );
        assert_eq!(
            meter.line(at(12), true, 80),
            "11 of 100; stopping after what is in flight; 1 unknown"
        );
    }

    #[test]
    fn a_full_window_is_slower_than_the_burst_before_it() {
        let mut meter = begun(1500);
        for used in 1..=500 {
            meter.take(&RunEvent::Window { used, of: 500 }, at(10));
            meter.take(&judged(Verdict::Applied), at(10));
        }
        meter.take(&paused(290_000, false), at(10));
        assert_eq!(
            meter.line(at(10), false, 80),
            "500 of 1500; the published limit is used up: 290 s; about 10 min left"
        );
    }

    #[test]
    fn what_has_no_room_is_left_out_whole() {
        let mut meter = begun(1000);
        meter.take(&paused(60_000, true), at(0));
        meter.take(&judged(Verdict::Unknown { check: "c".into() }), at(0));
        assert_eq!(meter.line(at(0), false, 30), "1 of 1000; 1 unknown");
        assert_eq!(meter.line(at(0), false, 9), "1 of 1000");
        assert_eq!(meter.line(at(0), false, 8), "");
    }

    proptest! {
        #[test]
        fn it_is_never_wider_than_asked(
            total in 0u64..10_000_000,
            judgements in 0u64..40,
            pause in 0u64..100_000,
            now in 0u64..10_000,
            cells in 0usize..120,
        ) {
            let mut meter = begun(total);
            for number in 0..judgements {
                let verdict = if number % 3 == 0 {
                    Verdict::Unknown { check: "c".into() }
                } else {
                    Verdict::Applied
                };
                meter.take(&judged(verdict), at(now / 2));
            }
            meter.take(&paused(pause, pause % 2 == 0), at(now));
            prop_assert!(width(&meter.line(at(now), false, cells)) <= cells);
        }
    }
}
