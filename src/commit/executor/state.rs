//! What the executor remembers of an operation and of a group of operations on its way.

use crate::commit::recovery::{Confirmed, RecoveredOperation};
use crate::domain::Verdict;
use crate::ports::Instant;
use crate::text::Raw;

/// One operation.
#[derive(Clone, Debug, Default)]
pub(super) struct OperationState {
    pub(super) verdict: Option<Verdict>,
    /// Confirmed by a recorded answer before a crash; the id of what was made.
    pub(super) confirmed: Option<Confirmed>,
    /// Attempts that may have had an effect.
    pub(super) attempts: u32,
    /// Whether an attempt had no clear answer.
    pub(super) clouded: bool,
    /// When the last such attempt was given up; after a crash, when the run went on.
    pub(super) unclear_at: Option<Instant>,
    /// Whether an answer is awaited now.
    pub(super) in_flight: bool,
    /// A definite no after an unclear attempt: stands if reading finds nothing.
    pub(super) refusal: Option<(Option<Raw>, Raw)>,
    pub(super) sent_at: Option<Instant>,
    pub(super) status: Option<u16>,
    pub(super) trace: Option<Raw>,
}

impl OperationState {
    /// Whether only reading can tell what became of it.
    pub(super) fn is_unclear(&self) -> bool {
        self.clouded || self.in_flight
    }
}

impl From<&RecoveredOperation> for OperationState {
    fn from(recovered: &RecoveredOperation) -> Self {
        Self {
            verdict: recovered.verdict.clone(),
            confirmed: recovered.confirmed.clone(),
            attempts: recovered.attempts,
            clouded: recovered.clouded,
            status: recovered.status,
            trace: recovered.trace.clone(),
            ..Self::default()
        }
    }
}

/// What a flight does next, or is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Find the id of somebody made earlier.
    Resolve,
    /// Read the target before a write.
    Check,
    /// Write.
    Send,
    /// Read back.
    Verify,
    /// After a 409 without our subject: who has the e-mail?
    VerifyEmail,
}

/// Whether it waits or runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Want { what: What, not_before: Instant },
    Doing(What),
}

/// Operations on their way together: one, or several licenses.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) operations: Vec<usize>,
    pub(super) step: Step,
    /// How many of the settling waits are used up.
    pub(super) round: usize,
    /// Readings that failed in a row.
    pub(super) unread: u32,
    /// Sendings that never left in a row.
    pub(super) unsent: u32,
    /// A 409: it exists, so what is found is final.
    pub(super) conflict: bool,
    /// When the target was last seen as the plan's `before`.
    pub(super) checked_at: Option<Instant>,
}

impl Flight {
    pub(super) fn new(operations: Vec<usize>, what: What, not_before: Instant) -> Self {
        Self {
            operations,
            step: Step::Want { what, not_before },
            round: 0,
            unread: 0,
            unsent: 0,
            conflict: false,
            checked_at: None,
        }
    }

    pub(super) fn want(&mut self, what: What, not_before: Instant) {
        self.step = Step::Want { what, not_before };
    }

    pub(super) fn is_sending(&self) -> bool {
        self.step == Step::Doing(What::Send)
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(self.step, Step::Doing(what) if what != What::Send)
    }

    /// Whether it uses the line now, or is about to.
    pub(super) fn is_active(&self, now: Instant) -> bool {
        match self.step {
            Step::Doing(_) => true,
            Step::Want { not_before, .. } => not_before <= now,
        }
    }

    /// When it can go on by itself.
    pub(super) fn due(&self, paused_until: Option<Instant>) -> Option<Instant> {
        match self.step {
            Step::Doing(_) => None,
            Step::Want {
                what: What::Send,
                not_before,
            } => Some(paused_until.map_or(not_before, |until| not_before.max(until))),
            Step::Want { not_before, .. } => Some(not_before),
        }
    }
}
