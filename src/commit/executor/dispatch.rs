//! Who goes next: gates, batches, and how many at a time.

use std::time::Duration;

use super::state::{Flight, Step, What};
use super::{Draft, Executor, Output, Ticket};
use crate::commit::record::IntentItem;
use crate::commit::{call, live};
use crate::domain::{Change, Loser, RunEvent, SkipReason, Verdict};
use crate::ports::{Bug, Question, planted};
use crate::text::Raw;

/// A check older than this is made again before the write: the window in which somebody else's change
/// can be overwritten is about one round trip, not a queue (B15).
const FRESH: Duration = Duration::from_secs(1);

fn skipped(why: SkipReason, detail: impl Into<String>) -> Verdict {
    Verdict::Skipped {
        why,
        detail: Raw::from(detail.into()),
    }
}

impl Executor {
    /// Starts whatever may start. A gate that settles something on its way may free others, so it
    /// looks again until nothing more was settled.
    pub(super) fn pump(&mut self) {
        loop {
            while self.stop.is_none() && self.active() < self.settings.writes * 2 && self.launch() {
            }
            let judged = self.counts.judged();
            let tickets: Vec<Ticket> = self.flights.keys().copied().collect();
            for ticket in tickets {
                if self.stop.is_none() {
                    self.advance(ticket);
                }
            }
            if self.stop.is_some() || self.counts.judged() == judged {
                return;
            }
        }
    }

    fn active(&self) -> usize {
        self.flights
            .values()
            .filter(|flight| flight.is_active(self.now))
            .count()
    }

    /// Takes one operation or one batch out of the waiting room; `false` when none can go.
    fn launch(&mut self) -> bool {
        if let Some(batch) = self.next_batch() {
            if !batch.is_empty() {
                self.take_off(batch);
            }
            return true;
        }
        let Some(this) = self.ready.pop_first() else {
            return false;
        };
        match self.gate(this) {
            Some(verdict) => self.judge(this, verdict, None),
            None => self.take_off(vec![this]),
        }
        true
    }

    fn take_off(&mut self, operations: Vec<usize>) {
        let what = self.first_step(&operations);
        let flight = Flight::new(operations, what, self.now);
        self.add_flight(flight);
    }

    pub(super) fn add_flight(&mut self, flight: Flight) {
        let ticket = self.new_ticket();
        self.flights.insert(ticket, flight);
    }

