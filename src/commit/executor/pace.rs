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
/// A longer wait than this is not waited for (reliability A1).
const LONGEST_WAIT: Duration = Duration::from_mins(5);
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
    /// Writes that may go now, and when the next may; `None` when nothing limits.
    pub(super) room: Option<(usize, Instant)>,
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

    /// The tier is closed for all; nobody's attempt is used up. Writes that were under way together
    /// are refused together: one incident, one step, one pause.
    pub(super) fn throttled(&mut self, wait: Option<Duration>) -> Instant {
        let wait = wait.filter(|wait| !wait.is_zero());
        self.pace.unsent_since = None;
        let earlier = self.pace.paused_until.filter(|until| *until > self.now);
        if let Some(until) = earlier
            && wait.is_none_or(|wait| self.now.plus(wait) <= until)
        {
            return until;
        }
        if earlier.is_none() {
            self.pace.throttles += 1;
        }
        let own = self.pace.room.filter(|(free, _)| *free == 0);
        let until = self.now.plus(self.throttle_span(wait));
        let until = own.map_or(until, |(_, next)| until.max(next));
        self.pause(until, true);
        if let Some(wait) = wait.filter(|wait| *wait > LONGEST_WAIT) {
            let minutes = wait.as_secs().div_ceil(60);
            self.stop_run(
                &format!("the tenant asks to wait {minutes} minutes; go on after that"),
                false,
            );
        }
        if self.pace.throttles >= THROTTLES_IN_A_ROW {
            self.stop_run("the tenant throttled ten times in a row", false);
        }
        until
    }

    /// As long as was asked and up to a second more, or growing when nothing was.
    fn throttle_span(&self, wait: Option<Duration>) -> Duration {
        let second = Duration::from_secs(1);
        if let Some(wait) = wait {
            return wait + self.jitter(second);
        }
        let slot = usize::try_from(self.pace.throttles.saturating_sub(1)).unwrap_or(usize::MAX);
        let seconds = BLIND_WAITS.get(slot).copied().unwrap_or(60);
        self.jitter(Duration::from_secs(seconds)).max(second)
    }

    /// Whether the published limit lets one more write go besides those under way, which it may
    /// or may not have counted yet. When it is used up, all writes wait, and it is told once.
    pub(super) fn has_room(&mut self, under_way: usize) -> bool {
        let Some((free, next)) = self.pace.room else {
            return true;
        };
        if free > under_way {
            return true;
        }
        if free == 0 {
            self.pause(next.max(self.now.plus(Duration::from_millis(1))), false);
        }
        false
    }

    /// No write before `until`.
    fn pause(&mut self, until: Instant, asked: bool) {
        self.pace.paused_until = Some(until);
        let millis = u64::try_from(until.since(self.now).as_millis()).unwrap_or(u64::MAX);
        self.record(Record::Pause {
            tier: Tier::Two,
            millis,
            asked,
            at: self.wall,
        });
        self.out.push(Output::Event(RunEvent::Paused {
            tier: Tier::Two,
            millis,
            asked,
        }));
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
    /// empty pool is not counted; it has its own rule. Where nothing is sent there is nothing to
    /// stop.
    pub(super) fn watch_refusals(&mut self) {
        if self.settings.verify_only.is_some() {
            return;
        }
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
