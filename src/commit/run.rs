//! Starting and resuming runs: who may, on what, and under which lock. Everything is checked
//! before the first byte is sent; see `driver` for the sending.

use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use super::approved::ApprovedPlan;
use super::driver::{CommitPorts, Driven, drive};
use super::executor::{Executor, Settings};
use super::files::Files;
use super::history::reverted_by;
use super::journal::Journal;
use super::reader::Content;
use super::record::{Header, Record};
use super::recovery::Recovered;
use super::standing::{newest_interrupted, recent, tenant_time};
use crate::domain::{Counts, Outcome, Plan, RunEvent, RunId, SkipReason, TenantId, Tier, Verdict};
use crate::ports::{Bug, Kind, LockOutcome, Problem, planted};
use crate::text::Raw;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReport {
    /// Which run.
    pub run: RunId,
    /// Verdicts.
    pub counts: Counts,
    /// Why it stopped where it can be resumed; `None` when every operation has a verdict.
    pub stopped: Option<Raw>,
    /// Operations sent without a clear answer that only a resume can settle.
    pub unsettled: u64,
    /// Exit code of product contract.
    pub exit_code: u8,
    /// Verdicts that the failing journal could not take; show them at once, they are nowhere else.
    pub unwritten: Vec<Outcome>,
}

/// Applies an approved plan. The caller has compared the whole plan with the live state before;
/// here each target is compared again immediately before its write. `events` must not block.
///
/// # Errors
/// Nothing was sent: read-only profile, other tenant or identity, expired plan, locked, already
/// applied, interrupted before (resume it), state directory or journal unusable.
pub async fn run(
    ports: CommitPorts,
    approved: ApprovedPlan,
    settings: Settings,
    state_dir: &Path,
    events: impl Fn(RunEvent) + Send + Sync,
    cancel: CancellationToken,
) -> Result<RunReport, Problem> {
    refuse_read_only(&settings)?;
    let plan = Arc::clone(approved.plan());
    let (tenant, identity) = ports.tenant.identify().await?;
    if approved.is_expired(tenant_time(&ports)) {
        return Err(
            Problem::new(Kind::Stale, format!("the plan expired at {}", plan.expires))
                .hint("make a new one with `qroll plan`"),
        );
    }
    approved.check_place(&tenant, &identity)?;
    let files = Files::new(state_dir);
    files.make(&*ports.disk)?;
    let _lock = lock(&ports, &files, &plan.tenant.id)?;
    refuse_known(&ports, &files, &plan)?;
    remember(&ports, &files, &tenant.id)?;
    let now = ports.clock.wall();
    let run = files.name(&*ports.disk, &plan.hash, now, &*ports.rng)?;
    files.store_plan(&*ports.disk, &run, &plan)?;
    let path = files.journal(&run);
    let mut journal = Journal::create(&*ports.disk, &path, plan.operations.len() as u64)?;
    journal.append(&Record::Header(header(&ports, &plan, &run, now)))?;
    journal.sync()?;
    let recovered = Recovered::fresh(&plan);
    let rng = Arc::clone(&ports.rng);
    let executor = Executor::new(run.clone(), Arc::clone(&plan), recovered, settings, rng);
    let driven = drive(&ports, executor, journal, &events, &cancel).await;
    Ok(report(run, driven))
}

/// Goes on with an interrupted run, the newest one of this tenant when none is named: reads back
/// whatever was left without a clear answer, then does the rest. An expired plan is only read back.
///
/// # Errors
/// Nothing was sent: no such run, finished, given up, damaged journal, locked, other tenant or
/// identity.
pub async fn resume(
    ports: CommitPorts,
    run: Option<RunId>,
    mut settings: Settings,
    state_dir: &Path,
    events: impl Fn(RunEvent) + Send + Sync,
    cancel: CancellationToken,
) -> Result<RunReport, Problem> {
    if !settings.discard {
        refuse_read_only(&settings)?;
    }
    let files = Files::new(state_dir);
    let (tenant, mut identity) = ports.tenant.identify().await?;
    let _lock = lock(&ports, &files, &tenant.id)?;
    let run = match run {
        Some(run) => run,
        None => newest_interrupted(&*ports.disk, state_dir, &tenant.id)?
            .ok_or_else(|| Problem::new(Kind::NotFound, "no run of this tenant was interrupted"))?,
    };
    let content = files.content(&*ports.disk, &run)?;
    let header = resumable(&content, &run)?;
    if content.is_given_up() && !settings.discard {
        return Err(given_up(&run));
    }
    refuse_reverted(&ports, state_dir, &run)?;
    let approved = ApprovedPlan::begun(files.begun_plan(&*ports.disk, &run, header)?)?;
    let plan = Arc::clone(approved.plan());
    if settings.discard {
        // It sends nothing: whoever may read may end it.
        identity = plan.identity.clone();
    }
    approved.check_place(&tenant, &identity)?;
    if approved.is_expired(tenant_time(&ports)) && settings.verify_only.is_none() {
        settings.verify_only = Some(Raw::from(format!(
            "the plan expired at {}; make a new one for what is left",
            plan.expires
        )));
    }
    remember(&ports, &files, &tenant.id)?;
    let mut journal = Journal::open(&*ports.disk, &files.journal(&run), &content)?;
    let torn = content
        .torn
        .as_ref()
        .map_or(String::new(), |torn| format!("; {torn}"));
    let through = ports.tenant.through();
    let through = through.map_or(String::new(), |proxy| format!(" through the proxy {proxy}"));
    // Before any verdict: what is begun here, a later process must go on with and nothing else.
    let (by, at) = (
        format!("{}{through}{torn}", ports.owner),
        ports.clock.wall(),
    );
    journal.append(&if settings.discard {
        let by = Raw::from(by);
        Record::GivenUp { by, at }
    } else {
        let text = Raw::from(format!("resumed by {by}"));
        Record::Note { text, at }
    })?;
    journal.sync()?;
    let recovered = Recovered::from_records(&plan, &content.records);
    let rng = Arc::clone(&ports.rng);
    let executor = Executor::new(run.clone(), plan, recovered, settings, rng);
    let driven = drive(&ports, executor, journal, &events, &cancel).await;
    Ok(report(run, driven))
}

