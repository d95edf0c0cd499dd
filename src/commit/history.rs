//! Past runs, read from their journals: a list, the interrupted ones, the outcome per operation.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

use super::files::Files;
use super::reader::Content;
use super::record::Record;
use super::recovery::Recovered;
use crate::domain::{Counts, OperationId, Outcome, Plan, PlanHash, RunId, RunSummary, Verdict};
use crate::ports::{Disk, Problem};
use crate::text::Raw;

/// All runs, newest first. Damaged ones are listed with their trouble.
///
/// # Errors
/// The state directory cannot be read.
pub fn runs(disk: &dyn Disk, state_dir: &Path) -> Result<Vec<RunSummary>, Problem> {
    let files = Files::new(state_dir);
    files
        .list(disk, None)?
        .into_iter()
        .map(|run| {
            let content = files.content(disk, &run)?;
            Ok(summary(run, &content))
        })
        .collect()
}

/// Runs that began, did not end, and can be resumed; newest first.
///
/// # Errors
/// The state directory cannot be read.
pub fn interrupted(disk: &dyn Disk, state_dir: &Path) -> Result<Vec<RunSummary>, Problem> {
    let files = Files::new(state_dir);
    let mut found = Vec::new();
    for run in files.list(disk, None)? {
        let content = files.content(disk, &run)?;
        if is_resumable(&content) {
            found.push(summary(run, &content));
        }
    }
    Ok(found)
}

fn is_resumable(content: &Content) -> bool {
    content.header().is_some() && !content.is_finished() && content.tampered.is_none()
}

/// The plan of a run and how its operations ended so far, in the order of the plan.
///
/// # Errors
/// There is no such run, or its plan cannot be read.
pub fn outcomes(
    disk: &dyn Disk,
    state_dir: &Path,
    run: &RunId,
) -> Result<(Plan, Vec<Outcome>), Problem> {
    let files = Files::new(state_dir);
    let content = files.content(disk, run)?;
    let plan = files.load_plan(disk, run)?;
    let recovered = Recovered::from_records(&plan, &content.records);
    let outcomes = recovered
        .operations
        .into_iter()
        .filter_map(|operation| operation.outcome)
        .collect();
    Ok((plan, outcomes))
}

/// The last verdict of each operation.
fn verdicts(content: &Content) -> Vec<Verdict> {
    let mut last: BTreeMap<&OperationId, &Verdict> = BTreeMap::new();
    for (_, record) in &content.records {
        if let Record::Verdict(judgement) = record {
            last.insert(&judgement.outcome.operation, &judgement.outcome.verdict);
        }
    }
    last.into_values().cloned().collect()
}

fn summary(run: RunId, content: &Content) -> RunSummary {
    let header = content.header();
    let mut counts = Counts {
        total: header.map_or(0, |header| header.total),
        ..Counts::default()
    };
    for verdict in verdicts(content) {
        counts.count(&verdict);
    }
    let trouble = match (content.trouble(), header) {
        (Some(trouble), _) => Some(trouble.to_owned()),
        (None, None) => Some("it ended before anything was sent".to_owned()),
        (None, Some(_)) => None,
    };
    RunSummary {
        run,
        plan: header.map_or_else(PlanHash::default, |header| header.plan.clone()),
        tenant: header.map_or_else(Raw::default, |header| header.url.clone()),
        started: header.map_or(Timestamp::UNIX_EPOCH, |header| header.at),
        last: content
            .records
            .last()
            .map_or(Timestamp::UNIX_EPOCH, |(_, record)| record.at()),
        counts,
        finished: content.is_finished(),
        resumable: is_resumable(content),
        trouble,
    }
}
