//! What an answer to a write means. Success is per item, never per call; whatever is not clear is
//! read back (reliability 2.1, faults A and B).

use std::collections::BTreeMap;

use std::time::Duration;

use super::dispatch::takes_seat;
use super::readback::SETTLE;
use super::state::{Flight, What};
use super::{Executor, Output, Ticket};
use crate::commit::call;
use crate::commit::record::{Answer, OutcomeItem, Record, ReplyClass};
use crate::domain::{Change, OperationKind, RunEvent, Verdict};
use crate::ports::{Bug, ItemReply, Question, Reply, planted};
use crate::text::Raw;

/// No allotment left (qlik.dev licenses reference).
pub(super) const NO_SEAT: &str = "LICENSES-011";

/// A definite no.
struct Refusal {
    status: u16,
    code: Option<Raw>,
    reason: Raw,
}

/// What one item of a 207 says.
enum ItemSays {
    Yes,
    No(Refusal),
    Conflict,
    Unclear,
}

impl Executor {
    pub(super) fn replied(&mut self, ticket: Ticket, intent: u64, reply: Reply) {
        let Some(mut flight) = self.flights.remove(&ticket) else {
            return;
        };
        for this in flight.operations.clone() {
            let state = &mut self.operations[this];
            state.in_flight = false;
            (state.status, state.trace) = wire_facts(&reply);
        }
        let items = match &reply {
            Reply::Items { items, .. } => Some(self.sort_items(&flight.operations, items)),
            _ => None,
        };
        self.record_answer(intent, &reply, items.as_ref());
        match reply {
            Reply::Yes { id, .. } => {
                self.heard();
                for this in flight.operations {
                    self.judge(this, Verdict::Applied, id.clone());
                }
            }
            Reply::Items { .. } => self.items_replied(flight, items.unwrap_or_default()),
            Reply::No {
                status,
                code,
                reason,
                ..
            } => {
                self.heard();
                let refusal = Refusal {
                    status,
                    code,
                    reason,
                };
                self.refused(flight, &refusal);
            }
            Reply::Throttled { wait } => {
                self.unsend(&flight);
                let until = self.throttled(wait);
                flight.want(What::Send, until);
                self.flights.insert(ticket, flight);
            }
            Reply::NotSent { cause } => self.not_sent(ticket, flight, &cause),
            Reply::Renewed { .. } => {
                self.unsend(&flight);
                flight.want(What::Send, self.now);
                self.flights.insert(ticket, flight);
            }
            Reply::Barred { cause } => {
                self.unsend(&flight);
                self.stop_run(&cause.show().to_string(), false);
            }
            Reply::Foreign { cause, .. } => self.answered_by_a_stranger(flight, &cause),
            Reply::Ambiguous {
                status: Some(409), ..
            } => {
                self.heard();
                self.conflicted(flight.operations);
            }
            Reply::Ambiguous {
                status: Some(status @ 500..),
                cause,
                ..
            } if planted(Bug::ErrorsAreNo) => {
                let refusal = Refusal {
                    status,
                    code: None,
                    reason: cause,
                };
                self.refused(flight, &refusal);
            }
            Reply::Ambiguous { .. } => {
                self.heard_unclearly();
                self.unclear(flight.operations);
            }
        }
    }

    /// Nothing left this machine: again after a while.
    fn not_sent(&mut self, ticket: Ticket, mut flight: Flight, cause: &Raw) {
        self.unsend(&flight);
        let mut until = self.now.plus(self.backoff(flight.unsent));
        match self.pace.paused_until.filter(|_| self.is_paused()) {
            // Held back by a pause that began meanwhile: nobody is out of reach.
            Some(pause) => until = pause,
            None => self.unsent(&cause.show().to_string()),
        }
        flight.unsent += 1;
        flight.want(What::Send, until);
        self.flights.insert(ticket, flight);
    }

    /// Somebody else stands between: whether the tenant got it, only reading can tell.
    fn answered_by_a_stranger(&mut self, flight: Flight, cause: &Raw) {
        for this in flight.operations {
            self.operations[this].clouded = true;
        }
        let reason = format!("{}; what was sent is read back on resume", cause.show());
        self.stop_run(&reason, false);
    }

