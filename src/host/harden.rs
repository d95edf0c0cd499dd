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

/// The process that wrote this as [`owner`], when it is one of this machine and was stopped. Linux
/// tells in `/proc`; elsewhere nobody knows.
pub(super) fn stopped(owner: &str) -> Option<u32> {
    let (process, rest) = owner.strip_prefix("process ")?.split_once(' ')?;
    let process: u32 = process.parse().ok()?;
    let host = rustix::system::uname();
    let here = format!(" on {} since ", host.nodename().to_string_lossy());
    if !rest.contains(&here) {
        return None;
    }
    #[expect(clippy::disallowed_methods, reason = "not a file of ours")]
    let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
    is_stopped(&String::from_utf8_lossy(&stat)).then_some(process)
}

/// The state stands behind the name, which is in brackets and may hold anything.
fn is_stopped(stat: &str) -> bool {
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
    matches!(state, Some(Some('T' | 't')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_process_is_told_from_one_that_waits() {
        assert!(is_stopped("7 (qroll) T 1 7 7 34816"));
        assert!(is_stopped("7 (a) S) T 1 7"), "the name may hold brackets");
        assert!(!is_stopped("7 (T) S 1 7 7 34816"));
        assert!(!is_stopped(""));
        assert_eq!(stopped(&owner(Timestamp::UNIX_EPOCH)), None, "we run");
        assert_eq!(stopped("process 1 of user 0 on elsewhere since now"), None);
        assert_eq!(stopped("somebody"), None);
    }

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
