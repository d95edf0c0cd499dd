//! State of the Plan screen. What it shows is the sealed plan, the same bytes that will be applied.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::list::List;
use super::wrapped::wrap;
use crate::domain::{Assignee, Change, Decision, Finding, Operation, Plan, RunId};
use crate::text::Raw;

/// How operations are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// All of one person in one place.
    #[default]
    Person,
    /// All of one space in one place.
    Space,
}

/// One line under the counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanLine {
    /// A heading in our words.
    Heading(&'static str),
    /// Operations with one subject: name as it came, then indices of `plan.operations`.
    Group(Raw, Vec<usize>),
    /// The first line of a finding, by index, and what it says; safe to show.
    Finding(usize, String),
    /// A further line of the same finding; safe to show.
    More(usize, String),
}

impl PlanLine {
    /// The finding that the line is about, by index.
    fn finding(&self) -> Option<usize> {
        match self {
            Self::Finding(index, _) | Self::More(index, _) => Some(*index),
            Self::Heading(_) | Self::Group(..) => None,
        }
    }
}

/// The screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanScreen {
    /// The sealed plan.
    pub plan: Option<Arc<Plan>>,
    /// Whether staging has moved on since.
    pub stale: bool,
    /// Whether one is wanted as soon as everything it needs was read.
    pub wanted: bool,
    /// Whether one is being made.
    pub building: bool,
    /// Who is included in a reversal though something was made since.
    pub include: Vec<Raw>,
    /// So many removals of a reversal may pass the limit.
    pub released: Option<u64>,
    /// How operations are put together.
    pub by: GroupBy,
    /// Names by the key of a subject, for operations that carry none themselves.
    pub names: BTreeMap<String, Raw>,
    /// Cells of a line of a finding.
    pub room: usize,
    /// What can be done about each finding of the plan; safe to show.
    pub hints: Vec<String>,
    /// Lines below the counts.
    pub lines: Vec<PlanLine>,
    /// Cursor and window in them.
    pub list: List,
}

impl PlanScreen {
    /// Makes the lines anew.
    pub fn arrange(&mut self) {
        self.lines = self
            .plan
            .as_deref()
            .map_or_else(Vec::new, |plan| lines(plan, self.by, &self.names));
        if let Some(plan) = self
            .plan
            .as_deref()
            .filter(|plan| !plan.findings.is_empty())
        {
            self.lines.push(PlanLine::Heading("Findings"));
            let told = told(&plan.findings, &self.hints, self.room.max(1));
            self.lines.extend(told);
        }
        self.list.settle(self.lines.len());
    }

    /// Breaks the lines of findings anew; the cursor stays on what it was on.
    pub(super) fn refit(&mut self, room: usize) {
        if self.room == room {
            return;
        }
        self.room = room;
        let on = self.lines.get(self.list.cursor).and_then(PlanLine::finding);
        self.arrange();
        let found = |line: &PlanLine| on.is_some() && line.finding() == on;
        if let Some(place) = self.lines.iter().position(found) {
            self.list.select(place, self.lines.len());
        }
    }

    /// The run that this plan takes back, when it is a reversal.
    pub fn reverts(&self) -> Option<&RunId> {
        self.plan.as_deref()?.reverts.as_ref()
    }

