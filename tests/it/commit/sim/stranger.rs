//! A second admin, who acts between any two steps (T19): changes what the plan is about, or what it
//! lives on. Never asks us.

use qroll::domain::{Assignee, AutoAssign, Change, SpaceAssignment, SpaceId, UserId, UserStatus};

use super::dice::Dice;
use crate::commit::world::World;

/// One act on what an operation is about; says what, for the trace.
pub(super) fn act(world: &mut World, change: &Change, dice: &Dice) -> String {
    match change {
        Change::CreateUser { subject, after, .. } => {
            let there = world
                .users
                .values()
                .find(|user| user.subject.key() == subject.key());
            match there.map(|user| user.id.clone()) {
                Some(id) => on_user(world, &id, dice),
                None if dice.chance(300) => {
                    let id = fresh(world, "foreign-user");
                    let email = after.email.as_ref().map(qroll::text::Raw::expose);
                    world.add_user(&id, subject.expose(), email);
                    if let Some(user) = world.users.get_mut(&id.as_str().into())
                        && dice.chance(500)
                    {
                        user.name = after.name.clone();
                        user.roles.clone_from(&after.roles);
                    }
                    format!("made {}", subject.expose())
                }
                None => "looked around".to_owned(),
            }
        }
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => on_user(world, &target.id, dice),
        Change::AddLicense { after: state, .. }
        | Change::ChangeLicense { after: state, .. }
        | Change::MoveLicense { after: state, .. }
        | Change::RemoveLicense { before: state, .. } => {
            let key = state.subject.key();
            if world.seats.remove(&key).is_some() && dice.chance(600) {
                return format!("took the seat of {key}");
            }
            let license = if dice.chance(500) {
                "analyzer"
            } else {
                "professional"
            };
            world.add_seat(state.subject.expose(), license);
            format!("gave {key} a seat: {license}")
        }
        Change::CreateGroup { target, .. } => {
            if world.groups.remove(target.expose()).is_some() {
                return format!("removed group {}", target.expose());
            }
            "looked at groups".to_owned()
        }
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => {
            on_row(world, &target.space.id, &target.assignee, dice)
        }
        Change::SetAutoAssign { .. } => {
            world.auto_assign = AutoAssign {
                professional: dice.chance(500),
                analyzer: dice.chance(500),
            };
            "turned the switches".to_owned()
        }
    }
}

fn fresh(world: &mut World, what: &str) -> String {
    world.next += 1;
    format!("{what}-{}", world.next)
}

fn on_user(world: &mut World, id: &UserId, dice: &Dice) -> String {
    let Some(user) = world.users.get_mut(id) else {
        return "looked for somebody".to_owned();
    };
    let who = user.subject.expose().to_owned();
    match dice.below(5) {
        0 => {
            user.roles = vec!["role-9".into()];
            format!("gave {who} another role")
        }
        1 => {
            user.status = UserStatus::Disabled;
            format!("disabled {who}")
        }
        2 => {
            user.name = qroll::text::Raw::from(format!("Renamed {who}"));
            format!("renamed {who}")
        }
        3 => {
            world.users.remove(id);
            format!("deleted {who}")
        }
        _ => {
            // Same subject, same name, another id (B12).
            let mut user = user.clone();
            world.users.remove(id);
            let id = fresh(world, "foreign-user");
            user.id = id.as_str().into();
            world.users.insert(user.id.clone(), user);
            format!("deleted {who} and made the record anew as {id}")
        }
    }
}

fn on_row(world: &mut World, space: &SpaceId, who: &Assignee, dice: &Dice) -> String {
    let who = match who {
        Assignee::NewUser(subject) => {
            let user = world
                .users
                .values()
                .find(|user| user.subject.key() == subject.key());
            user.map(|user| Assignee::User(user.id.clone()))
        }
        Assignee::NewGroup(name) => {
            let group = world.groups.get(name.expose());
            group.map(|group| Assignee::Group(group.id.clone()))
        }
        known => Some(known.clone()),
    };
    let Some(who) = who else {
        return "looked at a space".to_owned();
    };
    let key = (space.clone(), who.clone());
    let role = if dice.chance(500) {
        "consumer"
    } else {
        "publisher"
    };
    match dice.below(3) {
        0 => {
            if let Some(row) = world.rows.get_mut(&key) {
                row.roles = vec![role.into()];
            }
            format!("made {who:?} {role} of {}", space.expose())
        }
        1 => {
            world.rows.remove(&key);
            format!("removed {who:?} from {}", space.expose())
        }
        _ => {
            let id = fresh(world, "foreign-row");
            let row = SpaceAssignment {
                id: id.as_str().into(),
                assignee: who.clone(),
                roles: vec![role.into()],
            };
            world.rows.insert(key, row);
            format!("made a new row {id} for {who:?} in {}", space.expose())
        }
    }
}
