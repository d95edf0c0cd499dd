//! The first run on a tenant is read-only until one plan was reviewed (reliability 4.8): shown with
//! `qroll show`, confirmed at the terminal that showed it, or named by its hash.

use std::path::{Path, PathBuf};

use super::session::Session;
use crate::commit;
use crate::domain::{Plan, PlanHash};
use crate::ports::{Disk, Kind, Problem};

/// Where it is kept which plans were shown.
fn mark(state: &Path, hash: &PlanHash) -> PathBuf {
    let name: String = hash.0.chars().filter(char::is_ascii_alphanumeric).collect();
    state.join("reviewed").join(name)
}

/// A person was shown this plan.
///
/// # Errors
/// The state directory cannot be written.
pub(super) fn shown(disk: &dyn Disk, state: &Path, plan: &Plan) -> Result<(), Problem> {
    let path = mark(state, &plan.hash);
    if let Some(directory) = path.parent() {
        disk.make_directory(state)?;
        disk.make_directory(directory)?;
    }
    disk.replace(&path, plan.tenant.id.show().to_string().as_bytes())
}

/// Whether a plan may be applied without a question, as far as nobody has worked on its tenant from
/// here before.
///
/// # Errors
/// `Guard` when this would be the first run on the tenant and nobody reviewed the plan.
pub(super) fn demand<D>(session: &Session<D>, plan: &Plan, expected: bool) -> Result<(), Problem> {
    let (disk, state) = (&*session.disk, &session.state);
    let known = expected
        || disk.read(&mark(state, &plan.hash))?.is_some()
        || commit::was_applied_to(disk, state, &plan.tenant.id)?;
    if known {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Guard,
        format!(
            "nothing was ever applied to {} from here, and nobody looked at this plan; nothing was sent",
            plan.tenant.url.show()
        ),
    )
    .hint("The first run on a tenant wants one reviewed plan:")
    .hint("  qroll show PLAN, and then this command again;")
    .hint(format!("  or name what was reviewed: --expect {}", plan.hash.0)))
}