    /// The attempt had no effect and does not count.
    fn unsend(&mut self, flight: &Flight) {
        for this in &flight.operations {
            let attempts = &mut self.operations[*this].attempts;
            *attempts = attempts.saturating_sub(1);
        }
    }

    fn record_answer(
        &mut self,
        intent: u64,
        reply: &Reply,
        items: Option<&BTreeMap<usize, ItemSays>>,
    ) {
        let (status, trace) = wire_facts(reply);
        let (class, id, cause) = match reply {
            Reply::Yes { id, .. } => (ReplyClass::Yes, id.clone(), None),
            Reply::Items { .. } => (ReplyClass::Items, None, None),
            Reply::No { code, reason, .. } => {
                (ReplyClass::No, None, code.clone().or(Some(reason.clone())))
            }
            Reply::Throttled { .. } => (ReplyClass::Throttled, None, None),
            Reply::NotSent { cause } | Reply::Barred { cause } => {
                (ReplyClass::NotSent, None, Some(cause.clone()))
            }
            Reply::Renewed { .. } => {
                let cause = Raw::from("the token was refused; there is a new one");
                (ReplyClass::No, None, Some(cause))
            }
            Reply::Ambiguous { cause, .. } | Reply::Foreign { cause, .. } => {
                (ReplyClass::Ambiguous, None, Some(cause.clone()))
            }
        };
        let items = items
            .into_iter()
            .flatten()
            .map(|(this, says)| {
                let (class, code) = match says {
                    ItemSays::Yes => (ReplyClass::Yes, None),
                    ItemSays::No(refusal) => (ReplyClass::No, refusal.code.clone()),
                    ItemSays::Conflict | ItemSays::Unclear => (ReplyClass::Ambiguous, None),
                };
                OutcomeItem {
                    operation: self.operation(*this).id.clone(),
                    class,
                    status: self.operations[*this].status,
                    code,
                }
            })
            .collect();
        self.record(Record::Outcome(Answer {
            intent,
            class,
            status,
            trace,
            id,
            cause,
            items,
            at: self.wall,
        }));
    }

    /// Gives each operation what its echo says: matched by subject and type, never by position.
    fn sort_items(
        &mut self,
        operations: &[usize],
        items: &[ItemReply],
    ) -> BTreeMap<usize, ItemSays> {
        let mut unasked = false;
        let mut says: BTreeMap<usize, Vec<&ItemReply>> = BTreeMap::new();
        for (position, item) in items.iter().enumerate() {
            let fits = operations
                .iter()
                .copied()
                .enumerate()
                .find(|(place, this)| {
                    if planted(Bug::MatchByPosition) {
                        return *place == position;
                    }
                    call::echo(self.change(*this)).is_some_and(|sent| {
                        sent.subject.key() == item.subject.key()
                            && item
                                .license
                                .as_ref()
                                .is_none_or(|license| *license == sent.license)
                    })
                });
            match fits {
                Some((_, this)) => says.entry(this).or_default().push(item),
                None => unasked = true,
            }
        }
        if unasked {
            self.stop_run(
                "the tenant answered for an item that was not asked for; the answer is not ours",
                false,
            );
            return BTreeMap::new();
        }
        let mut sorted = BTreeMap::new();
        for this in operations {
            let item = match says.get(this).map(Vec::as_slice) {
                Some([item]) => {
                    self.operations[*this].status = Some(item.status);
                    self.item_says(*this, item)
                }
                // Missing, or said twice: the worst is assumed and read back.
                _ => ItemSays::Unclear,
            };
            sorted.insert(*this, item);
        }
        sorted
    }

