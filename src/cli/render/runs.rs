//! Runs and outcomes, one line each.

use crate::domain::{Counts, Operation, Outcome, RunSummary, SkipReason, Verdict};

use super::change::{heading, what};

/// One run.
pub(in crate::cli) fn run_line(run: &RunSummary) -> String {
    let state = match (&run.trouble, run.finished) {
        (Some(trouble), _) => trouble.clone(),
        (None, true) => "finished".to_owned(),
        (None, false) => "interrupted: qroll resume".to_owned(),
    };
    let state = match (&run.reverts, &run.reverted_by) {
        (Some(original), _) => format!("{state}, takes back run {}", original.show()),
        (None, Some(by)) => format!("{state}, taken back by run {}", by.show()),
        (None, None) => state,
    };
    format!(
        "{}  {}  plan {}  {}  {state}",
        run.run.show(),
        run.started.strftime("%Y-%m-%d %H:%M:%SZ"),
        run.plan.short(),
        counts(&run.counts),
    )
}

/// Counts per verdict; what did not occur is left out.
pub(in crate::cli) fn counts(counts: &Counts) -> String {
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
    let open = counts.total.saturating_sub(counts.judged());
    let open = if open > 0 {
        format!(", {open} not yet tried")
    } else {
        String::new()
    };
    let parts = if parts.is_empty() {
        "nothing applied".to_owned()
    } else {
        parts.join(", ")
    };
    format!("{parts} of {}{open}", counts.total)
}

/// One outcome with what it was about.
pub(in crate::cli) fn outcome(outcome: &Outcome, operation: Option<&Operation>) -> String {
    let about = operation.map_or_else(
        || outcome.operation.show().to_string(),
        |operation| format!("{}: {}", heading(operation), what(&operation.change)),
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
