//! The executor's state and its step: facts are taken in, then whatever may start is started, and
//! when nothing is left it ends.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::pace::Pace;
use super::state::{Flight, OperationState};
use super::{Ending, Input, Output, Settings, Ticket};
use crate::commit::live::Names;
use crate::commit::order::{Order, order};
use crate::commit::recovery::Recovered;
use crate::domain::{
    Change, Counts, LicenseType, Operation, OperationId, Plan, Protected, RunEvent, RunId, SpaceId,
};
use crate::ports::{Instant, Rng};
use crate::text::Raw;

pub(super) struct Stop {
    pub(super) reason: Raw,
    pub(super) at: Instant,
    pub(super) journal: bool,
}

/// Longest wait for answers after a stop (E1).
pub(super) const DRAIN: Duration = Duration::from_secs(30);

/// One run of one plan.
pub struct Executor {
    pub(super) plan: Arc<Plan>,
    pub(super) order: Order,
    pub(super) settings: Settings,
    pub(super) rng: Arc<dyn Rng>,
    pub(super) operations: Vec<OperationState>,
    pub(super) names: Names,
    /// Free to go, by index; licenses apart, by block.
    pub(super) ready: BTreeSet<usize>,
    pub(super) seats: Vec<BTreeSet<usize>>,
    /// License operations without verdict, and those still waiting for another, by block.
    pub(super) open: Vec<usize>,
    pub(super) waiting: Vec<usize>,
    pub(super) flights: BTreeMap<Ticket, Flight>,
    pub(super) next_ticket: Ticket,
    pub(super) batch: usize,
    /// Types whose pool ran dry, and the questions whether it did.
    pub(super) dry: BTreeSet<LicenseType>,
    pub(super) doubts: BTreeMap<Ticket, LicenseType>,
    /// Spaces that are gone or refuse us.
    pub(super) closed: BTreeMap<SpaceId, Raw>,
    pub(super) protected: Protected,
    pub(super) pace: Pace,
    pub(super) counts: Counts,
    pub(super) no_seat: u64,
    pub(super) stop: Option<Stop>,
    pub(super) ending: Option<Ending>,
    pub(super) is_new: bool,
    pub(super) now: Instant,
    pub(super) wall: Timestamp,
    pub(super) out: Vec<Output>,
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
        let mut protected = Protected::new(&settings.guards);
        protected.add(&plan.identity);
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
    pub(super) fn take_up(&mut self, run: RunId) {
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
            for state in &mut self.operations {
                state.unclear_at = state.clouded.then_some(now);
            }
            self.confirm_recovered();
            self.stop_at_guards();
        }
        for input in inputs {
            match input {
                Input::Reply {
                    ticket,
                    intent,
                    reply,
                } => self.replied(ticket, intent, reply),
                Input::Observed { ticket, result } => self.observed(ticket, result),
                Input::Room(room) => self.pace.room = Some((room.free, now.plus(room.wait))),
                Input::JournalFailed(problem) => self.journal_failed(&problem.to_string()),
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

    pub(super) fn operation(&self, this: usize) -> &Operation {
        &self.plan.operations[this]
    }

    pub(super) fn change(&self, this: usize) -> &Change {
        &self.plan.operations[this].change
    }

    pub(super) fn changes(&self, operations: &[usize]) -> Vec<&Change> {
        operations.iter().map(|this| self.change(*this)).collect()
    }

    pub(super) fn ids(&self, operations: &[usize]) -> Vec<OperationId> {
        operations
            .iter()
            .map(|this| self.operation(*this).id.clone())
            .collect()
    }
}
