//! Drives the executor over the ports. Each round: records and intents are appended and synced
//! once, then writes go out with their proofs, questions are asked, events told. One future, no
//! spawned task: dropping it is a crash, and nothing of it lives on.

use futures_util::FutureExt as _;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::aloft::Aloft;
use super::executor::{Draft, Ending, Executor, Input, Output, Ticket};
use super::journal::{Journal, sha256};
use super::log;
use super::record::{Intent, Record};
use crate::domain::{Outcome, RunEvent, Tier};
use crate::ports::{
    Clock, Disk, Durable, Instant, Prepared, Problem, Question, Reply, Rng, Tenant, Work,
};
use crate::text::Raw;

/// What a run needs of the outside.
#[derive(Clone)]
pub struct CommitPorts {
    /// The tenant, connected.
    pub tenant: Arc<dyn Tenant>,
    /// Where the journal goes.
    pub disk: Arc<dyn Disk>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Jitter and run names.
    pub rng: Arc<dyn Rng>,
    /// Who runs this, for the lock: process, user, host.
    pub owner: String,
}

/// How a drive ended.
pub(super) struct Driven {
    pub(super) ending: Ending,
    /// Verdicts that the failing journal could not take.
    pub(super) unwritten: Vec<Outcome>,
}

/// It looks at the clocks at least this often, so that a longer gap shows that the machine slept.
const BEAT: Duration = Duration::from_secs(15);
/// A gap beyond this is sleep, not a busy machine (D5).
const SLEEP: Duration = Duration::from_mins(1);

/// A write whose intent has been appended.
struct Recorded {
    ticket: Ticket,
    seq: u64,
    call: Prepared,
}

/// Runs the executor to its end.
pub(super) async fn drive(
    ports: &CommitPorts,
    mut executor: Executor,
    mut journal: Journal,
    events: &(dyn Fn(RunEvent) + Send + Sync),
    cancel: &CancellationToken,
) -> Driven {
    let mut aloft = Aloft::default();
    let mut judged = Vec::new();
    let mut inputs = Vec::new();
    let mut unwritten = Vec::new();
    let mut cancelled = false;
    loop {
        let mut facts = vec![Input::Room(ports.tenant.room(Tier::Two))];
        facts.append(&mut inputs);
        if !cancelled && cancel.is_cancelled() {
            cancelled = true;
            facts.push(stopped());
        }
        let outputs = executor.step(ports.clock.now(), ports.clock.wall(), facts);
        judged.extend(outputs.iter().filter_map(verdict));
        inputs = perform(
            ports,
            &mut journal,
            outputs,
            &mut aloft,
            events,
            &mut unwritten,
        );
        if !inputs.is_empty() {
            continue;
        }
        if let Some(ending) = executor.ending() {
            let driven = Driven {
                ending: ending.clone(),
                unwritten,
            };
            return with_file(driven, &journal, judged);
        }
        let wait = match executor.wake_at() {
            Some(at) => at.since(ports.clock.now()).min(BEAT),
            None if aloft.is_empty() => {
                inputs.push(Input::Cancel(Raw::from("nothing is left that could go on")));
                continue;
            }
            None => BEAT,
        };
        let before = (ports.clock.now(), ports.clock.wall());
        tokio::select! {
            biased;
            () = cancel.cancelled(), if !cancelled => {
                cancelled = true;
                inputs.push(stopped());
            }
            input = aloft.next(), if !aloft.is_empty() => {
                inputs.push(input);
                // Whatever else has arrived shares the next sync.
                inputs.append(&mut aloft.rest());
            }
            () = ports.clock.sleep(wait) => {}
        }
        if let Some(slept) = slept(ports, before) {
            inputs.append(&mut aloft.rest());
            inputs.append(&mut aloft.give_up(slept));
            ports.tenant.reconnect();
        }
    }
}

/// For how long the machine slept since, if it did. The monotonic clock stands still in some kinds
/// of sleep and the wall clock is set by hand in others, so the one that went further counts.
fn slept(ports: &CommitPorts, (now, wall): (Instant, Timestamp)) -> Option<Duration> {
    let passed = ports.clock.now().since(now);
    let on_the_wall = ports.clock.wall().duration_since(wall);
    let gap = passed.max(Duration::try_from(on_the_wall).unwrap_or_default());
    (gap >= BEAT + SLEEP).then_some(gap)
}

fn verdict(output: &Output) -> Option<Outcome> {
    match output {
        Output::Record(Record::Verdict(judgement)) => Some(judgement.outcome.clone()),
        _ => None,
    }
}

