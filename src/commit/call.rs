//! From operations to the one mutating call that does them, with every id resolved; and the
//! operation's class and echo key. Pure.

use super::live::Names;
use super::record::Class;
use crate::domain::{Assignee, Change, LicenseState};
use crate::ports::{Bug, WriteCall, planted};

/// What a repeat of this change does.
pub(super) fn class(change: &Change) -> Class {
    match change {
        Change::CreateUser { .. }
        | Change::CreateGroup { .. }
        | Change::AddSpaceAssignment { .. }
        | Change::AddLicense { .. } => Class::Keyed,
        _ => Class::Set,
    }
}

/// Whether the target is read immediately before the write. The server refuses a second user,
/// group or assignment by itself; of a second license nobody knows, so it is read as well.
pub(super) fn is_checked(change: &Change) -> bool {
    class(change) == Class::Set || matches!(change, Change::AddLicense { .. })
}

/// Subject and type that the server echoes for a license operation.
pub(super) fn echo(change: &Change) -> Option<&LicenseState> {
    match change {
        Change::AddLicense { after, .. }
        | Change::ChangeLicense { after, .. }
        | Change::MoveLicense { after, .. } => Some(after),
        Change::RemoveLicense { before, .. } => Some(before),
        _ => None,
    }
}

/// The call for one operation, or for several license operations of one kind. `None` when an id is
/// not known yet.
pub(super) fn build(changes: &[&Change], names: &Names) -> Option<WriteCall> {
    let first = changes.first()?;
    Some(match first {
        Change::CreateUser { subject, after, .. } => WriteCall::CreateUser {
            subject: subject.clone(),
            draft: after.clone(),
        },
        Change::UpdateUser {
            target,
            before,
            after,
        }
        | Change::DisableUser {
            target,
            before,
            after,
        } => WriteCall::UpdateUser {
            user: target.id.clone(),
            before: before.clone(),
            after: after.clone(),
        },
        Change::DeleteUser { target, .. } => {
            let user = if planted(Bug::DeleteBySubject) {
                names.users.get(&target.subject.key())
            } else {
                Some(&target.id)
            };
            WriteCall::DeleteUser {
                user: user?.clone(),
            }
        }
        Change::SetRoles { target, after, .. } => WriteCall::SetRoles {
            user: target.id.clone(),
            roles: after.roles.clone(),
        },
        Change::CreateGroup { target, .. } => WriteCall::CreateGroup {
            name: target.clone(),
        },
        Change::SetAutoAssign { after, .. } => WriteCall::SetAutoAssign { to: *after },
        Change::AddSpaceAssignment { .. }
        | Change::ChangeSpaceAssignment { .. }
        | Change::RemoveSpaceAssignment { .. } => space_call(first, names)?,
        Change::AddLicense { .. }
        | Change::ChangeLicense { .. }
        | Change::MoveLicense { .. }
        | Change::RemoveLicense { .. } => license_call(changes)?,
    })
}

fn space_call(change: &Change, names: &Names) -> Option<WriteCall> {
    Some(match change {
        Change::AddSpaceAssignment { target, after, .. } => WriteCall::AddAssignment {
            space: target.space.id.clone(),
            assignee: match names.resolve(&target.assignee)? {
                Assignee::NewUser(_) | Assignee::NewGroup(_) => return None,
                known => known,
            },
            roles: after.clone(),
        },
        Change::ChangeSpaceAssignment { target, after, .. } => WriteCall::ChangeAssignment {
            space: target.space.id.clone(),
            assignment: target.assignment.clone()?,
            roles: after.clone(),
        },
        Change::RemoveSpaceAssignment { target, .. } => WriteCall::RemoveAssignment {
            space: target.space.id.clone(),
            assignment: target.assignment.clone()?,
        },
        _ => return None,
    })
}

fn license_call(changes: &[&Change]) -> Option<WriteCall> {
    let kind = changes.first()?.kind();
    if changes.iter().any(|change| change.kind() != kind) {
        return None;
    }
    let echoes = || changes.iter().filter_map(|change| echo(change)).cloned();
    Some(match changes.first()? {
        Change::AddLicense { .. } => WriteCall::AddLicenses {
            items: echoes().collect(),
        },
        Change::RemoveLicense { .. } => WriteCall::RemoveLicenses {
            items: echoes().collect(),
        },
        _ => WriteCall::UpdateLicenses {
            items: changes
                .iter()
                .filter_map(|change| match change {
                    Change::ChangeLicense { before, after, .. }
                    | Change::MoveLicense { before, after, .. } => {
                        Some((before.clone(), after.clone()))
                    }
                    _ => None,
                })
                .collect(),
        },
    })
}