/// Ends an interrupted run for good: what was sent without a clear answer is read back, nothing is
/// sent, and the journal's end says that it was discarded. It is never offered again; what it did
/// can still be taken back. What cannot be read after four attempts stays unknown, be it forbidden or
/// the tenant out of reach, and the run is ended all the same. The report says that it stopped when
/// somebody stopped it or the journal failed. That it was given up is durable before anything else:
/// from then on only a discard goes on with it.
///
/// # Errors
/// As for [`resume`]; a read-only profile may discard, and so may another identity.
pub async fn discard(
    ports: CommitPorts,
    run: RunId,
    settings: Settings,
    state_dir: &Path,
    events: impl Fn(RunEvent) + Send + Sync,
    cancel: CancellationToken,
) -> Result<RunReport, Problem> {
    let settings = Settings {
        verify_only: Some(Raw::from("the run was discarded")),
        discard: true,
        ..settings
    };
    let mut report = resume(ports, Some(run), settings, state_dir, events, cancel).await?;
    if report.stopped.is_none() && report.exit_code != Kind::Journal.exit_code() {
        report.exit_code = if report.counts.unknown > 0 { 4 } else { 0 };
    }
    Ok(report)
}

/// The published limit holds across processes, and so does a pause that the tenant asked for.
fn remember(ports: &CommitPorts, files: &Files, tenant: &TenantId) -> Result<(), Problem> {
    let recent = recent(ports, files, tenant)?;
    ports
        .tenant
        .remember(Tier::Two, &recent.sent, recent.paused);
    Ok(())
}

fn refuse_read_only(settings: &Settings) -> Result<(), Problem> {
    if settings.guards.read_only {
        return Err(
            Problem::new(Kind::Guard, "the profile is read-only; nothing is applied")
                .hint("set guards.read_only = false in the profile"),
        );
    }
    Ok(())
}

pub(super) fn lock(
    ports: &CommitPorts,
    files: &Files,
    tenant: &TenantId,
) -> Result<Box<dyn std::any::Any + Send + Sync>, Problem> {
    if planted(Bug::NoLock) {
        return Ok(Box::new(()));
    }
    match ports.disk.lock(&files.lock(tenant), &ports.owner)? {
        LockOutcome::Held(guard) => Ok(guard),
        LockOutcome::Busy { holder, stopped } => Err(held(&holder, stopped)),
    }
}

/// The lock is with somebody else; one that was stopped lets go of it only when it is continued.
fn held(holder: &str, stopped: Option<u32>) -> Problem {
    let text = format!("another run holds this tenant: {holder}");
    match stopped {
        None => Problem::new(Kind::Locked, text)
            .hint("wait until it is done; looking and planning go on meanwhile"),
        Some(process) => Problem::new(Kind::Locked, format!("{text}; it is stopped (Ctrl-Z)"))
            .hint(format!(
                "`fg` in its terminal continues it, or `kill -CONT {process}` from anywhere"
            ))
            .hint("looking and planning go on meanwhile"),
    }
}

