//! The log: a file, only when asked for. Nothing logs to the terminal, which belongs to the screen.

use std::error::Error as _;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

use crate::host::Scrubbed;
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// Begins to log; the log ends when the guard is dropped.
pub(super) fn start(file: Option<&Path>) -> Result<Option<WorkerGuard>, Problem> {
    let Some(path) = file else { return Ok(None) };
    let (writer, guard) = tracing_appender::non_blocking(Scrubbed(open(path)?));
    let begun = tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new("qroll=debug"))
        .with_writer(writer)
        .try_init();
    begun.map_err(|error| {
        Problem::new(Kind::Internal, "the log could not be started").because(error)
    })?;
    Ok(Some(guard))
}

/// Our own private regular file, new or continued. Names of people stand in it (reliability 4.6).
fn open(path: &Path) -> Result<File, Problem> {
    let refused = |said: &str| {
        Problem::new(Kind::Host, format!("the log {} {said}", path.display())).hint(
            "It must be a regular file of our own with mode 0600, or one that does not exist.",
        )
    };
    let no_follow =
        i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits() | rustix::fs::OFlags::NONBLOCK.bits());
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .custom_flags(no_follow.unwrap_or(0))
        .open(path)
        .map_err(|error| {
            if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::LOOP) {
                return refused("is a symbolic link");
            }
            refused(&format!("cannot be written: {error}")).because(error)
        })?;
    let meta = file
        .metadata()
        .map_err(|error| refused("cannot be looked at").because(error))?;
    if !meta.is_file() {
        return Err(refused("is not a regular file"));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused("belongs to another user"));
    }
    if meta.mode() & 0o077 != 0 {
        return Err(refused("may be read by others"));
    }
    Ok(file)
}

/// A problem that ends a command: the sentence, the chain of its causes, the hints.
pub(super) fn problem(problem: &Problem) {
    let mut causes = Vec::new();
    let mut cause = problem.source();
    while let Some(error) = cause {
        causes.push(Raw::from(error.to_string()).show().to_string());
        cause = error.source();
    }
    tracing::error!(
        kind = ?problem.kind,
        request_id = problem.request_id().map(|id| id.to_string()),
        causes = causes.join("; "),
        hints = problem.hints().join("; "),
        "{}",
        problem.text()
    );
}