    pub(super) fn new_ticket(&mut self) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        ticket
    }

    /// What operations that were let through begin with.
    pub(super) fn first_step(&self, operations: &[usize]) -> What {
        let Some(first) = operations.first().copied() else {
            return What::Check;
        };
        let change = self.change(first);
        if live::assignee(change).is_some_and(|who| self.names.resolve(who).is_none()) {
            What::Resolve
        } else if self.is_read_back(first) {
            What::Verify
        } else if call::is_checked(change) {
            What::Check
        } else {
            What::Send
        }
    }

    /// Licenses of the current block that go together; `Some(empty)` when gates settled some and
    /// it is worth looking again.
    fn next_batch(&mut self) -> Option<Vec<usize>> {
        let block = self.open.iter().position(|open| *open > 0)?;
        let mut batch: Vec<usize> = Vec::new();
        let mut clouded = None;
        for this in self.seats[block].clone() {
            if let Some(verdict) = self.gate(this) {
                self.judge(this, verdict, None);
                return Some(Vec::new());
            }
            let is_clouded = self.is_read_back(this);
            let fits = *clouded.get_or_insert(is_clouded) == is_clouded;
            if fits && !self.is_doubted(this) {
                batch.push(this);
            }
            if batch.len() >= self.batch {
                break;
            }
        }
        let full = batch.len() >= self.batch;
        let last = self.waiting[block] == 0;
        let idle = self.active() == 0;
        if batch.is_empty() || !(full || last || idle) {
            return None;
        }
        for this in &batch {
            self.seats[block].remove(this);
        }
        Some(batch)
    }

    /// Whether somebody just asked if the pool of its type ran dry.
    fn is_doubted(&self, this: usize) -> bool {
        takes_seat(self.change(this))
            .is_some_and(|wanted| self.doubts.values().any(|doubted| doubted == wanted))
    }

    /// Everything that can forbid an operation before it is sent.
    fn gate(&self, this: usize) -> Option<Verdict> {
        let operation = self.operation(this);
        if self.is_read_back(this) {
            // It was let through once; now only reading tells what became of it.
            return None;
        }
        if let Some(reason) = &self.settings.verify_only {
            return Some(self.left_out(this, reason));
        }
        for need in &self.order.needs[this] {
            let verdict = self.operations[*need].verdict.as_ref();
            if !verdict.is_some_and(Verdict::holds) && !planted(Bug::NoGate) {
                let word = verdict.map_or("open", Verdict::word);
                let detail = format!("needs {}: {word}", self.operation(*need).id.show());
                return Some(skipped(SkipReason::Dependency, detail));
            }
        }
        if let Some(detail) = self.guard(&operation.change) {
            return Some(skipped(SkipReason::Guard, detail));
        }
        if let Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } = &operation.change
            && let Some(reason) = self.closed.get(&target.space.id)
        {
            return Some(skipped(SkipReason::Dependency, reason.show().to_string()));
        }
        let wanted = takes_seat(&operation.change)?;
        (self.dry.contains(wanted) && self.operations[this].attempts == 0).then(|| {
            skipped(
                SkipReason::NoSeat,
                format!("no {} seat is left", wanted.show()),
            )
        })
    }

    /// Whether only reading tells what became of it. When nothing is sent any more, also what was
    /// answered by "exists", which else would be tried again.
    fn is_read_back(&self, this: usize) -> bool {
        let state = &self.operations[this];
        state.clouded || (self.settings.verify_only.is_some() && state.attempts > 0)
    }

    /// The verdict for what had no effect and is not sent any more. A status is there only when it
    /// was sent and refused.
    fn left_out(&self, this: usize, reason: &Raw) -> Verdict {
        match self.operations[this].status {
            None => skipped(
                SkipReason::Cancelled,
                format!("not sent: {}", reason.show()),
            ),
            Some(status) => Verdict::NotApplied {
                code: None,
                reason: Raw::from(format!(
                    "refused with {status}, without effect; not sent again: {}",
                    reason.show()
                )),
            },
        }
    }

    /// I7 at the send gate: nothing is taken from the protected, nor from ourselves.
    pub(super) fn guard(&self, change: &Change) -> Option<String> {
        if self.settings.guards.read_only {
            return Some("the profile is read-only".to_owned());
        }
        let delete = matches!(change, Change::DeleteUser { .. });
        if delete && !self.settings.guards.allow_delete {
            return Some("deleting users is not allowed by the profile".to_owned());
        }
        let loser = change.loser()?;
        self.protected.covers(&loser).then(|| match loser {
            Loser::Person { .. } => "protected: nothing may be taken away here".to_owned(),
            Loser::Group(_) => {
                "protected: somebody of this group may lose nothing, so the group loses nothing"
                    .to_owned()
            }
        })
    }

    /// Lets a flight take its next step when it is due and there is room.
    fn advance(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(&ticket) else {
            return;
        };
        let Step::Want { what, not_before } = flight.step else {
            return;
        };
        if not_before > self.now {
            return;
        }
        if what == What::Send {
            let writing = self.flights.values().filter(|other| other.is_sending());
            let writing = writing.count();
            if !self.is_paused() && writing < self.settings.writes && self.has_room(writing) {
                self.send(ticket);
            }
        } else {
            let reading = self.flights.values().filter(|other| other.is_reading());
            if reading.count() < self.settings.reads {
                self.ask(ticket, what);
            }
        }
    }

    fn ask(&mut self, ticket: Ticket, what: What) {
        let Some(flight) = self.flights.get(&ticket) else {
            return;
        };
        let changes = self.changes(&flight.operations);
        let question = match (what, changes.first()) {
            (What::Resolve, Some(first)) => live::assignee(first).and_then(live::whereabouts),
            (What::VerifyEmail, Some(Change::CreateUser { after, .. })) => after
                .email
                .clone()
                .map(|email| Question::UsersByEmail(vec![email])),
            _ => live::question(&changes, &self.names),
        };
        let Some(question) = question else {
            self.give_up_unresolved(ticket);
            return;
        };
        if let Some(flight) = self.flights.get_mut(&ticket) {
            flight.step = Step::Doing(what);
        }
        self.out.push(Output::Observe { ticket, question });
    }

    /// A target without an id: the plan is not whole. Nothing was sent.
    fn give_up_unresolved(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.remove(&ticket) else {
            return;
        };
        for this in flight.operations {
            let verdict = self.unsendable(this, "the id of its target is not known");
            self.judge(this, verdict, None);
        }
    }

    /// The verdict for what cannot go on: unknown if an attempt was unclear, else not applied.
    pub(super) fn unsendable(&self, this: usize, reason: &str) -> Verdict {
        if self.operations[this].clouded {
            Verdict::Unknown {
                check: crate::commit::describe::how_to_check(self.change(this)),
            }
        } else {
            Verdict::NotApplied {
                code: None,
                reason: Raw::from(reason),
            }
        }
    }

    fn send(&mut self, ticket: Ticket) {
        let Some(mut flight) = self.flights.remove(&ticket) else {
            return;
        };
        self.drop_gated(&mut flight);
        let Some(first) = flight.operations.first().copied() else {
            return;
        };
        let stale = flight
            .checked_at
            .is_none_or(|checked| self.now.since(checked) > FRESH && !planted(Bug::OldLook));
        if call::is_checked(self.change(first)) && stale {
            let what = if self.operations[first].clouded {
                What::Verify
            } else {
                What::Check
            };
            flight.want(what, self.now);
            self.flights.insert(ticket, flight);
            self.advance(ticket);
            return;
        }
        let Some(call) = call::build(&self.changes(&flight.operations), &self.names) else {
            self.flights.insert(ticket, flight);
            self.give_up_unresolved(ticket);
            return;
        };
        for this in &flight.operations {
            let state = &mut self.operations[*this];
            state.attempts += 1;
            state.in_flight = true;
            state.sent_at.get_or_insert(self.now);
        }
        let draft = self.draft(&flight.operations, first);
        flight.step = Step::Doing(What::Send);
        self.out.push(Output::Event(RunEvent::Sending {
            operations: draft.operations.clone(),
        }));
        self.flights.insert(ticket, flight);
        self.out.push(Output::Write {
            ticket,
            call,
            draft,
        });
        self.note_sent();
    }

    /// A gate may have closed between the check and the slot.
    fn drop_gated(&mut self, flight: &mut Flight) {
        let mut kept = Vec::with_capacity(flight.operations.len());
        for this in std::mem::take(&mut flight.operations) {
            match self.gate(this) {
                Some(verdict) => self.judge(this, verdict, None),
                None => kept.push(this),
            }
        }
        flight.operations = kept;
    }

    fn draft(&self, operations: &[usize], first: usize) -> Draft {
        let items = operations
            .iter()
            .filter_map(|this| {
                let echo = call::echo(self.change(*this))?;
                Some(IntentItem {
                    operation: self.operation(*this).id.clone(),
                    subject: echo.subject.clone(),
                    license: echo.license.clone(),
                })
            })
            .collect();
        Draft {
            operations: self.ids(operations),
            attempt: operations
                .iter()
                .map(|this| self.operations[*this].attempts)
                .max()
                .unwrap_or(1),
            class: call::class(self.change(first)),
            items,
        }
    }
}

/// The type of which an operation takes a seat.
pub(super) fn takes_seat(change: &Change) -> Option<&crate::domain::LicenseType> {
    match change {
        Change::AddLicense { after, .. } | Change::ChangeLicense { after, .. } => {
            Some(&after.license)
        }
        _ => None,
    }
}
