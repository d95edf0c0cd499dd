//! What goes into the executor and what comes out: plain data, so that any driver can run it.

use crate::commit::record::{Class, IntentItem, Record};
use crate::domain::{Counts, Guards, OperationId, Outcome, RunEvent, Verdict};
use crate::ports::{Observation, Problem, Question, Reply, Room, WriteCall};
use crate::text::Raw;

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
    /// With `verify_only`: the run ends by it, also where something cannot be read.
    pub discard: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            writes: 4,
            reads: 6,
            batch: 50,
            guards: Guards::default(),
            verify_only: None,
            discard: false,
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
    /// How many writes may go now. Before the other facts of a step, so that a pause that the
    /// tenant asks for and our own are told as one.
    Room(Room),
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
    /// A verdict that came after the journal had failed: it is nowhere else than here.
    Unwritten(Outcome),
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
