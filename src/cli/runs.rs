//! `qroll runs`: past and interrupted runs; with a name, what became of each operation.

use clap::Args;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use super::out::Out;
use super::{render, verify};
use crate::commit;
use crate::domain::RunId;
use crate::host::RealDisk;
use crate::ports::{Kind, Problem};

/// Options of `qroll runs`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// One run, to see what became of each operation.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Check the record: journal, chain, plan. With a run, also compare what it left with what the
    /// tenant holds now, and settle what was unknown; nothing is written anywhere.
    #[arg(long)]
    pub verify: bool,
    /// End this interrupted run for good: what has no answer is read back, nothing is sent, and it
    /// is not offered again. `qroll revert` can still take back what it did.
    #[arg(long, requires = "run", conflicts_with = "verify")]
    pub discard: bool,
}

impl RunsArgs {
    /// The run to be compared with the tenant; everything else speaks to nobody.
    pub(super) fn compared(&self) -> Option<&str> {
        self.run.as_deref().filter(|_| self.verify)
    }

    /// The run to be ended for good.
    pub(super) fn discarded(&self) -> Option<&str> {
        self.run.as_deref().filter(|_| self.discard)
    }
}

pub(super) fn run(args: &RunsArgs, state: &Path, out: Out) -> Result<ExitCode, Problem> {
    if args.verify {
        return verify::all(state, out);
    }
    match &args.run {
        Some(run) => one(&RunId::from(run.as_str()), state, out)?,
        None => all(state, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn all(state: &Path, out: Out) -> Result<(), Problem> {
    let runs = commit::runs(&RealDisk, state)?;
    if out.json {
        for run in &runs {
            out.json(run);
        }
    } else {
        for line in render::run_lines(&runs) {
            out.line(line);
        }
    }
    if runs.is_empty() && !out.json {
        out.line("No runs yet.");
    }
    Ok(())
}

/// A run that is not there was named wrongly on the command line.
pub(super) fn misnamed(mut problem: Problem) -> Problem {
    if problem.kind == Kind::NotFound {
        problem.kind = Kind::User;
    }
    problem
}

/// The command that goes on with a run: what somebody gave up is only ended.
pub(super) fn way_on(run: &RunId, state: &Path) -> String {
    let given_up = commit::inspect(&RealDisk, state, run).is_ok_and(|known| known.given_up);
    if given_up {
        format!("qroll runs {} --discard", run.show())
    } else {
        format!("qroll resume {}", run.show())
    }
}

fn one(run: &RunId, state: &Path, out: Out) -> Result<(), Problem> {
    let (plan, outcomes) = commit::outcomes(&RealDisk, state, run).map_err(misnamed)?;
    let operations: BTreeMap<_, _> = plan
        .operations
        .iter()
        .map(|operation| (&operation.id, operation))
        .collect();
    for outcome in &outcomes {
        if out.json {
            out.json(outcome);
        } else {
            out.line(render::outcome(
                outcome,
                operations.get(&outcome.operation).copied(),
                &plan.roles,
            ));
        }
    }
    let open = plan.operations.len().saturating_sub(outcomes.len());
    if open > 0 && !out.json {
        out.line(format!(
            "{open} operations have no verdict yet: {}",
            way_on(run, state)
        ));
    }
    Ok(())
}
