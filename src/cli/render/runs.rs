//! Runs and outcomes, one line each.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Counts, Operation, Outcome, RunSummary, SkipReason, TenantId, Verdict};
use crate::text::{show_str, width};

use super::change::{Roles, heading, what};

/// One line a run, with its tenant; the id beside it where two tenants have had one address.
pub(in crate::cli) fn run_lines(runs: &[RunSummary]) -> Vec<String> {
    let mut ids: BTreeMap<String, BTreeSet<&TenantId>> = BTreeMap::new();
    for run in runs {
        let known = ids.entry(run.tenant_name()).or_default();
        known.extend(&run.tenant_id);
    }
    let names = runs.iter().map(|run| {
        let name = run.tenant_name();
        let several = ids.get(&name).is_some_and(|known| known.len() > 1);
        match run.tenant_id.as_ref().filter(|_| several) {
            Some(id) => format!("{name} ({})", id.show()),
            None => name,
        }
    });
    let names: Vec<String> = names.collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let lines = runs.iter().zip(names).map(|(run, name)| {
        let gap = " ".repeat(widest - width(&name));
        run_line(run, &format!("{name}{gap}"))
    });
    lines.collect()
}

fn run_line(run: &RunSummary, tenant: &str) -> String {
    let state = match (&run.trouble, run.finished) {
        (Some(trouble), _) => show_str(trouble).to_string(),
        (None, true) if run.discarded => "discarded".to_owned(),
        (None, true) => "finished".to_owned(),
        (None, false) if run.under_way => "under way".to_owned(),
        (None, false) if run.given_up => {
            format!("being discarded: qroll runs {} --discard", run.run.show())
        }
        (None, false) => "interrupted: qroll resume".to_owned(),
    };
    let state = match (&run.reverts, &run.reverted_by) {
        (Some(original), _) => format!("{state}, takes back run {}", original.show()),
        (None, Some(by)) => format!("{state}, reversal: run {}", by.show()),
        (None, None) => state,
    };
    format!(
        "{}  {}  {tenant}  plan {}  {}  {state}",
        run.run.show(),
        run.started.strftime("%Y-%m-%d %H:%M:%SZ"),
        run.plan.short(),
        counts_of(run),
    )
}

/// The counts of a run; what a crash left without an answer is told apart from what was not tried.
fn counts_of(run: &RunSummary) -> String {
    let all = counts(&run.counts);
    let untried = run
        .counts
        .total
        .saturating_sub(run.counts.judged() + run.open);
    match (run.open, untried) {
        (0, _) => all,
        (open, untried) => format!(
            "{} of {}, {open} sent without an answer, {untried} not yet tried",
            parts(&run.counts),
            run.counts.total
        ),
    }
}

/// Counts per verdict; what did not occur is left out.
pub(in crate::cli) fn counts(counts: &Counts) -> String {
    let open = match counts.total.saturating_sub(counts.judged()) {
        0 => String::new(),
        open => format!(", {open} not yet tried"),
    };
    format!("{} of {}{open}", parts(counts), counts.total)
}

fn parts(counts: &Counts) -> String {
    let all = [
        (counts.applied, "applied"),
        (counts.already, "already so"),
        (counts.not_applied, "not applied"),
        (counts.unknown, "unknown"),
        (counts.skipped, "skipped"),
    ];
    let parts: Vec<String> = all
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        "nothing applied".to_owned()
    } else {
        parts.join(", ")
    }
}

/// One outcome with what it was about.
pub(in crate::cli) fn outcome(
    outcome: &Outcome,
    operation: Option<&Operation>,
    roles: &Roles,
) -> String {
    let about = operation.map_or_else(
        || outcome.operation.show().to_string(),
        |operation| format!("{}: {}", heading(operation), what(&operation.change, roles)),
    );
    let trace = outcome.trace.as_ref().map_or(String::new(), |trace| {
        format!(" (request {})", trace.show())
    });
    format!(
        "{:<11} {about}{}{trace}",
        outcome.verdict.word(),
        reason(&outcome.verdict)
    )
}

fn reason(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Applied | Verdict::Already => String::new(),
        Verdict::NotApplied { code, reason } => match code {
            Some(code) => format!("; {}: {}", code.show(), reason.show()),
            None => format!("; {}", reason.show()),
        },
        Verdict::Unknown { check } => format!("; check: {}", check.show()),
        Verdict::Skipped { why, detail } => {
            let why = match why {
                SkipReason::Drift => "it changed meanwhile",
                SkipReason::Dependency => "what it needs was not applied",
                SkipReason::Guard => "a guard said no",
                SkipReason::Cancelled => "stopped before its turn",
                SkipReason::NoSeat => "no seat was left",
            };
            format!("; {why}: {}", detail.show())
        }
    }
}
