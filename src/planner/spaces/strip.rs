//! Taking space assignments: by a wish on a row or a group, or by the ladder. Only what was read
//! completely, never from the protected.

use std::collections::BTreeSet;

use super::exact::twice;
use super::work::{Work, is_written, reference};
use crate::domain::{
    Assignee, Change, DirectoryGroupId, FindingCode, Group, Ladder, PersonId, RowKey, Space,
    SpaceAssignment, SpaceSeat, SpaceWish, Target, Undo, UserId, unknown_protection,
};
use crate::planner::build::{Draft, Pad, Step, names};
use crate::planner::desk::{Case, SpaceState, who};
use crate::text::Raw;

pub(super) fn plan(pad: &mut Pad<'_, '_>, work: &Work<'_>) {
    let desk = pad.desk;
    let mut unread: BTreeSet<Raw> = BTreeSet::new();
    for (at, case) in desk.cases.iter().enumerate() {
        let all = case.wish.ladder >= Some(Ladder::StripSpaces);
        let wished = work.spaces().filter(|space| {
            let wish = case.wish.spaces.get(&space.id);
            wish.is_some_and(|wish| wish.remove)
        });
        let mut spaces: Vec<&Space> = if all { Vec::new() } else { wished.collect() };
        if all {
            for space in desk.view.spaces() {
                match desk.view.space(&space.id) {
                    SpaceState::Ready(space) => spaces.push(space),
                    _ if case.user.is_some() => {
                        unread.insert(space.name.clone());
                    }
                    _ => {}
                }
            }
        }
        strip(pad, at, case, &spaces);
    }
    if !unread.is_empty() {
        let all: Vec<Raw> = unread.into_iter().collect();
        pad.warn(
            FindingCode::NotChecked,
            &Raw::from(names(&all)),
            format!(
                "{} spaces were not read completely; assignments there stay",
                all.len()
            ),
            "plan again, which reads them once more",
        );
    }
    groups(pad, work);
}

fn strip(pad: &mut Pad<'_, '_>, at: usize, case: &Case, spaces: &[&Space]) {
    let desk = pad.desk;
    let Some(user) = &case.user else { return };
    let assignee = Assignee::User(user.id.clone());
    let held: Vec<(&Space, &SpaceAssignment)> = spaces
        .iter()
        .filter_map(|space| Some((*space, desk.view.assignment(&space.id, &assignee)?)))
        .collect();
    if held.is_empty() {
        return;
    }
    if !may_take(pad, case) {
        return;
    }
    for (space, row) in held {
        if is_written(pad, space, &assignee) {
            twice(pad, space, &who(&case.row));
            continue;
        }
        let shown = case.row.name().cloned().unwrap_or_default();
        let mut draft = remove(at, space, row, shown);
        draft.why = case.wish.told(&draft.why);
        pad.push(draft.loses([case.row.key.clone()]));
    }
}

/// Whether something in a space may be taken from somebody; where not, it is said why.
pub(super) fn may_take(pad: &mut Pad<'_, '_>, case: &Case) -> bool {
    let desk = pad.desk;
    let name = who(&case.row);
    if let Some(why) = desk.protection.why(&case.row) {
        pad.shielded(&name, &why, "the spaces stay");
        return false;
    }
    if desk.protection.off().is_some() {
        pad.off(&name, "the spaces stay");
        return false;
    }
    let tenant = &desk.snapshot.tenant;
    if let Some(what) = unknown_protection(tenant) {
        pad.warn(
            FindingCode::IncompleteSource,
            &name,
            format!("no space is taken: {what} were not read completely"),
            "refresh",
        );
        return false;
    }
    if let Some(cause) = &case.wish.unproven {
        pad.warn(
            FindingCode::IncompleteSource,
            &name,
            format!("no space is taken: the group was not read completely ({cause})"),
            "refresh",
        );
        return false;
    }
    true
}

fn remove(at: usize, space: &Space, row: &SpaceAssignment, name: Raw) -> Draft {
    let order = format!("{}\n{}", space.name.key(), space.id.expose());
    let change = Change::RemoveSpaceAssignment {
        target: SpaceSeat {
            space: reference(space),
            assignee: row.assignee.clone(),
            name,
            assignment: Some(row.id.clone()),
        },
        before: sorted(row),
        after: (),
    };
    Draft::new(
        Step::RemoveSpaces,
        (at, order),
        change,
        "taken from the space",
        Undo::Lossy,
    )
}

fn sorted(row: &SpaceAssignment) -> Vec<crate::domain::SpaceRole> {
    let all: BTreeSet<_> = row.roles.iter().cloned().collect();
    all.into_iter().collect()
}

/// The assignments of the groups themselves.
fn groups(pad: &mut Pad<'_, '_>, work: &Work<'_>) {
    let desk = pad.desk;
    for (target, wish) in &desk.staging.wishes {
        let Target::Group(group) = target else {
            continue;
        };
        for (space, change) in &wish.spaces {
            let (Some(space), SpaceWish::Remove) = (work.space(space), change) else {
                continue;
            };
            group_leaves(pad, group, space);
        }
    }
}

