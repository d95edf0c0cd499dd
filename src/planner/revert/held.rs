//! People a reversal takes something from: who uses what the run gave is flagged, who made
//! something with it is held until somebody decides.

use std::collections::BTreeSet;

use super::back::user_of;
use super::model::Model;
use super::order::Draft;
use crate::domain::{
    Change, Decision, Finding, FindingCode, Guards, Severity, TenantSnapshot, UseSince, User,
    UserId,
};
use crate::text::Raw;

/// Names written out in one finding.
const NAMED: usize = 3;

/// Leaves out what is protected or waits for a decision; says what it did.
pub(super) fn hold(
    drafts: &mut Vec<Draft>,
    live: &TenantSnapshot,
    signs: &UseSince,
    include: &BTreeSet<String>,
    guards: &Guards,
) -> Vec<Finding> {
    let model = Model::new(live);
    let mut findings = Vec::new();
    let operations: Vec<_> = drafts
        .iter()
        .map(|draft| crate::domain::Operation {
            change: draft.change.clone(),
            ..draft.of.clone()
        })
        .collect();
    let whole = live.users.proof.is_proven() && live.roles.proof.is_proven();
    let guards = guards.resolved(live, &operations);
    let protected: BTreeSet<String> = guards.protected.iter().map(Raw::key).collect();
    let mut flagged: BTreeSet<UserId> = BTreeSet::new();
    drafts.retain(|draft| {
        let Some(loser) = draft.change.loser() else {
            return true;
        };
        if !whole {
            findings.push(finding(
                Severity::Warning,
                FindingCode::NotChecked,
                name(draft, None),
                "users or roles were not read completely, so nobody knows who is protected: nothing is taken".to_owned(),
                "make the reversal again",
            ));
            return false;
        }
        if loser.keys().any(|key| protected.contains(key)) {
            findings.push(finding(
                Severity::Warning,
                FindingCode::Protected,
                name(draft, None),
                "is protected: nothing is taken from them".to_owned(),
                "see guards.protected in the profile",
            ));
            return false;
        }
        let Some(id) = user_of(&draft.change, &model) else {
            return true;
        };
        let user = live.users.value.iter().find(|user| user.id == id);
        let user = user.map(AsRef::as_ref);
        let owned = signs.owned.get(&id).map_or(&[][..], Vec::as_slice);
        if !owned.is_empty() && !included(user, &id, include) {
            findings.push(held(draft, user, owned));
            return false;
        }
        if let Some(last) = signs
            .signed_in
            .get(&id)
            .filter(|_| flagged.insert(id.clone()))
        {
            let at = last.strftime("%Y-%m-%d %H:%MZ");
            findings.push(finding(
                Severity::Warning,
                FindingCode::SignedInSince,
                name(draft, user),
                format!("has signed in since the run, last at {at}, and loses what it gave"),
                "tell them, or leave them out by giving it again afterwards",
            ));
        }
        true
    });
    findings
}

fn held(draft: &Draft, user: Option<&User>, owned: &[Raw]) -> Finding {
    let names: Vec<String> = owned
        .iter()
        .take(NAMED)
        .map(|name| format!("\"{}\"", name.expose()))
        .collect();
    let more = match owned.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let decision = user.map(|user| Decision::Include(user.subject.clone()));
    let held = finding(
        Severity::Warning,
        FindingCode::HeldForDecision,
        user.map_or_else(|| name(draft, None), label),
        format!(
            "owns what was made since the run ({}{more}) and would be cut off from it: held for a decision, left out",
            names.join(", ")
        ),
        "",
    );
    Finding { decision, ..held }
}

/// Whether somebody was named by subject, id or e-mail.
fn included(user: Option<&User>, id: &UserId, include: &BTreeSet<String>) -> bool {
    let signs = user.map_or_else(Vec::new, signs_of);
    include.contains(&id.key()) || signs.iter().any(|sign| include.contains(sign))
}

/// A user so that nobody else is meant: what the finding of somebody held says.
fn label(user: &User) -> Raw {
    Raw::from(format!(
        "{} ({})",
        user.name.expose(),
        user.subject.expose()
    ))
}

/// Everything by which a user can be named.
pub(super) fn signs_of(user: &User) -> Vec<String> {
    let mail = user.email.as_ref().map(Raw::key);
    [user.id.key(), user.subject.key(), label(user).key()]
        .into_iter()
        .chain(mail)
        .collect()
}

/// Who it is, for a reader.
pub(super) fn name(draft: &Draft, user: Option<&User>) -> Raw {
    let own = draft.of.name.clone();
    own.or_else(|| user.map(|user| user.name.clone()))
        .or_else(|| subject(&draft.change))
        .unwrap_or_default()
}

pub(super) fn subject(change: &Change) -> Option<Raw> {
    match change {
        Change::CreateUser { subject, .. }
        | Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => Some(subject.raw().clone()),
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => Some(target.name.clone()),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => Some(target.name.clone()),
        Change::CreateGroup { target, .. } => Some(target.clone()),
        Change::SetAutoAssign { .. } => None,
    }
}

pub(super) fn finding(
    severity: Severity,
    code: FindingCode,
    who: Raw,
    text: String,
    hint: &str,
) -> Finding {
    Finding {
        severity,
        code,
        who,
        text: Raw::from(text),
        hint: Raw::from(hint),
        decision: None,
    }
}
