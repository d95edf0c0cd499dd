//! `qroll revert`: the inverse of a run as a plan, to be reviewed and applied like any other.

use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

use super::args::Global;
use super::deliver::{advise, deliver, exit_code};
use super::keep::keep_others;
use super::out::Out;
use super::runs::misnamed;
use super::session::Session;
use crate::commit;
use crate::config::Environment;
use crate::domain::{Guards, PastRun, Plan, RunId};
use crate::planner::{PLAN_TTL, RevertInput, revert_or_look, reverted_people};
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// The word that stands for the newest run that changed something.
pub(super) const LAST: &str = "last";

/// Options of `qroll revert`.
#[derive(Debug, Args)]
pub struct RevertArgs {
    /// The run, as `qroll runs` names it, or `last` for the newest that changed something.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Where to write the plan. An older plan of the same tenant gives way; any other file is left
    /// alone.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Take from this person too, though they made something since; subject, id or e-mail, may be
    /// repeated.
    #[arg(long, value_name = "SUBJECT")]
    pub include: Vec<String>,
    /// Allow exactly this number of removals beyond the profile's limit.
    #[arg(long, value_name = "N")]
    pub allow_removals: Option<u64>,
}

pub(super) async fn run(
    args: &RevertArgs,
    global: &Global,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    args.out
        .as_deref()
        .map_or(Ok(()), |path| keep_others(path, None))?;
    let session = Session::open_tenant(global, environment, out).await?;
    let name = wanted(&args.run, &session).await?;
    let past = commit::past(&*session.disk, &session.state, &name).map_err(misnamed)?;
    told_before(&session, &past, out)?;
    let include: Vec<Raw> = args
        .include
        .iter()
        .map(|name| Raw::from(name.as_str()))
        .collect();
    let guards = Guards {
        allow_removals: args.allow_removals,
        ..session.guards.clone()
    };
    let plan = make(&session, &past, &include, &guards).await?;
    deliver(&*session.disk, args.out.as_deref(), &plan, out)?;
    advise(args.out.as_deref(), &plan, false, out);
    Ok(ExitCode::from(exit_code(&plan)))
}

/// Reads the tenant and what people did since, and makes the inverse.
async fn make(
    session: &Session<()>,
    past: &PastRun,
    include: &[Raw],
    guards: &Guards,
) -> Result<Plan, Problem> {
    let mut live = commit::survey(&*session.tenant, &past.plan).await?;
    let people = reverted_people(past, &live);
    let signs = commit::use_since(&*session.tenant, &people, past.began).await;
    let mut doubts = Vec::new();
    loop {
        let made = revert_or_look(&RevertInput {
            past,
            live: &live,
            signs: &signs,
            include,
            guards,
            doubts: &doubts,
            now: session.clock.wall(),
            ttl: PLAN_TTL,
        });
        match made {
            Ok(plan) => return Ok(plan),
            Err(lists) => {
                doubts.extend(commit::look_again(&*session.tenant, &mut live, &lists).await?);
            }
        }
    }
}

/// The run that is meant.
pub(super) async fn wanted(name: &str, session: &Session<()>) -> Result<RunId, Problem> {
    if name != LAST {
        return Ok(RunId::from(name));
    }
    let (tenant, _) = session.tenant.identify().await?;
    let runs = commit::runs(&*session.disk, &session.state)?;
    let newest = runs
        .into_iter()
        .find(|run| run.counts.applied > 0 && run.tenant == tenant.url);
    newest.map(|run| run.run).ok_or_else(|| {
        Problem::new(Kind::User, "no run of this tenant has changed anything")
            .hint("`qroll runs` lists them.")
    })
}

/// What the operator should know before reading the plan.
fn told_before(session: &Session<()>, past: &PastRun, out: Out) -> Result<(), Problem> {
    if let Some(by) = commit::reverted_by(&*session.disk, &session.state, &past.run)? {
        out.note(format!(
            "note: run {} was taken back before, by run {}",
            past.run.show(),
            by.show()
        ));
    }
    if !past.finished {
        out.note(format!(
            "note: run {0} was interrupted; what it left without a clear answer is not taken back (`qroll runs --verify {0}` tells what is there)",
            past.run.show()
        ));
    }
    Ok(())
}
