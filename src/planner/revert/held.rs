//! People a reversal takes something from: who uses what the run gave is flagged, who made
//! something with it is held until somebody decides.

use std::collections::BTreeSet;

use super::back::user_of;
use super::model::Model;
use super::order::Draft;
use crate::domain::{
    Change, Decision, Finding, FindingCode, Guards, Loser, Protected, Register, Severity,
    TenantSnapshot, UseSince, User, UserId, unknown_protection,
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
    let register = Register::of(live);
    let mut findings = Vec::new();
    let operations: Vec<_> = drafts
        .iter()
        .map(|draft| crate::domain::Operation {
            change: draft.change.clone(),
            ..draft.of.clone()
        })
        .collect();
    let unknown = unknown_protection(live);
    let guards = guards.resolved(live, &operations);
    let protected = Protected::new(&guards);
    let mut flagged: BTreeSet<UserId> = BTreeSet::new();
    drafts.retain(|draft| {
        let Some(loser) = draft.change.loser() else {
            return true;
        };
        if let Some(what) = unknown {
            findings.push(finding(
                Severity::Warning,
                FindingCode::NotChecked,
                name(draft, None),
                format!("{what} were not read completely, so nobody knows who is protected: nothing is taken"),
                "make the reversal again",
            ));
            return false;
        }
        if protected.covers(&loser) {
            findings.push(finding(
                Severity::Warning,
                FindingCode::Protected,
                name(draft, None),
                shielded(&loser, live, &protected),
                "see guards.protected and guards.allow_admins in the profile",
            ));
            return false;
        }
        if let Loser::Group(key) = &loser {
            findings.push(of_group(draft, register.members(key).count()));
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

/// Why somebody who is protected keeps what the run gave; of a group, who it is for.
fn shielded(loser: &Loser, live: &TenantSnapshot, protected: &Protected) -> String {
    let Loser::Group(key) = loser else {
        return "is protected: nothing is taken from them".to_owned();
    };
    let register = Register::of(live);
    let inside: BTreeSet<&String> = register.members(key).collect();
    let is_shielded = |user: &&std::sync::Arc<User>| {
        let id = user.id.key();
        let person = Loser::Person {
            id: Some(id.clone()),
            subject: None,
        };
        inside.contains(&id) && protected.covers(&person)
    };
    let users: Vec<_> = live.users.value.iter().filter(is_shielded).collect();
    let first = users.iter().map(|user| label(user)).take(NAMED);
    let names: Vec<String> = first.map(|name| name.expose().to_owned()).collect();
    let more = match users.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "keeps what the run gave: {}{more} of this group may lose nothing",
        names.join(", ")
    )
}

/// A group loses something: whom it is about is known in part.
fn of_group(draft: &Draft, members: usize) -> Finding {
    finding(
        Severity::Warning,
        FindingCode::NotChecked,
        name(draft, None),
        format!(
            "loses what the run gave, and everybody in it: the tenant knows {members} of them; who has not signed in since joining is not counted, and whether one of those is protected is not known"
        ),
        "look at the members in the directory before this is applied",
    )
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
