//! The executor: a step function without IO. Facts go in (answers, readings, time), wishes come
//! out (records, writes, questions, events). A write and its intent are one output, so that no
//! driver can send without having recorded. `run` follows reliability 2.1 and 3.2 to the letter.

mod dispatch;
mod pace;
mod readback;
mod reply;
mod state;

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::live::Names;
use super::order::{Order, order};
use super::record::{Class, IntentItem, Judgement, Record};
use super::recovery::Recovered;
use crate::domain::{
    Change, Counts, Guards, LicenseType, Operation, OperationId, Outcome, Plan, RunEvent, RunId,
    SpaceId, Verdict,
};
use crate::ports::{Instant, Observation, Problem, Question, Reply, Rng, WriteCall};
use crate::text::Raw;
use pace::Pace;
use state::{Flight, OperationState};

/// Names one thing in flight.
pub type Ticket = u64;

/// How a run behaves. The defaults are the published ones.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Writes in flight; two to four is polite (dossier 9.6).
    pub writes: usize,
    /// Reads in flight.
    pub reads: usize,
    /// Licenses in one call; halved when the server refuses the size.
    pub batch: usize,
    /// What may not be done.
    pub guards: Guards,
    /// Only find out what became of what was sent, send nothing; the reason.
    pub verify_only: Option<Raw>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            writes: 4,
            reads: 6,
            batch: 50,
            guards: Guards::default(),
            verify_only: None,
        }
    }
}

/// Something happened.
#[derive(Debug)]
pub enum Input {
    /// The answer to a write.
    Reply {
        /// Of which flight.
        ticket: Ticket,
        /// Number of its intent record.
        intent: u64,
        /// The answer.
        reply: Reply,
    },
    /// The answer to a question.
    Observed {
        /// Of which flight.
        ticket: Ticket,
        /// The answer, or why there is none.
        result: Result<Observation, Problem>,
    },
    /// The journal cannot be kept any more.
    JournalFailed(Problem),
    /// The operator wants no more.
    Cancel(Raw),
}

/// An intent without what only the tenant's client knows: method, path, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Which operations.
    pub operations: Vec<OperationId>,
    /// The how-manieth attempt.
    pub attempt: u32,
    /// What a repeat does.
    pub class: Class,
    /// Items of a batch.
    pub items: Vec<IntentItem>,
}

/// Something is to be done. Records and intents go to the journal in this order, are synced once,
/// and only then are writes sent, questions asked and events told.
#[derive(Debug)]
pub enum Output {
    /// Append this.
    Record(Record),
    /// Record the intent, make it durable, then send once.
    Write {
        /// Comes back with the answer.
        ticket: Ticket,
        /// What to send.
        call: WriteCall,
        /// Its intent.
        draft: Draft,
    },
    /// Read.
    Observe {
        /// Comes back with the answer.
        ticket: Ticket,
        /// What.
        question: Question,
    },
    /// Tell whoever follows.
    Event(RunEvent),
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Verdicts.
    pub counts: Counts,
    /// Why it stopped before every operation had a verdict.
    pub stopped: Option<Raw>,
    /// Operations sent without a clear answer and without a verdict.
    pub unsettled: u64,
    /// Whether the journal failed.
    pub journal_failed: bool,
    /// The verdicts so far, in the order of the plan.
    pub verdicts: Vec<Verdict>,
}

struct Stop {
    reason: Raw,
    at: Instant,
    journal: bool,
}

/// Longest wait for answers after a stop (E1).
const DRAIN: Duration = Duration::from_secs(30);

/// One run of one plan.
pub struct Executor {
    plan: Arc<Plan>,
    order: Order,
    settings: Settings,
    rng: Arc<dyn Rng>,
    operations: Vec<OperationState>,
    names: Names,
    /// Free to go, by index; licenses apart, by block.
    ready: BTreeSet<usize>,
    seats: Vec<BTreeSet<usize>>,
    /// License operations without verdict, and those still waiting for another, by block.
    open: Vec<usize>,
    waiting: Vec<usize>,
    flights: BTreeMap<Ticket, Flight>,
    next_ticket: Ticket,
    batch: usize,
    /// Types whose pool ran dry, and the questions whether it did.
    dry: BTreeSet<LicenseType>,
    doubts: BTreeMap<Ticket, LicenseType>,
    /// Spaces that are gone or refuse us.
    closed: BTreeMap<SpaceId, Raw>,
    protected: BTreeSet<String>,
    pace: Pace,
    counts: Counts,
    no_seat: u64,
    stop: Option<Stop>,
    ending: Option<Ending>,
    is_new: bool,
    now: Instant,
    wall: Timestamp,
    out: Vec<Output>,
}

impl Executor {
    /// An executor for what is left of a plan.
    pub fn new(
        run: RunId,
        plan: Arc<Plan>,
        recovered: Recovered,
        settings: Settings,
        rng: Arc<dyn Rng>,
    ) -> Self {
        let order = order(&plan);
        let blocks = order.blocks.len();
        let mut protected: BTreeSet<String> =
            settings.guards.protected.iter().map(Raw::key).collect();
        protected.insert(plan.identity.user.key());
        protected.insert(plan.identity.subject.key());
        let mut executor = Self {
            batch: settings.batch.max(1),
            operations: recovered
                .operations
                .iter()
                .map(OperationState::from)
                .collect(),
            names: recovered.names,
            ready: BTreeSet::new(),
            seats: vec![BTreeSet::new(); blocks],
            open: vec![0; blocks],
            waiting: vec![0; blocks],
            flights: BTreeMap::new(),
            next_ticket: 1,
            dry: BTreeSet::new(),
            doubts: BTreeMap::new(),
            closed: BTreeMap::new(),
            protected,
            pace: Pace::default(),
            counts: Counts {
                total: plan.operations.len() as u64,
                ..Counts::default()
            },
            no_seat: 0,
            stop: None,
            ending: None,
            is_new: true,
            now: Instant::default(),
            wall: Timestamp::UNIX_EPOCH,
            out: Vec::new(),
            plan,
            order,
            settings,
            rng,
        };
        executor.take_up(run);
        executor
    }

