//! A definite no: to one item or to the whole call, and what follows from it for the others.

use std::time::Duration;

use super::dispatch::takes_seat;
use super::readback::SETTLE;
use super::state::{Flight, What};
use super::{Executor, Output};
use crate::domain::{Change, Verdict};
use crate::ports::{Bug, Question, planted};
use crate::text::Raw;

/// No allotment left (qlik.dev licenses reference).
pub(super) const NO_SEAT: &str = "LICENSES-011";

/// A definite no.
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Option<Raw>,
    pub(super) reason: Raw,
}

impl Executor {
    /// A definite no to the whole call.
    pub(super) fn refused(&mut self, flight: Flight, refusal: &Refusal) {
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
    pub(super) fn refuse(&mut self, this: usize, refusal: &Refusal) {
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

    /// The pool of a type may be dry: ask before the rest of its operations are sent.
    pub(super) fn doubt_pool(&mut self, this: usize, refusal: &Refusal) {
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
