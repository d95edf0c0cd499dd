//! Spaces through groups: one assignment for all direct members. Wished on a group, or chosen
//! because it writes less and reaches nobody who is not marked.

use std::collections::{BTreeMap, BTreeSet};

use super::by_person::{Given, missing};
use super::talk::{replaced, untaken};
use super::work::{Cover, Work, illegal, reference, split};
use crate::domain::{
    Assignee, Change, DirectoryGroupId, FindingCode, Group, PersonId, RowKey, Space, SpaceId,
    SpaceRole, SpaceSeat, SpaceWish, Target, Undo,
};
use crate::planner::build::{Draft, Key, Pad, Selection, Step};
use crate::planner::desk::{Case, Fate};
use crate::text::Raw;

/// What group assignments cost and save.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Writes for groups: assignments and the groups made for them.
    pub(super) by_group: u64,
    /// What the same would take person by person.
    pub(super) by_person: u64,
    /// Where group assignments are written, for which group.
    pub(super) written: BTreeSet<(SpaceId, DirectoryGroupId)>,
}

/// Assignments wished on groups.
pub(super) fn staged<'a>(pad: &mut Pad<'_, 'a>, work: &mut Work<'a>, tally: &mut Tally) {
    for (target, wish) in &pad.desk.staging.wishes {
        let Target::Group(group) = target else {
            continue;
        };
        for (space, change) in &wish.spaces {
            let (Some(space), SpaceWish::Add(roles) | SpaceWish::Exactly(roles)) =
                (work.space(space), change)
            else {
                continue;
            };
            let (legal, _) = split(space, roles);
            if legal.is_empty() {
                continue;
            }
            match pad.desk.view.claim(group) {
                Some(claim) => {
                    let why = "wished for the group: one write for its direct members";
                    assign(
                        pad,
                        work,
                        tally,
                        &Route {
                            group,
                            claim,
                            space,
                            roles: legal,
                            why,
                        },
                    );
                }
                None => merged(pad, group),
            }
        }
    }
}

fn merged(pad: &mut Pad<'_, '_>, group: &DirectoryGroupId) {
    let known = pad.desk.snapshot.directory.group(group);
    let name = known.map_or(group.raw(), |group| &group.name);
    if let Some(cause) = pad.desk.view.namesakes(group) {
        pad.warn(
            FindingCode::IncompleteSource,
            &name.clone(),
            format!(
                "the directory's groups were not read completely ({cause}): another one may have this name, so spaces are given person by person"
            ),
            "refresh; if it stays so, the credential may not see every group",
        );
        return;
    }
    let (code, text) = if known.is_some() {
        (
            FindingCode::Conflict,
            "another directory group sends the same claim: in Qlik they would be one, so spaces are given person by person",
        )
    } else {
        (
            FindingCode::UnknownGroup,
            "the group's name is not known, so spaces are given person by person",
        )
    };
    pad.warn(
        code,
        &name.clone(),
        text,
        "rename one of the groups, or send object ids as the claim",
    );
}

struct Route<'r, 'a> {
    group: &'a DirectoryGroupId,
    claim: &'a Raw,
    space: &'a Space,
    roles: BTreeSet<SpaceRole>,
    why: &'r str,
}

/// Puts a group into a space, unless it has the roles there.
fn assign<'a>(
    pad: &mut Pad<'_, 'a>,
    work: &mut Work<'a>,
    tally: &mut Tally,
    route: &Route<'_, 'a>,
) {
    let desk = pad.desk;
    let known = desk.view.group(route.claim);
    let assignee = known.map_or_else(
        || Assignee::NewGroup(route.claim.clone()),
        |group| Assignee::Group(group.id.clone()),
    );
    let held = desk.view.assignment(&route.space.id, &assignee);
    let before: BTreeSet<SpaceRole> = held
        .iter()
        .flat_map(|row| row.roles.iter().cloned())
        .collect();
    let gone = illegal(route.space, &before);
    if !gone.is_empty() && !route.roles.is_subset(&before) {
        // Everybody in it would lose these: nobody asked for that.
        untaken(pad, route.space, route.claim, &gone);
        return;
    }
    if !route.roles.is_subset(&before) {
        write(pad, route, known, assignee, &before);
        tally.by_group += 1;
        tally.by_person += served(pad, route.group);
        tally
            .written
            .insert((route.space.id.clone(), route.group.clone()));
    }
    let roles = before.union(&route.roles).cloned().collect();
    let cover = Cover {
        group: known.map(|group| &group.id),
        name: route.claim.clone(),
        roles,
        people: desk.view.direct(route.group).collect(),
        stands: route.roles.is_subset(&before),
    };
    work.cover(&route.space.id, cover);
}

