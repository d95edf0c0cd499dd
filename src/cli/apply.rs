//! `qroll apply`: exactly the plan in the file, after showing it, a yes, and a look at what moved.

use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

use super::args::Global;
use super::confirm::{Consent, confirm};
use super::follow::{self, Follower};
use super::out::Out;
use super::runs::way_on;
use super::session::Session;
use super::signals::Stop;
use super::{render, reviewed, show};
use crate::commit::{self, ApprovedPlan, Settings};
use crate::config::Environment;
use crate::domain::{Guards, Plan, Register, Subject, Toll};
use crate::planner::{DriftRow, drift, tally, words};
use crate::ports::{Kind, Problem};

/// Options of `qroll apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// The plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Refuse any other plan than the one with this hash (or these eight words).
    #[arg(long, value_name = "HASH")]
    pub expect: Option<String>,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Allow exactly this number of removals without asking.
    #[arg(long, value_name = "N")]
    pub allow_removals: Option<u64>,
    /// A tenant administrator from whom something may be taken; may be repeated.
    #[arg(long, value_name = "SUBJECT")]
    pub allow_admin: Vec<String>,
}

/// How the engine is set.
pub(super) fn settings(guards: &Guards) -> Settings {
    Settings {
        guards: guards.clone(),
        ..Settings::default()
    }
}

pub(super) async fn run(
    args: &ApplyArgs,
    global: &Global,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let plan = show::read(&args.plan)?;
    expected(&plan, args.expect.as_deref())?;
    let mut session = Session::open_tenant(global, environment, out).await?;
    let named = args
        .allow_admin
        .iter()
        .map(|name| Subject::from(name.as_str()));
    session.guards.allow_subjects.extend(named);
    let approved = ApprovedPlan::new(plan, session.clock.wall())?;
    let plan = approved.plan().clone();
    if !out.json {
        for line in render::plan(&plan) {
            out.line(line);
        }
    }
    if plan.operations.is_empty() {
        follow::nothing(out);
        return Ok(ExitCode::SUCCESS);
    }
    begin(&session, &plan, out)?;
    let consent = Consent {
        yes: args.yes,
        removals: args.allow_removals,
    };
    if args.yes {
        reviewed::demand(&session, &plan, args.expect.is_some())?;
    }
    let now = session.clock.wall();
    let week = commit::week(&*session.disk, &session.state, &plan.tenant.id, now)?;
    let agreed = confirm(&plan, consent, &session.guards, &week, None, out)?;
    out.foot(|_| "Looking at what the tenant holds now".to_owned());
    let live = commit::survey(&*session.tenant, &plan).await?;
    if let Some(caution) = commit::clock_caution(&*session.tenant) {
        out.note(format!("warning: {caution}"));
    }
    let moved = drift(&plan, &live);
    if !moved.is_empty() {
        // Another instance may have begun since; what it did is not drift.
        commit::ready(&session.commit_ports(), &session.state, &plan)?;
        return Err(drifted(&plan, &moved, out));
    }
    // Only what the tenant holds now tells who is the same person, and who is in a group.
    let register = Register::of(&live);
    let toll = Toll::of_plan(&plan, &week, Some(&register));
    if session.guards.weigh(&toll) > agreed {
        confirm(&plan, consent, &session.guards, &week, Some(&register), out)?;
    }
    let guards = commit::guarded(&session.guards, &live, Some(&plan))?;
    let stop = Stop::listen()?;
    let follower = Follower::begin(Some(plan), session.clock.clone(), &stop, out)?;
    let report = commit::run(
        session.commit_ports(),
        approved,
        settings(&guards),
        &session.state,
        follower.events(),
        stop.token().clone(),
    )
    .await?;
    Ok(follower.end(&report, &stop, out))
}

/// Another run is said before anything else: what it did must not be taken for drift.
fn begin(session: &Session<()>, plan: &Plan, out: Out) -> Result<(), Problem> {
    // Said before the question, so that a yes, or --yes, is a yes to this too.
    for caution in commit::cautions(&*session.disk, &session.state) {
        out.note(format!("warning: {caution}"));
    }
    let other = commit::ready(&session.commit_ports(), &session.state, plan)?;
    if let Some(run) = other {
        out.note(format!(
            "note: run {} of this tenant was interrupted; `{}` goes on with it",
            run.show(),
            way_on(&run, &session.state)
        ));
    }
    Ok(())
}

fn expected(plan: &Plan, expect: Option<&str>) -> Result<(), Problem> {
    let Some(expect) = expect.map(str::trim) else {
        return Ok(());
    };
    if expect.eq_ignore_ascii_case(&plan.hash.0) || expect.eq_ignore_ascii_case(&words(&plan.hash))
    {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Stale,
        format!(
            "the plan is {} ({}), not the one expected",
            plan.hash.0,
            words(&plan.hash)
        ),
    )
    .hint("Give all 64 digits or all eight words; if they are right, this is another plan: look at it with `qroll show`."))
}

fn drifted(plan: &Plan, moved: &[DriftRow], out: Out) -> Problem {
    for row in moved {
        let what = row.drift.word();
        if out.json {
            out.json(&serde_json::json!({
                "operation": row.operation,
                "kind": row.kind,
                "who": row.who.show(),
                "drift": what,
                "planned_from": row.planned_from.show(),
                "now": row.now.show(),
                "planned_to": row.planned_to.show(),
            }));
        } else {
            out.line(format!(
                "{} {what}: planned from {}, now {}, wished {}",
                row.who.show(),
                row.planned_from.show(),
                row.now.show(),
                row.planned_to.show()
            ));
        }
    }
    let count = moved.len();
    Problem::new(
        Kind::Stale,
        format!(
            "{count} row{} moved since the plan was made; nothing was sent",
            if count == 1 { "" } else { "s" }
        ),
    )
    .hint(tally(plan, moved))
    .hint("Make the plan again.")
}
