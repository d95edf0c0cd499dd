//! Whether the record of a run can be trusted: the journal's format and chain, the hash of the plan
//! beside it, and that both belong together. Reads only.

use std::path::Path;

use super::files::Files;
use crate::domain::RunId;
use crate::ports::{Disk, Problem};

/// What an inspection found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Which run.
    pub run: RunId,
    /// Records whose number, checksum and place in the chain are right.
    pub records: u64,
    /// SHA-256 of the last good line: the head of the chain.
    pub head: String,
    /// Whether an end record stands.
    pub finished: bool,
    /// Whether a person gave it up, or began to.
    pub given_up: bool,
    /// What a crash left behind the last good record; no harm.
    pub torn: Option<String>,
    /// Why the record cannot be trusted.
    pub broken: Option<String>,
}

/// Inspects one run.
///
/// # Errors
/// There is no such run, or the state directory cannot be read.
pub fn inspect(disk: &dyn Disk, state_dir: &Path, run: &RunId) -> Result<Inspection, Problem> {
    let files = Files::new(state_dir);
    let content = files.content(disk, run)?;
    let broken = content.tampered.clone().or_else(|| {
        let Some(header) = content.header() else {
            return Some("it ended before anything was sent".to_owned());
        };
        let plan = files.begun_plan(disk, run, header);
        plan.err().map(|problem| problem.text().to_owned())
    });
    Ok(Inspection {
        run: run.clone(),
        records: content.records.len() as u64,
        head: content.head.clone(),
        finished: content.is_finished(),
        given_up: content.is_given_up(),
        torn: content.torn.clone(),
        broken,
    })
}