fn write(
    pad: &mut Pad<'_, '_>,
    route: &Route<'_, '_>,
    known: Option<&Group>,
    assignee: Assignee,
    before: &BTreeSet<SpaceRole>,
) {
    let key = Key::Group(route.claim.clone());
    if known.is_none() {
        create(pad, route.claim, &key);
    }
    let held = pad.desk.view.assignment(&route.space.id, &assignee);
    let target = SpaceSeat {
        space: reference(route.space),
        assignee,
        name: route.claim.clone(),
        assignment: held.map(|row| row.id.clone()),
    };
    // A group may be wished on twice (two directory groups never send one claim): merge the roles.
    let after: BTreeSet<SpaceRole> = before.union(&route.roles).cloned().collect();
    let change = if before.is_empty() {
        Change::AddSpaceAssignment {
            target,
            before: (),
            after: after.into_iter().collect(),
        }
    } else {
        replaced(pad, route.space, route.claim, before, &after);
        Change::ChangeSpaceAssignment {
            target,
            before: before.iter().cloned().collect(),
            after: after.into_iter().collect(),
        }
    };
    let order = format!(
        "{}\n{}\n{}",
        route.claim.expose(),
        route.space.name.key(),
        route.space.id.expose()
    );
    pad.push(
        Draft::new(
            Step::GroupSpaces,
            (0, order),
            change,
            route.why,
            Undo::Reversible,
        )
        .needs(known.is_none().then_some(key)),
    );
}

fn create(pad: &mut Pad<'_, '_>, claim: &Raw, key: &Key) {
    if pad
        .drafts
        .iter()
        .any(|draft| draft.makes.as_ref() == Some(key))
    {
        return;
    }
    let change = Change::CreateGroup {
        target: claim.clone(),
        before: (),
        after: claim.clone(),
    };
    let why = "a space by group; nobody of it has signed in yet";
    let order = (0, claim.expose().to_owned());
    pad.push(
        Draft::new(Step::CreateGroup, order, change, why, Undo::Impossible).makes(key.clone()),
    );
}

/// People below a group who get what is wished.
fn served(pad: &Pad<'_, '_>, group: &DirectoryGroupId) -> u64 {
    let members = pad.desk.snapshot.directory.members.get(group);
    let below: BTreeSet<&PersonId> = members
        .into_iter()
        .flat_map(|reading| &reading.value)
        .map(|member| &member.person)
        .collect();
    let inside = |case: &&Case| match &case.row.key {
        RowKey::Person(id) => case.served() && below.contains(id),
        _ => false,
    };
    u64::try_from(pad.desk.cases.iter().filter(inside).count()).unwrap_or(u64::MAX)
}

/// Wishes on single rows that a marked group fulfils with fewer writes. Only when every direct
/// member is marked for the very same roles: nobody else may get access by it.
pub(super) fn convert<'a>(
    pad: &mut Pad<'_, 'a>,
    work: &mut Work<'a>,
    tally: &mut Tally,
    selection: &'a Selection,
) {
    let desk = pad.desk;
    let cases: BTreeMap<&PersonId, &Case> = desk
        .cases
        .iter()
        .filter_map(|case| match &case.row.key {
            RowKey::Person(id) => Some((id, case)),
            _ => None,
        })
        .collect();
    let mut groups: BTreeSet<&DirectoryGroupId> = selection.groups.iter().collect();
    groups.extend(
        desk.staging
            .wishes
            .keys()
            .filter_map(|target| match target {
                Target::Group(id) => Some(id),
                Target::Row(_) | Target::AllPeople | Target::Set(_) | Target::QlikGroup(_) => None,
            }),
    );
    for group in groups {
        let Some(claim) = desk.view.claim(group) else {
            continue;
        };
        let members = desk.snapshot.directory.members.get(group);
        if !members.is_some_and(|members| members.proof.is_proven()) {
            continue;
        }
        let direct: Option<Vec<&Case>> = desk
            .view
            .direct(group)
            .map(|id| cases.get(id).copied())
            .collect();
        let Some(direct) = direct.filter(|direct| !direct.is_empty()) else {
            continue;
        };
        let routes = cheaper(pad, work, claim, &direct);
        for (space, roles) in routes {
            let why = "all direct members are marked: one write instead of one each";
            assign(
                pad,
                work,
                tally,
                &Route {
                    group,
                    claim,
                    space,
                    roles,
                    why,
                },
            );
        }
    }
}

/// Spaces for which the group saves writes, all in all.
fn cheaper<'a>(
    pad: &Pad<'_, 'a>,
    work: &Work<'a>,
    claim: &Raw,
    direct: &[&Case],
) -> Vec<(&'a Space, BTreeSet<SpaceRole>)> {
    let mut routes = Vec::new();
    let mut saved = 0;
    for space in work.spaces() {
        let Some(roles) = common(space, direct) else {
            continue;
        };
        let single = direct
            .iter()
            .filter(|case| case.served())
            .filter(|case| !missing(pad.desk, work, space, case, Given::Own).is_empty())
            .count();
        if single > 1 {
            saved += single - 1;
            routes.push((space, roles));
        }
    }
    let made = usize::from(pad.desk.view.group(claim).is_none());
    if saved > made { routes } else { Vec::new() }
}

/// The legal roles that all of them are marked for, when they are the same.
fn common(space: &Space, direct: &[&Case]) -> Option<BTreeSet<SpaceRole>> {
    let mut roles: Option<&BTreeSet<SpaceRole>> = None;
    for case in direct {
        let own = &case.wish.spaces.get(&space.id)?.own;
        let left_out = case.license.fate == Fate::LeftOut;
        if left_out || roles.is_some_and(|roles| roles != own) {
            return None;
        }
        roles = Some(own);
    }
    let (legal, _) = split(space, roles?);
    (!legal.is_empty()).then_some(legal)
}
