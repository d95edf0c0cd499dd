//! What runs of the last seven days took away, from their journals: many small bites are counted
//! together (reliability 4.8).

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::files::Files;
use super::reader::Content;
use super::record::Record;
use crate::domain::{OperationId, TenantId, Verdict, Week};
use crate::ports::{Disk, Problem};

/// How far back is counted.
const DAYS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A run that began longer ago than this took nothing within the week: its plan had expired.
const BEGUN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What runs of this tenant took since seven days ago. Removals whose outcome is unknown count: they
/// may have happened. A journal without its plan tells nothing and is passed over.
///
/// # Errors
/// The state directory cannot be read.
pub fn week(
    disk: &dyn Disk,
    state_dir: &Path,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<Week, Problem> {
    let files = Files::new(state_dir);
    let since = now.checked_sub(DAYS).unwrap_or(Timestamp::MIN);
    let oldest = now.checked_sub(BEGUN).unwrap_or(Timestamp::MIN);
    let oldest = oldest.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut week = Week::default();
    // Newest first; a name begins with the time at which the run began.
    for run in files.list(disk, None)? {
        if run.expose() < oldest.as_str() {
            break;
        }
        let content = files.content(disk, &run)?;
        let ours = content.header().is_some_and(|one| one.tenant == *tenant);
        let done = if ours {
            done(&content, since)
        } else {
            BTreeSet::new()
        };
        if done.is_empty() {
            continue;
        }
        let Ok(plan) = files.load_plan(disk, &run) else {
            tracing::warn!(run = %run.show(), "the plan of a run is missing; what it took is not counted");
            continue;
        };
        let mut took = false;
        for operation in plan.operations.iter().filter(|one| done.contains(&one.id)) {
            took |= operation.change.is_removal();
            week.losers.take(&operation.change);
        }
        if took {
            week.of = week.of.max(plan.summary.scope).max(plan.summary.people);
        }
    }
    Ok(week)
}

/// Operations that were done since then, or may have been: also those that a crash left open.
fn done(content: &Content, since: Timestamp) -> BTreeSet<&OperationId> {
    let mut last: BTreeMap<&OperationId, bool> = BTreeMap::new();
    for (_, record) in &content.records {
        if let Record::Verdict(judgement) = record {
            let verdict = &judgement.outcome.verdict;
            let done = matches!(verdict, Verdict::Applied | Verdict::Unknown { .. });
            last.insert(&judgement.outcome.operation, done && judgement.at >= since);
        }
    }
    let open = content.open().into_iter();
    let open = open.filter(|(_, at)| *at >= since).map(|(id, _)| id);
    let done = last.into_iter().filter(|(_, done)| *done);
    done.map(|(id, _)| id).chain(open).collect()
}
