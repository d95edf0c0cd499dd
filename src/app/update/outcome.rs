//! All about one outcome of a run, in full.

use crate::app::dialog::Dialog;
use crate::app::list::List;
use crate::app::model::App;
use crate::app::runs::Progress;
use crate::app::wrapped::wrap;
use crate::domain::{Operation, Outcome, Verdict};

impl App {
    /// All about the outcome under the cursor; for an unknown one, how a person can check.
    pub(super) fn explain_outcome(&mut self) {
        let (outcome, plan) = if self.runs.watching {
            let Some(live) = &self.runs.live else { return };
            let id = live.order.get(self.runs.live_list.cursor);
            match id.and_then(|id| live.state.get(id)) {
                Some(Progress::Judged(outcome)) => (outcome.clone(), live.plan.clone()),
                _ => return,
            }
        } else {
            let Some(opened) = &self.runs.opened else {
                return;
            };
            let Some(record) = &opened.record else { return };
            match record.outcomes.get(opened.list.cursor) {
                Some(outcome) => (outcome.clone(), record.plan.clone()),
                None => return,
            }
        };
        let operation = plan.as_ref().and_then(|plan| {
            let mut all = plan.operations.iter();
            all.find(|one| one.id == outcome.operation).cloned()
        });
        let title = format!("Outcome: {}", outcome.verdict.word());
        let room = self.dialog_room();
        let lines = outcome_lines(&outcome, operation.as_ref());
        self.open_dialog(Dialog::Text {
            title,
            lines: lines.iter().flat_map(|line| wrap(line, room)).collect(),
            list: List::default(),
        });
    }
}

/// What is known of an outcome, in full; safe to show.
fn outcome_lines(outcome: &Outcome, operation: Option<&Operation>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(operation) = operation {
        let name = operation
            .name
            .as_ref()
            .map_or(String::new(), |name| format!("  {}", name.show()));
        lines.push(format!("{}{name}", operation.change.kind().word()));
        lines.push(format!("why: {}", operation.why.show()));
    }
    lines.extend(verdict_lines(&outcome.verdict));
    if let Some(status) = outcome.status {
        lines.push(format!("answer: {status} after {} ms", outcome.millis));
    }
    if let Some(trace) = &outcome.trace {
        lines.push(format!("request id, for support: {}", trace.show()));
    }
    lines
}

fn verdict_lines(verdict: &Verdict) -> Vec<String> {
    let one = match verdict {
        Verdict::Applied => "done, and confirmed by the tenant".to_owned(),
        Verdict::Already => "was so before; nothing was sent".to_owned(),
        Verdict::NotApplied { code, reason } => {
            let code = code
                .as_ref()
                .map_or(String::new(), |code| format!("{} ", code.show()));
            format!("not done: {code}{}", reason.show())
        }
        Verdict::Skipped { detail, .. } => format!("not sent: {}", detail.show()),
        Verdict::Unknown { check } => {
            return vec![
                "sent, but no clear answer came, and reading did not settle it".to_owned(),
                format!("to check: {}", check.show()),
                "qroll runs --verify RUN reads it once more".to_owned(),
            ];
        }
    };
    vec![one]
}
