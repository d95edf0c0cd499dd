//! Short sentences about states, for drift and conflict: planned from, now, to. Everything that
//! came from outside passes the door.

use crate::domain::{
    Assignee, AutoAssign, Change, LicenseState, RoleId, SpaceRole, UserState, UserStatus,
};
use crate::text::Raw;

/// Name and status of a user.
pub(super) fn user(name: &Raw, status: &UserStatus) -> String {
    format!("{} ({})", name.show(), status.word())
}

/// Role ids.
pub(super) fn roles(roles: &[RoleId]) -> String {
    list(roles.iter().map(|role| role.show().to_string()))
}

/// Roles in a space.
pub(super) fn space_roles(roles: &[SpaceRole]) -> String {
    list(roles.iter().map(|role| role.show().to_string()))
}

/// Types of seats.
pub(super) fn seats(types: &[&str]) -> String {
    list(types.iter().map(|name| Raw::from(*name).show().to_string()))
}

/// The two switches.
pub(super) fn auto_assign(now: AutoAssign) -> String {
    let word = |on| if on { "on" } else { "off" };
    format!(
        "professional {}, analyzer {}",
        word(now.professional),
        word(now.analyzer)
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    if items.is_empty() {
        return "none".to_owned();
    }
    items.sort();
    items.join(" + ")
}

fn license(state: &LicenseState) -> String {
    format!("{} for {}", state.license.show(), state.subject.show())
}

fn state(state: &UserState) -> String {
    user(&state.name, &state.status)
}

/// `before` and `after` of a change.
fn both(change: &Change) -> (String, String) {
    let none = || "none".to_owned();
    match change {
        Change::CreateUser { after, .. } => (none(), format!("user {}", after.name.show())),
        Change::UpdateUser { before, after, .. } | Change::DisableUser { before, after, .. } => {
            (state(before), state(after))
        }
        Change::DeleteUser { before, .. } => (state(before), none()),
        Change::AddLicense { after, .. } => (none(), license(after)),
        Change::ChangeLicense { before, after, .. } | Change::MoveLicense { before, after, .. } => {
            (license(before), license(after))
        }
        Change::RemoveLicense { before, .. } => (license(before), none()),
        Change::CreateGroup { after, .. } => (none(), format!("group {}", after.show())),
        Change::AddSpaceAssignment { after, .. } => (none(), space_roles(after)),
        Change::ChangeSpaceAssignment { before, after, .. } => {
            (space_roles(before), space_roles(after))
        }
        Change::RemoveSpaceAssignment { before, .. } => (space_roles(before), none()),
        Change::SetRoles { before, after, .. } => (roles(&before.roles), roles(&after.roles)),
        Change::SetAutoAssign { before, after } => (auto_assign(*before), auto_assign(*after)),
    }
}

/// The three columns of a drifted row.
pub(super) fn three_ways(change: &Change, now: &str) -> Raw {
    let (before, after) = both(change);
    Raw::from(format!("planned from {before}; now {now}; to {after}"))
}

/// How a person can find out what became of a change.
pub(super) fn how_to_check(change: &Change) -> Raw {
    Raw::from(match change {
        Change::CreateUser { subject, .. } => {
            format!("look for a user with subject {}", subject.show())
        }
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => {
            format!(
                "look at user {} ({})",
                target.id.show(),
                target.subject.show()
            )
        }
        Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => {
            format!("look at the license of {}", subject.show())
        }
        Change::CreateGroup { target, .. } => format!("look for the group {}", target.show()),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => format!(
            "look at the members of space {} for {}",
            target.space.name.show(),
            who(&target.assignee)
        ),
        Change::SetAutoAssign { .. } => "look at the automatic assignment of licenses".to_owned(),
    })
}

fn who(assignee: &Assignee) -> String {
    match assignee {
        Assignee::User(id) | Assignee::Bot(id) => format!("user {}", id.show()),
        Assignee::Group(id) => format!("group {}", id.show()),
        Assignee::NewUser(subject) => format!("user {}", subject.show()),
        Assignee::NewGroup(name) => format!("group {}", name.show()),
    }
}
