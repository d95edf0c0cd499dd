//! Reads what a plan needs: the whole tenant, the directory's groups, and then only the people,
//! members and space assignments that were asked for.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::narrow::Narrow;
use super::pick::{self, Pick};
use super::resolve;
use crate::domain::{
    Base, Completeness, DirectoryGroupId, DirectorySnapshot, Members, PeopleSet, Person, PersonId,
    Reading, Snapshot, SpaceAssignment, SpaceId, TenantSnapshot,
};
use crate::planner::Gap;
use crate::ports::{Directory, Kind, LoadProgress, PeopleQuery, Problem, Tenant};

/// What a command wants to know about.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Directory groups by name or id.
    pub groups: Vec<String>,
    /// Groups in which everybody must be too, by name or id.
    pub also_in: Vec<String>,
    /// Groups in which nobody may be, by name or id.
    pub not_in: Vec<String>,
    /// Spaces by name or id.
    pub spaces: Vec<String>,
    /// People besides those of the groups.
    pub people: Vec<Pick>,
    /// Everybody in the directory.
    pub all: bool,
}

/// What was read, and what the names stand for.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Both sides.
    pub snapshot: Snapshot,
    /// The groups wanted, in the order given; none when other groups narrow them.
    pub groups: Vec<DirectoryGroupId>,
    /// The spaces wanted, in the order given.
    pub spaces: Vec<SpaceId>,
    /// The people picked one by one or by query.
    pub people: BTreeSet<PersonId>,
    /// The people of the groups, or everybody, when other groups narrow them.
    pub narrowed: Option<PeopleSet>,
    /// Groups by which those who were picked one by one are narrowed.
    pub chosen_by: Vec<DirectoryGroupId>,
    /// Those of them that nobody may be in.
    pub without: Vec<DirectoryGroupId>,
    /// Picks of which the directory did not send everything.
    pub gaps: Vec<Gap>,
}

/// Reads both sides.
///
/// # Errors
/// What a connector says; a name that is not there (with near ones) or that several have.
pub async fn gather(
    tenant: &dyn Tenant,
    directory: &dyn Directory,
    now: Timestamp,
    wanted: &Wanted,
    progress: &(dyn Fn(LoadProgress) + Send + Sync),
) -> Result<Gathered, Problem> {
    let (mut there, mut here) =
        tokio::try_join!(tenant.load(progress), read_groups(directory, now))?;
    readable(&there)?;
    let groups = resolve::groups(&here.groups, &wanted.groups)?;
    let named = |names: &[String]| resolve::groups(&here.groups, names);
    let narrow = Narrow {
        also: named(&wanted.also_in)?.into_iter().collect(),
        not: named(&wanted.not_in)?.into_iter().collect(),
    };
    let mut read: Vec<DirectoryGroupId> = groups.clone();
    read.extend(narrow.also.iter().chain(&narrow.not).cloned());
    read.sort();
    read.dedup();
    let spaces = resolve::spaces(&there.spaces, &wanted.spaces)?;
    let (rows, members, picked, everybody) = tokio::try_join!(
        assignments(tenant, &spaces),
        members(directory, &read),
        pick::people(directory, &wanted.people),
        everybody(directory, wanted.all),
    )?;
    there.assignments.extend(rows);
    for (
        group,
        Reading {
            value: (ways, people),
            proof,
        },
    ) in members
    {
        here.members.insert(group, Reading { value: ways, proof });
        meet(&mut here, people);
    }
    let people = picked.people.iter().map(|person| person.id.clone());
    let people = people.collect();
    meet(&mut here, picked.people);
    if let Some(Reading { value, proof }) = everybody {
        meet(&mut here, value);
        here.people.proof = proof;
    }
    let mut gathered = Gathered {
        snapshot: Snapshot {
            tenant: there,
            directory: here,
        },
        groups,
        spaces,
        people,
        narrowed: None,
        chosen_by: Vec::new(),
        without: Vec::new(),
        gaps: picked.gaps,
    };
    if !narrow.is_empty() {
        gathered.narrow(&narrow, wanted.all)?;
    }
    Ok(gathered)
}

impl Gathered {
    fn narrow(&mut self, narrow: &Narrow, all: bool) -> Result<(), Problem> {
        let directory = &self.snapshot.directory;
        narrow.known(directory)?;
        let left = narrow.left(directory, &self.people);
        self.chosen_by = narrow.also.iter().chain(&narrow.not).cloned().collect();
        self.without = narrow.not.iter().cloned().collect();
        self.people = left.people;
        self.gaps.extend(left.gaps);
        let groups: BTreeSet<_> = std::mem::take(&mut self.groups).into_iter().collect();
        let base = match (all, groups.is_empty()) {
            (true, _) => Some(Base::Everybody),
            (false, false) => Some(Base::Groups(groups)),
            (false, true) => None,
        };
        self.narrowed = base.map(|base| narrow.set(base));
        Ok(())
    }
}

/// Without the users everybody would look new.
fn readable(tenant: &TenantSnapshot) -> Result<(), Problem> {
    match &tenant.users.proof {
        Completeness::Incomplete(cause) if tenant.users.value.is_empty() => Err(unread(cause)),
        _ => Ok(()),
    }
}

/// The cause is the connector's sentence; only a 403 is about rights.
fn unread(cause: &str) -> Problem {
    let text = format!("the users of the tenant could not be read: {cause}");
    if cause.contains(" answered 403") {
        return Problem::new(Kind::Denied, text).hint(
            "The credential needs to read users, licenses, groups and spaces; Tenant Admin can.",
        );
    }
    Problem::new(Kind::Network, text)
        .hint("The tenant did not answer as it should; try again in a minute.")
}

fn meet(directory: &mut DirectorySnapshot, people: Vec<Arc<Person>>) {
    let known = &mut directory.people.value;
    known.extend(people.into_iter().map(|person| (person.id.clone(), person)));
}

async fn read_groups(
    directory: &dyn Directory,
    now: Timestamp,
) -> Result<DirectorySnapshot, Problem> {
    let (kind, label) = directory.describe();
    let mut snapshot = DirectorySnapshot::empty(kind, label, now);
    snapshot.groups = directory.groups(None).await?;
    Ok(snapshot)
}

async fn assignments(
    tenant: &dyn Tenant,
    spaces: &[SpaceId],
) -> Result<Vec<(SpaceId, Reading<Vec<SpaceAssignment>>)>, Problem> {
    let reads = spaces.iter().map(|space| async move {
        let rows = tenant.assignments(space).await?;
        Ok::<_, Problem>((space.clone(), rows))
    });
    try_join_all(reads).await
}

type Below = Reading<(Members, Vec<Arc<Person>>)>;

async fn members(
    directory: &dyn Directory,
    groups: &[DirectoryGroupId],
) -> Result<Vec<(DirectoryGroupId, Below)>, Problem> {
    let reads = groups.iter().map(|group| async move {
        let below = directory.members(group).await?;
        Ok::<_, Problem>((group.clone(), below))
    });
    try_join_all(reads).await
}

async fn everybody(
    directory: &dyn Directory,
    wanted: bool,
) -> Result<Option<Reading<Vec<Arc<Person>>>>, Problem> {
    if wanted {
        directory.people(&PeopleQuery::All).await.map(Some)
    } else {
        Ok(None)
    }
}
