//! Spaces person by person: what the groups do not reach.

use std::collections::{BTreeMap, BTreeSet};

use super::by_group::Tally;
use super::strip::may_take;
use super::talk::{replaced, untaken};
use super::work::{Work, illegal, reference, split};
use crate::domain::{
    Assignee, Change, FindingCode, RowKey, Space, SpaceRole, SpaceSeat, Target, Undo,
};
use crate::planner::build::{Draft, Key, Pad, Step};
use crate::planner::desk::{Case, Desk, who};
use crate::planner::wishes::Reach;
use crate::text::Raw;

/// Which wishes to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// Only those on the row itself or on everybody.
    Own,
    /// Those that come by groups too.
    All,
}

pub(super) fn plan(pad: &mut Pad<'_, '_>, work: &Work<'_>, tally: &mut Tally) {
    let desk = pad.desk;
    let mut through: BTreeMap<(Raw, Raw), usize> = BTreeMap::new();
    for (at, case) in desk.cases.iter().enumerate() {
        if !case.served() {
            continue;
        }
        for space in work.spaces() {
            if case
                .wish
                .spaces
                .get(&space.id)
                .is_none_or(|wish| wish.remove || wish.exact.is_some())
            {
                continue;
            }
            if owns(case, space) {
                pad.note(
                    FindingCode::OwnerHasAllRoles,
                    &who(&case.row),
                    format!("owns {} and has every role in it", space.name.expose()),
                    "nothing to do",
                );
                continue;
            }
            let roles = missing(desk, work, space, case, Given::All);
            if roles.is_empty() {
                for group in work.reached(&space.id, case).1 {
                    *through
                        .entry((space.name.clone(), group.clone()))
                        .or_default() += 1;
                }
            } else {
                if nested_of(case, space)
                    .any(|group| tally.written.contains(&(space.id.clone(), group.clone())))
                {
                    tally.by_group += 1;
                }
                write(pad, at, case, space, &roles);
            }
        }
    }
    for ((space, group), people) in through {
        pad.note(
            FindingCode::ReachedByGroup,
            &space,
            format!(
                "{people} people reach it through {} already",
                group.expose()
            ),
            "nothing to do",
        );
    }
}

pub(super) fn owns(case: &Case, space: &Space) -> bool {
    let user = case.user.as_ref().map(|user| &user.id);
    user.is_some() && user == space.owner.as_ref()
}

/// Groups with a wish on this space that the person is only nested in.
fn nested_of<'c>(
    case: &'c Case,
    space: &Space,
) -> impl Iterator<Item = &'c crate::domain::DirectoryGroupId> {
    let wish = case.wish.spaces.get(&space.id);
    wish.into_iter()
        .flat_map(|wish| &wish.by_group)
        .filter(|(_, given)| !given.via.is_empty())
        .map(|(group, _)| group)
}

/// Legal roles wished for a row that it neither holds nor reaches through a group.
pub(super) fn missing(
    desk: &Desk<'_>,
    work: &Work<'_>,
    space: &Space,
    case: &Case,
    given: Given,
) -> BTreeSet<SpaceRole> {
    let Some(wish) = case.wish.spaces.get(&space.id) else {
        return BTreeSet::new();
    };
    if owns(case, space) {
        return BTreeSet::new();
    }
    let mut wished = wish.own.clone();
    if given == Given::All {
        let by_group = wish.by_group.values();
        wished.extend(by_group.flat_map(|given| given.roles.iter().cloned()));
    }
    let (mut legal, _) = split(space, &wished);
    let (reached, _) = work.reached(&space.id, case);
    let held = held(desk, case, space);
    legal.retain(|role| !reached.contains(role) && !held.contains(role));
    legal
}

pub(super) fn held(desk: &Desk<'_>, case: &Case, space: &Space) -> BTreeSet<SpaceRole> {
    let row = case.user.as_ref().and_then(|user| {
        desk.view
            .assignment(&space.id, &Assignee::User(user.id.clone()))
    });
    row.into_iter()
        .flat_map(|row| row.roles.iter().cloned())
        .collect()
}

fn write(
    pad: &mut Pad<'_, '_>,
    at: usize,
    case: &Case,
    space: &Space,
    roles: &BTreeSet<SpaceRole>,
) {
    let desk = pad.desk;
    let assignee = match (&case.user, &case.subject) {
        (Some(user), _) => Assignee::User(user.id.clone()),
        (None, Some(subject)) => Assignee::NewUser(subject.clone()),
        (None, None) => return,
    };
    let name = case.row.name().cloned().unwrap_or_default();
    let row = desk.view.assignment(&space.id, &assignee);
    let target = SpaceSeat {
        space: reference(space),
        assignee,
        name,
        assignment: row.map(|row| row.id.clone()),
    };
    let before = held(desk, case, space);
    let gone = illegal(space, &before);
    if !gone.is_empty() {
        // Somebody who looks at this one person may replace the role; a list of people may not.
        let own = desk.staging.wishes.get(&Target::Row(case.row.key.clone()));
        if !own.is_some_and(|wish| wish.spaces.contains_key(&space.id)) {
            untaken(pad, space, &who(&case.row), &gone);
            return;
        }
        if !may_take(pad, case) {
            return;
        }
    }
    let after: BTreeSet<SpaceRole> = before.difference(&gone).chain(roles).cloned().collect();
    let change = if before.is_empty() {
        Change::AddSpaceAssignment {
            target,
            before: (),
            after: after.into_iter().collect(),
        }
    } else {
        replaced(pad, space, &who(&case.row), &before, &after);
        Change::ChangeSpaceAssignment {
            target,
            before: before.into_iter().collect(),
            after: after.into_iter().collect(),
        }
    };
    let order = (at, format!("{}\n{}", space.name.key(), space.id.expose()));
    let key = case
        .subject
        .as_ref()
        .map(|subject| Key::User(subject.folded()));
    // What the space does not take cannot be given back either.
    let undo = if gone.is_empty() {
        Undo::Reversible
    } else {
        Undo::Lossy
    };
    let draft = Draft::new(
        Step::UserSpaces,
        order,
        change,
        why(desk, case, space),
        undo,
    );
    let loser = (!gone.is_empty()).then(|| case.row.key.clone());
    pad.push(draft.needs(key.filter(|_| case.creates())).loses(loser));
}

/// Why a person gets an assignment of their own.
fn why(desk: &Desk<'_>, case: &Case, space: &Space) -> String {
    let wish = case.wish.spaces.get(&space.id);
    let nested = wish
        .into_iter()
        .flat_map(|wish| wish.by_group.values())
        .find_map(|given| given.via.last());
    match nested {
        Some(last) => {
            let name = desk
                .snapshot
                .directory
                .group(last)
                .map_or(last.raw(), |group| &group.name);
            format!(
                "member only through {}: nested members are not in the claim",
                name.expose()
            )
        }
        None => match &case.wish.reach {
            Reach::Set(words) => words.as_ref().to_owned(),
            Reach::Everybody => "everybody is marked".to_owned(),
            Reach::Row | Reach::Group if matches!(case.row.key, RowKey::Person(_)) => {
                "marked person".to_owned()
            }
            Reach::Row | Reach::Group => "marked user".to_owned(),
        },
    }
}