    fn item_says(&self, this: usize, item: &ItemReply) -> ItemSays {
        let kind = self.change(this).kind();
        match item.status {
            200 | 201 | 204 => ItemSays::Yes,
            409 => ItemSays::Conflict,
            404 if kind == OperationKind::RemoveLicense => ItemSays::Conflict,
            400..=407 | 410..=428 | 430..=499 => ItemSays::No(Refusal {
                status: item.status,
                code: item.code.clone(),
                reason: item
                    .title
                    .clone()
                    .unwrap_or_else(|| Raw::from("refused without a reason")),
            }),
            _ => ItemSays::Unclear,
        }
    }

    fn items_replied(&mut self, flight: Flight, mut items: BTreeMap<usize, ItemSays>) {
        let (mut unclear, mut conflicts) = (Vec::new(), Vec::new());
        let mut clear = false;
        for this in flight.operations {
            match items.remove(&this) {
                Some(ItemSays::Yes) => {
                    clear = true;
                    self.judge(this, Verdict::Applied, None);
                }
                Some(ItemSays::No(refusal)) => {
                    clear = true;
                    self.doubt_pool(this, &refusal);
                    self.refuse(this, &refusal);
                }
                Some(ItemSays::Conflict) => conflicts.push(this),
                Some(ItemSays::Unclear) | None => unclear.push(this),
            }
        }
        if clear || !conflicts.is_empty() {
            self.heard();
        } else {
            self.heard_unclearly();
        }
        self.conflicted(conflicts);
        self.unclear(unclear);
    }

    /// The pool of a type may be dry: ask before the rest of its operations are sent.
    fn doubt_pool(&mut self, this: usize, refusal: &Refusal) {
        let no_seat = refusal
            .code
            .as_ref()
            .is_some_and(|code| code.expose() == NO_SEAT);
        let Some(license) = takes_seat(self.change(this)).cloned() else {
            return;
        };
        let known =
            self.dry.contains(&license) || self.doubts.values().any(|doubt| *doubt == license);
        if no_seat && !known && self.stop.is_none() {
            let ticket = self.new_ticket();
            self.doubts.insert(ticket, license);
            self.out.push(Output::Observe {
                ticket,
                question: Question::Allotments,
            });
        }
    }

    /// Nobody knows; let the request land, then read.
    pub(super) fn unclear(&mut self, operations: Vec<usize>) {
        if operations.is_empty() {
            return;
        }
        for this in &operations {
            self.operations[*this].clouded = true;
            self.operations[*this].unclear_at = Some(self.now);
        }
        self.out.push(Output::Event(RunEvent::Checking {
            operations: self.ids(&operations),
        }));
        if planted(Bug::NoReadBack) {
            for this in operations {
                self.judge(this, Verdict::Applied, None);
            }
            return;
        }
        if planted(Bug::ResendBlindly) {
            let mut flight = Flight::new(operations, What::Send, self.now);
            flight.checked_at = Some(self.now);
            self.add_flight(flight);
            return;
        }
        let due = self.now.plus(SETTLE[0]);
        let mut flight = Flight::new(operations, What::Verify, due);
        flight.round = 1;
        self.add_flight(flight);
    }

    /// It exists (or is gone) already: no effect of ours, but whose is it? A question, answered by
    /// reading at once (fact 8).
    fn conflicted(&mut self, operations: Vec<usize>) {
        if operations.is_empty() {
            return;
        }
        self.out.push(Output::Event(RunEvent::Checking {
            operations: self.ids(&operations),
        }));
        if planted(Bug::ConflictIsYes) {
            for this in operations {
                self.judge(this, Verdict::Applied, None);
            }
            return;
        }
        let mut flight = Flight::new(operations, What::Verify, self.now);
        flight.conflict = true;
        self.add_flight(flight);
    }

    /// A definite no to the whole call.
    fn refused(&mut self, flight: Flight, refusal: &Refusal) {
        let several = flight.operations.len() > 1;
        match refusal.status {
            401 | 403 => {
                self.unsend(&flight);
                self.stop_run(&stop_reason(refusal), false);
            }
            400 | 413 if several => self.halve(&flight),
            409 => self.conflicted(flight.operations),
            404 if self.is_taking_away(&flight) => self.conflicted(flight.operations),
            _ => {
                for this in flight.operations {
                    self.close_space(this, refusal);
                    self.doubt_pool(this, refusal);
                    self.refuse(this, refusal);
                }
            }
        }
    }

