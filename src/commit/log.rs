//! What a run says to the log: each event once, wherever it is followed.

use crate::domain::{Outcome, RunEvent, Verdict};

/// One line for what happened.
pub(super) fn event(event: &RunEvent) {
    match event {
        RunEvent::Started {
            run,
            plan,
            total,
            judged,
        } => tracing::info!(run = %run.show(), plan = plan.0, total, judged, "run started"),
        RunEvent::Sending { operations } => {
            tracing::debug!(operations = operations.len(), "sending");
        }
        RunEvent::Checking { operations } => {
            tracing::info!(
                operations = operations.len(),
                "no clear answer, reading back"
            );
        }
        RunEvent::Judged(outcome) => judged(outcome),
        RunEvent::Paused {
            tier,
            millis,
            asked,
        } => tracing::info!(?tier, millis, asked, "paused"),
        RunEvent::Window { used, of } => tracing::debug!(used, of, "write window"),
        RunEvent::Finished { counts, stopped } => {
            let stopped = stopped.as_ref().map(|why| why.show().to_string());
            tracing::info!(
                applied = counts.applied,
                already = counts.already,
                not_applied = counts.not_applied,
                unknown = counts.unknown,
                skipped = counts.skipped,
                total = counts.total,
                stopped,
                "run finished"
            );
        }
    }
}

fn judged(outcome: &Outcome) {
    let (code, reason) = match &outcome.verdict {
        Verdict::NotApplied { code, reason } => (code.as_ref(), Some(reason)),
        Verdict::Unknown { check } => (None, Some(check)),
        Verdict::Skipped { detail, .. } => (None, Some(detail)),
        Verdict::Applied | Verdict::Already => (None, None),
    };
    tracing::info!(
        operation = %outcome.operation.show(),
        verdict = outcome.verdict.word(),
        status = outcome.status,
        millis = outcome.millis,
        request_id = outcome.trace.as_ref().map(|id| id.show().to_string()),
        code = code.map(|code| code.show().to_string()),
        reason = reason.map(|reason| reason.show().to_string()),
        "verdict"
    );
}
