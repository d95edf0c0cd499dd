//! What is to be said about roles and writes: illegal ones once a space, pointless ones once a
//! group, and what the group saves.

use std::collections::{BTreeMap, BTreeSet};

use super::by_group::Tally;
use super::by_person::held;
use super::roles::{is_creating, nearest};
use super::work::{Work, illegal as illegal_in, split, sum};
use crate::domain::{
    DirectoryGroupId, FindingCode, LicenseType, RowKey, Space, SpaceId, SpaceRole, SpaceWish,
    Target,
};
use crate::planner::build::{Pad, seconds_for_writes};
use crate::planner::desk::{Case, Fate, who};
use crate::text::Raw;

/// One finding for each illegal role in each space, with the nearest legal ones.
pub(super) fn illegal(pad: &mut Pad<'_, '_>, work: &Work<'_>) {
    let mut found: BTreeMap<(SpaceId, SpaceRole), usize> = BTreeMap::new();
    for case in &pad.desk.cases {
        for (space, wish) in &case.wish.spaces {
            let Some(space) = work.space(space) else {
                continue;
            };
            let mut wished = wish.own.clone();
            let by_group = wish.by_group.values();
            wished.extend(by_group.flat_map(|given| given.roles.iter().cloned()));
            wished.extend(wish.exact.iter().flatten().cloned());
            for role in split(space, &wished).1 {
                *found.entry((space.id.clone(), role)).or_default() += 1;
            }
        }
    }
    let mut lines: Vec<(&Space, SpaceRole, usize)> = found
        .into_iter()
        .filter_map(|((space, role), people)| Some((work.space(&space)?, role, people)))
        .collect();
    lines.sort_by_key(|(space, role, _)| (space.name.key(), space.id.clone(), role.clone()));
    for (space, role, people) in lines {
        pad.error(
            FindingCode::IllegalRole,
            &space.name,
            format!(
                "{} is not legal in a {} space; {people} people do not get it",
                role.expose(),
                space.kind.word()
            ),
            &format!("nearest legal: {}", nearest(space, &role)),
        );
    }
    illegal_for_groups(pad, work);
}

/// The same of groups as Qlik knows them.
fn illegal_for_groups(pad: &mut Pad<'_, '_>, work: &Work<'_>) {
    let desk = pad.desk;
    for (target, wish) in &desk.staging.wishes {
        let Target::QlikGroup(id) = target else {
            continue;
        };
        let groups = &desk.snapshot.tenant.groups.value;
        let group = groups.iter().find(|group| group.id == *id);
        let name = group.map_or(id.raw(), |group| &group.name);
        for (space, change) in &wish.spaces {
            let (SpaceWish::Add(roles) | SpaceWish::Exactly(roles)) = change else {
                continue;
            };
            let Some(space) = work.space(space) else {
                continue;
            };
            for role in split(space, roles).1 {
                let kind = space.kind.word();
                pad.error(
                    FindingCode::IllegalRole,
                    &space.name,
                    format!(
                        "{} is not legal in a {kind} space; the group {} does not get it",
                        role.expose(),
                        name.expose()
                    ),
                    &format!("nearest legal: {}", nearest(space, &role)),
                );
            }
        }
    }
}

/// An assignment that is there is written anew, with all its roles; one that the space does not take
/// goes then.
pub(super) fn replaced(
    pad: &mut Pad<'_, '_>,
    space: &Space,
    who: &Raw,
    before: &BTreeSet<SpaceRole>,
    after: &BTreeSet<SpaceRole>,
) {
    let (was, is) = (sum(before), sum(after));
    let hint = if before.is_subset(after) {
        "an assignment is written as a whole; the roles held are kept in it".to_owned()
    } else {
        let gone: BTreeSet<SpaceRole> = before.difference(after).cloned().collect();
        let (odd, lost) = (sum(&illegal_in(space, &gone)), sum(&gone));
        if odd == lost {
            let kind = space.kind.word();
            format!(
                "an assignment is written as a whole, and {lost} is not legal in a {kind} space"
            )
        } else {
            format!("an assignment is written as a whole; {lost} is taken by it")
        }
    };
    pad.warn(
        FindingCode::RolesReplaced,
        &space.name,
        format!("{}: roles will be replaced: {was} to {is}", who.expose()),
        &hint,
    );
}

