//! What was read, and whether it was all of it. Absence is a claim that needs proof: a read that is
//! not proven complete can add but never remove (I6).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ids::{DirectoryGroupId, PersonId, SpaceId};
use super::license::Licensing;
use super::person::{DirectoryGroup, Membership, Person};
use super::shared::OtherTenant;
use super::space::{Space, SpaceAssignment};
use super::tenant::{Group, Identity, IdentityProvider, Role, TenantInfo, User};
use crate::text::Shown;

/// The cause of every reading that comes from a cache.
const LAST_SESSION: &str = "from the last session";

/// Whether a list is known to be whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completeness {
    /// The end was reached and the count agrees; how that is known, in our words.
    Proven(String),
    /// The end was reached, and nothing else vouches for it: the server tells no total. Good for
    /// giving; before anything is taken on the strength of it, it is read again (reliability C2).
    Once(String),
    /// The end was reached, and something came twice and was not the same: the list was changing
    /// while it was read, and what came later was kept (reliability C1). As good as `Once`.
    Moving(String),
    /// Something is missing or may be; the cause, made safe to show.
    Incomplete(String),
    /// Not read yet.
    #[default]
    Unread,
}

impl Completeness {
    /// Proven, by the named means.
    pub fn proven(how: &str) -> Self {
        Self::Proven(how.to_owned())
    }

    /// Incomplete, because of the named cause.
    pub fn incomplete(cause: &Shown) -> Self {
        Self::Incomplete(cause.to_string())
    }

    /// Something is there, but another session read it: it shows, and proves nothing (I6).
    pub fn age(&mut self) {
        if *self != Self::Unread {
            *self = Self::Incomplete(LAST_SESSION.to_owned());
        }
    }

    /// Whether [`Self::age`] was the last that happened to it.
    pub fn is_of_last_session(&self) -> bool {
        matches!(self, Self::Incomplete(cause) if cause == LAST_SESSION)
    }

    /// Whether the end was reached. Before something is taken, see also
    /// [`Self::wants_second_look`].
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Proven(_) | Self::Once(_) | Self::Moving(_))
    }

    /// Why something may be missing; `None` when the end was reached.
    pub fn gap(&self) -> Option<&str> {
        match self {
            Self::Proven(_) | Self::Once(_) | Self::Moving(_) => None,
            Self::Incomplete(cause) => Some(cause),
            Self::Unread => Some("not read yet"),
        }
    }

    /// Whether the end was reached and nothing vouches for it yet but the last page.
    pub fn wants_second_look(&self) -> bool {
        matches!(self, Self::Once(_) | Self::Moving(_))
    }

    /// Whether the list was changing while it was read.
    pub fn is_moving(&self) -> bool {
        matches!(self, Self::Moving(_))
    }
}

/// A list with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading<T> {
    /// What was read.
    pub value: T,
    /// Whether it is all.
    pub proof: Completeness,
}

impl<T> Reading<T> {
    /// A whole reading.
    pub fn proven(value: T, how: &str) -> Self {
        Self {
            value,
            proof: Completeness::proven(how),
        }
    }

    /// A reading cut short.
    pub fn incomplete(value: T, cause: &Shown) -> Self {
        Self {
            value,
            proof: Completeness::incomplete(cause),
        }
    }
}

impl<T: Default> Default for Reading<T> {
    fn default() -> Self {
        Self {
            value: T::default(),
            proof: Completeness::Unread,
        }
    }
}

/// The tenant as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSnapshot {
    /// Which tenant.
    pub tenant: TenantInfo,
    /// Who we are there.
    pub identity: Identity,
    /// Users of every status.
    pub users: Reading<Vec<Arc<User>>>,
    /// Groups that Qlik knows.
    pub groups: Reading<Vec<Group>>,
    /// Tenant roles.
    pub roles: Reading<Vec<Role>>,
    /// Spaces.
    pub spaces: Reading<Vec<Space>>,
    /// Seats; the proof speaks of the list of assignments.
    pub licensing: Reading<Licensing>,
    /// Identity providers.
    pub identity_providers: Reading<Vec<IdentityProvider>>,
    /// Assignments of the spaces that were opened so far.
    pub assignments: BTreeMap<SpaceId, Reading<Vec<SpaceAssignment>>>,
    /// The other tenants on the same license that the profile names.
    pub others: Vec<OtherTenant>,
    /// When the reading began.
    pub read_at: Timestamp,
}

/// Kind of a directory source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Microsoft Entra ID through Graph.
    Entra,
    /// An LDAP server.
    Ldap,
    /// A CSV or LDIF file.
    File,
}

/// People below a group with the way to each.
pub type Members = Vec<Membership>;

/// People, each of whom every list and every row shares.
pub type People = Vec<Arc<Person>>;

/// The directory as it was read: grows as groups are opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectorySnapshot {
    /// What kind of source.
    pub kind: SourceKind,
    /// What to call it on screen (host, file name).
    pub label: String,
    /// Groups; sorted by name.
    pub groups: Reading<Vec<DirectoryGroup>>,
    /// People met so far, by id; proven only when all people were read.
    pub people: Reading<BTreeMap<PersonId, Arc<Person>>>,
    /// Members of the groups that were opened so far.
    pub members: BTreeMap<DirectoryGroupId, Reading<Members>>,
    /// Who fits the saved queries that were asked so far, by the query's name.
    pub queries: BTreeMap<String, Reading<BTreeSet<PersonId>>>,
    /// When the reading began; a file's own time for a file.
    pub read_at: Timestamp,
}

impl DirectorySnapshot {
    /// An empty directory of which nothing was read yet.
    pub fn empty(kind: SourceKind, label: impl Into<String>, read_at: Timestamp) -> Self {
        Self {
            kind,
            label: label.into(),
            groups: Reading::default(),
            people: Reading::default(),
            members: BTreeMap::new(),
            queries: BTreeMap::new(),
            read_at,
        }
    }

    /// A group by id.
    pub fn group(&self, id: &DirectoryGroupId) -> Option<&DirectoryGroup> {
        self.groups.value.iter().find(|group| group.id == *id)
    }
}

/// Both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The Qlik tenant.
    pub tenant: TenantSnapshot,
    /// The directory.
    pub directory: DirectorySnapshot,
}

impl Snapshot {
    /// Takes every proof away: what another session read can be shown, never relied on (I6).
    #[must_use]
    pub fn aged(mut self) -> Self {
        let (tenant, directory) = (&mut self.tenant, &mut self.directory);
        let lists = [
            &mut tenant.users.proof,
            &mut tenant.groups.proof,
            &mut tenant.roles.proof,
            &mut tenant.spaces.proof,
            &mut tenant.licensing.proof,
            &mut tenant.identity_providers.proof,
            &mut directory.groups.proof,
            &mut directory.people.proof,
        ];
        let spaces = tenant.assignments.values_mut().map(|one| &mut one.proof);
        let members = directory.members.values_mut().map(|one| &mut one.proof);
        let others = tenant.others.iter_mut().map(|one| &mut one.subjects.proof);
        for proof in lists.into_iter().chain(spaces).chain(members).chain(others) {
            proof.age();
        }
        // A query is known by its name alone; what it asks may be another thing by now.
        directory.queries.clear();
        self
    }
}