    fn is_taking_away(&self, flight: &Flight) -> bool {
        flight.operations.first().is_some_and(|first| {
            matches!(
                self.change(*first),
                Change::DeleteUser { .. }
                    | Change::RemoveSpaceAssignment { .. }
                    | Change::RemoveLicense { .. }
            )
        })
    }

    /// Too many at once: nothing was applied; half as many from here on (B5).
    fn halve(&mut self, flight: &Flight) {
        self.unsend(flight);
        let half = flight.operations.len().div_ceil(2);
        self.batch = self.batch.min(half).max(1);
        for part in flight.operations.chunks(half) {
            let mut part = Flight::new(part.to_vec(), What::Send, self.now);
            part.checked_at = flight.checked_at;
            part.round = flight.round;
            self.add_flight(part);
        }
    }

    /// A space that is gone or refuses a role refuses it for everybody (B13).
    fn close_space(&mut self, this: usize, refusal: &Refusal) {
        if let Change::AddSpaceAssignment { target, .. } = self.change(this)
            && matches!(refusal.status, 400 | 404)
        {
            let space = target.space.id.clone();
            let reason = Raw::from(format!(
                "space {} refused before: {}",
                target.space.name.show(),
                refusal.reason.show()
            ));
            self.closed.insert(space, reason);
        }
    }

    /// A no is final unless an earlier attempt was unclear; then reading decides.
    fn refuse(&mut self, this: usize, refusal: &Refusal) {
        if self.operations[this].clouded {
            self.operations[this].refusal = Some((refusal.code.clone(), refusal.reason.clone()));
            // What refused us may be our own late effect, which no list needs to show yet (B10).
            let wait = if planted(Bug::HastyNo) {
                Duration::ZERO
            } else {
                SETTLE[SETTLE.len() - 1]
            };
            let due = self.now.plus(wait);
            let mut flight = Flight::new(vec![this], What::Verify, due);
            flight.round = SETTLE.len();
            self.add_flight(flight);
        } else {
            let verdict = Verdict::NotApplied {
                code: refusal.code.clone(),
                reason: refusal.reason.clone(),
            };
            self.judge(this, verdict, None);
        }
    }
}

fn stop_reason(refusal: &Refusal) -> String {
    let what = match refusal.status {
        401 => "the credential is not accepted any more",
        _ => {
            "the credential may not write this; after a resume with another credential of the same user it goes on"
        }
    };
    format!("{what} ({}: {})", refusal.status, refusal.reason.show())
}

fn wire_facts(reply: &Reply) -> (Option<u16>, Option<Raw>) {
    match reply {
        Reply::Yes { status, trace, .. } | Reply::No { status, trace, .. } => {
            (Some(*status), trace.clone())
        }
        Reply::Items { trace, .. } => (Some(207), trace.clone()),
        Reply::Throttled { .. } => (Some(429), None),
        Reply::NotSent { .. } | Reply::Barred { .. } => (None, None),
        Reply::Renewed { trace } => (Some(401), trace.clone()),
        // A stranger's 409 is not the tenant's word that something exists.
        Reply::Foreign { status, trace, .. } => {
            (Some(*status).filter(|status| *status != 409), trace.clone())
        }
        Reply::Ambiguous { status, trace, .. } => (*status, trace.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_409_is_on_record_only_as_the_word_of_the_tenant() {
        let trace = || Some(Raw::from("t-1"));
        let foreign = |status| Reply::Foreign {
            status,
            cause: Raw::from("a portal's page"),
            trace: trace(),
        };
        assert_eq!(wire_facts(&foreign(409)), (None, trace()));
        assert_eq!(wire_facts(&foreign(200)), (Some(200), trace()));
        let unclear = Reply::Ambiguous {
            status: Some(409),
            cause: Raw::from("exists"),
            trace: trace(),
        };
        assert_eq!(wire_facts(&unclear), (Some(409), trace()));
    }
}
