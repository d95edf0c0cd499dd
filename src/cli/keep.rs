//! What `--out` may write over: an older plan of the same tenant, as a nightly job does; never a file
//! that is somebody else's.

use std::io::Read as _;
use std::path::Path;

use crate::domain::PlanTenant;
use crate::planner::file::{HEAD, gives_way};
use crate::ports::{Kind, Problem};

/// Refuses to write over a file that is not a plan of qroll, or is one for another tenant. Before
/// the tenant is known any plan may give way.
///
/// # Errors
/// `User`: what the file is, and what to do.
pub(super) fn keep_others(path: &Path, tenant: Option<&PlanTenant>) -> Result<(), Problem> {
    let refused = |why: &str| {
        Problem::new(
            Kind::User,
            format!("{} {why}; it is not overwritten", path.display()),
        )
        .hint("Give --out another name, or move that file away.")
    };
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(());
    };
    if !metadata.is_file() {
        return Err(refused("is not a regular file"));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the operator named this file on the command line"
    )]
    let opened = std::fs::File::open(path);
    let mut head = Vec::new();
    match opened.and_then(|file| file.take(HEAD).read_to_end(&mut head)) {
        Ok(_) => gives_way(&head, tenant).map_err(|why| refused(&why)),
        Err(error) => Err(refused("is there already and cannot be read").because(error)),
    }
}
