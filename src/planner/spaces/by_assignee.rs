//! Assignments of groups as Qlik knows them, whoever is in them: given, changed and taken as they stand
//! in a space.

use std::collections::BTreeSet;

use super::exact::{twice, undo, write};
use super::strip::{Inside, group_may_lose, leave};
use super::talk::untaken;
use super::work::{Work, illegal, is_written, reference, split};
use crate::domain::{Assignee, Group, Space, SpaceRole, SpaceSeat, SpaceWish, Target};
use crate::planner::build::{Draft, Pad, Step};

pub(super) fn plan(pad: &mut Pad<'_, '_>, work: &Work<'_>) {
    let desk = pad.desk;
    for (target, wish) in &desk.staging.wishes {
        let Target::QlikGroup(id) = target else {
            continue;
        };
        let groups = &desk.snapshot.tenant.groups.value;
        let Some(group) = groups.iter().find(|group| group.id == *id) else {
            continue;
        };
        for (space, change) in &wish.spaces {
            if let Some(space) = work.space(space) {
                one(pad, group, space, change);
            }
        }
    }
}

fn one(pad: &mut Pad<'_, '_>, group: &Group, space: &Space, change: &SpaceWish) {
    let assignee = Assignee::Group(group.id.clone());
    let row = pad.desk.view.assignment(&space.id, &assignee);
    let before: BTreeSet<SpaceRole> = row.iter().flat_map(|row| row.roles.clone()).collect();
    let after: BTreeSet<SpaceRole> = match change {
        SpaceWish::Add(roles) => before.union(&split(space, roles).0).cloned().collect(),
        SpaceWish::Exactly(roles) => split(space, roles).0,
        SpaceWish::Remove => BTreeSet::new(),
    };
    let removes = *change == SpaceWish::Remove;
    if after == before || after.is_empty() && !removes {
        return;
    }
    if is_written(pad, space, &assignee) {
        return twice(pad, space, &group.name);
    }
    if removes {
        return leave(pad, group, inside(pad, group), space);
    }
    let odd = illegal(space, &after);
    if !odd.is_empty() {
        // Everybody in it would lose these: nobody asked for that.
        return untaken(pad, space, &group.name, &odd);
    }
    let losers = if before.is_subset(&after) {
        BTreeSet::new()
    } else {
        let stays = format!("keeps its roles in {}", space.name.expose());
        let Some(losers) = group_may_lose(pad, group, inside(pad, group), &stays) else {
            return;
        };
        losers
    };
    let target = SpaceSeat {
        space: reference(space),
        assignee,
        name: group.name.clone(),
        assignment: row.map(|row| row.id.clone()),
    };
    let undo = undo(space, &before);
    let change = write(pad, space, &group.name, target, &before, &after);
    let order = format!(
        "{}\n{}\n{}",
        group.name.expose(),
        space.name.key(),
        space.id.expose()
    );
    let why = "the assignment of the group was changed";
    pad.push(Draft::new(Step::GroupSpaces, (1, order), change, why, undo).loses(losers));
}

/// Who is in a group besides those whom the tenant knows to be.
fn inside<'a>(pad: &Pad<'_, 'a>, group: &Group) -> Inside<'a> {
    match pad.desk.view.twin(group) {
        Ok(Some(twin)) => Inside::Directory(twin),
        // In a group that the directory does not have is nobody but whom the tenant knows.
        Ok(None) => Inside::Tenant,
        Err(cause) => Inside::Unknown(cause),
    }
}
