//! Set logic of groups: whoever was picked and is in these groups too, and in none of those. Who is
//! not in a group is known only when all of its members were read.

use std::collections::BTreeSet;

use crate::domain::{DirectoryGroupId, DirectorySnapshot, PersonId};
use crate::planner::Gap;
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// Groups that narrow a choice of people.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrow {
    /// Everybody must be below each of these.
    pub(super) also: Vec<DirectoryGroupId>,
    /// Nobody may be below any of these.
    pub(super) not: Vec<DirectoryGroupId>,
}

/// Who is left of people who were picked.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    /// Picked by groups or with everybody.
    pub(super) by_groups: BTreeSet<PersonId>,
    /// Picked by name, list or query.
    pub(super) by_hand: BTreeSet<PersonId>,
    /// Readings that are not whole: others may be missing.
    pub(super) gaps: Vec<Gap>,
}

impl Narrow {
    pub(super) fn is_empty(&self) -> bool {
        self.also.is_empty() && self.not.is_empty()
    }

    /// All of these groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = &DirectoryGroupId> {
        self.also.iter().chain(&self.not)
    }

    /// Narrows what was picked by these groups, by everybody, and by hand.
    ///
    /// # Errors
    /// A group that nobody may be in was not read to its end.
    pub(super) fn left(
        &self,
        directory: &DirectorySnapshot,
        groups: &[DirectoryGroupId],
        all: bool,
        by_hand: &BTreeSet<PersonId>,
    ) -> Result<Left, Problem> {
        let mut barred = BTreeSet::new();
        for group in &self.not {
            let (people, cause) = below(directory, group);
            if let Some(cause) = cause {
                return Err(unknown(directory, group, &cause));
            }
            barred.extend(people);
        }
        let also: Vec<BTreeSet<PersonId>> = self
            .also
            .iter()
            .map(|group| below(directory, group).0)
            .collect();
        let fits = |id: &&PersonId| {
            !barred.contains(*id) && also.iter().all(|people| people.contains(*id))
        };
        let mut wide: BTreeSet<PersonId> = groups
            .iter()
            .flat_map(|group| below(directory, group).0)
            .collect();
        if all {
            wide.extend(directory.people.value.keys().cloned());
        }
        let by_groups: BTreeSet<PersonId> = wide.iter().filter(fits).cloned().collect();
        let by_hand: BTreeSet<PersonId> = by_hand.iter().filter(fits).cloned().collect();
        let everybody: BTreeSet<PersonId> = by_groups.union(&by_hand).cloned().collect();
        let chosen_by = groups.iter().chain(&self.also);
        let chosen_by = chosen_by
            .filter_map(|group| Some((name(directory, group), below(directory, group).1?)));
        let of_all = directory.people.proof.gap().filter(|_| all);
        let of_all = of_all.map(|cause| (Raw::from("all people"), cause.to_owned()));
        let gaps = chosen_by.chain(of_all).map(|(name, cause)| Gap {
            name,
            cause,
            people: everybody.clone(),
        });
        let gaps = gaps.collect();
        Ok(Left {
            by_groups,
            by_hand,
            gaps,
        })
    }
}

/// Everybody below a group, and why others may be missing.
fn below(
    directory: &DirectorySnapshot,
    group: &DirectoryGroupId,
) -> (BTreeSet<PersonId>, Option<String>) {
    let Some(reading) = directory.members.get(group) else {
        return (BTreeSet::new(), Some("it was not read".to_owned()));
    };
    let people = reading.value.iter().map(|member| member.person.clone());
    (people.collect(), reading.proof.gap().map(str::to_owned))
}

fn name(directory: &DirectorySnapshot, group: &DirectoryGroupId) -> Raw {
    let known = directory.group(group).map(|group| group.name.clone());
    known.unwrap_or_else(|| group.raw().clone())
}

fn unknown(directory: &DirectorySnapshot, group: &DirectoryGroupId, cause: &str) -> Problem {
    let name = name(directory, group);
    Problem::new(
        Kind::Guard,
        format!(
            "who is not in {} cannot be told, because it was not read completely: {cause}",
            name.show()
        ),
    )
    .hint("Nothing is planned for people of whom it is not known; try again when the directory answers.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Membership, Person, Reading, SourceKind};
    use crate::text::show_str;
    use jiff::Timestamp;
    use std::sync::Arc;

    /// Everybody of a to d, with a and b in the group A, and b and c in B.
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
        directory
    }

    fn cut<T>(reading: &mut Reading<T>) {
        reading.proof = crate::domain::Completeness::incomplete(&show_str("cut off"));
    }

    fn left(directory: &DirectorySnapshot, narrow: &Narrow) -> Result<Left, Problem> {
        narrow.left(directory, &[], true, &BTreeSet::new())
    }

    fn ids(people: &BTreeSet<PersonId>) -> Vec<&str> {
        people.iter().map(PersonId::expose).collect()
    }

    #[test]
    fn in_both_in_one_only_and_in_none() {
        let directory = directory();
        for (also, not, who) in [
            (&["A", "B"][..], &[][..], &["b"][..]),
            (&["A"], &["B"], &["a"]),
            (&[], &["A", "B"], &["d"]),
        ] {
            let groups = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
            let narrow = Narrow {
                also: groups(also),
                not: groups(not),
            };
            let left = left(&directory, &narrow).unwrap();
            assert_eq!(ids(&left.by_groups), who);
            assert!(left.gaps.is_empty());
        }
    }

    #[test]
    fn whatever_was_cut_off_is_a_gap_or_refused() {
        let narrow = Narrow {
            also: vec!["A".into()],
            not: vec!["B".into()],
        };
        let mut directory = directory();
        cut(&mut directory.people);
        let gaps = left(&directory, &narrow).unwrap().gaps;
        let names: Vec<&str> = gaps.iter().map(|gap| gap.name.expose()).collect();
        assert_eq!(names, ["all people"]);
        assert_eq!(ids(&gaps[0].people), ["a"], "nothing is taken from them");

        cut(directory.members.get_mut(&"A".into()).unwrap());
        assert_eq!(left(&directory, &narrow).unwrap().gaps.len(), 2);

        cut(directory.members.get_mut(&"B".into()).unwrap());
        assert_eq!(left(&directory, &narrow).unwrap_err().kind, Kind::Guard);
    }
}
