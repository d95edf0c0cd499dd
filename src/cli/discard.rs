//! `qroll runs RUN --discard`: ends an interrupted run for good, after reading back what has no answer.

use std::process::ExitCode;
use std::sync::Arc;

use super::apply::settings;
use super::args::Global;
use super::follow::Follower;
use super::out::Out;
use super::runs::misnamed;
use super::session::Session;
use super::signals::Stop;
use crate::commit;
use crate::config::Environment;
use crate::domain::RunId;
use crate::ports::Problem;

pub(super) async fn run(
    run: &str,
    global: &Global,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let session = Session::open_tenant(global, environment, out).await?;
    let run = RunId::from(run);
    let (plan, _) = commit::outcomes(&*session.disk, &session.state, &run).map_err(misnamed)?;
    let stop = Stop::listen()?;
    let follower = Follower::begin(Some(Arc::new(plan)), session.clock.clone(), &stop, out)?;
    let report = commit::discard(
        session.commit_ports(),
        run,
        settings(&session.guards),
        &session.state,
        follower.events(),
        stop.token().clone(),
    )
    .await?;
    let is_over = report.stopped.is_none();
    let (run, unknown) = (report.run.clone(), report.counts.unknown);
    let way = format!("qroll runs {} --discard", run.show());
    let code = follower.end_with(&report, &stop, &way, out);
    if is_over {
        let left = match unknown {
            0 => String::new(),
            some => format!("; {some} stay unknown, see above how to check"),
        };
        out.note(format!("Run {} is discarded{left}.", run.show()));
        out.note(format!(
            "  What it did: qroll revert {} takes it back",
            run.show()
        ));
    }
    Ok(code)
}
