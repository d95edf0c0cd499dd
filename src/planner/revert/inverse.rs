//! The inverse of one change that stands, with what is lost by it; or why there is none.

use super::model::Model;
use crate::domain::{
    Assignee, AssignmentId, Change, Done, FindingCode, RolesState, SpaceSeat, Subject, Undo,
    UserRef, UserState, UserStatus,
};

/// What can be done about a change.
pub(super) enum Inverse {
    /// This takes it back.
    Change(Change, Undo),
    /// It stays: which finding, why, what to do.
    Stays(FindingCode, String, &'static str),
}

pub(super) fn inverse(change: &Change, done: &Done, model: &Model<'_>) -> Inverse {
    let (change, undo) = match change.clone() {
        Change::CreateUser { subject, after, .. } => {
            return created(&subject, &after.roles, model);
        }
        Change::CreateGroup { .. } => {
            return Inverse::Stays(
                FindingCode::RecordStays,
                "stays known to Qlik; without roles and spaces the group gives nobody anything"
                    .to_owned(),
                "remove it by hand in the administration of the tenant if it must go",
            );
        }
        Change::DeleteUser { .. } => {
            return Inverse::Stays(
                FindingCode::CannotBeTakenBack,
                "was deleted; a deleted record does not come back".to_owned(),
                "a new record can be planned for the person, with a new id and without the old content",
            );
        }
        Change::UpdateUser {
            target,
            before,
            after,
        }
        | Change::DisableUser {
            target,
            before,
            after,
        } => user(target, before, after),
        Change::SetRoles {
            target,
            before,
            after,
        } => (
            Change::SetRoles {
                target,
                before: after,
                after: before,
            },
            Undo::Reversible,
        ),
        Change::SetAutoAssign { before, after } => (
            Change::SetAutoAssign {
                before: after,
                after: before,
            },
            Undo::Reversible,
        ),
        other => return seats(other, done, model),
    };
    Inverse::Change(change, undo)
}

/// Licenses and rows of spaces.
fn seats(change: Change, done: &Done, model: &Model<'_>) -> Inverse {
    let (change, undo) = match change {
        Change::AddLicense { subject, after, .. } => (
            Change::RemoveLicense {
                subject,
                before: after,
                after: (),
            },
            Undo::Lossy,
        ),
        Change::RemoveLicense { subject, .. } if is_nobody(&subject, model) => {
            return without_record();
        }
        Change::RemoveLicense {
            subject, before, ..
        } => (
            Change::AddLicense {
                subject,
                before: (),
                after: before,
            },
            Undo::Reversible,
        ),
        Change::ChangeLicense {
            subject,
            before,
            after,
        } => {
            let back = Change::ChangeLicense {
                subject,
                before: after,
                after: before,
            };
            // The seat that is given up may go to somebody else.
            (back, Undo::Lossy)
        }
        Change::MoveLicense { before, after, .. } => (
            Change::MoveLicense {
                subject: before.subject.clone(),
                before: after,
                after: before,
            },
            Undo::Reversible,
        ),
        other => return row(other, done, model),
    };
    Inverse::Change(change, undo)
}

/// A seat is given to users of this tenant only; others would cost one and nobody could sign in.
fn is_nobody(subject: &Subject, model: &Model<'_>) -> bool {
    !model.subjects.contains_key(&subject.key())
}

fn without_record() -> Inverse {
    Inverse::Stays(
        FindingCode::NoLongerOurs,
        "there is no user record for this subject any more".to_owned(),
        "Make the record first, then give the license by a plan of its own.",
    )
}

fn row(change: Change, done: &Done, model: &Model<'_>) -> Inverse {
    match change {
        Change::AddSpaceAssignment { target, after, .. } => Inverse::Change(
            Change::RemoveSpaceAssignment {
                target: present(target, done, model),
                before: after,
                after: (),
            },
            Undo::Lossy,
        ),
        Change::ChangeSpaceAssignment {
            target,
            before,
            after,
        } => Inverse::Change(
            Change::ChangeSpaceAssignment {
                target: present(target, done, model),
                before: after,
                after: before,
            },
            Undo::Reversible,
        ),
        Change::RemoveSpaceAssignment { target, before, .. } => {
            if let Assignee::User(id) = &target.assignee
                && !model.users.contains_key(id)
            {
                return Inverse::Stays(
                    FindingCode::NoLongerOurs,
                    format!(
                        "has no user record any more, so the role in {} is not given back",
                        target.space.name.expose()
                    ),
                    "nothing is to be done",
                );
            }
            let target = SpaceSeat {
                assignment: None,
                ..target
            };
            Inverse::Change(
                Change::AddSpaceAssignment {
                    target,
                    before: (),
                    after: before,
                },
                Undo::Reversible,
            )
        }
        _ => Inverse::Stays(
            FindingCode::NotChecked,
            "this kind of change has no inverse".to_owned(),
            "",
        ),
    }
}

/// The place with the ids that stand there now.
fn present(target: SpaceSeat, done: &Done, model: &Model<'_>) -> SpaceSeat {
    let assignee = model
        .resolve(&target.assignee)
        .unwrap_or_else(|| target.assignee.clone());
    let live = model
        .rows
        .get(&(target.space.id.clone(), assignee.clone()))
        .map(|row| row.id.clone())
        .filter(|id| !id.expose().is_empty());
    let made = done.id.as_deref().map(AssignmentId::from);
    SpaceSeat {
        assignee,
        assignment: live.or(target.assignment.clone()).or(made),
        ..target
    }
}

/// A record that a run made stays: before it, anybody could have been made by signing in, and
/// disabling it would keep out whom nobody kept out before.
fn created(subject: &Subject, roles: &[crate::domain::RoleId], model: &Model<'_>) -> Inverse {
    let id = model.subjects.get(&subject.key());
    let account = id.and_then(|id| model.users.get(id));
    if let (Some(id), Some(account), false) = (id, account, roles.is_empty()) {
        let change = Change::SetRoles {
            target: UserRef {
                id: id.clone(),
                subject: account.subject.clone(),
                name: account.state.name.clone(),
            },
            before: RolesState {
                roles: account.roles.clone(),
            },
            after: RolesState { roles: Vec::new() },
        };
        return Inverse::Change(change, Undo::Reversible);
    }
    Inverse::Stays(
        FindingCode::RecordStays,
        "the user record stays; only what it was given is taken back".to_owned(),
        "deprovision on Roster disables or, where armed, deletes it",
    )
}

/// Name and status. Qlik sets a status to active or disabled only (dossier 2.4).
fn user(target: UserRef, before: UserState, after: UserState) -> (Change, Undo) {
    let restorable = matches!(before.status, UserStatus::Active | UserStatus::Disabled)
        || before.status == after.status;
    let to = UserState {
        name: before.name,
        status: if restorable {
            before.status
        } else {
            UserStatus::Active
        },
    };
    let undo = if restorable {
        Undo::Reversible
    } else {
        Undo::Lossy
    };
    let disables = to.status == UserStatus::Disabled && after.status != UserStatus::Disabled;
    let change = if disables {
        Change::DisableUser {
            target,
            before: after,
            after: to,
        }
    } else {
        Change::UpdateUser {
            target,
            before: after,
            after: to,
        }
    };
    (change, undo)
}
