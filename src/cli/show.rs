//! `qroll show`: a plan for a human, from the file.

use clap::Args;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::Global;
use super::out::Out;
use super::{render, reviewed};
use crate::config::{Environment, Paths};
use crate::domain::Plan;
use crate::host::{RealClock, RealDisk};
use crate::planner::file;
use crate::ports::{Clock as _, Kind, Problem};

/// A plan for a hundred thousand people has some 100 MiB.
const SIZE_CAP: u64 = 512 << 20;

/// Options of `qroll show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
}

pub(super) fn run(
    args: &ShowArgs,
    global: &Global,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let plan = read(&args.plan)?;
    if out.json {
        out.json(&plan);
        return Ok(ExitCode::SUCCESS);
    }
    for line in render::plan(&plan) {
        out.line(line);
    }
    if let Err(problem) = file::check(&plan, RealClock::new().wall()) {
        out.note(format!("\nNot to be applied: {problem}"));
    }
    // Showing works without a place for state; then the first apply asks for the hash.
    let kept = Paths::find(global.config.clone(), global.state_dir.clone(), environment)
        .and_then(|paths| reviewed::shown(&RealDisk, &paths.state, &plan));
    if let Err(problem) = kept {
        tracing::warn!(%problem, "that the plan was shown is not on record");
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a plan file whose hash fits.
pub(super) fn read(path: &Path) -> Result<Plan, Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::new(
            Kind::User,
            format!("the plan {} cannot be read: {error}", path.display()),
        )
        .because(error)
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "the operator named this file on the command line"
    )]
    let opened = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    opened
        .take(SIZE_CAP)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    file::parse(&bytes)
}
