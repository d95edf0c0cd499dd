//! What earlier looks at the use found: a second look asks only for what came since.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
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

/// What is kept between two looks.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The earliest moment that was ever asked for. What is known begins later where the tenant had
    /// forgotten what was before: asking again brings nothing back.
    asked: Timestamp,
    usage: Usage,
}

/// What earlier looks left, where it can be read and can be so: not from the future, as after a clock
/// that ran ahead.
pub(super) fn kept(
    disk: &dyn Disk,
    state: &Path,
    tenant: &TenantId,
    now: Timestamp,
) -> Option<Usage> {
    read(disk, &file(state, tenant), now).map(|kept| kept.usage)
}

fn read(disk: &dyn Disk, path: &Path, now: Timestamp) -> Option<Kept> {
    let bytes = disk.read(path).ok().flatten()?;
    let kept: Kept = serde_json::from_slice(&bytes).ok()?;
    let usage = &kept.usage;
    (usage.from <= usage.until && usage.until <= now).then_some(kept)
}

/// Looks at the use since then, as far as it is not known yet, and keeps what was found.
///
/// # Errors
/// What the tenant says. A state directory that cannot be written is only told.
pub(super) async fn look(
    tenant: &dyn Tenant,
    (disk, state, id): (&dyn Disk, &Path, &TenantId),
    (since, now): (Timestamp, Timestamp),
    people: &[UserId],
    out: Out,
) -> Result<Looked, Problem> {
    let path = file(state, id);
    let earlier = read(disk, &path, now).filter(|known| {
        known.asked <= since && people.iter().all(|person| known.usage.knows(person))
    });
    let asked = earlier.as_ref().map_or(since, |known| known.asked);
    let earlier = earlier.map(|known| known.usage);
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
        let kept = Kept {
            asked,
            usage: usage.clone(),
        };
        keep(disk, &path, &kept, out);
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

fn keep(disk: &dyn Disk, path: &Path, kept: &Kept, out: Out) {
    let bytes = serde_json::to_vec(kept).unwrap_or_default();
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
