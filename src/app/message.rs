//! Everything that can happen, as data. A recording of messages is a test and a fault report.
//!
//! Time comes with the message: `at` is monotonic (since the clock's own start), `wall` is for
//! showing ages only.

use crossterm::event::Event;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

use super::licenses::Reviewed;
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, Members, Outcome, People, PersonId, Plan,
    Reading, RunEvent, RunId, RunSummary, Snapshot, SourceKind, SpaceAssignment, SpaceId,
    TenantSnapshot, Way, Week,
};
use crate::planner::DriftRow;
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// Answers to questions of an older epoch are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The terminal reported a key, a paste or a new size.
    Terminal {
        /// What.
        event: Event,
        /// When it was read.
        at: Duration,
    },
    /// A frame is out: whoever sits there can have seen it.
    Painted {
        /// Its number, as [`super::App::frame`] told when it was drawn.
        frame: u64,
        /// When.
        at: Duration,
    },
    /// The terminal is gone.
    InputClosed,
    /// A task panicked; the terminal has been given back and must not be drawn on.
    Broken,
    /// The process was asked to end.
    Signal(Signal),
    /// Time passed; sent only when [`super::App::wake`] asked for it.
    Tick {
        /// Monotonic.
        at: Duration,
        /// Wall clock.
        wall: Timestamp,
    },
    /// An effect answers.
    Answer {
        /// Epoch of the question.
        epoch: Epoch,
        /// The answer.
        answer: Answer,
    },
    /// The run under way tells.
    Run {
        /// What.
        event: RunEvent,
        /// When it was received.
        at: Duration,
    },
    /// The plan does not fit what is there now; nothing was sent. The run's end follows.
    Moved(Vec<DriftRow>),
    /// The run under way is over, with its exit code, or could not begin.
    RunEnded(Result<u8, Trouble>),
}

/// Signals that the loop hears of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The session is gone.
    Hangup,
    /// Ctrl-C from outside.
    Interrupt,
    /// Asked to end.
    Terminate,
    /// Asked to end without any waiting.
    Quit,
    /// Asked to stop for a while.
    Suspend,
    /// Goes on after a stop.
    Continue,
}

/// Which people to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeopleWish {
    /// Everybody.
    All,
    /// Whose name, login or address fits a text.
    Find(String),
    /// Whose address or login is in a list.
    Addresses(Vec<Raw>),
    /// Who fits a query saved in the profile: its name and its filter.
    Query(String, String),
    /// These, whose records come from the last session.
    Again(Vec<PersonId>),
}

/// What the audit log is called while it is read.
pub const AUDIT_LOG: &str = "audit log";

/// What effects answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The tenant was read.
    Tenant(Result<Arc<TenantSnapshot>, Trouble>),
    /// So many items of a part of the tenant are there.
    Progress {
        /// Which part, in our words.
        part: &'static str,
        /// Items read.
        read: u64,
        /// Of how many, where the server tells.
        total: Option<u64>,
    },
    /// Groups of the directory.
    Groups(Result<Reading<Vec<DirectoryGroup>>, Trouble>),
    /// Members of a group, with their records.
    Members(
        DirectoryGroupId,
        Result<Reading<(Members, People)>, Trouble>,
    ),
    /// People by wish.
    People(PeopleWish, Result<Reading<People>, Trouble>),
    /// Groups that hold a person.
    GroupsOf(PersonId, Result<Reading<Vec<Way>>, Trouble>),
    /// Who may what in a space.
    Assignments(SpaceId, Result<Reading<Vec<SpaceAssignment>>, Trouble>),
    /// Everybody who holds a seat was judged.
    Reviewed(Result<Arc<Reviewed>, Trouble>),
    /// The same after a look at the use.
    Used(Result<Arc<Reviewed>, Trouble>),
    /// The last snapshot from disk; `None` when there is none that can be used.
    Cached(Option<Box<Snapshot>>),
    /// A plan was built and sealed, of this generation of the staging.
    Planned(u64, Result<Arc<Plan>, Trouble>),
    /// The inverse of a run was built and sealed.
    Reverted(Result<Arc<Plan>, Trouble>),
    /// Runs on record.
    Runs(Result<Vec<RunSummary>, Trouble>),
    /// One run as its journal tells it.
    RunRead(RunId, Result<RunRecord, Trouble>),
    /// A file was written; its path.
    Written(Result<Raw, Trouble>),
    /// A list of addresses was read from a file.
    List(Result<Raw, Trouble>),
    /// What speaks against this machine.
    Cautions(Cautions),
    /// Text was handed to the terminal's clipboard: so many bytes.
    Sent(usize),
}

/// What speaks against this machine before a run, safe to show, and what a plan is weighed with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cautions {
    /// Where the journal lies, when that is no place for one (reliability F5).
    pub place: Vec<String>,
    /// A clock that is far off the tenant's (D4).
    pub clock: Option<String>,
    /// What runs of the last seven days took in the tenant of the plan that is asked about.
    pub week: Week,
}

/// A run as its journal tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// The plan, when it is at hand.
    pub plan: Option<Arc<Plan>>,
    /// Outcomes in the order of the journal.
    pub outcomes: Vec<Outcome>,
}

/// A [`Problem`] as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Whose fault.
    pub kind: Kind,
    /// What and where; safe to show.
    pub text: String,
    /// What to do; safe to show.
    pub hints: Vec<String>,
}

impl From<&Problem> for Trouble {
    fn from(problem: &Problem) -> Self {
        Self {
            kind: problem.kind,
            text: problem.to_string(),
            hints: problem.hints().to_vec(),
        }
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::from(&problem)
    }
}

impl Trouble {
    /// The sentence with the first hint.
    pub fn line(&self) -> String {
        match self.hints.first() {
            Some(hint) => format!("{} ({hint})", self.text),
            None => self.text.clone(),
        }
    }

    /// As the proof of a reading that is not there.
    pub fn as_proof(&self) -> Completeness {
        Completeness::Incomplete(self.text.clone())
    }
}

/// What the directory is, before anything was read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Kind.
    pub kind: SourceKind,
    /// Host or file name.
    pub label: String,
}
