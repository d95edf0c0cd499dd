//! The log: a file, only when asked for. Nothing logs to the terminal, which belongs to the screen.

use std::error::Error as _;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// Begins to log; the log ends when the guard is dropped.
pub(super) fn start(file: Option<&Path>) -> Result<Option<WorkerGuard>, Problem> {
    let Some(path) = file else { return Ok(None) };
    let opened = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| {
            Problem::new(
                Kind::Host,
                format!("the log {} cannot be written: {error}", path.display()),
            )
            .because(error)
        })?;
    let (writer, guard) = tracing_appender::non_blocking(opened);
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