    /// Counts what is judged, frees what waits for nobody, sorts licenses into their blocks.
    fn take_up(&mut self, run: RunId) {
        for (this, block) in self.order.block_of.clone() {
            if self.operations[this].verdict.is_none() {
                self.open[block] += 1;
                self.waiting[block] += 1;
            }
        }
        let judged: Vec<usize> = (0..self.operations.len())
            .filter(|this| self.operations[*this].verdict.is_some())
            .collect();
        for this in 0..self.operations.len() {
            if self.order.blockers[this] == 0 {
                self.free(this);
            }
        }
        for this in judged {
            if let Some(verdict) = self.operations[this].verdict.clone() {
                self.count(&verdict);
            }
            self.release(this);
        }
        self.out.push(Output::Event(RunEvent::Started {
            run,
            plan: self.plan.hash.clone(),
            total: self.counts.total,
            judged: self.counts.judged(),
        }));
    }

    /// Takes facts in, gives wishes out.
    pub fn step(&mut self, now: Instant, wall: Timestamp, inputs: Vec<Input>) -> Vec<Output> {
        self.now = now;
        self.wall = wall;
        if self.is_new {
            self.is_new = false;
            self.confirm_recovered();
        }
        for input in inputs {
            match input {
                Input::Reply {
                    ticket,
                    intent,
                    reply,
                } => self.replied(ticket, intent, reply),
                Input::Observed { ticket, result } => self.observed(ticket, result),
                Input::JournalFailed(problem) => self.stop_run(&problem.to_string(), true),
                Input::Cancel(reason) => self.stop_run(reason.expose(), false),
            }
        }
        self.pump();
        self.end_when_over();
        std::mem::take(&mut self.out)
    }

    /// When to step again though nothing happened.
    pub fn wake_at(&self) -> Option<Instant> {
        if let Some(stop) = &self.stop {
            return Some(stop.at.plus(DRAIN));
        }
        self.flights
            .values()
            .filter_map(|flight| flight.due(self.pace.paused_until))
            .filter(|due| *due > self.now)
            .min()
    }

    /// How it ended, once it did.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    fn operation(&self, this: usize) -> &Operation {
        &self.plan.operations[this]
    }

    fn change(&self, this: usize) -> &Change {
        &self.plan.operations[this].change
    }

    fn changes(&self, operations: &[usize]) -> Vec<&Change> {
        operations.iter().map(|this| self.change(*this)).collect()
    }

    fn ids(&self, operations: &[usize]) -> Vec<OperationId> {
        operations
            .iter()
            .map(|this| self.operation(*this).id.clone())
            .collect()
    }

    /// What an earlier part of the run confirmed without coming to a verdict.
    fn confirm_recovered(&mut self) {
        for this in 0..self.operations.len() {
            if let Some(confirmed) = self.operations[this].confirmed.take() {
                self.judge(this, Verdict::Applied, confirmed.id);
            }
        }
    }

    fn count(&mut self, verdict: &Verdict) {
        self.counts.count(verdict);
        if let Verdict::NotApplied {
            code: Some(code), ..
        } = verdict
            && code.expose() == reply::NO_SEAT
        {
            self.no_seat += 1;
        }
    }

    /// Settles an operation: journal, event, and whoever waits for it.
    fn judge(&mut self, this: usize, verdict: Verdict, id: Option<String>) {
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
        self.out.push(Output::Event(RunEvent::Judged(outcome)));
        self.ready.remove(&this);
        if let Some(block) = self.order.block_of.get(&this).copied() {
            self.open[block] = self.open[block].saturating_sub(1);
            if !self.seats[block].remove(&this) && self.order.blockers[this] > 0 {
                self.waiting[block] = self.waiting[block].saturating_sub(1);
            }
        }
        self.release(this);
        self.watch_refusals();
    }

    /// One thing less to wait for, for those behind.
    fn release(&mut self, this: usize) {
        for later in std::mem::take(&mut self.order.releases[this]) {
            let blockers = &mut self.order.blockers[later];
            *blockers = blockers.saturating_sub(1);
            if *blockers == 0 {
                self.free(later);
            }
        }
    }

    fn free(&mut self, this: usize) {
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

    fn record(&mut self, record: Record) {
        if !self.stop.as_ref().is_some_and(|stop| stop.journal) {
            self.out.push(Output::Record(record));
        }
    }

    /// Nothing new from here on; what is in flight may still answer.
    fn stop_run(&mut self, reason: &str, journal: bool) {
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

    fn end_when_over(&mut self) {
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
        let stopped = if all {
            None
        } else {
            self.stop.as_ref().map(|stop| stop.reason.clone())
        };
        match &stopped {
            None => self.record(Record::End {
                counts: self.counts,
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
            journal_failed: self.stop.as_ref().is_some_and(|stop| stop.journal),
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