/// Somebody, or a group, holds what the space does not take, so nothing can be added to it.
pub(super) fn untaken(
    pad: &mut Pad<'_, '_>,
    space: &Space,
    holder: &Raw,
    gone: &BTreeSet<SpaceRole>,
) {
    pad.warn(
        FindingCode::IllegalRole,
        &space.name,
        format!(
            "{} holds {}, which is not legal in a {} space; nothing is added to its roles",
            holder.expose(),
            sum(gone),
            space.kind.word()
        ),
        "take them out of the space, apply, then give it again",
    );
}

/// Creators' roles for analyzers: one warning a group and role, one for all single rows.
pub(super) fn pointless(pad: &mut Pad<'_, '_>, work: &Work<'_>) {
    let mut found: BTreeMap<(Option<DirectoryGroupId>, SpaceRole), Reach> = BTreeMap::new();
    for case in pad.desk.cases.iter().filter(|case| is_analyzer(case)) {
        for (id, wish) in &case.wish.spaces {
            let Some(space) = work.space(id) else {
                continue;
            };
            let before = match &wish.exact {
                Some(_) => held(pad.desk, case, space),
                None if !case.served() => continue,
                None => BTreeSet::new(),
            };
            let exact = wish.exact.iter().flatten();
            let exact = exact.filter(|role| !before.contains(role));
            let own = wish.own.iter().chain(exact).map(|role| (None, role));
            let by_group = wish.by_group.iter().flat_map(|(group, given)| {
                given
                    .roles
                    .iter()
                    .map(move |role| (Some(group.clone()), role))
            });
            for (group, role) in own.chain(by_group) {
                if is_creating(role) && space.assignable_roles.contains(role) {
                    let reach = found.entry((group, role.clone())).or_default();
                    reach.people.insert(case.row.key.clone());
                    reach.names.insert(who(&case.row));
                    reach.spaces.insert(id.clone());
                }
            }
        }
    }
    for ((group, role), reach) in found {
        let name = if let Some(id) = &group {
            let known = pad.desk.snapshot.directory.group(id);
            known.map_or_else(|| id.raw().clone(), |group| group.name.clone())
        } else {
            let names: Vec<Raw> = reach.names.into_iter().collect();
            Raw::from(crate::planner::build::names(&names))
        };
        pad.warn(
            FindingCode::PointlessRole,
            &name,
            format!(
                "{} analyzers gain little from {} in {} spaces: the license allows consuming only",
                reach.people.len(),
                role.expose(),
                reach.spaces.len()
            ),
            "give them professional, or a consuming role",
        );
    }
}

#[derive(Debug, Default)]
struct Reach {
    people: BTreeSet<RowKey>,
    names: BTreeSet<Raw>,
    spaces: BTreeSet<SpaceId>,
}

/// Whether the row will hold an analyzer seat, one it waits for included.
fn is_analyzer(case: &Case) -> bool {
    let license = &case.license;
    let waits = matches!(license.fate, Fate::Waits { .. });
    let held = license
        .after
        .as_ref()
        .or(if waits { license.want.as_ref() } else { None });
    held.is_some_and(|held| held.expose() == LicenseType::ANALYZER)
}

/// What the group saves.
pub(super) fn writes(pad: &mut Pad<'_, '_>, tally: &Tally) {
    let made = pad
        .drafts
        .iter()
        .filter(|draft| matches!(draft.change, crate::domain::Change::CreateGroup { .. }))
        .count();
    let by_group = tally.by_group + u64::try_from(made).unwrap_or(0);
    if tally.written.is_empty() {
        return;
    }
    pad.note(
        FindingCode::WriteCount,
        &Raw::default(),
        format!(
            "{by_group} writes by group against {} by person: about {} against {}",
            tally.by_person,
            time(seconds_for_writes(by_group)),
            time(seconds_for_writes(tally.by_person))
        ),
        "group assignments reach direct members from their first sign-in",
    );
}

fn time(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
