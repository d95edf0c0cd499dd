//! Stands at the wire and knows the plan: is each call an operation of it, byte for byte (I1), at its
//! turn, recorded on the synced disk before it leaves (I2), read immediately before (I8), not aimed at
//! the protected (I7), and never sent again without a look?

use qroll::commit::{Intent, Record};
use qroll::domain::{
    Assignee, Change, GroupId, Operation, OperationId, OperationKind, Plan, Subject, UserId,
    Verdict,
};
use qroll::host::memory::MemoryDisk;
use qroll::ports::{Instant, Prepared, Question, WriteCall};
use serde::Deserialize;
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use super::cell::{Cell, Touch, touches};

/// A check is at most so old when its write leaves: the executor's rule.
pub(super) const FRESH: Duration = Duration::from_secs(1);

/// When a cell was read last: the answer came, and the state that it showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) served: Instant,
    pub(super) done: Instant,
    pub(super) view: Instant,
    /// How often a second admin had acted when it was served: ties in time are told apart by it.
    pub(super) acts: u64,
}

/// What became of the last attempt of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// Nothing had an effect for certain, or nothing was sent.
    Free,
    /// Under way, or unclear since.
    Unclear(Instant),
}

/// What is known of one operation.
pub(super) struct Known {
    pub(super) touches: Vec<Touch>,
    needs: Vec<usize>,
    /// Earlier operations on the same cell.
    before_it: Vec<usize>,
    protected: bool,
    checked: bool,
    pub(super) last: Last,
}

/// The journal as it would survive a power cut now, read line by line.
#[derive(Default)]
struct Tail {
    read: usize,
    intents: BTreeMap<u64, Intent>,
    verdicts: BTreeMap<OperationId, Verdict>,
}

#[derive(Deserialize)]
struct Line {
    seq: u64,
    rec: Record,
}

/// The watch.
pub(super) struct Watch {
    pub(super) plan: Plan,
    pub(super) known: Vec<Known>,
    pub(super) by_cell: BTreeMap<Cell, Vec<usize>>,
    index: BTreeMap<OperationId, usize>,
    tail: Tail,
    used: BTreeSet<u64>,
    pub(super) seen: BTreeMap<Cell, Seen>,
    /// Whom ids ever belonged to.
    pub(super) subjects: BTreeMap<UserId, Subject>,
    pub(super) groups: BTreeMap<GroupId, String>,
    pub(super) violations: Vec<String>,
}

/// What of the run's journal would survive now. A process that died before its header was whole left a
/// shorter one behind.
pub(super) fn journal_of(disk: &MemoryDisk) -> Vec<u8> {
    let files = disk.files().into_iter();
    let journals = files.filter(|path| path.extension().is_some_and(|end| end == "journal"));
    let synced = journals.filter_map(|path| disk.synced(&path));
    synced.max_by_key(Vec::len).unwrap_or_default()
}

