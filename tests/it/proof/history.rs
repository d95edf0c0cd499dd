//! T11: a run's journal and the server's log are one history. Each intent is an `invoke`; its answer is
//! `ok` (yes), `fail` (no, throttled, not sent) or `info` (unclear, or none); each request that reached
//! the server must be the one request of one intent, and what the server did must fit what the journal
//! says of it. Whatever does not fit is an unexplained event.
//!
//! Knows nothing of the program's own judgement but the journal's records.

use qroll::commit::{self, Answer, Intent, Record, ReplyClass};
use qroll::domain::{OperationId, Plan, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// One request that reached the server, in the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `POST` and the like.
    pub(crate) method: String,
    /// Path with query, as the journal writes it.
    pub(crate) path: String,
    /// SHA-256 of the body, in lower-case hex.
    pub(crate) digest: String,
    /// Whether it changed the server's state.
    pub(crate) effect: bool,
}

/// What makes two requests the same.
type Key = (String, String, String);

/// One intent with what came of it.
struct Invoke<'a> {
    intent: &'a Intent,
    answer: Option<&'a Answer>,
}

/// How many requests of one key there were, and may have been.
#[derive(Default)]
struct Tally {
    /// Answers that only the server can have given; that it may have given; intents at all.
    certain: u64,
    possible: u64,
    /// Of the possible ones, those that may have had an effect.
    effective: u64,
    arrived: u64,
    effects: u64,
}

/// Explains a history; gives the events that cannot be explained. `others` says that what stands in
/// the tenant may be somebody else's doing: a second admin's, or as it was before the run.
pub(crate) fn explain(plan: &Plan, journal: &[u8], server: &[Entry], others: bool) -> Vec<String> {
    let content = commit::read(journal);
    let mut strange = Vec::new();
    if let Some(reason) = &content.tampered {
        strange.push(format!("the journal cannot be trusted: {reason}"));
    }
    let mut story = Story::new(plan);
    for (seq, record) in &content.records {
        story.tell(*seq, record);
    }
    strange.append(&mut story.strange);
    strange.extend(requests(&story, server));
    strange.extend(verdicts(&story, server, others));
    strange
}

/// The journal, told in order.
struct Story<'a> {
    needs: BTreeMap<&'a OperationId, &'a [OperationId]>,
    invokes: BTreeMap<u64, Invoke<'a>>,
    /// Operations with an intent and no answer, by intent.
    open: BTreeMap<&'a OperationId, u64>,
    verdicts: BTreeMap<&'a OperationId, &'a Verdict>,
    ended: bool,
    strange: Vec<String>,
}

impl<'a> Story<'a> {
    fn new(plan: &'a Plan) -> Self {
        let needs = plan
            .operations
            .iter()
            .map(|operation| (&operation.id, operation.needs.as_slice()));
        Self {
            needs: needs.collect(),
            invokes: BTreeMap::new(),
            open: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            ended: false,
            strange: Vec::new(),
        }
    }

    fn odd(&mut self, seq: u64, what: &str) {
        self.strange.push(format!("record {seq}: {what}"));
    }

    fn tell(&mut self, seq: u64, record: &'a Record) {
        if self.ended {
            self.odd(seq, "something follows the end");
        }
        match record {
            Record::Header(_) if seq != 0 => self.odd(seq, "a second header"),
            Record::Intent(intent) => self.invoke(seq, intent),
            Record::Outcome(answer) => self.answer(seq, answer),
            Record::Verdict(judgement) => {
                let outcome = &judgement.outcome;
                if !self.needs.contains_key(&outcome.operation) {
                    self.odd(seq, "a verdict on no operation of the plan");
                }
                if self
                    .verdicts
                    .insert(&outcome.operation, &outcome.verdict)
                    .is_some()
                {
                    self.odd(seq, "a second verdict");
                }
            }
            // What an earlier process left open stays unclear.
            Record::Note { text, .. } if text.expose().starts_with("resumed") => self.open.clear(),
            Record::GivenUp { .. } => self.open.clear(),
            Record::End { counts, .. } => {
                self.ended = true;
                if self.verdicts.len() != self.needs.len() || counts.judged() != counts.total {
                    self.odd(seq, "the end before every operation had a verdict");
                }
            }
            _ => {}
        }
    }

