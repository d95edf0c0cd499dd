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
use crate::domain::{Plan, RunId, TenantId};
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
    let live = session.tenant.load(&|_| {}).await?;
    let (run, plan) = match args.run.as_deref().map(RunId::from) {
        Some(run) => {
            let plan = plan_of(&session, &run);
            (Some(run), plan)
        }
        None => newest(&session, &live.tenant.id)?,
    };
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

/// The plan of a run, for naming what the outcomes are about and for knowing who is protected; the
/// engine reads and checks it itself.
fn plan_of(session: &Session, run: &RunId) -> Option<Arc<Plan>> {
    let (plan, _) = commit::outcomes(&*session.disk, &session.state, run).ok()?;
    Some(Arc::new(plan))
}

/// The newest run of this tenant that can go on. Without one the engine says what there is.
fn newest(
    session: &Session,
    tenant: &TenantId,
) -> Result<(Option<RunId>, Option<Arc<Plan>>), Problem> {
    let runs = commit::interrupted(&*session.disk, &session.state)?;
    let ours = runs.into_iter().find_map(|summary| {
        let plan = plan_of(session, &summary.run)?;
        (plan.tenant.id == *tenant).then_some((Some(summary.run), Some(plan)))
    });
    Ok(ours.unwrap_or_default())
}