fn group_leaves(pad: &mut Pad<'_, '_>, group: &DirectoryGroupId, space: &Space) {
    let desk = pad.desk;
    let Some(claim) = desk.view.claim(group) else {
        if let Some(cause) = desk.view.namesakes(group) {
            pad.warn(
                FindingCode::IncompleteSource,
                group.raw(),
                format!(
                    "the directory's groups were not read completely ({cause}): the group's own assignment stays"
                ),
                "refresh",
            );
        }
        return;
    };
    if let Some(known) = desk.view.group(claim) {
        leave(pad, known, Inside::Directory(group), space);
    }
}

/// Takes a group's own assignment, when it has one and everybody in it may lose it.
pub(super) fn leave(pad: &mut Pad<'_, '_>, known: &Group, inside: Inside<'_>, space: &Space) {
    let assignee = Assignee::Group(known.id.clone());
    let Some(row) = pad.desk.view.assignment(&space.id, &assignee) else {
        return;
    };
    if is_written(pad, space, &assignee) {
        if !is_taken(pad, row) {
            twice(pad, space, &known.name);
        }
        return;
    }
    let stays = format!("stays in {}", space.name.expose());
    if let Some(keys) = group_may_lose(pad, known, inside, &stays) {
        let draft = remove(usize::MAX, space, row, known.name.clone());
        pad.push(draft.loses(keys));
    }
}

/// Whether it is planned already that this assignment goes: who wishes the same is not contradicted.
fn is_taken(pad: &Pad<'_, '_>, row: &SpaceAssignment) -> bool {
    pad.drafts.iter().any(|draft| match &draft.change {
        Change::RemoveSpaceAssignment { target, .. } => target.assignment.as_ref() == Some(&row.id),
        _ => false,
    })
}

/// Who is in a group of Qlik, besides those whom the tenant knows to be in it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inside<'a> {
    /// The members of this group of the directory.
    Directory(&'a DirectoryGroupId),
    /// Nobody else: it is a group of the tenant's own.
    Tenant,
    /// It cannot be told, for this reason.
    Unknown(&'a str),
}

/// The rows that lose something with a group, when it may be taken from all of them; where not, it is
/// said why, with what stays as it is.
pub(super) fn group_may_lose(
    pad: &mut Pad<'_, '_>,
    known: &Group,
    inside: Inside<'_>,
    stays: &str,
) -> Option<BTreeSet<RowKey>> {
    let desk = pad.desk;
    let name = &known.name;
    if desk.protection.off().is_some() {
        pad.off(name, &format!("the group {stays}"));
        return None;
    }
    let cause = match inside {
        Inside::Directory(group) => {
            let members = desk.snapshot.directory.members.get(group);
            let whole = members.is_some_and(|members| members.proof.is_proven());
            (!whole).then_some("the group was not read completely")
        }
        Inside::Unknown(cause) => Some(cause),
        Inside::Tenant => None,
    };
    let unread = unknown_protection(&desk.snapshot.tenant);
    let cause = cause.or(unread.map(|_| "the group was not read completely"));
    if let Some(cause) = cause {
        pad.warn(
            FindingCode::IncompleteSource,
            name,
            format!("{stays}: {cause}"),
            "refresh",
        );
        return None;
    }
    let keys: BTreeSet<RowKey> = match inside {
        Inside::Directory(group) => {
            let people = desk.view.direct(group).cloned();
            people.map(RowKey::Person).collect()
        }
        Inside::Tenant | Inside::Unknown(_) => BTreeSet::new(),
    };
    // Whom the tenant knows to be in it counts too, whatever the directory says today.
    let inside = desk.view.users_in(&known.id);
    let inside: Vec<RowKey> = inside.flat_map(|id| rows_of(pad, id)).collect();
    let protected = keys.iter().chain(&inside).find_map(|key| {
        let row = desk.index.row(key, &desk.staging.accepted)?;
        desk.protection.why(&row).map(|why| (who(&row), why))
    });
    let Some((one, why)) = protected else {
        return Some(if keys.is_empty() {
            inside.into_iter().collect()
        } else {
            keys
        });
    };
    pad.ask(
        FindingCode::Protected,
        name,
        format!("{stays}: {} {}", one.expose(), why.words()),
        why.hint(),
        why.decision(),
    );
    None
}

/// The rows that may be this user's: their own, and those of everybody in the directory with their
/// subject or one of their addresses, whom a profile may name by what the tenant does not know.
fn rows_of(pad: &Pad<'_, '_>, id: UserId) -> Vec<RowKey> {
    let desk = pad.desk;
    let mut people: BTreeSet<&PersonId> = BTreeSet::new();
    if let Some(user) = desk.index.user(&id) {
        people.extend(desk.index.people_with_subject(&user.subject));
        let mails = user.email.iter();
        let named = mails.flat_map(|mail| desk.index.people_with_mail(mail));
        people.extend(named.map(|person| &person.id));
    }
    let accepted = desk.staging.accepted.iter();
    people.extend(
        accepted
            .filter(|(_, said)| **said == id)
            .map(|(person, _)| person),
    );
    let mut rows: Vec<RowKey> = people.into_iter().cloned().map(RowKey::Person).collect();
    rows.push(RowKey::User(id));
    rows
}
