//! Which part of the world a roster shows, and how each person is in the marked groups.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Base, DirectoryGroupId, PeopleSet, PersonId, Snapshot};

/// Which rows a roster holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// People below these groups, nested ones included.
    Groups(Vec<DirectoryGroupId>),
    /// People who are in any of these sets.
    Sets(Vec<PeopleSet>),
    /// These people.
    People(Vec<PersonId>),
    /// Everybody: people read so far, users that fit none of them, seats that fit neither.
    AllPeople,
    /// What the tenant knows: users, with the person where there is one, and seats without a user.
    Users,
}

/// The shortest way to each person below the groups: empty for a direct member, else the groups on
/// the way, the marked one first.
pub(in crate::planner) fn ways<'a>(
    snapshot: &'a Snapshot,
    groups: &[DirectoryGroupId],
) -> BTreeMap<&'a PersonId, Vec<DirectoryGroupId>> {
    let mut ways: BTreeMap<&PersonId, Vec<DirectoryGroupId>> = BTreeMap::new();
    for group in groups {
        let Some(members) = snapshot.directory.members.get(group) else {
            continue;
        };
        for member in &members.value {
            let way = match member.via.as_slice() {
                [] => Vec::new(),
                via => std::iter::once(group).chain(via).cloned().collect(),
            };
            let known = ways.entry(&member.person).or_insert_with(|| way.clone());
            if (way.len(), &way) < (known.len(), known) {
                *known = way;
            }
        }
    }
    ways
}

/// Who is in any of these sets, with the shortest way where a group brought them.
pub(super) fn inside<'a>(
    snapshot: &'a Snapshot,
    sets: &[PeopleSet],
) -> BTreeMap<&'a PersonId, Option<Vec<DirectoryGroupId>>> {
    let mut people: BTreeSet<&PersonId> = BTreeSet::new();
    let mut groups: Vec<DirectoryGroupId> = Vec::new();
    for set in sets {
        people.extend(set.people(&snapshot.directory));
        if let Base::Groups(base) = &set.base {
            groups.extend(base.iter().cloned());
        }
    }
    let mut ways = ways(snapshot, &groups);
    let people = people.into_iter();
    people.map(|id| (id, ways.remove(id))).collect()
}
