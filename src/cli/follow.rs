//! Follows a run on the output: a line for each outcome that matters, how far it is, counts at the
//! end. The run only puts events into a queue; a pipe that nobody reads stalls this thread and not
//! the run.

use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::meter::{Meter, why};
use super::out::{Out, clear_foot};
use super::render::{self, Roles};
use super::signals::Stop;
use crate::commit::RunReport;
use crate::domain::{Counts, Operation, OperationId, Outcome, Plan, RunEvent, RunId};
use crate::ports::{Clock, Instant, Kind, Problem};
use crate::text::{Raw, Shown};

/// How often the line at the foot is drawn.
const TICK: Duration = Duration::from_millis(200);
/// How often a log is told how far the run is.
const PLAIN: Duration = Duration::from_secs(30);

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
    pub(super) fn begin(
        plan: Option<Arc<Plan>>,
        clock: Arc<dyn Clock>,
        stop: &Stop,
        out: Out,
    ) -> Result<Self, Problem> {
        let (events, queue) = channel();
        let stopping = stop.token().clone();
        let print = move || {
            Printer::new(plan.as_deref(), stopping, clock.now(), out).follow(&queue, &*clock);
        };
        let printer = std::thread::Builder::new()
            .name("qroll-print".to_owned())
            .spawn(print)
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
        let way = format!("qroll resume {}", report.run.show());
        self.end_with(report, stop, &way, out)
    }

    /// As [`Follower::end`], with the command that goes on with a run that stopped.
    pub(super) fn end_with(self, report: &RunReport, stop: &Stop, way: &str, out: Out) -> ExitCode {
        let Self { events, printer } = self;
        drop(events);
        // A printer that failed has nothing more to say.
        let _ = printer.join();
        for outcome in &report.unwritten {
            out.note(format!(
                "not in the journal: {}",
                render::outcome(outcome, None, &Roles::new())
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
            out.note(format!("  Go on with: {way}"));
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

/// Prints events as they come, and keeps the line at the foot true while none come.
struct Printer<'a> {
    operations: BTreeMap<&'a OperationId, &'a Operation>,
    roles: Roles,
    meter: Meter,
    stopping: CancellationToken,
    /// When the foot was drawn, or the last plain line was printed.
    told: Instant,
    out: Out,
}

impl<'a> Printer<'a> {
    fn new(plan: Option<&'a Plan>, stopping: CancellationToken, now: Instant, out: Out) -> Self {
        let operations = plan.iter().flat_map(|plan| &plan.operations);
        Self {
            operations: operations.map(|one| (&one.id, one)).collect(),
            roles: plan.map_or_else(Roles::new, |plan| plan.roles.clone()),
            meter: Meter::new(now),
            stopping,
            told: now,
            out,
        }
    }

    fn follow(&mut self, queue: &Receiver<RunEvent>, clock: &dyn Clock) {
        loop {
            match queue.recv_timeout(TICK) {
                Ok(event) => {
                    self.meter.take(&event, clock.now());
                    self.event(&event);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tell(clock.now());
        }
        clear_foot();
    }

    /// At a terminal the foot, a few times a second; elsewhere a plain line now and then.
    fn tell(&mut self, now: Instant) {
        if !self.is_due(now) {
            return;
        }
        let stopping = self.stopping.is_cancelled();
        if self.out.foot {
            let line = |cells| self.meter.line(now, stopping, cells);
            self.out.foot(line);
        } else {
            let line = self.meter.line(now, stopping, usize::MAX);
            self.out.note(format!("  {line}"));
        }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let every = if self.out.foot { TICK } else { PLAIN };
        let due = now.since(self.told) >= every;
        if due {
            self.told = now;
        }
        due
    }

    fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started {
                run, judged, total, ..
            } => {
                let before = if *judged > 0 {
                    format!(", {judged} judged before")
                } else {
                    String::new()
                };
                self.out
                    .note(format!("Run {}: {total} operations{before}", run.show()));
            }
            RunEvent::Judged(outcome) => judged(outcome, &self.operations, &self.roles, self.out),
            // At a terminal the foot says it, and counts down.
            RunEvent::Paused { millis, asked, .. } if !self.out.foot => {
                let seconds = millis.div_ceil(1000);
                self.out.note(format!("  {}: {seconds} s", why(*asked)));
            }
            RunEvent::Checking { operations: asked } if !self.out.foot => {
                let about = asked.first().and_then(|id| self.operations.get(id));
                let about = about.map_or(String::new(), |operation| {
                    format!(", first {}", render::who(operation))
                });
                self.out.note(format!(
                    "  no clear answer for {} operation{}{about}; reading back, which may take half a minute",
                    asked.len(),
                    if asked.len() == 1 { "" } else { "s" }
                ));
            }
            _ => {}
        }
    }
}

fn judged(
    outcome: &Outcome,
    operations: &BTreeMap<&OperationId, &Operation>,
    roles: &Roles,
    out: Out,
) {
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
        out.line(render::outcome(outcome, operation, roles));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_told_twice_a_minute_and_a_terminal_all_the_time() {
        let at = |millis| Instant(Duration::from_millis(millis));
        let due = |foot: bool, moments: &[u64]| {
            let out = Out {
                foot,
                ..Out::default()
            };
            let mut printer = Printer::new(None, CancellationToken::new(), at(0), out);
            let due = moments.iter().map(|moment| printer.is_due(at(*moment)));
            due.collect::<Vec<_>>()
        };
        assert_eq!(
            due(false, &[29_999, 30_000, 30_001, 60_000]),
            [false, true, false, true]
        );
        assert_eq!(due(true, &[199, 200, 399, 400]), [false, true, false, true]);
    }
}
