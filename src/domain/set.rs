//! Set logic of groups: whoever is in these (or fits a saved query, or is anybody), is in each of
//! those too, and in none of some others. It is worked out against what was read each time it is
//! asked. Who is not in a group is known only when all of its members were read.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::ids::{DirectoryGroupId, PersonId};
use super::snapshot::{Completeness, DirectorySnapshot};
use crate::text::{Raw, show};

/// Whom a set begins with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// Everybody in the directory.
    Everybody,
    /// Everybody below any of these groups.
    Groups(BTreeSet<DirectoryGroupId>),
    /// Everybody who fits a query saved in the profile, by its name.
    Query(String),
}

/// People chosen by what they are in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PeopleSet {
    /// Whom it begins with.
    pub base: Base,
    /// Only those who are below each of these groups too.
    pub also: BTreeSet<DirectoryGroupId>,
    /// Only those who are below none of these groups.
    pub not: BTreeSet<DirectoryGroupId>,
}

/// A reading that is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What was read: a group or a query by its name, or all people.
    pub name: Raw,
    /// Why it is not whole.
    pub cause: String,
}

impl Missing {
    /// What cannot be told because of it, for a group that nobody may be in; safe to show.
    pub fn words(&self) -> String {
        format!(
            "who is not in {} cannot be told, because it was not read completely: {}",
            show(&self.name),
            self.cause
        )
    }
}

impl PeopleSet {
    /// A set that nothing narrows.
    pub fn of(base: Base) -> Self {
        Self {
            base,
            also: BTreeSet::new(),
            not: BTreeSet::new(),
        }
    }

    /// Whether other groups narrow it.
    pub fn is_narrowed(&self) -> bool {
        !self.also.is_empty() || !self.not.is_empty()
    }

    /// Whether its people count as picked one by one: a query names them as a list does.
    pub fn is_by_hand(&self) -> bool {
        matches!(self.base, Base::Query(_))
    }

    /// Whether everybody in it is in some group that it names.
    pub fn is_in_groups(&self) -> bool {
        matches!(self.base, Base::Groups(_)) || !self.also.is_empty()
    }

    /// Every group that it names.
    pub fn groups(&self) -> impl Iterator<Item = &DirectoryGroupId> {
        let base = match &self.base {
            Base::Groups(groups) => Some(groups),
            Base::Everybody | Base::Query(_) => None,
        };
        let base = base.into_iter().flatten();
        base.chain(&self.also).chain(&self.not)
    }

    /// Who is in it, as far as that was read: nobody while a group that nobody may be in is not
    /// whole.
    pub fn people<'d>(&self, directory: &'d DirectorySnapshot) -> BTreeSet<&'d PersonId> {
        if self.unknown(directory).is_some() {
            return BTreeSet::new();
        }
        let mut people: BTreeSet<&PersonId> = match &self.base {
            Base::Everybody => directory.people.value.keys().collect(),
            Base::Groups(groups) => groups
                .iter()
                .flat_map(|group| below(directory, group))
                .collect(),
            Base::Query(name) => {
                let found = directory.queries.get(name);
                found.into_iter().flat_map(|one| &one.value).collect()
            }
        };
        for group in &self.also {
            let inside: BTreeSet<&PersonId> = below(directory, group).collect();
            people.retain(|id| inside.contains(id));
        }
        for group in &self.not {
            for id in below(directory, group) {
                people.remove(id);
            }
        }
        people
    }

    /// The group that nobody may be in and that was not read whole, if there is one.
    pub fn unknown(&self, directory: &DirectorySnapshot) -> Option<Missing> {
        let mut groups = self.not.iter();
        groups.find_map(|group| group_gap(directory, group))
    }

    /// Readings that are not whole: others may belong to the set, and nothing is taken from those
    /// who do on the strength of it.
    pub fn gaps(&self, directory: &DirectorySnapshot) -> Vec<Missing> {
        let named = |name: &str, proof: &Completeness| {
            let cause = proof.gap()?.to_owned();
            let name = Raw::from(name);
            Some(Missing { name, cause })
        };
        let mut gaps: Vec<Missing> = match &self.base {
            Base::Everybody => named("all people", &directory.people.proof)
                .into_iter()
                .collect(),
            Base::Groups(groups) => groups
                .iter()
                .filter_map(|group| group_gap(directory, group))
                .collect(),
            Base::Query(name) => {
                let proof = directory.queries.get(name).map(|one| &one.proof);
                named(name, proof.unwrap_or(&Completeness::Unread))
                    .into_iter()
                    .collect()
            }
        };
        let also = self.also.iter();
        gaps.extend(also.filter_map(|group| group_gap(directory, group)));
        gaps
    }

    /// The set in words: `in A or B, also in C, not in D`.
    pub fn words(&self, directory: &DirectorySnapshot) -> Raw {
        let base = match &self.base {
            Base::Everybody => "everybody".to_owned(),
            Base::Groups(groups) => format!("in {}", listed(directory, groups, " or ")),
            Base::Query(name) => format!("in the query {name}"),
        };
        match self.narrowing(directory) {
            Some(narrow) => Raw::from(format!("{base}, {}", narrow.expose())),
            None => Raw::from(base),
        }
    }

    /// What narrows it, in words: `also in C, not in D`.
    pub fn narrowing(&self, directory: &DirectorySnapshot) -> Option<Raw> {
        let mut parts = Vec::new();
        for (word, groups, and) in [
            ("also in", &self.also, " and "),
            ("not in", &self.not, " or "),
        ] {
            if !groups.is_empty() {
                parts.push(format!("{word} {}", listed(directory, groups, and)));
            }
        }
        (!parts.is_empty()).then(|| Raw::from(parts.join(", ")))
    }
}

