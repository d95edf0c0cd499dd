//! A read file in memory: people, groups, who is directly in which, and the way down to everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::connectors::climb::{Climb, in_order};
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, Members, Membership, Person, PersonId, Way,
};

/// Who is in a group itself.
#[derive(Debug, Default)]
pub(super) struct Direct {
    pub(super) people: BTreeSet<PersonId>,
    pub(super) groups: BTreeSet<DirectoryGroupId>,
    /// Members that the file does not hold: people who left, placeholders, computers.
    pub(super) dangling: usize,
    /// The export itself holds only a part of the members (`member;range=0-1499`).
    pub(super) cut: bool,
}

/// Everything a file says.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) people: BTreeMap<PersonId, Arc<Person>>,
    pub(super) groups: BTreeMap<DirectoryGroupId, DirectoryGroup>,
    pub(super) direct: BTreeMap<DirectoryGroupId, Direct>,
    pub(super) proof: Completeness,
    pub(super) notices: Vec<String>,
}

/// Everybody below a group.
pub(super) struct Below {
    pub(super) members: Members,
    /// One of the groups on the way was exported in part.
    pub(super) cut: bool,
}

impl Book {
    /// Walks down from a group, level by level, each level by id: the first way found is the shortest,
    /// and of two equally short ones each source takes the same. A group met twice (cycles, groups
    /// that contain themselves) is not walked again.
    pub(super) fn below(&self, group: &DirectoryGroupId) -> Below {
        let mut found: BTreeMap<PersonId, Vec<DirectoryGroupId>> = BTreeMap::new();
        let mut visited = BTreeSet::from([group.clone()]);
        let mut level = BTreeMap::from([(group.clone(), Vec::new())]);
        let mut cut = false;
        while !level.is_empty() {
            let mut below = BTreeMap::new();
            for (at, way) in level {
                let Some(direct) = self.direct.get(&at) else {
                    continue;
                };
                cut |= direct.cut;
                for person in &direct.people {
                    found.entry(person.clone()).or_insert_with(|| way.clone());
                }
                for next in &direct.groups {
                    if visited.insert(next.clone()) {
                        let mut way = way.clone();
                        way.push(next.clone());
                        below.insert(next.clone(), way);
                    }
                }
            }
            level = below;
        }
        let members = found
            .into_iter()
            .map(|(person, via)| Membership { person, via })
            .collect();
        Below { members, cut }
    }

    /// Climbs from a person to every group above.
    pub(super) fn above(&self, person: &PersonId) -> Vec<Way> {
        let holding = |fits: &dyn Fn(&Direct) -> bool| {
            let found = self.direct.iter().filter(|(_, direct)| fits(direct));
            found.map(|(id, _)| id.clone()).collect::<Vec<_>>()
        };
        let mut climb = Climb::default();
        let first = holding(&|direct| direct.people.contains(person));
        let mut level = climb.take(&[], first, DirectoryGroupId::clone);
        while !level.is_empty() {
            let mut next = Vec::new();
            for (group, way) in level {
                let above = holding(&|direct| direct.groups.contains(&group));
                next.extend(climb.take(&way, above, DirectoryGroupId::clone));
            }
            level = in_order(next);
        }
        climb.ways()
    }

    /// Fills in what follows from the rest: subgroups, sizes, the note on dangling members.
    pub(super) fn finish(&mut self) {
        let sizes: Vec<_> = self
            .groups
            .keys()
            .map(|id| (id.clone(), self.below(id).members.len()))
            .collect();
        for (id, size) in sizes {
            if let Some(group) = self.groups.get_mut(&id) {
                group.size = u64::try_from(size).ok();
                if let Some(direct) = self.direct.get(&id) {
                    group.subgroups = direct.groups.iter().cloned().collect();
                }
            }
        }
        let dangling: usize = self.direct.values().map(|direct| direct.dangling).sum();
        if dangling > 0 {
            self.notices.push(format!(
                "{dangling} group member{} not in the file and left out",
                if dangling == 1 { " is" } else { "s are" }
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> DirectoryGroupId {
        DirectoryGroupId::from(text)
    }

    fn direct(people: &[&str], groups: &[&str]) -> Direct {
        Direct {
            people: people
                .iter()
                .map(|person| PersonId::from(*person))
                .collect(),
            groups: groups.iter().map(|group| id(group)).collect(),
            ..Direct::default()
        }
    }

    #[test]
    fn cycles_end_and_the_shortest_way_wins() {
        let book = Book {
            direct: BTreeMap::from([
                (id("a"), direct(&["p1"], &["a", "b", "c"])),
                (id("b"), direct(&["p1", "p2"], &["c"])),
                (id("c"), direct(&["p3"], &["a"])),
            ]),
            ..Book::default()
        };
        let members = book.below(&id("a")).members;
        let ways: Vec<_> = members
            .iter()
            .map(|member| (member.person.expose(), member.via.len()))
            .collect();
        assert_eq!(ways, [("p1", 0), ("p2", 1), ("p3", 1)]);
        assert_eq!(members[2].via, [id("c")]);
        let above = book.above(&PersonId::from("p2"));
        let wanted = [
            vec![id("a"), id("b")],
            vec![id("b")],
            vec![id("c"), id("a"), id("b")],
        ];
        assert_eq!(above, wanted, "the same from below");
    }
}
