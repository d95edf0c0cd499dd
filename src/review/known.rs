//! What earlier looks at the use found: a second look asks only for what came since.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use super::looked::{Shelf, Told};
use crate::domain::{Completeness, TenantId, Usage, UserId};
use crate::ports::{Disk, LookAt, Problem, Tenant};

/// How the file is called in which the looks are kept.
const USAGE: &str = "usage";
/// Events may come late into the log.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// What is known of the use, and why it may not be all.
pub(super) struct Seen {
    pub(super) usage: Usage,
    pub(super) gap: Option<String>,
}

/// Where something about this tenant is kept.
pub(super) fn file(state: &Path, what: &str, tenant: &TenantId) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = tenant.expose().chars().map(plain).collect();
    state.join(format!("{what}.{name}.json"))
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
pub fn kept(disk: &dyn Disk, state: &Path, tenant: &TenantId, now: Timestamp) -> Option<Usage> {
    read(disk, &file(state, USAGE, tenant), now).map(|kept| kept.usage)
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
    shelf: &Shelf<'_>,
    (since, now): (Timestamp, Timestamp),
    people: &[UserId],
    told: &(dyn Fn(Told) + Send + Sync),
) -> Result<Seen, Problem> {
    let path = file(shelf.state, USAGE, shelf.tenant);
    let earlier = read(shelf.disk, &path, now).filter(|known| {
        known.asked <= since && people.iter().all(|person| known.usage.knows(person))
    });
    let asked = earlier.as_ref().map_or(since, |known| known.asked);
    let earlier = earlier.map(|known| known.usage);
    let begin = match &earlier {
        Some(known) => known.until.saturating_sub(OVERLAP).unwrap_or(since),
        None => since,
    };
    let progress = |progress| told(Told::Use(progress));
    let look = LookAt {
        since: begin,
        people,
    };
    let reading = tenant.usage(&look, &progress).await?;
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
        let bytes = serde_json::to_vec(&kept).unwrap_or_default();
        if let Err(problem) = put(shelf.disk, &path, &bytes) {
            told(Told::NotKept(problem));
        }
    }
    Ok(Seen { usage, gap })
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

/// Writes a file of the state directory, which is made where it is missing.
///
/// # Errors
/// What the disk says.
pub(super) fn put(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    if let Some(parent) = path.parent() {
        disk.make_directory(parent)?;
    }
    disk.replace(path, bytes)
}