/// Everybody below a group, as far as it was read.
fn below<'d>(
    directory: &'d DirectorySnapshot,
    group: &DirectoryGroupId,
) -> impl Iterator<Item = &'d PersonId> {
    let reading = directory.members.get(group).into_iter();
    reading.flat_map(|reading| reading.value.iter().map(|member| &member.person))
}

fn group_gap(directory: &DirectorySnapshot, group: &DirectoryGroupId) -> Option<Missing> {
    let cause = match directory.members.get(group) {
        Some(reading) => reading.proof.gap()?.to_owned(),
        None => "it was not read".to_owned(),
    };
    let name = name(directory, group);
    Some(Missing { name, cause })
}

fn name(directory: &DirectorySnapshot, group: &DirectoryGroupId) -> Raw {
    let known = directory.group(group).map(|group| group.name.clone());
    known.unwrap_or_else(|| group.raw().clone())
}

fn listed(directory: &DirectorySnapshot, groups: &BTreeSet<DirectoryGroupId>, and: &str) -> String {
    let names = groups.iter().map(|group| name(directory, group));
    let mut names: Vec<String> = names.map(|name| name.expose().to_owned()).collect();
    names.sort();
    names.join(and)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Membership, Person, Reading, SourceKind};
    use crate::text::show_str;
    use jiff::Timestamp;
    use std::sync::Arc;

    /// Everybody of a to d, with a and b in the group A, b and c in B, and c and d in the query q.
    fn directory() -> DirectorySnapshot {
        let mut directory =
            DirectorySnapshot::empty(SourceKind::File, "people.csv", Timestamp::UNIX_EPOCH);
        for id in ["a", "b", "c", "d"] {
            let person = Person::new(id.into(), id);
            directory.people.value.insert(id.into(), Arc::new(person));
        }
        directory.people = Reading::proven(directory.people.value, "a test");
        for (group, members) in [("A", ["a", "b"]), ("B", ["b", "c"])] {
            let members = members.map(|id| Membership {
                person: id.into(),
                via: Vec::new(),
            });
            let members = Reading::proven(members.to_vec(), "a test");
            directory.members.insert(group.into(), members);
        }
        let found = ["c", "d"].map(PersonId::from).into();
        let found = Reading::proven(found, "a test");
        directory.queries.insert("q".to_owned(), found);
        directory
    }

    fn cut<T>(reading: &mut Reading<T>) {
        reading.proof = Completeness::incomplete(&show_str("cut off"));
    }

    fn set(base: Base, also: &[&str], not: &[&str]) -> PeopleSet {
        let groups = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
        PeopleSet {
            base,
            also: groups(also),
            not: groups(not),
        }
    }

    fn groups(names: &[&str]) -> Base {
        Base::Groups(names.iter().map(|name| (*name).into()).collect())
    }

    fn ids(set: &PeopleSet, directory: &DirectorySnapshot) -> String {
        let people = set.people(directory);
        people.into_iter().map(PersonId::expose).collect()
    }

    #[test]
    fn in_both_in_one_only_and_in_none() {
        let directory = directory();
        let query = || Base::Query("q".to_owned());
        for (set, who, words) in [
            (set(groups(&["A"]), &["B"], &[]), "b", "in A, also in B"),
            (set(groups(&["A"]), &[], &["B"]), "a", "in A, not in B"),
            (set(groups(&["A", "B"]), &[], &[]), "abc", "in A or B"),
            (
                set(Base::Everybody, &[], &["A", "B"]),
                "d",
                "everybody, not in A or B",
            ),
            (
                set(Base::Everybody, &["A", "B"], &[]),
                "b",
                "everybody, also in A and B",
            ),
            (set(query(), &["B"], &[]), "c", "in the query q, also in B"),
            (set(query(), &[], &["B"]), "d", "in the query q, not in B"),
        ] {
            assert_eq!(ids(&set, &directory), who, "{words}");
            assert_eq!(set.words(&directory).expose(), words);
            assert!(set.gaps(&directory).is_empty());
            assert_eq!(set.unknown(&directory), None);
        }
    }

    #[test]
    fn whatever_was_cut_off_is_a_gap_and_what_is_not_known_is_nobody() {
        let set = set(Base::Everybody, &["A"], &["B"]);
        let mut directory = directory();
        cut(&mut directory.people);
        let gaps = set.gaps(&directory);
        let names: Vec<&str> = gaps.iter().map(|gap| gap.name.expose()).collect();
        assert_eq!(names, ["all people"]);
        assert_eq!(ids(&set, &directory), "a");

        cut(directory.members.get_mut(&"A".into()).unwrap());
        assert_eq!(set.gaps(&directory).len(), 2);

        cut(directory.members.get_mut(&"B".into()).unwrap());
        let unknown = set.unknown(&directory).unwrap();
        assert_eq!(
            unknown.words(),
            "who is not in B cannot be told, because it was not read completely: cut off"
        );
        assert_eq!(ids(&set, &directory), "");
        directory.members.remove(&"B".into());
        assert_eq!(set.unknown(&directory).unwrap().cause, "it was not read");

        let query = PeopleSet::of(Base::Query("other".to_owned()));
        assert_eq!(query.gaps(&directory).len(), 1, "never read");
    }
}
