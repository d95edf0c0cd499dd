//! Set logic of groups on the command line: whoever was picked and is in these groups too, and in none
//! of those. The sets themselves are the domain's; here they meet people who were picked by hand.

use std::collections::BTreeSet;

use crate::domain::{Base, DirectoryGroupId, DirectorySnapshot, PeopleSet, PersonId};
use crate::planner::Gap;
use crate::ports::{Kind, Problem};

/// Groups that narrow a choice of people.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrow {
    /// Everybody must be below each of these.
    pub(super) also: BTreeSet<DirectoryGroupId>,
    /// Nobody may be below any of these.
    pub(super) not: BTreeSet<DirectoryGroupId>,
}

/// Who is left of people who were picked by hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    pub(super) people: BTreeSet<PersonId>,
    /// Groups that are not whole: others may be missing.
    pub(super) gaps: Vec<Gap>,
}

impl Narrow {
    pub(super) fn is_empty(&self) -> bool {
        self.also.is_empty() && self.not.is_empty()
    }

    /// The people of a base, narrowed.
    pub(super) fn set(&self, base: Base) -> PeopleSet {
        PeopleSet {
            base,
            also: self.also.clone(),
            not: self.not.clone(),
        }
    }

    /// Refuses what cannot be told: a group that nobody may be in was not read to its end.
    pub(super) fn known(&self, directory: &DirectorySnapshot) -> Result<(), Problem> {
        let unknown = self.set(Base::Everybody).unknown(directory);
        unknown.map_or(Ok(()), |missing| {
            Err(Problem::new(Kind::Guard, missing.words()).hint(
                "Nothing is planned for people of whom it is not known; try again when the directory answers.",
            ))
        })
    }

    /// Narrows what was picked by hand.
    pub(super) fn left(&self, directory: &DirectorySnapshot, by_hand: &BTreeSet<PersonId>) -> Left {
        let everybody = self.set(Base::Everybody);
        let inside = everybody.people(directory);
        let people: BTreeSet<PersonId> = by_hand
            .iter()
            .filter(|id| inside.contains(id))
            .cloned()
            .collect();
        let none = Base::Groups(BTreeSet::new());
        let cut = self.set(none).gaps(directory).into_iter();
        let cut = cut.filter(|_| !by_hand.is_empty());
        let gaps = cut.map(|gap| Gap {
            name: gap.name,
            cause: gap.cause,
            people: people.clone(),
        });
        Left {
            gaps: gaps.collect(),
            people,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Membership, Person, Reading, SourceKind};
    use jiff::Timestamp;
    use std::sync::Arc;

    #[test]
    fn who_was_picked_by_hand_is_narrowed_too() {
        let mut directory =
            DirectorySnapshot::empty(SourceKind::File, "people.csv", Timestamp::UNIX_EPOCH);
        for id in ["a", "b", "c"] {
            let person = Arc::new(Person::new(id.into(), id));
            directory.people.value.insert(id.into(), person);
        }
        let mut group = |name: &str, members: &[&str]| {
            let way = |id: &&str| Membership {
                person: (*id).into(),
                via: Vec::new(),
            };
            let members = members.iter().map(way).collect();
            let reading = Reading::proven(members, "a test");
            directory.members.insert(name.into(), reading);
        };
        group("A", &["a", "b"]);
        group("B", &["b"]);
        let narrow = Narrow {
            also: [DirectoryGroupId::from("A")].into(),
            not: [DirectoryGroupId::from("B")].into(),
        };
        let picked = ["a", "b", "c"].map(PersonId::from).into();
        let left = narrow.left(&directory, &picked);
        assert_eq!(left.people, [PersonId::from("a")].into());
        assert!(left.gaps.is_empty());
        narrow.known(&directory).unwrap();

        let cut = crate::domain::Completeness::Incomplete("cut off".to_owned());
        directory.members.get_mut(&"A".into()).unwrap().proof = cut.clone();
        let left = narrow.left(&directory, &picked);
        assert_eq!(left.gaps.len(), 1);
        assert_eq!(
            left.gaps[0].people, left.people,
            "nothing is taken from them"
        );
        assert!(narrow.left(&directory, &BTreeSet::new()).gaps.is_empty());

        directory.members.get_mut(&"B".into()).unwrap().proof = cut;
        assert_eq!(narrow.known(&directory).unwrap_err().kind, Kind::Guard);
    }
}
