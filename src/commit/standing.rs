//! What stands before a plan is compared with the tenant: a run under way, or an earlier one that
//! was interrupted. Both change the tenant, so what they did would look like drift.

use std::path::Path;

use super::driver::CommitPorts;
use super::files::Files;
use super::run::{lock, refuse_known};
use crate::domain::{Plan, RunId, TenantId};
use crate::ports::{Disk, Problem};

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
    let mut damaged = None;
    for run in files.list(disk, None)? {
        let content = files.content(disk, &run)?;
        let ours = content
            .header()
            .is_some_and(|header| header.tenant == *tenant);
        if !ours || content.is_finished() {
            continue;
        }
        if content.tampered.is_none() {
            return Ok(Some(run));
        }
        damaged.get_or_insert(run);
    }
    // Only a damaged one is left: naming it says why it does not resume.
    Ok(damaged)
}
