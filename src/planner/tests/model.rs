//! A tiny tenant that does what a plan says: enough to check that a plan fulfils itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::world::World;
use crate::domain::*;

/// Applies all operations, strictly: what cannot be done panics the test.
pub(super) fn apply(world: &mut World, plan: &Plan) {
    follow(world, &plan.operations);
}

/// Applies these operations in this order, as strictly.
pub(super) fn follow(world: &mut World, operations: &[Operation]) {
    let mut done: Vec<&OperationId> = Vec::new();
    for operation in operations {
        assert!(
            operation.needs.iter().all(|need| done.contains(&need)),
            "needs come first"
        );
        step(&mut world.snapshot.tenant, &operation.change);
        done.push(&operation.id);
    }
    for pool in &world.snapshot.tenant.licensing.value.allotments {
        assert!(pool.used <= pool.units, "{pool:?} is overdrawn");
    }
}

/// A tenant in words, in an order of its own, without the ids that only it knows.
pub(super) fn picture(world: &World) -> BTreeSet<String> {
    let tenant = &world.snapshot.tenant;
    let users = tenant.users.value.iter().map(|user| format!("{user:?}"));
    let groups = tenant.groups.value.iter().map(|group| format!("{group:?}"));
    let licensing = &tenant.licensing.value;
    let seats = licensing.assignments.iter().map(|seat| format!("{seat:?}"));
    let pools = licensing.allotments.iter().map(|pool| format!("{pool:?}"));
    let rows = tenant.assignments.iter().flat_map(|(space, rows)| {
        rows.value
            .iter()
            .map(move |row| format!("{space:?} {:?} {:?}", row.assignee, row.roles))
    });
    users
        .chain(groups)
        .chain(seats)
        .chain(pools)
        .chain(rows)
        .chain([format!("{:?}", licensing.auto_assign)])
        .collect()
}

fn user<'t>(tenant: &'t mut TenantSnapshot, id: &UserId) -> &'t mut User {
    let mut users = tenant.users.value.iter_mut();
    Arc::make_mut(users.find(|user| user.id == *id).expect("the user exists"))
}

fn used(tenant: &mut TenantSnapshot, license: &LicenseType, by: i64) {
    let mut pools = tenant.licensing.value.allotments.iter_mut();
    let pool = pools
        .find(|pool| pool.name == *license)
        .expect("the pool exists");
    pool.used += by;
    assert!(
        pool.used <= pool.units,
        "no seat of {license:?} is left at this step"
    );
}

fn give(tenant: &mut TenantSnapshot, state: &LicenseState) {
    used(tenant, &state.license, 1);
    tenant.licensing.value.assignments.push(LicenseAssignment {
        subject: state.subject.clone(),
        license: Some(state.license.clone()),
        excess: false,
        created: None,
    });
}

fn take(tenant: &mut TenantSnapshot, state: &LicenseState) {
    let seats = &mut tenant.licensing.value.assignments;
    let before = seats.len();
    seats.retain(|seat| {
        seat.subject != state.subject || seat.license.as_ref() != Some(&state.license)
    });
    assert_eq!(seats.len() + 1, before, "{state:?} is held once");
    used(tenant, &state.license, -1);
}

fn resolve(tenant: &TenantSnapshot, assignee: &Assignee) -> Assignee {
    match assignee {
        Assignee::NewUser(subject) => {
            let mut users = tenant.users.value.iter();
            let user = users
                .find(|user| user.subject == *subject)
                .expect("the user was made");
            Assignee::User(user.id.clone())
        }
        Assignee::NewGroup(name) => {
            let mut groups = tenant.groups.value.iter();
            let group = groups
                .find(|group| group.name == *name)
                .expect("the group was made");
            Assignee::Group(group.id.clone())
        }
        known => known.clone(),
    }
}

fn rows<'t>(tenant: &'t mut TenantSnapshot, seat: &SpaceSeat) -> &'t mut Vec<SpaceAssignment> {
    &mut tenant
        .assignments
        .get_mut(&seat.space.id)
        .expect("the space is read")
        .value
}

fn step(tenant: &mut TenantSnapshot, change: &Change) {
    match change {
        Change::CreateUser { subject, after, .. } => {
            let taken = tenant.users.value.iter().any(|user| {
                user.subject.key() == subject.key()
                    || (after.email.is_some() && user.email == after.email)
            });
            assert!(!taken, "subject and e-mail are new");
            tenant.users.value.push(Arc::new(User {
                id: UserId::new(format!("new-{}", subject.expose())),
                subject: subject.clone(),
                name: after.name.clone(),
                email: after.email.clone(),
                status: UserStatus::Invited,
                roles: after.roles.clone(),
                groups: Vec::new(),
                created: None,
                invite_expiry: None,
                bot: false,
            }));
        }
        Change::UpdateUser { target, after, .. } | Change::DisableUser { target, after, .. } => {
            user(tenant, &target.id).status = after.status.clone();
        }
        Change::DeleteUser { target, .. } => {
            tenant.users.value.retain(|user| user.id != target.id);
        }
        Change::AddLicense { after, .. } => give(tenant, after),
        Change::RemoveLicense { before, .. } => take(tenant, before),
        Change::MoveLicense { before, after, .. } | Change::ChangeLicense { before, after, .. } => {
            take(tenant, before);
            give(tenant, after);
        }
        Change::CreateGroup { target, .. } => tenant.groups.value.push(Group {
            id: GroupId::new(format!("new-{}", target.expose())),
            name: target.clone(),
            provider: GroupProvider::Idp,
            roles: Vec::new(),
        }),
        Change::AddSpaceAssignment { target, after, .. } => {
            let assignee = resolve(tenant, &target.assignee);
            let rows = rows(tenant, target);
            assert!(rows.iter().all(|row| row.assignee != assignee), "409");
            rows.push(SpaceAssignment {
                id: AssignmentId::new(format!("new-{}", rows.len())),
                assignee,
                roles: after.clone(),
            });
        }
        Change::ChangeSpaceAssignment {
            target,
            before,
            after,
        } => {
            let row = rows(tenant, target)
                .iter_mut()
                .find(|row| Some(&row.id) == target.assignment.as_ref())
                .expect("the row exists");
            assert_eq!(&row.roles, before);
            row.roles.clone_from(after);
        }
        Change::RemoveSpaceAssignment { target, .. } => {
            rows(tenant, target).retain(|row| Some(&row.id) != target.assignment.as_ref());
        }
        Change::SetRoles { target, after, .. } => {
            user(tenant, &target.id).roles.clone_from(&after.roles);
        }
        Change::SetAutoAssign { after, .. } => {
            tenant.licensing.value.auto_assign = Some(*after);
        }
    }
}