pub(super) fn digest(body: &[u8]) -> String {
    let hash = sha2::Sha256::digest(body);
    hash.iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn is_checked(change: &Change) -> bool {
    !matches!(
        change.kind(),
        OperationKind::CreateUser | OperationKind::CreateGroup | OperationKind::AddSpaceAssignment
    )
}

fn is_protected(change: &Change, keys: &BTreeSet<String>) -> bool {
    let who = match change {
        Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => vec![target.id.key(), target.subject.key()],
        Change::RemoveLicense { before, .. } | Change::ChangeLicense { before, .. } => {
            vec![before.subject.key()]
        }
        Change::RemoveSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. } => match &target.assignee {
            Assignee::User(id) => vec![id.key()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    change.is_removal() && who.iter().any(|key| keys.contains(key))
}

impl Watch {
    pub(super) fn new(plan: Plan, protected: &BTreeSet<String>) -> Self {
        let index: BTreeMap<OperationId, usize> = plan
            .operations
            .iter()
            .enumerate()
            .map(|(this, operation)| (operation.id.clone(), this))
            .collect();
        let mut by_cell: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
        let mut known = Vec::new();
        for (this, operation) in plan.operations.iter().enumerate() {
            let touches = touches(&operation.change);
            let mut before_it = Vec::new();
            for touch in &touches {
                let there = by_cell.entry(touch.cell.clone()).or_default();
                before_it.extend(there.iter().copied());
                there.push(this);
            }
            known.push(Known {
                touches,
                needs: operation
                    .needs
                    .iter()
                    .filter_map(|id| index.get(id).copied())
                    .collect(),
                before_it,
                protected: is_protected(&operation.change, protected),
                checked: is_checked(&operation.change),
                last: Last::Free,
            });
        }
        Self {
            plan,
            known,
            by_cell,
            index,
            tail: Tail::default(),
            used: BTreeSet::new(),
            seen: BTreeMap::new(),
            subjects: BTreeMap::new(),
            groups: BTreeMap::new(),
            violations: Vec::new(),
        }
    }

    pub(super) fn operation(&self, this: usize) -> &Operation {
        &self.plan.operations[this]
    }

    pub(super) fn complain(&mut self, what: String) {
        if self.violations.len() < 20 {
            self.violations.push(what);
        }
    }

    fn catch_up(&mut self, disk: &MemoryDisk) {
        let bytes = journal_of(disk);
        let mut fresh = bytes.get(self.tail.read..).unwrap_or_default();
        while let Some(end) = fresh.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = fresh.split_at(end + 1);
            match serde_json::from_slice::<Line>(line) {
                Ok(Line {
                    seq,
                    rec: Record::Intent(intent),
                }) => {
                    self.tail.intents.insert(seq, intent);
                }
                Ok(Line {
                    rec: Record::Verdict(judgement),
                    ..
                }) => {
                    let outcome = judgement.outcome;
                    self.tail
                        .verdicts
                        .insert(outcome.operation, outcome.verdict);
                }
                _ => {}
            }
            self.tail.read += line.len();
            fresh = rest;
        }
    }

    /// Looks at a call that leaves now; gives the operations that it is, by index.
    pub(super) fn leaving(
        &mut self,
        disk: &MemoryDisk,
        seq: u64,
        prepared: &Prepared,
        call: &WriteCall,
        now: Instant,
    ) -> Vec<usize> {
        self.catch_up(disk);
        let digest = digest(&prepared.body);
        let intent = self.tail.intents.get(&seq).cloned();
        let stands = intent.as_ref().is_some_and(|intent| {
            intent.digest == digest
                && intent.path == prepared.path
                && intent.method == prepared.method.word()
        });
        if !stands {
            self.complain(format!(
                "I2: sent before its intent {seq} was durable: {call:?}"
            ));
        }
        if !self.used.insert(seq) {
            self.complain(format!(
                "I2: two calls on the strength of one intent: {call:?}"
            ));
        }
        let named = intent.map(|intent| intent.operations);
        let operations: Vec<usize> = match named {
            Some(ids) => ids
                .iter()
                .filter_map(|id| self.index.get(id).copied())
                .collect(),
            None => self.looks_like(call),
        };
        if !self.is_planned(&operations, call) {
            self.complain(format!("I1: not an operation of the plan: {call:?}"));
        }
        for this in &operations {
            self.at_its_turn(*this, now);
        }
        operations
    }

    /// Without an intent: whichever single operation makes this call.
    fn looks_like(&self, call: &WriteCall) -> Vec<usize> {
        let fits = (0..self.known.len()).find(|this| self.is_planned(&[*this], call));
        fits.into_iter().collect()
    }

    fn at_its_turn(&mut self, this: usize, now: Instant) {
        let id = self.operation(this).id.expose().to_owned();
        let (mut late, mut wrong) = (Vec::new(), Vec::new());
        let known = &self.known[this];
        for need in &known.needs {
            let verdict = self.tail.verdicts.get(&self.operation(*need).id);
            if !verdict.is_some_and(Verdict::holds) {
                wrong.push(format!(
                    "I1: {id} was sent though what it needs is not there"
                ));
            }
        }
        for earlier in &known.before_it {
            if !self
                .tail
                .verdicts
                .contains_key(&self.operation(*earlier).id)
            {
                wrong.push(format!(
                    "I1: {id} was sent before {earlier} of the same cell"
                ));
            }
        }
        if self.tail.verdicts.contains_key(&self.operation(this).id) {
            wrong.push(format!("I3: {id} was sent after its verdict"));
        }
        if known.protected {
            wrong.push(format!("I7: {id} takes something from the protected"));
        }
        for touch in &known.touches {
            let seen = self.seen.get(&touch.cell);
            if known.checked && seen.is_none_or(|seen| now.since(seen.done) > FRESH) {
                late.push(format!("I8: {id} was sent without a fresh look: {seen:?}"));
            }
            if let Last::Unclear(at) = known.last
                && seen.is_none_or(|seen| seen.served < at)
            {
                late.push(format!("I3: {id} was sent again without a look"));
            }
        }
        self.known[this].last = Last::Unclear(now);
        for what in wrong.into_iter().chain(late) {
            self.complain(what);
        }
    }

    /// The cells that a question reads.
    pub(super) fn cells_of(&self, question: &Question) -> Vec<Cell> {
        match question {
            Question::UsersBySubject(subjects) => subjects
                .iter()
                .map(|one| Cell::Subject(one.key()))
                .collect(),
            Question::User(id) => vec![Cell::State(id.clone()), Cell::Roles(id.clone())],
            Question::GroupByName(name) => vec![Cell::Group(name.expose().to_owned())],
            Question::LicensesOf(subjects) => {
                subjects.iter().map(|one| Cell::Seat(one.key())).collect()
            }
            Question::AssignmentOf { space, assignee } => {
                let as_planned = match assignee {
                    Assignee::User(id) => self.subjects.get(id).cloned().map(Assignee::NewUser),
                    Assignee::Group(id) => {
                        let name = self.groups.get(id);
                        name.map(|name| Assignee::NewGroup(name.as_str().into()))
                    }
                    _ => None,
                };
                let rows = [Some(assignee.clone()), as_planned];
                rows.into_iter()
                    .flatten()
                    .map(|who| Cell::Row(space.clone(), who))
                    .collect()
            }
            Question::AutoAssign => vec![Cell::Auto],
            _ => Vec::new(),
        }
    }
}
