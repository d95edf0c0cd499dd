//! `qroll runs --verify`: whether the record of a run can be trusted, and whether the tenant still
//! holds what the run left. Reads only: what it settles is printed, no finished journal is touched.

use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

use super::args::Global;
use super::out::Out;
use super::render::{self, Roles};
use super::revert::wanted;
use super::runs::misnamed;
use super::session::Session;
use crate::commit::{self, Inspection};
use crate::config::Environment;
use crate::domain::{Done, Operation, PastRun, Verdict};
use crate::host::RealDisk;
use crate::planner::{Stand, Standing, look_back};
use crate::ports::{Kind, Problem};
use crate::text::Shown;

/// Exit codes of the product contract.
const UNKNOWN: u8 = 4;
const MOVED: u8 = 7;

/// How one operation was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Found {
    /// As the run left it.
    AsLeft,
    /// Changed since.
    Changed,
    /// Was unknown; it is done.
    SettledApplied,
    /// Was unknown; it is not done.
    SettledNotApplied,
    /// Cannot be told.
    Unknown,
    /// Was refused, skipped or not tried: nothing of it was left.
    NotDone,
}

#[derive(Serialize)]
struct Line<'a> {
    operation: &'a Operation,
    verdict: Option<&'static str>,
    found: Found,
    left: Shown,
    now: Shown,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Tally {
    as_left: u64,
    changed: u64,
    settled_applied: u64,
    settled_not_applied: u64,
    unknown: u64,
    not_done: u64,
}

/// Every record on this machine; speaks to nobody.
pub(super) fn all(state: &Path, out: Out) -> Result<ExitCode, Problem> {
    let mut broken = 0;
    for run in commit::runs(&RealDisk, state)? {
        let inspection = commit::inspect(&RealDisk, state, &run.run)?;
        broken += u64::from(inspection.broken.is_some());
        say(&inspection, out);
    }
    Ok(if broken > 0 {
        ExitCode::from(Kind::Journal.exit_code())
    } else {
        ExitCode::SUCCESS
    })
}

/// One run: its record, then what the tenant holds now of everything it did.
pub(super) async fn one(
    name: &str,
    global: &Global,
    environment: &Environment,
    state: &Path,
    out: Out,
) -> Result<ExitCode, Problem> {
    if name != super::revert::LAST {
        // The record is judged even where no tenant can be reached.
        let inspection = commit::inspect(&RealDisk, state, &name.into()).map_err(misnamed)?;
        say(&inspection, out);
        if inspection.broken.is_some() {
            return Ok(ExitCode::from(Kind::Journal.exit_code()));
        }
    }
    let session = Session::open_tenant(global, environment, out).await?;
    let run = wanted(name, &session).await?;
    if name == super::revert::LAST {
        say(&commit::inspect(&RealDisk, state, &run)?, out);
    }
    let past = commit::past(&*session.disk, &session.state, &run).map_err(misnamed)?;
    let live = commit::survey(&*session.tenant, &past.plan).await?;
    let tally = compare(&past, &look_back(&past, &live), out);
    Ok(ExitCode::from(match (tally.unknown, tally.changed) {
        (1.., _) => UNKNOWN,
        (0, 1..) => MOVED,
        (0, 0) => 0,
    }))
}

fn say(inspection: &Inspection, out: Out) {
    let run = inspection.run.show();
    if out.json {
        out.json(&serde_json::json!({
            "run": inspection.run,
            "records": inspection.records,
            "head": inspection.head,
            "finished": inspection.finished,
            "torn": inspection.torn,
            "broken": inspection.broken,
        }));
        return;
    }
    let state = match (&inspection.broken, inspection.finished) {
        (Some(why), _) => format!("NOT TO BE TRUSTED: {}", crate::text::show_str(why)),
        (None, true) => "finished".to_owned(),
        (None, false) if inspection.given_up => {
            format!("being discarded: qroll runs {run} --discard")
        }
        (None, false) => format!("interrupted: qroll resume {run} goes on"),
    };
    let head = inspection.head.get(..12).unwrap_or(&inspection.head);
    let whole = if inspection.broken.is_none() {
        format!("chain whole up to {head}, plan as approved")
    } else {
        format!("good up to {head}")
    };
    out.line(format!(
        "{run}  {} records, {whole}; {state}",
        inspection.records
    ));
    if let Some(torn) = &inspection.torn {
        let torn = crate::text::show_str(torn);
        out.line(format!("  torn tail, as a crash leaves it: {torn}"));
    }
}

fn compare(past: &PastRun, stands: &[Stand], out: Out) -> Tally {
    let mut tally = Tally::default();
    for (operation, stand) in past.plan.operations.iter().zip(stands) {
        let done = past.done.get(&stand.operation);
        let found = judge(done, stand.standing);
        tally.count(found);
        let line = Line {
            operation,
            verdict: done
                .and_then(|done| done.verdict.as_ref())
                .map(Verdict::word),
            found,
            left: stand.left.show(),
            now: stand.now.show(),
        };
        if out.json {
            out.json(&line);
        } else if !matches!(found, Found::AsLeft | Found::NotDone) {
            out.line(line.words(&past.plan.roles));
        }
    }
    if out.json {
        out.json(&tally);
    } else {
        out.line(tally.words());
    }
    tally
}

fn judge(done: Option<&Done>, standing: Standing) -> Found {
    let verdict = done.and_then(|done| done.verdict.as_ref());
    let sent = done.is_some_and(|done| done.sent);
    match (verdict, standing) {
        (Some(Verdict::NotApplied { .. } | Verdict::Skipped { .. }), _) => Found::NotDone,
        (None, _) if !sent => Found::NotDone,
        (_, Standing::Unread) => Found::Unknown,
        (Some(Verdict::Applied | Verdict::Already), Standing::Ours) => Found::AsLeft,
        (Some(Verdict::Applied | Verdict::Already), _) => Found::Changed,
        (_, Standing::Ours) => Found::SettledApplied,
        (_, Standing::Before) => Found::SettledNotApplied,
        (_, Standing::Changed) => Found::Unknown,
    }
}

impl Line<'_> {
    fn words(&self, roles: &Roles) -> String {
        let about = format!(
            "{}: {}",
            render::heading(self.operation),
            render::what(&self.operation.change, roles)
        );
        match self.found {
            Found::Changed => format!("  changed   {about}; left {}, now {}", self.left, self.now),
            Found::SettledApplied => format!("  settled   {about}; it was done: {}", self.now),
            Found::SettledNotApplied => {
                format!("  settled   {about}; it was not done: {}", self.now)
            }
            _ => format!(
                "  unknown   {about}; would leave {}, now {}",
                self.left, self.now
            ),
        }
    }
}

impl Tally {
    fn count(&mut self, found: Found) {
        let counter = match found {
            Found::AsLeft => &mut self.as_left,
            Found::Changed => &mut self.changed,
            Found::SettledApplied => &mut self.settled_applied,
            Found::SettledNotApplied => &mut self.settled_not_applied,
            Found::Unknown => &mut self.unknown,
            Found::NotDone => &mut self.not_done,
        };
        *counter += 1;
    }

    fn words(&self) -> String {
        let all = [
            (self.as_left, "as the run left them"),
            (self.changed, "changed since"),
            (self.settled_applied, "settled: done"),
            (self.settled_not_applied, "settled: not done"),
            (self.unknown, "unknown"),
            (self.not_done, "refused, skipped or not tried"),
        ];
        let parts: Vec<String> = all
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        format!("  {}", parts.join(", "))
    }
}
