//! `qroll resume`: goes on with an interrupted run.

use clap::Args;
use std::process::ExitCode;
use std::sync::Arc;

use super::apply::settings;
use super::args::Global;
use super::follow::Follower;
use super::loading::loading;
use super::out::Out;
use super::session::Session;
use super::signals::Stop;
use crate::commit;
use crate::config::Environment;
use crate::domain::RunId;
use crate::ports::{Kind, Problem};

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
    let session = Session::open_tenant(global, environment, out).await?;
    let Some(run) = wanted(args, &session).await? else {
        if out.json {
            out.note("Nothing was interrupted.");
        } else {
            out.line("Nothing was interrupted.");
        }
        return Ok(ExitCode::SUCCESS);
    };
    for caution in commit::cautions(&*session.disk, &session.state) {
        out.note(format!("warning: {caution}"));
    }
    // Only for naming what the outcomes are about; the engine reads and checks the plan itself.
    let plan = commit::outcomes(&*session.disk, &session.state, &run)
        .ok()
        .map(|(plan, _)| Arc::new(plan));
    let told = loading(session.clock.clone(), out);
    let mut live = session.tenant.load(&told).await?;
    if let Some(caution) = commit::clock_caution(&*session.tenant) {
        out.note(format!("warning: {caution}"));
    }
    let operations = plan.as_ref().map_or(&[][..], |plan| &plan.operations);
    commit::settle_protection(&*session.tenant, &mut live, operations).await?;
    let guards = commit::guarded(&session.guards, &live, plan.as_deref())?;
    let stop = Stop::listen()?;
    let follower = Follower::begin(plan, session.clock.clone(), &stop, out)?;
    let report = commit::resume(
        session.commit_ports(),
        Some(run),
        settings(&guards),
        &session.state,
        follower.events(),
        stop.token().clone(),
    )
    .await?;
    Ok(follower.end(&report, &stop, out))
}

/// The run that is named, which must be there, or the newest interrupted one of the tenant.
async fn wanted(args: &ResumeArgs, session: &Session<()>) -> Result<Option<RunId>, Problem> {
    if let Some(run) = &args.run {
        let run = RunId::from(run.as_str());
        let known = commit::runs(&*session.disk, &session.state)?;
        if known.iter().any(|one| one.run == run) {
            return Ok(Some(run));
        }
        return Err(
            Problem::new(Kind::User, format!("there is no run {}", run.show()))
                .hint("`qroll runs` lists them."),
        );
    }
    let known = commit::runs(&*session.disk, &session.state)?;
    if known.iter().all(|run| run.finished) {
        return Ok(None);
    }
    let (tenant, _) = session.tenant.identify().await?;
    commit::newest_interrupted(&*session.disk, &session.state, &tenant.id)
}
