//! Names for the reader: a license operation has a subject only, which in many tenants is a number.
//! Every operation about a person or a group says who it is, in the file and under its hash.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Assignee, Change, Operation, RoleId, Row, Subject, TenantSnapshot};
use crate::planner::desk::Desk;
use crate::text::Raw;

/// Display name and mail address.
type Names = (Raw, Option<Raw>);

/// Writes the names into the operations.
pub(super) fn fill(desk: &Desk<'_>, operations: &mut [Operation]) {
    let known = known(desk);
    for operation in operations {
        let found = subject(&operation.change).and_then(|subject| known.get(&subject.folded()));
        operation.name = own(&operation.change).or_else(|| found.map(|(name, _)| name.clone()));
        operation.mail = found.and_then(|(_, mail)| mail.clone());
    }
}

/// What the tenant roles that occur in the operations are called. The changes hold ids, as the
/// requests do.
pub(in crate::planner) fn roles(
    tenant: &TenantSnapshot,
    operations: &[Operation],
) -> BTreeMap<RoleId, Raw> {
    let occur = operations.iter().flat_map(|one| match &one.change {
        Change::CreateUser { after, .. } => [&after.roles[..], &[]],
        Change::SetRoles { before, after, .. } => [&before.roles[..], &after.roles[..]],
        _ => [&[][..], &[]],
    });
    let occur: BTreeSet<&RoleId> = occur.flatten().collect();
    let known = tenant.roles.value.iter();
    known
        .filter(|role| occur.contains(&role.id))
        .map(|role| (role.id.clone(), role.name.clone()))
        .collect()
}

/// Everybody the plan is about, by each subject they have or shall have.
fn known(desk: &Desk<'_>) -> BTreeMap<Raw, Names> {
    let mut known = BTreeMap::new();
    for case in &desk.cases {
        let Some(names) = names(&case.row) else {
            continue;
        };
        for subject in subjects(&case.row) {
            known
                .entry(subject.folded())
                .or_insert_with(|| names.clone());
        }
    }
    known
}

fn names(row: &Row) -> Option<Names> {
    let person = row.person.as_ref().and_then(|person| person.mail.clone());
    let user = row.user.as_ref().and_then(|user| user.email.clone());
    let mail = person.or(user).filter(|mail| !mail.is_blank());
    row.name().map(|name| (name.clone(), mail))
}

fn subjects(row: &Row) -> impl Iterator<Item = &Subject> {
    let seats = row.licenses.iter().map(|seat| &seat.subject);
    let user = row.user.iter().map(|user| &user.subject);
    row.subject.iter().chain(user).chain(seats)
}

/// Whose subject the change names.
fn subject(change: &Change) -> Option<&Subject> {
    match change {
        Change::CreateUser { subject, .. }
        | Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => Some(subject),
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => Some(&target.subject),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => match &target.assignee {
            Assignee::NewUser(subject) => Some(subject),
            _ => None,
        },
        Change::CreateGroup { .. } | Change::SetAutoAssign { .. } => None,
    }
}

/// The name that the change itself holds.
fn own(change: &Change) -> Option<Raw> {
    match change {
        Change::CreateUser { after, .. } => Some(after.name.clone()),
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => Some(target.name.clone()),
        Change::CreateGroup { target, .. } => Some(target.clone()),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => Some(target.name.clone()),
        _ => None,
    }
}
