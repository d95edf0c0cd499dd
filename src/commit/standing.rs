//! What stands before a plan is compared with the tenant: a run under way, or an earlier one that
//! was interrupted. Both change the tenant, so what they did would look like drift.

use jiff::{SignedDuration, Timestamp};
use std::path::Path;
use std::time::Duration;

use super::driver::CommitPorts;
use super::files::Files;
use super::record::{Header, Intent, Record};
use super::run::{lock, refuse_known};
use crate::domain::{Plan, RunId, TenantId};
use crate::ports::{Disk, Problem, Tenant};

/// Journals that are looked at for writes of the last minutes.
const NEWEST: usize = 8;
/// The window over which the tenant counts writes (qlik.dev, rate limiting), and how many it holds.
const WINDOW: Duration = Duration::from_mins(5);
const MOST: usize = 500;

/// Whether this plan's run could begin now; gives the newest interrupted run of the tenant, of
/// another plan, where there is one. Nothing is kept locked: the run locks for itself.
///
/// # Errors
/// `Locked` while another run holds the tenant; `Stale` when this plan was applied or begun before;
/// `Host` when the state directory cannot be used.
pub fn ready(ports: &CommitPorts, state_dir: &Path, plan: &Plan) -> Result<Option<RunId>, Problem> {
    let files = Files::new(state_dir);
    files.make(&*ports.disk)?;
    drop(lock(ports, &files, &plan.tenant.id)?);
    refuse_known(ports, &files, plan)?;
    newest_interrupted(&*ports.disk, state_dir, &plan.tenant.id)
}

/// What speaks against keeping a journal in this directory, in a sentence to be confirmed (F5).
pub fn cautions(disk: &dyn Disk, state_dir: &Path) -> Vec<String> {
    disk.caution(state_dir).into_iter().collect()
}

/// Whether another process works on this tenant from this state directory now. Only for telling.
pub fn is_at_work(disk: &dyn Disk, state_dir: &Path, tenant: &TenantId) -> bool {
    disk.is_held(&Files::new(state_dir).lock(tenant))
}

/// Says that this machine's clock is more than two minutes off the tenant's (D4). Nothing waits by
/// it; times in journals and plans are of this clock.
pub fn clock_caution(tenant: &dyn Tenant) -> Option<String> {
    const TOLERATED: SignedDuration = SignedDuration::from_secs(120);
    let skew = tenant.skew()?;
    let way = if skew.is_negative() {
        "ahead of"
    } else {
        "behind"
    };
    (skew.abs() > TOLERATED).then(|| {
        format!(
            "the clock of this machine is {} s {way} the tenant's",
            skew.abs().as_secs()
        )
    })
}

/// What time it is, by the tenant's clock where it is known (D4).
pub fn tenant_time(ports: &CommitPorts) -> Timestamp {
    let wall = ports.clock.wall();
    let skew = ports.tenant.skew().unwrap_or_default();
    wall.checked_add(skew).unwrap_or(wall)
}

/// The newest run of this tenant that began, did not end, and can go on.
///
/// # Errors
/// The state directory cannot be read.
pub fn newest_interrupted(
    disk: &dyn Disk,
    state_dir: &Path,
    tenant: &TenantId,
) -> Result<Option<RunId>, Problem> {
    let files = Files::new(state_dir);
    let mut stuck = None;
    for run in files.list(disk, None)? {
        let content = files.content(disk, &run)?;
        let ours = content
            .header()
            .is_some_and(|header| header.tenant == *tenant);
        if !ours || content.is_finished() {
            continue;
        }
        if content.tampered.is_none() && !content.is_given_up() {
            return Ok(Some(run));
        }
        stuck.get_or_insert(run);
    }
    // Only one that is damaged or given up is left: naming it says why it does not resume.
    Ok(stuck)
}

/// What earlier processes left for the pacing of this one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Recent {
    /// How long ago each of their writes was sent.
    pub(super) sent: Vec<Duration>,
    /// How long the tenant still wants no write.
    pub(super) paused: Duration,
}

/// Writes of the last five minutes and the pause that a 429 asked for, from the newest journals of
/// the tenant. A journal's times are of the wall clock: what seems to be of the future, because the
/// clock was set back, counts as of now.
///
/// # Errors
/// The state directory cannot be read.
pub(super) fn recent(
    ports: &CommitPorts,
    files: &Files,
    tenant: &TenantId,
) -> Result<Recent, Problem> {
    let wall = ports.clock.wall();
    let ago = |at: Timestamp| Duration::try_from(wall.duration_since(at)).unwrap_or_default();
    let mut recent = Recent::default();
    let mut looked_at = 0;
    for run in files.list(&*ports.disk, None)? {
        if looked_at == NEWEST {
            break;
        }
        let content = files.content(&*ports.disk, &run)?;
        let ours = |header: &Header| header.tenant == *tenant;
        if !content.header().is_some_and(ours) {
            continue;
        }
        looked_at += 1;
        for (_, record) in &content.records {
            match record {
                Record::Intent(Intent { at, .. }) if ago(*at) < WINDOW => {
                    recent.sent.push(ago(*at));
                }
                Record::Pause {
                    millis,
                    asked: true,
                    at,
                    ..
                } => {
                    let left = Duration::from_millis(*millis).saturating_sub(ago(*at));
                    recent.paused = recent.paused.max(left);
                }
                _ => {}
            }
        }
    }
    recent.sent.truncate(MOST);
    Ok(recent)
}
