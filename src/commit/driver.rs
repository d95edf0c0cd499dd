//! Drives the executor over the ports. Each round: records and intents are appended and synced
//! once, then writes go out with their proofs, questions are asked, events told. One future, no
//! spawned task: dropping it is a crash, and nothing of it lives on.

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use super::executor::{Draft, Ending, Executor, Input, Output, Ticket};
use super::journal::{Journal, sha256};
use super::log;
use super::record::{Intent, Record};
use crate::domain::{Outcome, RunEvent, Tier};
use crate::ports::{Clock, Disk, Durable, Prepared, Problem, Question, Reply, Rng, Tenant, Work};
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

type Flying<'a> = FuturesUnordered<Work<'a, Input>>;

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
    let mut flying = Flying::new();
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
        inputs = perform(
            ports,
            &mut journal,
            outputs,
            &flying,
            events,
            &mut unwritten,
        );
        if !inputs.is_empty() {
            continue;
        }
        if let Some(ending) = executor.ending() {
            return Driven {
                ending: ending.clone(),
                unwritten,
            };
        }
        let wake = match executor.wake_at() {
            Some(at) => ports.clock.sleep(at.since(ports.clock.now())),
            None if flying.is_empty() => {
                inputs.push(Input::Cancel(Raw::from("nothing is left that could go on")));
                continue;
            }
            None => std::future::pending().boxed(),
        };
        tokio::select! {
            biased;
            () = cancel.cancelled(), if !cancelled => {
                cancelled = true;
                inputs.push(stopped());
            }
            Some(input) = flying.next(), if !flying.is_empty() => {
                inputs.push(input);
                // Whatever else has arrived shares the next sync.
                while let Some(Some(more)) = flying.next().now_or_never() {
                    inputs.push(more);
                }
            }
            () = wake => {}
        }
    }
}

fn stopped() -> Input {
    Input::Cancel(Raw::from("stopped by the operator"))
}

/// Does what the executor wishes; gives facts that are known at once (a failed journal).
fn perform<'a>(
    ports: &'a CommitPorts,
    journal: &mut Journal,
    outputs: Vec<Output>,
    flying: &Flying<'a>,
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
            Some(durable) => flying.push(send(&*ports.tenant, durable, write)),
            None => unproven.push(not_sent(write.ticket)),
        }
    }
    for output in rest {
        match output {
            Output::Observe { ticket, question } => {
                flying.push(observe(&*ports.tenant, ticket, question));
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
