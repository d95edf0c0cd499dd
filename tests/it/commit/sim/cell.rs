//! What an operation touches, as cells with a value: what the plan says was there, what it wishes, and
//! what the tenant holds. Written apart from the program's own judgement, so that the two can differ.

use qroll::domain::{Assignee, Change, RoleId, SpaceId, SpaceRole, UserId, UserStatus};

use crate::commit::world::World;

/// One place where a value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// Whether a user of this subject is there, and how.
    Subject(String),
    /// Name and status of a record.
    State(UserId),
    Roles(UserId),
    Seat(String),
    /// With the assignee as the plan names it.
    Row(SpaceId, Assignee),
    Group(String),
    Auto,
}

/// A value; nothing there is `None`.
pub(super) type Value = Option<String>;

/// A cell with the value of the plan's `before` and of its `after`.
pub(super) struct Touch {
    pub(super) cell: Cell,
    pub(super) before: Value,
    pub(super) after: Value,
}

fn touch(cell: Cell, before: Value, after: Value) -> Touch {
    Touch {
        cell,
        before,
        after,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what stands in a cell, or nothing"
)]
fn state(name: &str, status: &UserStatus) -> Value {
    Some(format!("{name} {}", status.word()))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what stands in a cell, or nothing"
)]
fn roles(list: &[RoleId]) -> Value {
    let mut list: Vec<&str> = list.iter().map(RoleId::expose).collect();
    list.sort_unstable();
    Some(list.join(" "))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what stands in a cell, or nothing"
)]
fn space_roles(list: &[SpaceRole]) -> Value {
    let mut list: Vec<&str> = list.iter().map(SpaceRole::expose).collect();
    list.sort_unstable();
    Some(list.join(" "))
}

fn record(name: &str, given: &[RoleId], email: Option<&str>) -> String {
    format!("{name} {:?} {email:?}", roles(given))
}

/// What a change touches.
pub(super) fn touches(change: &Change) -> Vec<Touch> {
    let held = |state: &qroll::domain::LicenseState| Some(state.license.expose().to_owned());
    let seat = |state: &qroll::domain::LicenseState| Cell::Seat(state.subject.key());
    match change {
        Change::CreateUser { subject, after, .. } => {
            let email = after.email.as_ref().map(qroll::text::Raw::expose);
            let made = record(after.name.expose(), &after.roles, email);
            vec![touch(Cell::Subject(subject.key()), None, Some(made))]
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
        } => vec![touch(
            Cell::State(target.id.clone()),
            state(before.name.expose(), &before.status),
            state(after.name.expose(), &after.status),
        )],
        Change::DeleteUser { target, before, .. } => vec![touch(
            Cell::State(target.id.clone()),
            state(before.name.expose(), &before.status),
            None,
        )],
        Change::SetRoles {
            target,
            before,
            after,
        } => vec![touch(
            Cell::Roles(target.id.clone()),
            roles(&before.roles),
            roles(&after.roles),
        )],
        Change::CreateGroup { target, .. } => vec![touch(
            Cell::Group(target.expose().to_owned()),
            None,
            Some("there".to_owned()),
        )],
        Change::AddLicense { after, .. } => vec![touch(seat(after), None, held(after))],
        Change::RemoveLicense { before, .. } => vec![touch(seat(before), held(before), None)],
        Change::ChangeLicense { before, after, .. } => {
            vec![touch(seat(after), held(before), held(after))]
        }
        Change::MoveLicense { before, after, .. } => vec![
            touch(seat(before), held(before), None),
            touch(seat(after), None, held(after)),
        ],
        Change::SetAutoAssign { before, after } => vec![touch(
            Cell::Auto,
            Some(format!("{before:?}")),
            Some(format!("{after:?}")),
        )],
        Change::AddSpaceAssignment { .. }
        | Change::ChangeSpaceAssignment { .. }
        | Change::RemoveSpaceAssignment { .. } => row(change),
    }
}

fn row(change: &Change) -> Vec<Touch> {
    let (target, before, after) = match change {
        Change::AddSpaceAssignment { target, after, .. } => (target, None, space_roles(after)),
        Change::ChangeSpaceAssignment {
            target,
            before,
            after,
        } => (target, space_roles(before), space_roles(after)),
        Change::RemoveSpaceAssignment { target, before, .. } => (target, space_roles(before), None),
        _ => return Vec::new(),
    };
    let cell = Cell::Row(target.space.id.clone(), target.assignee.clone());
    vec![touch(cell, before, after)]
}

/// What stands in a cell.
pub(super) fn value(world: &World, cell: &Cell) -> Value {
    match cell {
        Cell::Subject(key) => {
            let user = world
                .users
                .values()
                .find(|user| user.subject.key() == *key)?;
            Some(match user.status {
                UserStatus::Active | UserStatus::Invited | UserStatus::Provisioned => record(
                    user.name.expose(),
                    &user.roles,
                    user.email.as_ref().map(qroll::text::Raw::expose),
                ),
                _ => "out of use".to_owned(),
            })
        }
        Cell::State(id) => {
            let user = world.users.get(id)?;
            state(user.name.expose(), &user.status)
        }
        Cell::Roles(id) => roles(&world.users.get(id)?.roles),
        Cell::Seat(key) => Some(world.seats.get(key)?.license.expose().to_owned()),
        Cell::Row(space, who) => {
            let who = resolve(world, who)?;
            space_roles(&world.rows.get(&(space.clone(), who))?.roles)
        }
        Cell::Group(name) => world.groups.get(name).map(|_| "there".to_owned()),
        Cell::Auto => Some(format!("{:?}", world.auto_assign)),
    }
}

fn resolve(world: &World, who: &Assignee) -> Option<Assignee> {
    match who {
        Assignee::NewUser(subject) => {
            let key = subject.key();
            let user = world
                .users
                .values()
                .find(|user| user.subject.key() == key)?;
            Some(Assignee::User(user.id.clone()))
        }
        Assignee::NewGroup(name) => {
            let group = world.groups.get(name.expose())?;
            Some(Assignee::Group(group.id.clone()))
        }
        known => Some(known.clone()),
    }
}
