//! What the process does to itself first: no core, no tracing by the same user, private files.
//! A credential lives in this memory (reliability 4.1, 4.6).

use jiff::Timestamp;
use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask,
};

use crate::ports::{Kind, Problem};

/// Turns core dumps and same-user tracing off and makes new files private. Call first in `main`.
///
/// # Errors
/// The kernel refused; the process is as hard as it could be made.
pub fn harden() -> Result<(), Problem> {
    umask(Mode::from_raw_mode(0o077));
    let core = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
    let dumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    core.and(dumpable).map_err(|error| {
        Problem::new(
            Kind::Host,
            format!("the process could not be hardened against dumps: {error}"),
        )
    })
}

/// Who we are, for the text of a lock: process, user, host, start.
pub fn owner(since: Timestamp) -> String {
    let host = rustix::system::uname();
    format!(
        "process {} of user {} on {} since {since}",
        std::process::id(),
        rustix::process::geteuid().as_raw(),
        host.nodename().to_string_lossy(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardened_process_leaves_no_core() {
        harden().unwrap();
        let limit = rustix::process::getrlimit(Resource::Core);
        assert_eq!(limit.current, Some(0));
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            DumpableBehavior::NotDumpable
        );
        assert_eq!(umask(Mode::from_raw_mode(0o077)).as_raw_mode(), 0o077);
    }
}
