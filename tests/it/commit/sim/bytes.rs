//! Whether a call is an operation of the plan, byte for byte, and nothing else (I1).

use qroll::domain::{Assignee, Change, LicenseState, OperationKind};
use qroll::ports::WriteCall;

use super::watch::Watch;

impl Watch {
    /// Whether a call is these operations, byte for byte, and nothing else.
    pub(super) fn is_planned(&self, operations: &[usize], call: &WriteCall) -> bool {
        let changes: Vec<&Change> = operations
            .iter()
            .map(|this| &self.operation(*this).change)
            .collect();
        let Some(first) = changes.first().copied() else {
            return false;
        };
        let kind = first.kind();
        if changes.iter().any(|change| change.kind() != kind) {
            return false;
        }
        match call {
            WriteCall::AddLicenses { items } => {
                kind == OperationKind::AddLicense
                    && items.iter().eq(changes.iter().filter_map(|c| after(c)))
            }
            WriteCall::RemoveLicenses { items } => {
                kind == OperationKind::RemoveLicense
                    && items.iter().eq(changes.iter().filter_map(|c| before(c)))
            }
            WriteCall::UpdateLicenses { items } => {
                matches!(
                    kind,
                    OperationKind::ChangeLicense | OperationKind::MoveLicense
                ) && items.iter().map(|(from, to)| (from, to)).eq(changes
                    .iter()
                    .filter_map(|change| Some((before(change)?, after(change)?))))
            }
            single => changes.len() == 1 && self.is_single(first, single),
        }
    }

    fn is_single(&self, change: &Change, call: &WriteCall) -> bool {
        match (change, call) {
            (
                Change::CreateUser { subject, after, .. },
                WriteCall::CreateUser {
                    subject: sent,
                    draft,
                },
            ) => subject == sent && after == draft,
            (
                Change::UpdateUser {
                    target,
                    before,
                    after,
                }
                | Change::DisableUser {
                    target,
                    before,
                    after,
                },
                WriteCall::UpdateUser {
                    user,
                    before: from,
                    after: to,
                },
            ) => target.id == *user && before == from && after == to,
            (Change::DeleteUser { target, .. }, WriteCall::DeleteUser { user }) => {
                target.id == *user
            }
            (Change::SetRoles { target, after, .. }, WriteCall::SetRoles { user, roles }) => {
                target.id == *user && after.roles == *roles
            }
            (Change::CreateGroup { target, .. }, WriteCall::CreateGroup { name }) => target == name,
            (Change::SetAutoAssign { after, .. }, WriteCall::SetAutoAssign { to }) => after == to,
            (
                Change::AddSpaceAssignment { target, after, .. },
                WriteCall::AddAssignment {
                    space,
                    assignee,
                    roles,
                },
            ) => {
                target.space.id == *space
                    && after == roles
                    && self.is_same(&target.assignee, assignee)
            }
            (
                Change::ChangeSpaceAssignment { target, after, .. },
                WriteCall::ChangeAssignment {
                    space,
                    assignment,
                    roles,
                },
            ) => {
                target.space.id == *space
                    && target.assignment.as_ref() == Some(assignment)
                    && after == roles
            }
            (
                Change::RemoveSpaceAssignment { target, .. },
                WriteCall::RemoveAssignment { space, assignment },
            ) => target.space.id == *space && target.assignment.as_ref() == Some(assignment),
            _ => false,
        }
    }

    /// Whether an id is, or once was, whom the plan means.
    fn is_same(&self, planned: &Assignee, sent: &Assignee) -> bool {
        match (planned, sent) {
            (Assignee::NewUser(subject), Assignee::User(id)) => self
                .subjects
                .get(id)
                .is_some_and(|one| one.key() == subject.key()),
            (Assignee::NewGroup(name), Assignee::Group(id)) => {
                self.groups.get(id).is_some_and(|one| one == name.expose())
            }
            (planned, sent) => planned == sent,
        }
    }
}

fn after(change: &Change) -> Option<&LicenseState> {
    match change {
        Change::AddLicense { after, .. }
        | Change::ChangeLicense { after, .. }
        | Change::MoveLicense { after, .. } => Some(after),
        _ => None,
    }
}

fn before(change: &Change) -> Option<&LicenseState> {
    match change {
        Change::RemoveLicense { before, .. }
        | Change::ChangeLicense { before, .. }
        | Change::MoveLicense { before, .. } => Some(before),
        _ => None,
    }
}
