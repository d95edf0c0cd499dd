//! What nobody knows is read back: an answer that did not come or says nothing, and a conflict, which
//! is a question (reliability 2.1, fact 8).

use super::readback::SETTLE;
use super::state::{Flight, What};
use super::{Executor, Output};
use crate::domain::{RunEvent, Verdict};
use crate::ports::{Bug, planted};

impl Executor {
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
    pub(super) fn conflicted(&mut self, operations: Vec<usize>) {
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
}
