//! Settling operations, releasing who waits for them, stopping, and the end.

use super::core::{DRAIN, Stop};
use super::state::Flight;
use super::{Ending, Executor, Output, refusal};
use crate::commit::record::{Judgement, Record};
use crate::domain::{Outcome, RunEvent, SkipReason, Verdict};
use crate::text::Raw;

impl Executor {
    /// What an earlier part of the run confirmed without coming to a verdict.
    pub(super) fn confirm_recovered(&mut self) {
        for this in 0..self.operations.len() {
            if let Some(confirmed) = self.operations[this].confirmed.take() {
                self.judge(this, Verdict::Applied, confirmed.id);
            }
        }
    }

    /// Before anything else: whatever a guard forbids is settled as skipped, and then the whole run
    /// stops, additions too (reliability 2.1, 4.8). A resume, which somebody has to ask for, goes on
    /// without these operations.
    pub(super) fn stop_at_guards(&mut self) {
        if self.settings.verify_only.is_some() {
            return;
        }
        for this in 0..self.operations.len() {
            let state = &self.operations[this];
            if state.verdict.is_some() || state.clouded {
                continue;
            }
            if let Some(detail) = self.guard(self.change(this)) {
                let why = SkipReason::Guard;
                let detail = Raw::from(detail);
                self.judge(this, Verdict::Skipped { why, detail }, None);
            }
        }
    }

    /// A guard said no: nothing new leaves from here on.
    fn watch_guards(&mut self, this: usize, verdict: &Verdict) {
        if let Verdict::Skipped {
            why: SkipReason::Guard,
            detail,
        } = verdict
        {
            let what = self.change(this).kind().word();
            let id = self.operation(this).id.show();
            let reason = format!("a guard stopped it at {id} ({what}): {}", detail.show());
            self.stop_run(&reason, false);
        }
    }

    pub(super) fn count(&mut self, verdict: &Verdict) {
        self.counts.count(verdict);
        if let Verdict::NotApplied {
            code: Some(code), ..
        } = verdict
            && code.expose() == refusal::NO_SEAT
        {
            self.no_seat += 1;
        }
    }

    /// Settles an operation: journal, event, and whoever waits for it.
    pub(super) fn judge(&mut self, this: usize, verdict: Verdict, id: Option<String>) {
        if self.operations[this].verdict.is_some() {
            return;
        }
        if verdict.holds()
            && let Some(id) = &id
        {
            let change = self.plan.operations[this].change.clone();
            self.names.learn(&change, id);
        }
        self.count(&verdict);
        let state = &mut self.operations[this];
        state.verdict = Some(verdict.clone());
        let millis = state
            .sent_at
            .map_or(0, |sent| self.now.since(sent).as_millis());
        let outcome = Outcome {
            operation: self.plan.operations[this].id.clone(),
            verdict,
            status: state.status,
            millis: u64::try_from(millis).unwrap_or(u64::MAX),
            trace: state.trace.clone(),
        };
        self.record(Record::Verdict(Judgement {
            outcome: outcome.clone(),
            id,
            at: self.wall,
        }));
        self.out
            .push(Output::Event(RunEvent::Judged(outcome.clone())));
        self.ready.remove(&this);
        if let Some(block) = self.order.block_of.get(&this).copied() {
            self.open[block] = self.open[block].saturating_sub(1);
            if !self.seats[block].remove(&this) && self.order.blockers[this] > 0 {
                self.waiting[block] = self.waiting[block].saturating_sub(1);
            }
        }
        self.release(this);
        self.watch_refusals();
        self.watch_guards(this, &outcome.verdict);
    }

    /// One thing less to wait for, for those behind.
    pub(super) fn release(&mut self, this: usize) {
        for later in std::mem::take(&mut self.order.releases[this]) {
            let blockers = &mut self.order.blockers[later];
            *blockers = blockers.saturating_sub(1);
            if *blockers == 0 {
                self.free(later);
            }
        }
    }

    pub(super) fn free(&mut self, this: usize) {
        if self.operations[this].verdict.is_some() {
            return;
        }
        if let Some(block) = self.order.block_of.get(&this).copied() {
            self.waiting[block] = self.waiting[block].saturating_sub(1);
            self.seats[block].insert(this);
        } else {
            self.ready.insert(this);
        }
    }

    pub(super) fn record(&mut self, record: Record) {
        if !self.stop.as_ref().is_some_and(|stop| stop.journal) {
            self.out.push(Output::Record(record));
        } else if let Record::Verdict(judgement) = record {
            self.out.push(Output::Unwritten(judgement.outcome));
        }
    }

    /// Nothing new from here on; what is in flight may still answer.
    pub(super) fn stop_run(&mut self, reason: &str, journal: bool) {
        let at = self.now;
        match &mut self.stop {
            Some(stop) => stop.journal |= journal,
            None => {
                self.stop = Some(Stop {
                    reason: Raw::from(reason),
                    at,
                    journal,
                });
            }
        }
    }

    /// The journal cannot be kept any more; not even its end, when that had come.
    pub(super) fn journal_failed(&mut self, reason: &str) {
        self.stop_run(reason, true);
        if let Some(ending) = &mut self.ending {
            ending.journal_failed = true;
            ending.stopped.get_or_insert(Raw::from(reason));
        }
    }

    pub(super) fn end_when_over(&mut self) {
        if self.ending.is_some() {
            return;
        }
        let all = self.counts.judged() == self.counts.total;
        let drained = self.stop.as_ref().is_some_and(|stop| {
            self.now >= stop.at.plus(DRAIN) || !self.flights.values().any(Flight::is_sending)
        });
        if !all && !drained {
            return;
        }
        let journal_failed = self.stop.as_ref().is_some_and(|stop| stop.journal);
        // With the last verdicts lost the run is not over: it is told why, and resumed.
        let stopped = if all && !journal_failed {
            None
        } else {
            self.stop.as_ref().map(|stop| stop.reason.clone())
        };
        match &stopped {
            None => self.record(Record::End {
                counts: self.counts,
                discarded: self.settings.discard,
                at: self.wall,
            }),
            Some(reason) => self.record(Record::Note {
                text: Raw::from(format!("stopped: {}", reason.show())),
                at: self.wall,
            }),
        }
        let unsettled = self
            .operations
            .iter()
            .filter(|state| state.verdict.is_none() && state.is_unclear())
            .count();
        self.ending = Some(Ending {
            counts: self.counts,
            stopped: stopped.clone(),
            unsettled: unsettled as u64,
            journal_failed,
            verdicts: self
                .operations
                .iter()
                .filter_map(|state| state.verdict.clone())
                .collect(),
        });
        self.out.push(Output::Event(RunEvent::Finished {
            counts: self.counts,
            stopped,
        }));
    }
}
