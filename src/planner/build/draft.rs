//! The pad on which a plan is drafted: operations without numbers yet, and findings.

use std::collections::BTreeSet;

use crate::domain::{Change, Decision, Finding, FindingCode, RowKey, Severity, Undo};
use crate::planner::desk::{Desk, Shield};
use crate::text::Raw;

/// Place of an operation in a commit (dossier 9.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::planner) enum Step {
    AutoAssign,
    CreateGroup,
    GroupSpaces,
    Users,
    MoveLicenses,
    FreeLicenses,
    ChangeLicenses,
    AddLicenses,
    Roles,
    UserSpaces,
    RemoveSpaces,
    RemoveLicenses,
    Disable,
    Delete,
}

/// Names what an operation makes, for those that need it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::planner) enum Key {
    /// A user of this subject.
    User(Raw),
    /// A group of this name.
    Group(Raw),
    /// The license, moved to this subject.
    Moved(Raw),
    /// The license, taken from this subject.
    Taken(Raw),
}

/// An operation without a number.
#[derive(Debug)]
pub(in crate::planner) struct Draft {
    pub(in crate::planner) step: Step,
    /// Order within the step: a turn or the row, then a text.
    pub(in crate::planner) order: (usize, Raw),
    pub(in crate::planner) change: Change,
    pub(in crate::planner) why: String,
    pub(in crate::planner) undo: Undo,
    pub(in crate::planner) makes: Option<Key>,
    pub(in crate::planner) needs: Vec<Key>,
    /// Who loses something by it.
    pub(in crate::planner) loses: BTreeSet<RowKey>,
}

impl Draft {
    pub(in crate::planner) fn new(
        step: Step,
        order: (usize, impl Into<Raw>),
        change: Change,
        why: impl Into<String>,
        undo: Undo,
    ) -> Self {
        Self {
            step,
            order: (order.0, order.1.into()),
            change,
            why: why.into(),
            undo,
            makes: None,
            needs: Vec::new(),
            loses: BTreeSet::new(),
        }
    }

    pub(in crate::planner) fn makes(mut self, key: Key) -> Self {
        self.makes = Some(key);
        self
    }

    pub(in crate::planner) fn needs(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        self.needs.extend(keys);
        self
    }

    pub(in crate::planner) fn loses(mut self, rows: impl IntoIterator<Item = RowKey>) -> Self {
        self.loses.extend(rows);
        self
    }
}

/// Drafts and findings, beside the desk they come from.
#[derive(Debug)]
pub(in crate::planner) struct Pad<'d, 'a> {
    pub(in crate::planner) desk: &'d Desk<'a>,
    pub(in crate::planner) drafts: Vec<Draft>,
    findings: Vec<Finding>,
}

impl<'d, 'a> Pad<'d, 'a> {
    pub(super) fn new(desk: &'d Desk<'a>) -> Self {
        Self {
            desk,
            drafts: Vec::new(),
            findings: Vec::new(),
        }
    }

    pub(in crate::planner) fn push(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Good to know.
    pub(in crate::planner) fn note(
        &mut self,
        code: FindingCode,
        who: &Raw,
        text: impl Into<String>,
        hint: &str,
    ) {
        self.find(Severity::Note, code, who, text.into(), hint);
    }

    /// Somebody does not get what was wished.
    pub(in crate::planner) fn warn(
        &mut self,
        code: FindingCode,
        who: &Raw,
        text: impl Into<String>,
        hint: &str,
    ) {
        self.find(Severity::Warning, code, who, text.into(), hint);
    }

    /// The plan must not be applied like this.
    pub(in crate::planner) fn error(
        &mut self,
        code: FindingCode,
        who: &Raw,
        text: impl Into<String>,
        hint: &str,
    ) {
        self.find(Severity::Error, code, who, text.into(), hint);
    }

    /// Something stays because nothing is taken from anybody.
    pub(in crate::planner) fn off(&mut self, who: &Raw, stays: &str) {
        let Some(off) = self.desk.protection.off() else {
            return;
        };
        let text = format!("{stays}: {}", off.cause);
        self.ask(off.code, who, text, off.hint, off.decision.clone());
    }

    /// Something stays because of whom it would be taken from.
    pub(in crate::planner) fn shielded(&mut self, who: &Raw, why: &Shield, stays: &str) {
        let text = format!("{}; {stays}", why.words());
        let (hint, decision) = (why.hint(), why.decision());
        self.ask(FindingCode::Protected, who, text, hint, decision);
    }

    /// A warning about which somebody may decide.
    pub(in crate::planner) fn ask(
        &mut self,
        code: FindingCode,
        who: &Raw,
        text: String,
        hint: &str,
        decision: Option<Decision>,
    ) {
        self.find(Severity::Warning, code, who, text, hint);
        self.decide(decision);
    }

    /// What somebody may decide about the last finding.
    pub(in crate::planner) fn decide(&mut self, decision: Option<Decision>) {
        if let Some(finding) = self.findings.last_mut() {
            finding.decision = decision;
        }
    }

    fn find(&mut self, severity: Severity, code: FindingCode, who: &Raw, text: String, hint: &str) {
        self.findings.push(Finding {
            severity,
            code,
            who: who.clone(),
            text: Raw::from(text),
            hint: Raw::from(hint),
            decision: None,
        });
    }

    /// Worst first; people who wait in the order of their line.
    pub(super) fn finish(self) -> (Vec<Draft>, Vec<Finding>) {
        let mut findings = self.findings;
        let mut seen = BTreeSet::new();
        findings.retain(|finding| seen.insert(finding.clone()));
        findings.sort_by(|one, other| (other.severity, one.code).cmp(&(one.severity, other.code)));
        (self.drafts, findings)
    }
}

/// "one", "one and two", "one, two and 3 more".
pub(in crate::planner) fn names(all: &[Raw]) -> String {
    match all {
        [] => String::new(),
        [one] => one.expose().to_owned(),
        [one, two] => format!("{} and {}", one.expose(), two.expose()),
        [one, two, three] => format!("{}, {} and {}", one.expose(), two.expose(), three.expose()),
        [one, two, rest @ ..] => {
            format!("{}, {} and {} more", one.expose(), two.expose(), rest.len())
        }
    }
}
