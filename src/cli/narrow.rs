//! Set logic of groups: whoever was picked and is in these groups too, and in none of those. Who is
//! not in a group is known only when all of its members were read.

use std::collections::BTreeSet;

use crate::domain::{Completeness, DirectoryGroupId, DirectorySnapshot, PersonId};
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
        let mut gaps = Vec::new();
        for group in groups.iter().chain(&self.also) {
            if let (_, Some(cause)) = below(directory, group) {
                gaps.push(Gap {
                    name: name(directory, group),
                    cause,
                    people: everybody.clone(),
                });
            }
        }
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
    let cause = match &reading.proof {
        Completeness::Proven(_) | Completeness::Once(_) | Completeness::Moving(_) => None,
        Completeness::Incomplete(cause) => Some(cause.clone()),
        Completeness::Unread => Some("it was not read to its end".to_owned()),
    };
    (people.collect(), cause)
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
