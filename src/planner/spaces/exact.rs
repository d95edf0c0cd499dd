//! Assignments of single people that shall hold exactly these roles: what is missing is given, what is
//! too much is taken, in one write that replaces the old one.

use std::collections::BTreeSet;

use super::by_person::{held, owns};
use super::strip::may_take;
use super::talk::replaced;
use super::work::{Work, illegal, is_written, reference, split};
use crate::domain::{Assignee, Change, FindingCode, Space, SpaceRole, SpaceSeat, Undo};
use crate::planner::build::{Draft, Pad, Step};
use crate::planner::desk::{Case, barrier, who};
use crate::text::Raw;

pub(super) fn plan(pad: &mut Pad<'_, '_>, work: &Work<'_>) {
    let desk = pad.desk;
    for (at, case) in desk.cases.iter().enumerate() {
        for space in work.spaces() {
            let wish = case.wish.spaces.get(&space.id);
            if let Some(roles) = wish.and_then(|wish| wish.exact.as_ref()) {
                one(pad, at, case, space, &split(space, roles).0);
            }
        }
    }
}

fn one(pad: &mut Pad<'_, '_>, at: usize, case: &Case, space: &Space, after: &BTreeSet<SpaceRole>) {
    let desk = pad.desk;
    let Some(user) = &case.user else {
        return without_record(pad, case, space);
    };
    if owns(case, space) {
        pad.note(
            FindingCode::OwnerHasAllRoles,
            &who(&case.row),
            format!("owns {} and has every role in it", space.name.expose()),
            "nothing to do",
        );
        return;
    }
    let before = held(desk, case, space);
    if before == *after || after.is_empty() || !may_change(pad, case, &before, after) {
        return;
    }
    let assignee = Assignee::User(user.id.clone());
    if is_written(pad, space, &assignee) {
        return twice(pad, space, &who(&case.row));
    }
    let row = desk.view.assignment(&space.id, &assignee);
    let target = SpaceSeat {
        space: reference(space),
        assignee,
        name: case.row.name().cloned().unwrap_or_default(),
        assignment: row.map(|row| row.id.clone()),
    };
    let change = write(pad, space, &who(&case.row), target, &before, after);
    let undo = undo(space, &before);
    let order = (at, format!("{}\n{}", space.name.key(), space.id.expose()));
    let loser = (!before.is_subset(after)).then(|| case.row.key.clone());
    let why = "its roles were set";
    pad.push(Draft::new(Step::UserSpaces, order, change, why, undo).loses(loser));
}

/// Whether what is given may be given, and what is taken may be taken.
fn may_change(
    pad: &mut Pad<'_, '_>,
    case: &Case,
    before: &BTreeSet<SpaceRole>,
    after: &BTreeSet<SpaceRole>,
) -> bool {
    if !after.is_subset(before)
        && let Some(skip) = barrier(case)
    {
        let (text, hint) = skip.words();
        pad.warn(skip.code(), &who(&case.row), text, hint);
        return false;
    }
    before.is_subset(after) || may_take(pad, case)
}

/// An assignment is of a user: who has no record has none.
fn without_record(pad: &mut Pad<'_, '_>, case: &Case, space: &Space) {
    pad.warn(
        FindingCode::UnknownPerson,
        &who(&case.row),
        format!(
            "has no user record, so there are no roles in {} to be changed",
            space.name.expose()
        ),
        "give the space instead, which makes the record",
    );
}

/// What the space does not take cannot be given back either.
pub(super) fn undo(space: &Space, before: &BTreeSet<SpaceRole>) -> Undo {
    if illegal(space, before).is_empty() {
        Undo::Reversible
    } else {
        Undo::Lossy
    }
}

/// The assignment as it will be, with what it replaces said.
pub(super) fn write(
    pad: &mut Pad<'_, '_>,
    space: &Space,
    name: &Raw,
    target: SpaceSeat,
    before: &BTreeSet<SpaceRole>,
    after: &BTreeSet<SpaceRole>,
) -> Change {
    let list = |roles: &BTreeSet<SpaceRole>| roles.iter().cloned().collect::<Vec<_>>();
    if before.is_empty() {
        return Change::AddSpaceAssignment {
            target,
            before: (),
            after: list(after),
        };
    }
    replaced(pad, space, name, before, after);
    Change::ChangeSpaceAssignment {
        target,
        before: list(before),
        after: list(after),
    }
}

/// One assignment is written once: what was planned first stands.
pub(super) fn twice(pad: &mut Pad<'_, '_>, space: &Space, name: &Raw) {
    pad.warn(
        FindingCode::Conflict,
        name,
        format!(
            "something else is wished for the same assignment in {}; that stands",
            space.name.expose()
        ),
        "drop one of the two",
    );
}
