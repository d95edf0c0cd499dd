//! Applies an approved plan through the ports.
//!
//! The journal comes first: an intent is durable before its write leaves, an answer before it is
//! believed, a verdict before it is told. Unclear answers are read back, never guessed. The
//! executor is a step function without IO; the driver runs it; what is left after any ending is in
//! the journal alone, and a resume goes on from there.

mod aloft;
mod approved;
mod call;
mod canary;
mod describe;
mod driver;
mod executor;
mod files;
mod history;
mod inspect;
mod journal;
mod live;
mod log;
mod order;
mod reader;
mod recall;
mod record;
mod recovery;
mod run;
mod second_look;
mod standing;
mod states;
mod survey;
mod week;

pub use approved::ApprovedPlan;
pub use canary::missing_canaries;
pub use driver::CommitPorts;
pub use executor::{Draft, Ending, Executor, Input, Output, Settings, Ticket};
pub use history::{interrupted, outcomes, past, reverted_by, runs};
pub use inspect::{Inspection, inspect};
pub use journal::Journal;
pub use reader::{Content, read};
pub use recall::{Recall, was_applied_to};
pub use record::{
    Answer, Class, Header, Intent, IntentItem, Judgement, OutcomeItem, Record, ReplyClass,
};
pub use recovery::{Recovered, RecoveredOperation};
pub use run::{RunReport, discard, resume, run};
pub use second_look::{look_again, settle_protection};
pub use standing::{cautions, clock_caution, is_at_work, newest_interrupted, ready, tenant_time};
pub use survey::{guarded, survey, use_since};
pub use week::week;
