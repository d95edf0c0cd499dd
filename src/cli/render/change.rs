//! One change in words.

use std::collections::BTreeMap;

use crate::domain::{Assignee, Change, Operation, RoleId, SpaceRole, SpaceSeat, UserRef};
use crate::text::{Raw, Shown};

/// What tenant roles are called, as the plan says.
pub(in crate::cli) type Roles = BTreeMap<RoleId, Raw>;

/// `+` gives, `-` takes away, `~` changes.
pub(super) fn sign(change: &Change) -> char {
    match change {
        Change::CreateUser { .. }
        | Change::AddLicense { .. }
        | Change::CreateGroup { .. }
        | Change::AddSpaceAssignment { .. } => '+',
        change if change.is_removal() => '-',
        _ => '~',
    }
}

/// Whom or what the operation is about: the person, or the space for its assignments.
pub(in crate::cli) fn who(operation: &Operation) -> Shown {
    match (&operation.name, is_of_a_space(&operation.change)) {
        (Some(name), false) => name.show(),
        _ => subject_of(&operation.change),
    }
}

/// What the operation is grouped under: [`who`], with the mail address that tells namesakes apart.
pub(in crate::cli) fn heading(operation: &Operation) -> String {
    let who = who(operation);
    match &operation.mail {
        Some(mail) if !is_of_a_space(&operation.change) => format!("{who} ({})", mail.show()),
        _ => who.to_string(),
    }
}

fn is_of_a_space(change: &Change) -> bool {
    matches!(
        change,
        Change::AddSpaceAssignment { .. }
            | Change::ChangeSpaceAssignment { .. }
            | Change::RemoveSpaceAssignment { .. }
    )
}

/// What the change itself says about that.
fn subject_of(change: &Change) -> Shown {
    match change {
        Change::CreateUser { after, .. } => after.name.show(),
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => target.name.show(),
        Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => subject.show(),
        Change::CreateGroup { target, .. } => target.show(),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => target.space.name.show(),
        Change::SetAutoAssign { .. } => Shown::ours("tenant"),
    }
}

/// What will be done, with before and after.
pub(in crate::cli) fn what(change: &Change, names: &Roles) -> String {
    match change {
        Change::CreateUser { subject, after, .. } => {
            let roles = match after.roles.as_slice() {
                [] => String::new(),
                roles => format!(", tenant roles {}", tenant_roles(roles, names)),
            };
            format!("create user, subject {}{roles}", subject.show())
        }
        Change::UpdateUser {
            target,
            before,
            after,
        } => user(
            "update user",
            target,
            &format!("{} {}", before.name.show(), before.status.word()),
            &format!("{} {}", after.name.show(), after.status.word()),
        ),
        Change::DisableUser {
            target,
            before,
            after,
        } => user(
            "disable user",
            target,
            before.status.word(),
            after.status.word(),
        ),
        Change::DeleteUser { target, before, .. } => {
            user("delete user", target, before.status.word(), "nothing")
        }
        Change::AddLicense { .. }
        | Change::ChangeLicense { .. }
        | Change::MoveLicense { .. }
        | Change::RemoveLicense { .. } => license(change),
        Change::CreateGroup { .. } => "create group".to_owned(),
        Change::AddSpaceAssignment { target, after, .. } => {
            format!("{}: {}", assignee(target), roles(after))
        }
        Change::ChangeSpaceAssignment {
            target,
            before,
            after,
        } => {
            format!(
                "{}: {} -> {}",
                assignee(target),
                roles(before),
                roles(after)
            )
        }
        Change::RemoveSpaceAssignment { target, before, .. } => {
            format!("{}: {} -> none", assignee(target), roles(before))
        }
        Change::SetRoles {
            target,
            before,
            after,
        } => user(
            "tenant roles",
            target,
            &tenant_roles(&before.roles, names),
            &tenant_roles(&after.roles, names),
        ),
        Change::SetAutoAssign { before, after } => format!(
            "auto-assign professional {} -> {}, analyzer {} -> {}",
            switch(before.professional),
            switch(after.professional),
            switch(before.analyzer),
            switch(after.analyzer)
        ),
    }
}

fn license(change: &Change) -> String {
    match change {
        Change::AddLicense { after, .. } => format!("license {}", after.license.show()),
        Change::ChangeLicense { before, after, .. } => {
            format!(
                "license {} -> {}",
                before.license.show(),
                after.license.show()
            )
        }
        Change::MoveLicense { before, after, .. } => format!(
            "move license {} from {} to {}",
            after.license.show(),
            before.subject.show(),
            after.subject.show()
        ),
        Change::RemoveLicense { before, .. } => format!("take license {}", before.license.show()),
        _ => String::new(),
    }
}

fn user(verb: &str, target: &UserRef, before: &str, after: &str) -> String {
    format!("{verb} {}: {before} -> {after}", target.subject.show())
}

fn assignee(seat: &SpaceSeat) -> String {
    let kind = match seat.assignee {
        Assignee::Group(_) | Assignee::NewGroup(_) => "group",
        Assignee::Bot(_) => "bot",
        Assignee::User(_) | Assignee::NewUser(_) => "user",
    };
    format!("{kind} {}", seat.name.show())
}

fn roles(roles: &[SpaceRole]) -> String {
    list(roles.iter().map(SpaceRole::raw))
}

/// By name, sorted; by id where the plan does not know the name.
fn tenant_roles(roles: &[RoleId], names: &Roles) -> String {
    let mut all: Vec<&Raw> = roles
        .iter()
        .map(|role| names.get(role).unwrap_or(role.raw()))
        .collect();
    all.sort();
    list(all.into_iter())
}

fn list<'a>(names: impl Iterator<Item = &'a Raw>) -> String {
    let names: Vec<String> = names.map(|name| name.show().to_string()).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