    fn invoke(&mut self, seq: u64, intent: &'a Intent) {
        for id in &intent.operations {
            let Some(needs) = self.needs.get(id).copied() else {
                self.odd(seq, "an intent for no operation of the plan");
                continue;
            };
            if self.verdicts.contains_key(id) {
                self.odd(seq, "an intent after the verdict");
            }
            if self.open.insert(id, seq).is_some() {
                self.odd(seq, "an intent while another is under way");
            }
            for need in needs {
                if !self
                    .verdicts
                    .get(need)
                    .is_some_and(|verdict| verdict.holds())
                {
                    self.odd(seq, "an intent before what it needs is there");
                }
            }
        }
        let invoke = Invoke {
            intent,
            answer: None,
        };
        self.invokes.insert(seq, invoke);
    }

    fn answer(&mut self, seq: u64, answer: &'a Answer) {
        let Some(invoke) = self.invokes.get_mut(&answer.intent) else {
            self.odd(seq, "an answer without an intent");
            return;
        };
        if invoke.answer.replace(answer).is_some() {
            self.odd(seq, "a second answer to one intent");
            return;
        }
        let operations = &invoke.intent.operations;
        for id in operations {
            if self.open.get(id) == Some(&answer.intent) {
                self.open.remove(id);
            }
        }
    }
}

fn key(intent: &Intent) -> Key {
    (
        intent.method.clone(),
        intent.path.clone(),
        intent.digest.clone(),
    )
}

/// Requests and intents of the same key, counted against each other.
fn requests(story: &Story<'_>, server: &[Entry]) -> Vec<String> {
    let mut tallies: BTreeMap<Key, Tally> = BTreeMap::new();
    for invoke in story.invokes.values() {
        let tally = tallies.entry(key(invoke.intent)).or_default();
        let (certain, possible, effective) = match invoke.answer.map(|answer| answer.class) {
            Some(ReplyClass::Yes | ReplyClass::Items) => (1, 1, 1),
            Some(ReplyClass::No | ReplyClass::Throttled) => (1, 1, 0),
            Some(ReplyClass::NotSent) => (0, 0, 0),
            Some(ReplyClass::Ambiguous) | None => (0, 1, 1),
        };
        tally.certain += certain;
        tally.possible += possible;
        tally.effective += effective;
    }
    for entry in server {
        let key = (
            entry.method.clone(),
            entry.path.clone(),
            entry.digest.clone(),
        );
        let tally = tallies.entry(key).or_default();
        tally.arrived += 1;
        tally.effects += u64::from(entry.effect);
    }
    let mut strange = Vec::new();
    for ((method, path, digest), tally) in tallies {
        let mut odd = |what: String| {
            let digest = digest.get(..8).unwrap_or_default();
            strange.push(format!("{method} {path} {digest}: {what}"));
        };
        if tally.arrived > tally.possible {
            odd(format!(
                "{} requests for {} intents",
                tally.arrived, tally.possible
            ));
        }
        if tally.arrived < tally.certain {
            odd(format!(
                "{} answers for {} requests",
                tally.certain, tally.arrived
            ));
        }
        if tally.effects > tally.effective {
            odd(format!(
                "{} effects where {} can be",
                tally.effects, tally.effective
            ));
        }
    }
    strange
}

/// What the verdicts say against what the server did.
fn verdicts(story: &Story<'_>, server: &[Entry], others: bool) -> Vec<String> {
    let mut effects: BTreeMap<Key, u64> = BTreeMap::new();
    for entry in server.iter().filter(|entry| entry.effect) {
        let key = (
            entry.method.clone(),
            entry.path.clone(),
            entry.digest.clone(),
        );
        *effects.entry(key).or_default() += 1;
    }
    // Calls by operation; of a batch nobody can tell from outside which item took effect.
    let mut alone: BTreeMap<&OperationId, BTreeSet<Key>> = BTreeMap::new();
    let mut batched: BTreeSet<&OperationId> = BTreeSet::new();
    for invoke in story.invokes.values() {
        for id in &invoke.intent.operations {
            if invoke.intent.items.is_empty() {
                alone.entry(id).or_default().insert(key(invoke.intent));
            } else {
                batched.insert(id);
            }
        }
    }
    let mut strange = Vec::new();
    for (id, verdict) in &story.verdicts {
        if batched.contains(id) {
            continue;
        }
        let keys = alone.get(id).into_iter().flatten();
        let times: u64 = keys.filter_map(|key| effects.get(key)).sum();
        let fits = match verdict {
            Verdict::Applied => times == 1 || others,
            Verdict::Already => times == 0,
            // Somebody else may have undone it before we could see it.
            Verdict::NotApplied { .. } | Verdict::Skipped { .. } => times == 0 || others,
            Verdict::Unknown { .. } => times <= 1 || others,
        };
        if !fits {
            strange.push(format!(
                "{} is {verdict:?} after {times} effects",
                id.show()
            ));
        }
    }
    strange
}
