//! What earlier looks at the use found: a second look asks only for what came since.

use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};

use crate::cli::out::Out;
use crate::domain::{Completeness, TenantId, Usage, UserId};
use crate::ports::{Disk, LookAt, Problem, Tenant, UsageTold};

/// Events may come late into the log.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// What is known of the use, and why it may not be all.
pub(in crate::cli) struct Looked {
    pub(in crate::cli) usage: Usage,
    pub(in crate::cli) gap: Option<String>,
}

/// Where the looks at this tenant are kept.
fn file(state: &Path, tenant: &TenantId) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = tenant.expose().chars().map(plain).collect();
    state.join(format!("usage.{name}.json"))
}

/// What earlier looks left, where it can be read.
pub(super) fn kept(disk: &dyn Disk, state: &Path, tenant: &TenantId) -> Option<Usage> {
    let bytes = disk.read(&file(state, tenant)).ok().flatten()?;
    serde_json::from_slice(&bytes).ok()
}

/// Looks at the use since then, as far as it is not known yet, and keeps what was found.
///
/// # Errors
/// What the tenant says. A state directory that cannot be written is only told.
pub(super) async fn look(
    tenant: &dyn Tenant,
    (disk, state, id): (&dyn Disk, &Path, &TenantId),
    since: Timestamp,
    people: &[UserId],
    out: Out,
) -> Result<Looked, Problem> {
    let earlier = kept(disk, state, id)
        .filter(|known| known.from <= since && people.iter().all(|person| known.knows(person)));
    let begin = match &earlier {
        Some(known) => known.until.saturating_sub(OVERLAP).unwrap_or(since),
        None => since,
    };
    let told = |told| progress(told, out);
    let look = LookAt {
        since: begin,
        people,
    };
    let reading = tenant.usage(&look, &told).await?;
    let gap = match &reading.proof {
        Completeness::Incomplete(cause) => Some(cause.clone()),
        _ => None,
    };
    let usage = joined(earlier, reading.value);
    if gap.is_none() {
        keep(disk, &file(state, id), &usage, out);
    }
    Ok(Looked { usage, gap })
}

/// Both looks as one; where days between them were not looked at, only the later one.
fn joined(earlier: Option<Usage>, later: Usage) -> Usage {
    let Some(mut known) = earlier else {
        return later;
    };
    if known.extend(later.clone()) {
        known
    } else {
        later
    }
}

fn keep(disk: &dyn Disk, path: &Path, usage: &Usage, out: Out) {
    let bytes = serde_json::to_vec(usage).unwrap_or_default();
    let kept = path
        .parent()
        .map_or(Ok(()), |parent| disk.make_directory(parent))
        .and_then(|()| disk.replace(path, &bytes));
    if let Err(problem) = kept {
        out.note(format!(
            "What was found is not kept for the next time: {problem}"
        ));
    }
}

fn progress(told: UsageTold, out: Out) {
    match told {
        UsageTold::Estimated(cost) => {
            let (way, other) = if cost.is_by_person() {
                ("person by person", cost.by_event)
            } else {
                ("event by event", cost.by_person)
            };
            let requests = cost.requests();
            out.note(format!(
                "Reading when people were last seen, {way}: about {requests} requests ({other} the other way)."
            ));
        }
        UsageTold::Read(read) => out.foot(|_| format!("Reading the audit log: {read} answers")),
    }
}
