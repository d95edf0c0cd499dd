//! Follows a run on the output: a line for each outcome that matters, counts at the end. The run
//! only puts events into a queue; a pipe that nobody reads stalls this thread and not the run.

use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::out::Out;
use super::render;
use super::signals::Stop;
use crate::commit::RunReport;
use crate::domain::{Counts, Operation, OperationId, Outcome, Plan, RunEvent, RunId};
use crate::ports::{Kind, Problem};
use crate::text::{Raw, Shown};

/// An outcome in a pipe: what is in the journal, with what it was about.
#[derive(Serialize)]
struct OutcomeLine<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    kind: Option<&'static str>,
    who: Option<Shown>,
    mail: Option<Shown>,
}

/// The last line in a pipe.
#[derive(Serialize)]
struct CountsLine {
    /// `null` when there was nothing to send.
    run: Option<RunId>,
    #[serde(flatten)]
    counts: Counts,
    unsettled: u64,
    stopped: Option<Shown>,
}

/// A run being followed.
pub(super) struct Follower {
    events: Sender<RunEvent>,
    printer: JoinHandle<()>,
}

impl Follower {
    /// Begins to print the events of a run of this plan; a resumed run's plan may not be known.
    pub(super) fn begin(plan: Option<Arc<Plan>>, out: Out) -> Result<Self, Problem> {
        let (events, queue) = channel();
        let printer = std::thread::Builder::new()
            .name("qroll-print".to_owned())
            .spawn(move || print(&queue, plan.as_deref(), out))
            .map_err(|error| Problem::new(Kind::Host, "no thread for printing").because(error))?;
        Ok(Self { events, printer })
    }

    /// Where the run puts its events.
    pub(super) fn events(&self) -> impl Fn(RunEvent) + Send + Sync + use<> {
        let events = self.events.clone();
        // Nobody listens any more when the printer is gone; the journal has it all.
        move |event| drop(events.send(event))
    }

    /// Prints what is left and the counts; the exit code of the run.
    pub(super) fn end(self, report: &RunReport, stop: &Stop, out: Out) -> ExitCode {
        let Self { events, printer } = self;
        drop(events);
        // A printer that failed has nothing more to say.
        let _ = printer.join();
        for outcome in &report.unwritten {
            out.note(format!(
                "not in the journal: {}",
                render::outcome(outcome, None)
            ));
        }
        if out.json {
            out.json(&CountsLine {
                run: Some(report.run.clone()),
                counts: report.counts,
                unsettled: report.unsettled,
                stopped: report.stopped.as_ref().map(Raw::show),
            });
        } else {
            out.line(format!(
                "{}  {}",
                report.run.show(),
                render::counts(&report.counts)
            ));
        }
        if let Some(stopped) = &report.stopped {
            out.note(format!("qroll: the run stopped: {}", stopped.show()));
        }
        if report.stopped.is_some() || report.unsettled > 0 {
            out.note(format!("  Go on with: qroll resume {}", report.run.show()));
        }
        ExitCode::from(stop.exit_code().unwrap_or(report.exit_code))
    }
}

/// The counts of a plan that does nothing, so that a pipe always ends with them.
pub(super) fn nothing(out: Out) {
    if out.json {
        out.json(&CountsLine {
            run: None,
            counts: Counts::default(),
            unsettled: 0,
            stopped: None,
        });
    }
}

fn print(queue: &Receiver<RunEvent>, plan: Option<&Plan>, out: Out) {
    let operations: BTreeMap<&OperationId, &Operation> = plan
        .iter()
        .flat_map(|plan| &plan.operations)
        .map(|operation| (&operation.id, operation))
        .collect();
    for event in queue {
        match event {
            RunEvent::Judged(outcome) => judged(&outcome, &operations, out),
            RunEvent::Paused { millis, asked, .. } if !out.json => {
                let why = if asked {
                    "the tenant asks to wait"
                } else {
                    "the published limit is used up"
                };
                out.note(format!("  {why}: {} s", millis.div_ceil(1000)));
            }
            RunEvent::Checking { operations: asked } if !out.json => {
                let about = asked.first().and_then(|id| operations.get(id));
                let about = about.map_or(String::new(), |operation| {
                    format!(", first {}", render::who(operation))
                });
                out.note(format!(
                    "  no clear answer for {} operation{}{about}; reading back, which may take half a minute",
                    asked.len(),
                    if asked.len() == 1 { "" } else { "s" }
                ));
            }
            RunEvent::Started {
                run, judged, total, ..
            } if !out.json => {
                let before = if judged > 0 {
                    format!(", {judged} judged before")
                } else {
                    String::new()
                };
                out.note(format!("Run {}: {total} operations{before}", run.show()));
            }
            _ => {}
        }
    }
}

fn judged(outcome: &Outcome, operations: &BTreeMap<&OperationId, &Operation>, out: Out) {
    let operation = operations.get(&outcome.operation).copied();
    if out.json {
        out.json(&OutcomeLine {
            outcome,
            kind: operation.map(|operation| operation.change.kind().word()),
            mail: operation
                .and_then(|operation| operation.mail.as_ref())
                .map(Raw::show),
            who: operation.map(render::who),
        });
    } else if !outcome.verdict.holds() {
        out.line(render::outcome(outcome, operation));
    }
}