/// A plan is applied once; an interrupted one is only resumed.
pub(super) fn refuse_known(ports: &CommitPorts, files: &Files, plan: &Plan) -> Result<(), Problem> {
    for run in files.list(&*ports.disk, Some(&plan.hash))? {
        let content = files.content(&*ports.disk, &run)?;
        let Some(header) = content.header() else {
            continue;
        };
        if header.plan != plan.hash {
            continue;
        }
        return Err(if content.is_discarded() {
            let text = format!(
                "this plan was begun by run {}, which was discarded",
                run.show()
            );
            Problem::new(Kind::Stale, text).hint("make a new plan for what is left")
        } else if content.is_given_up() {
            given_up(&run)
        } else if content.is_finished() {
            Problem::new(
                Kind::Stale,
                format!("this plan was applied already, by run {}", run.show()),
            )
            .hint("`qroll runs` shows it; make a new plan for what is left")
        } else {
            Problem::new(
                Kind::Stale,
                format!("this plan was begun by run {}", run.show()),
            )
            .hint(format!("go on with `qroll resume {}`", run.show()))
        });
    }
    Ok(())
}

/// What somebody gave up is not gone on with, however far the giving up came.
fn given_up(run: &RunId) -> Problem {
    let run = run.show();
    let text = format!("run {run} is being discarded; it does not go on");
    Problem::new(Kind::Stale, text).hint(format!("`qroll runs {run} --discard` comes to its end"))
}

/// What was taken back is not done again by going on.
fn refuse_reverted(ports: &CommitPorts, state_dir: &Path, run: &RunId) -> Result<(), Problem> {
    let Some(by) = reverted_by(&*ports.disk, state_dir, run)? else {
        return Ok(());
    };
    Err(Problem::new(
        Kind::Stale,
        format!(
            "run {} was taken back by run {}; it does not go on",
            run.show(),
            by.show()
        ),
    )
    .hint("make a new plan for what is still wished"))
}

fn header(ports: &CommitPorts, plan: &Plan, run: &RunId, at: Timestamp) -> Header {
    Header {
        run: run.clone(),
        plan: plan.hash.clone(),
        tenant: plan.tenant.id.clone(),
        url: plan.tenant.url.clone(),
        identity: plan.identity.user.clone(),
        tool: concat!("qroll ", env!("CARGO_PKG_VERSION")).to_owned(),
        owner: ports.owner.clone(),
        proxy: ports.tenant.through(),
        reverts: plan.reverts.clone(),
        total: plan.operations.len() as u64,
        at,
    }
}

/// The header of a run that may go on by itself.
fn resumable<'a>(content: &'a Content, run: &RunId) -> Result<&'a Header, Problem> {
    if let Some(reason) = &content.tampered {
        return Err(Problem::new(
            Kind::Journal,
            format!(
                "the journal of run {} cannot be trusted: {reason}",
                run.show()
            ),
        )
        .hint("it was changed by somebody or by a failing disk; it does not resume by itself")
        .hint("make a new plan: it compares with what the tenant has now"));
    }
    let Some(header) = content.header() else {
        return Err(Problem::new(
            Kind::NotFound,
            format!("run {} ended before anything was sent", run.show()),
        )
        .hint("apply the plan again"));
    };
    if content.is_finished() {
        return Err(
            Problem::new(Kind::Stale, format!("run {} is finished", run.show()))
                .hint("make a new plan for what is left"),
        );
    }
    Ok(header)
}

fn report(run: RunId, driven: Driven) -> RunReport {
    let Driven { ending, unwritten } = driven;
    let exit_code = if ending.journal_failed {
        Kind::Journal.exit_code()
    } else if ending.counts.unknown > 0 || ending.unsettled > 0 {
        4
    } else if ending.stopped.is_some() {
        let guarded = skips(&ending.verdicts, &SkipReason::Guard);
        if guarded { Kind::Guard.exit_code() } else { 3 }
    } else {
        exit_of(&ending.verdicts)
    };
    RunReport {
        run,
        counts: ending.counts,
        stopped: ending.stopped,
        unsettled: ending.unsettled,
        exit_code,
        unwritten,
    }
}

/// 0 all hold; 3 some were refused or left out; 5 guards alone kept some; 7 drift alone did.
fn exit_of(verdicts: &[Verdict]) -> u8 {
    let skipped_for = |wanted: &SkipReason| skips(verdicts, wanted);
    let refused = verdicts
        .iter()
        .any(|verdict| matches!(verdict, Verdict::NotApplied { .. }));
    if refused || skipped_for(&SkipReason::NoSeat) || skipped_for(&SkipReason::Cancelled) {
        3
    } else if skipped_for(&SkipReason::Guard) {
        5
    } else if skipped_for(&SkipReason::Drift) {
        7
    } else if verdicts.iter().all(Verdict::holds) {
        0
    } else {
        3
    }
}

/// Whether something was skipped for this reason.
fn skips(verdicts: &[Verdict], wanted: &SkipReason) -> bool {
    verdicts
        .iter()
        .any(|verdict| matches!(verdict, Verdict::Skipped { why, .. } if why == wanted))
}