/// A journal that somebody deleted under us took every record until now, and is gone when it is
/// closed: all verdicts are told instead (F8).
fn with_file(mut driven: Driven, journal: &Journal, judged: Vec<Outcome>) -> Driven {
    if !journal.is_linked() {
        let reason = "the journal was deleted during the run; what is told now is all there is";
        driven.ending.journal_failed = true;
        driven.ending.stopped.get_or_insert(Raw::from(reason));
        driven.unwritten = judged;
    }
    driven
}

fn stopped() -> Input {
    Input::Cancel(Raw::from("stopped by the operator"))
}

/// Does what the executor wishes; gives facts that are known at once (a failed journal).
fn perform<'a>(
    ports: &'a CommitPorts,
    journal: &mut Journal,
    outputs: Vec<Output>,
    aloft: &mut Aloft<'a>,
    events: &(dyn Fn(RunEvent) + Send + Sync),
    unwritten: &mut Vec<Outcome>,
) -> Vec<Input> {
    let mut records = Vec::new();
    let mut writes = Vec::new();
    let mut rest = Vec::new();
    let mut failure = None;
    for output in outputs {
        match output {
            Output::Record(record) => {
                if let Err(problem) = journal.append(&record) {
                    failure.get_or_insert(problem);
                }
                records.push(record);
            }
            Output::Write {
                ticket,
                call,
                draft,
            } => {
                let call = ports.tenant.prepare(&call);
                let appended = journal.append(&intent(ports, &call, draft));
                let seq = appended.unwrap_or_else(|problem| {
                    failure.get_or_insert(problem);
                    u64::MAX
                });
                writes.push(Recorded { ticket, seq, call });
            }
            Output::Unwritten(outcome) => unwritten.push(outcome),
            other => rest.push(other),
        }
    }
    if failure.is_none() && !(records.is_empty() && writes.is_empty()) {
        failure = journal.sync().err();
    }
    if let Some(problem) = failure {
        return journal_failed(problem, &records, &writes, unwritten);
    }
    let mut unproven = Vec::new();
    for write in writes {
        match journal.durable(write.seq) {
            Some(durable) => {
                let (ticket, intent) = (write.ticket, durable.seq());
                aloft.write(ticket, intent, send(&*ports.tenant, durable, write));
            }
            None => unproven.push(not_sent(write.ticket)),
        }
    }
    for output in rest {
        match output {
            Output::Observe { ticket, question } => {
                aloft.question(ticket, observe(&*ports.tenant, ticket, question));
            }
            Output::Event(event) => {
                log::event(&event);
                events(event);
            }
            Output::Record(_) | Output::Write { .. } | Output::Unwritten(_) => {}
        }
    }
    unproven
}

fn intent(ports: &CommitPorts, call: &Prepared, draft: Draft) -> Record {
    Record::Intent(Intent {
        operations: draft.operations,
        attempt: draft.attempt,
        class: draft.class,
        method: call.method.word().to_owned(),
        path: call.path.clone(),
        digest: sha256(&call.body),
        items: draft.items,
        at: ports.clock.wall(),
    })
}

/// Nothing of this round goes out; what it had decided is handed to the caller.
fn journal_failed(
    problem: Problem,
    records: &[Record],
    writes: &[Recorded],
    unwritten: &mut Vec<Outcome>,
) -> Vec<Input> {
    unwritten.extend(records.iter().filter_map(|record| match record {
        Record::Verdict(judgement) => Some(judgement.outcome.clone()),
        _ => None,
    }));
    let mut inputs = vec![Input::JournalFailed(problem)];
    inputs.extend(writes.iter().map(|write| not_sent(write.ticket)));
    inputs
}

fn not_sent(ticket: Ticket) -> Input {
    Input::Reply {
        ticket,
        intent: u64::MAX,
        reply: Reply::NotSent {
            cause: Raw::from("the intent could not be made durable"),
        },
    }
}

fn send(tenant: &dyn Tenant, durable: Durable, write: Recorded) -> Work<'_, Input> {
    async move {
        let intent = durable.seq();
        Input::Reply {
            ticket: write.ticket,
            intent,
            reply: tenant.send(durable, write.call).await,
        }
    }
    .boxed()
}

fn observe(tenant: &dyn Tenant, ticket: Ticket, question: Question) -> Work<'_, Input> {
    async move {
        let result = tenant.observe(&question).await;
        Input::Observed { ticket, result }
    }
    .boxed()
}
