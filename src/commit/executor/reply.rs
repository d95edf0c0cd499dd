//! What an answer to a write means. Success is per item, never per call; whatever is not clear is
//! read back (reliability 2.1, faults A and B).

use std::collections::BTreeMap;

use super::items::ItemSays;
use super::refusal::Refusal;
use super::state::{Flight, What};
use super::{Executor, Ticket};
use crate::commit::record::{Answer, OutcomeItem, Record, ReplyClass};
use crate::domain::Verdict;
use crate::ports::{Bug, Reply, planted};
use crate::text::Raw;

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
    pub(super) fn unsend(&mut self, flight: &Flight) {
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