    /// The operations of the line under the cursor.
    pub fn operations(&self) -> Vec<&Operation> {
        let Some(plan) = self.plan.as_deref() else {
            return Vec::new();
        };
        match self.lines.get(self.list.cursor) {
            Some(PlanLine::Group(_, indices)) => indices
                .iter()
                .filter_map(|index| plan.operations.get(*index))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Findings that wait for somebody to decide. What is confirmed or held waits no more.
    pub fn decisions(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.plan.iter().flat_map(|plan| &plan.findings);
        findings.filter(|finding| waits(finding))
    }

    /// The next line below the cursor, or from the top again, with such a finding.
    pub fn next_decision(&self) -> Option<usize> {
        let plan = self.plan.as_deref()?;
        let here = |line: &PlanLine| match line {
            PlanLine::Finding(index, _) => plan.findings.get(*index).is_some_and(waits),
            PlanLine::Heading(_) | PlanLine::Group(..) | PlanLine::More(..) => false,
        };
        let below = self.list.cursor + 1..self.lines.len();
        let mut places = below.chain(0..self.lines.len());
        places.find(|place| self.lines.get(*place).is_some_and(here))
    }

    /// The finding of the line under the cursor.
    pub fn finding(&self) -> Option<&Finding> {
        let index = self.lines.get(self.list.cursor)?.finding()?;
        self.plan.as_deref()?.findings.get(index)
    }
}

/// Whether somebody has to decide about a finding: the key for it acts there.
pub fn waits(finding: &Finding) -> bool {
    match &finding.decision {
        Some(Decision::Held) | None => false,
        Some(_) => !finding.is_settled(),
    }
}

fn lines(plan: &Plan, by: GroupBy, names: &BTreeMap<String, Raw>) -> Vec<PlanLine> {
    let (removals, rest): (Vec<usize>, Vec<usize>) =
        (0..plan.operations.len()).partition(|index| {
            plan.operations
                .get(*index)
                .is_some_and(|op| op.change.is_removal())
        });
    let mut found = Vec::new();
    if !removals.is_empty() {
        found.push(PlanLine::Heading("Removals"));
        found.extend(grouped(plan, &removals, by, names));
        if !rest.is_empty() {
            found.push(PlanLine::Heading("Everything else"));
        }
    }
    found.extend(grouped(plan, &rest, by, names));
    found
}

/// Findings in full, with what can be done about each behind it; where several in a row have the
/// same hint it stands once, below the last of them.
fn told(findings: &[Finding], hints: &[String], room: usize) -> Vec<PlanLine> {
    let hint = |index: usize| hints.get(index).map_or("", String::as_str);
    let mut lines = Vec::new();
    let mut same = 0;
    for (index, finding) in findings.iter().enumerate() {
        same += 1;
        let goes_on = index + 1 < findings.len() && hint(index + 1) == hint(index);
        let text = finding.text.show();
        let (text, below) = match (hint(index), goes_on, same) {
            (hint, false, 1) if !hint.is_empty() => (format!("{text} ({hint})"), None),
            (hint, false, 2..) if !hint.is_empty() => {
                (text.to_string(), Some(format!("(these {same}: {hint})")))
            }
            _ => (text.to_string(), None),
        };
        let mut texts = wrap(&text, room);
        texts.extend(below.iter().flat_map(|below| wrap(below, room)));
        let mut texts = texts.into_iter();
        lines.push(PlanLine::Finding(index, texts.next().unwrap_or_default()));
        lines.extend(texts.map(|text| PlanLine::More(index, text)));
        if !goes_on {
            same = 0;
        }
    }
    lines
}

/// Groups in the order in which their first operation will run.
fn grouped(
    plan: &Plan,
    indices: &[usize],
    by: GroupBy,
    people: &BTreeMap<String, Raw>,
) -> Vec<PlanLine> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut found: Vec<(Raw, Vec<usize>)> = Vec::new();
    for index in indices {
        let Some(operation) = plan.operations.get(*index) else {
            continue;
        };
        let (key, name) = subject(&operation.change, by, people);
        let place = *places.entry(key).or_insert_with(|| {
            found.push((name, Vec::new()));
            found.len() - 1
        });
        if let Some((_, list)) = found.get_mut(place) {
            list.push(*index);
        }
    }
    found
        .into_iter()
        .map(|(name, list)| PlanLine::Group(name, list))
        .collect()
}

/// Names of people by the key of their subject, from the operations that tell them.
pub(super) fn names(plan: &Plan) -> BTreeMap<String, Raw> {
    let mut found = BTreeMap::new();
    for operation in &plan.operations {
        match &operation.change {
            Change::CreateUser { subject, after, .. } => {
                found.insert(subject.key(), after.name.clone());
            }
            Change::UpdateUser { target, .. }
            | Change::DisableUser { target, .. }
            | Change::DeleteUser { target, .. }
            | Change::SetRoles { target, .. } => {
                found.insert(target.subject.key(), target.name.clone());
            }
            Change::AddSpaceAssignment { target, .. } => {
                if let Assignee::NewUser(subject) = &target.assignee {
                    found
                        .entry(subject.key())
                        .or_insert_with(|| target.name.clone());
                }
            }
            _ => {}
        }
    }
    found
}

/// Key and name of what an operation belongs to.
fn subject(change: &Change, by: GroupBy, people: &BTreeMap<String, Raw>) -> (String, Raw) {
    match change {
        Change::CreateUser { subject, .. }
        | Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => {
            let name = people.get(&subject.key()).unwrap_or(subject.raw());
            (format!("u {}", subject.key()), name.clone())
        }
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => {
            (format!("u {}", target.subject.key()), target.name.clone())
        }
        Change::CreateGroup { target, .. } => (format!("g {}", target.expose()), target.clone()),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => match (by, &target.assignee) {
            (GroupBy::Person, Assignee::NewUser(subject)) => {
                let name = people.get(&subject.key()).unwrap_or(&target.name);
                (format!("u {}", subject.key()), name.clone())
            }
            (GroupBy::Person, Assignee::User(id) | Assignee::Bot(id)) => {
                (format!("i {}", id.expose()), target.name.clone())
            }
            _ => (
                format!("s {}", target.space.id.expose()),
                target.space.name.clone(),
            ),
        },
        Change::SetAutoAssign { .. } => ("a".to_owned(), Raw::from("Automatic licenses")),
    }
}
