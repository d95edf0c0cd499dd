//! `qroll resume`: goes on with an interrupted run.

use clap::Args;
use std::process::ExitCode;
use std::sync::Arc;

use super::apply::settings;
use super::args::Global;
use super::follow::Follower;
use super::out::Out;
use super::session::Session;
use super::signals::Stop;
use crate::commit;
use crate::config::Environment;
use crate::domain::RunId;
use crate::ports::Problem;

/// Options of `qroll resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The run; the newest interrupted one of the tenant when absent.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
}

pub(super) async fn run(
    args: &ResumeArgs,
    global: &Global,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let session = Session::open(global, None, environment, out).await?;
    let run = args.run.as_deref().map(RunId::from);
    // Only for naming what the outcomes are about; the engine reads and checks the plan itself.
    let plan = run
        .as_ref()
        .and_then(|run| commit::outcomes(&*session.disk, &session.state, run).ok())
        .map(|(plan, _)| Arc::new(plan));
    let live = session.tenant.load(&|_| {}).await?;
    let operations = plan.as_ref().map_or(&[][..], |plan| &plan.operations);
    let guards = session.guards.resolved(&live, operations);
    let stop = Stop::listen()?;
    let follower = Follower::begin(plan, out)?;
    let report = commit::resume(
        session.commit_ports(),
        run,
        settings(&guards),
        &session.state,
        follower.events(),
        stop.token().clone(),
    )
    .await?;
    Ok(follower.end(&report, &stop, out))
}
