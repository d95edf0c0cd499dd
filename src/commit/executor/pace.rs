//! Waiting and giving up: pauses after a 429, backoff, and the breakers that stop a run where it
//! can be resumed (reliability 2.1, A1, A2, A13).

use std::collections::VecDeque;
use std::time::Duration;

use super::{Executor, Output};
use crate::commit::record::Record;
use crate::domain::{RunEvent, Tier};
use crate::ports::Instant;

/// The published window: writes are counted over five minutes, 100 a minute.
const WINDOW: Duration = Duration::from_mins(5);
const WINDOW_WRITES: u32 = 500;
/// Waits after a 429 that names no time.
const BLIND_WAITS: [u64; 5] = [5, 10, 20, 40, 60];
const THROTTLES_IN_A_ROW: u32 = 10;
const AMBIGUOUS_IN_A_ROW: u32 = 5;
const UNREACHABLE: Duration = Duration::from_mins(1);

/// Run-wide counters.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pub(super) paused_until: Option<Instant>,
    throttles: u32,
    ambiguous: u32,
    /// Since when nothing can be sent, and since when nothing can be read.
    unsent_since: Option<Instant>,
    unread_since: Option<Instant>,
    sent: VecDeque<Instant>,
}

impl Executor {
    /// A random span up to `most`.
    fn jitter(&self, most: Duration) -> Duration {
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.rng.next() % (millis.max(1)))
    }

    /// 1, 2, 4, ... 30 seconds with jitter.
    pub(super) fn backoff(&self, failures: u32) -> Duration {
        let base = Duration::from_secs((1 << failures.min(5)).min(30));
        base + self.jitter(base / 2)
    }

    /// A clear answer came: nothing is in a row any more.
    pub(super) fn heard(&mut self) {
        self.pace.ambiguous = 0;
        self.pace.throttles = 0;
        self.pace.unsent_since = None;
    }

    pub(super) fn heard_unclearly(&mut self) {
        self.pace.throttles = 0;
        self.pace.ambiguous += 1;
        if self.pace.ambiguous >= AMBIGUOUS_IN_A_ROW {
            self.stop_run(
                "five unclear answers in a row; what was sent is read back on resume",
                false,
            );
        }
    }

    /// Nothing left this machine.
    pub(super) fn unsent(&mut self, cause: &str) {
        let since = *self.pace.unsent_since.get_or_insert(self.now);
        self.give_up_after(since, cause);
    }

    /// Nothing could be read.
    pub(super) fn unread_for_network(&mut self, cause: &str) {
        let since = *self.pace.unread_since.get_or_insert(self.now);
        self.give_up_after(since, cause);
    }

    fn give_up_after(&mut self, since: Instant, cause: &str) {
        if self.now.since(since) >= UNREACHABLE {
            self.stop_run(
                &format!("the tenant could not be reached for a minute: {cause}"),
                false,
            );
        }
    }

    /// Something was read.
    pub(super) fn reached(&mut self) {
        self.pace.unread_since = None;
    }

    /// The tier is closed for all; nobody's attempt is used up.
    pub(super) fn throttled(&mut self, wait: Option<Duration>) -> Instant {
        let streak = self.pace.throttles;
        self.pace.throttles += 1;
        let span = match wait {
            Some(wait) if wait > Duration::ZERO => wait + self.jitter(Duration::from_secs(1)),
            _ => {
                let slot = usize::try_from(streak).unwrap_or(usize::MAX);
                let seconds = BLIND_WAITS.get(slot).copied().unwrap_or(60);
                self.jitter(Duration::from_secs(seconds))
                    .max(Duration::from_secs(1))
            }
        };
        let until = self.now.plus(span);
        let until = self
            .pace
            .paused_until
            .map_or(until, |earlier| earlier.max(until));
        self.pace.paused_until = Some(until);
        let millis = u64::try_from(until.since(self.now).as_millis()).unwrap_or(u64::MAX);
        self.record(Record::Pause {
            tier: Tier::Two,
            millis,
            asked: true,
            at: self.wall,
        });
        self.out.push(Output::Event(RunEvent::Paused {
            tier: Tier::Two,
            millis,
            asked: true,
        }));
        if self.pace.throttles >= THROTTLES_IN_A_ROW {
            self.stop_run("the tenant throttled ten times in a row", false);
        }
        until
    }

    pub(super) fn is_paused(&self) -> bool {
        self.pace.paused_until.is_some_and(|until| until > self.now)
    }

    /// One more write, for the window that is shown.
    pub(super) fn note_sent(&mut self) {
        self.pace.sent.push_back(self.now);
        while let Some(first) = self.pace.sent.front()
            && self.now.since(*first) > WINDOW
        {
            self.pace.sent.pop_front();
        }
        self.out.push(Output::Event(RunEvent::Window {
            used: u32::try_from(self.pace.sent.len()).unwrap_or(u32::MAX),
            of: WINDOW_WRITES,
        }));
    }

    /// More than a tenth refused after twenty operations: something is wrong with the plan. An
    /// empty pool is not counted; it has its own rule.
    pub(super) fn watch_refusals(&mut self) {
        let judged = self.counts.judged();
        let refused = self.counts.not_applied.saturating_sub(self.no_seat);
        if judged >= 20 && refused * 10 > judged {
            self.stop_run(
                &format!("{refused} of {judged} operations were refused"),
                false,
            );
        }
    }
}
