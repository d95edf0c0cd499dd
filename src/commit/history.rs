//! Past runs, read from their journals: a list, the interrupted ones, the outcome per operation.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

use super::files::Files;
use super::reader::Content;
use super::record::Record;
use super::recovery::Recovered;
use crate::domain::{
    Counts, Done, OperationId, Outcome, PastRun, Plan, PlanHash, RunId, RunSummary, TenantId,
    Verdict,
};
use crate::ports::{Disk, Kind, Problem};
use crate::text::Raw;

/// All runs, newest first. Damaged ones are listed with their trouble.
///
/// # Errors
/// The state directory cannot be read.
pub fn runs(disk: &dyn Disk, state_dir: &Path) -> Result<Vec<RunSummary>, Problem> {
    let files = Files::new(state_dir);
    let mut runs = Vec::new();
    // Of each tenant the place of the run that could be under way.
    let mut newest: BTreeMap<TenantId, usize> = BTreeMap::new();
    for run in files.list(disk, None)? {
        let content = files.content(disk, &run)?;
        let this = summary(run, &content);
        if let Some(header) = content.header().filter(|_| is_open(&content)) {
            let place = newest.entry(header.tenant.clone()).or_insert(runs.len());
            let known: Option<&RunSummary> = runs.get(*place);
            if known.is_some_and(|known| known.last < this.last) {
                *place = runs.len();
            }
        }
        runs.push(this);
    }
    // The lock is of the tenant, not of a run: who holds it wrote the newest record.
    for (tenant, place) in newest {
        if let Some(run) = runs.get_mut(place) {
            run.under_way = disk.is_held(&files.lock(&tenant));
        }
    }
    // Names tell the second only.
    runs.sort_by(|one, other| (other.started, &other.run).cmp(&(one.started, &one.run)));
    point(&mut runs);
    Ok(runs)
}

/// A run that was taken back points to the newest run that did so; its own journal stays as it is.
fn point(runs: &mut [RunSummary]) {
    let mut reversals: BTreeMap<RunId, RunId> = BTreeMap::new();
    // Newest first: the first one that is met stands.
    for run in runs.iter().filter(|run| run.counts.applied > 0) {
        if let Some(original) = &run.reverts {
            reversals
                .entry(original.clone())
                .or_insert_with(|| run.run.clone());
        }
    }
    for run in runs {
        run.reverted_by = reversals.remove(&run.run);
        run.resumable &= run.reverted_by.is_none();
    }
}

/// The newest run that took something of this one back, when there is one.
///
/// # Errors
/// The state directory cannot be read.
pub fn reverted_by(
    disk: &dyn Disk,
    state_dir: &Path,
    run: &RunId,
) -> Result<Option<RunId>, Problem> {
    let known = runs(disk, state_dir)?;
    let this = known.into_iter().find(|one| one.run == *run);
    Ok(this.and_then(|one| one.reverted_by))
}

/// Everything that looking back at a run needs: its plan, and what is known of each operation.
///
/// # Errors
/// `NotFound` without such a run; `Journal` when its journal or its plan cannot be trusted, or when
/// they do not belong together.
pub fn past(disk: &dyn Disk, state_dir: &Path, run: &RunId) -> Result<PastRun, Problem> {
    let files = Files::new(state_dir);
    let content = files.content(disk, run)?;
    let untrusted = |why: &str| {
        Problem::new(
            Kind::Journal,
            format!("the journal of run {} cannot be trusted: {why}", run.show()),
        )
    };
    if let Some(reason) = &content.tampered {
        return Err(untrusted(reason));
    }
    let header = content
        .header()
        .ok_or_else(|| untrusted("it ended before anything was sent"))?;
    let plan = files.begun_plan(disk, run, header)?;
    let done = done(&plan, &content);
    Ok(PastRun {
        run: run.clone(),
        plan,
        began: header.at,
        finished: content.is_finished(),
        done,
    })
}

/// What the records say of each operation. A definite yes without a verdict is one: only the end of
/// the program kept it from being written.
fn done(plan: &Plan, content: &Content) -> BTreeMap<OperationId, Done> {
    let recovered = Recovered::from_records(plan, &content.records);
    let mut ids: BTreeMap<&OperationId, &String> = BTreeMap::new();
    for (_, record) in &content.records {
        if let Record::Verdict(judgement) = record
            && let Some(id) = &judgement.id
        {
            ids.insert(&judgement.outcome.operation, id);
        }
    }
    let operations = plan.operations.iter().zip(recovered.operations);
    operations
        .map(|(operation, known)| {
            let confirmed = known.confirmed.is_some();
            let verdict = known
                .verdict
                .or_else(|| confirmed.then_some(Verdict::Applied));
            let id = known.confirmed.and_then(|confirmed| confirmed.id);
            let done = Done {
                verdict,
                sent: known.attempts > 0,
                id: ids.get(&operation.id).map(|id| (*id).clone()).or(id),
            };
            (operation.id.clone(), done)
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
        if is_open(&content) && !content.is_given_up() {
            found.push(summary(run, &content));
        }
    }
    Ok(found)
}

/// Whether it began, did not end, and its journal can be trusted.
fn is_open(content: &Content) -> bool {
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
        tenant_id: header.map(|header| header.tenant.clone()),
        started: header.map_or(Timestamp::UNIX_EPOCH, |header| header.at),
        last: content
            .records
            .last()
            .map_or(Timestamp::UNIX_EPOCH, |(_, record)| record.at()),
        counts,
        open: content.open().len() as u64,
        finished: content.is_finished(),
        discarded: content.is_discarded(),
        given_up: is_open(content) && content.is_given_up(),
        under_way: false,
        resumable: is_open(content) && !content.is_given_up(),
        trouble,
        reverts: header.and_then(|header| header.reverts.clone()),
        reverted_by: None,
    }
}
