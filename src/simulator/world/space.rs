//! Spaces, which roles are legal in which type, and who was assigned to them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Deserialize;

/// Kind of space; personal spaces are never listed (qlik.dev spaces).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpaceType {
    /// Teams build together.
    Shared,
    /// Published content.
    Managed,
    /// Data pipelines.
    Data,
}

impl SpaceType {
    /// The word the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Managed => "managed",
            Self::Data => "data",
        }
    }

    /// `meta.assignableRoles` for the type (dossier section 5, table of roles; the managed
    /// `operator` is on the role page).
    pub fn assignable_roles(self) -> &'static [&'static str] {
        match self {
            Self::Shared => &[
                "consumer",
                "dataconsumer",
                "facilitator",
                "producer",
                "codeveloper",
            ],
            Self::Managed => &[
                "consumer",
                "contributor",
                "dataconsumer",
                "facilitator",
                "operator",
                "publisher",
                "basicconsumer",
            ],
            Self::Data => &[
                "consumer",
                "dataconsumer",
                "datapreview",
                "facilitator",
                "operator",
                "producer",
                "publisher",
            ],
        }
    }
}

/// A space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// 24 hex.
    pub id: String,
    /// Name.
    pub name: String,
    /// Type.
    pub kind: SpaceType,
    /// May be empty.
    pub description: String,
    /// User id of the owner, who has every role and is not among the assignments.
    pub owner: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// What an assignee is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssigneeKind {
    /// A person's user record.
    User,
    /// A group.
    Group,
    /// The user record of an OAuth client.
    Bot,
}

impl AssigneeKind {
    /// The word the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Bot => "bot",
        }
    }

    /// The kind the API's word names.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::User, Self::Group, Self::Bot]
            .into_iter()
            .find(|k| k.as_str() == word)
    }
}

/// Who is assigned: kind and id.
pub type Assignee = (AssigneeKind, String);

/// One principal's roles in one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceAssignment {
    /// 24 hex.
    pub id: String,
    /// Who.
    pub assignee: Assignee,
    /// Roles, never empty.
    pub roles: Vec<String>,
    /// User id of the maker.
    pub created_by: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// Spaces by id with their assignments by id and by assignee.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spaces {
    by_id: BTreeMap<String, Space>,
    assignments: HashMap<String, BTreeMap<String, SpaceAssignment>>,
    by_assignee: HashMap<String, HashMap<Assignee, String>>,
}

impl Spaces {
    /// All spaces in id order.
    pub fn iter(&self) -> impl Iterator<Item = &Space> {
        self.by_id.values()
    }

    /// How many spaces there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The space with this id.
    pub fn get(&self, id: &str) -> Option<&Space> {
        self.by_id.get(id)
    }

    /// The space with this id, to change its record.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Space> {
        self.by_id.get_mut(id)
    }

    /// The first space of this name, in id order.
    pub fn named(&self, name: &str) -> Option<&Space> {
        self.by_id.values().find(|s| s.name == name)
    }

    /// Adds a space.
    pub fn insert(&mut self, space: Space) {
        self.by_id.insert(space.id.clone(), space);
    }

    /// Assignments of a space in id order.
    pub fn assignments(&self, space: &str) -> impl Iterator<Item = &SpaceAssignment> {
        self.assignments
            .get(space)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// How many assignments a space has.
    pub fn assignment_count(&self, space: &str) -> usize {
        self.assignments.get(space).map_or(0, BTreeMap::len)
    }

    /// One assignment by id.
    pub fn assignment(&self, space: &str, id: &str) -> Option<&SpaceAssignment> {
        self.assignments.get(space)?.get(id)
    }

    /// The assignment of a principal in a space.
    pub fn assignment_of(&self, space: &str, who: &Assignee) -> Option<&SpaceAssignment> {
        self.assignment(space, self.by_assignee.get(space)?.get(who)?)
    }

    /// Adds an assignment; the caller has checked that the principal has none.
    pub fn assign(&mut self, space: &str, assignment: SpaceAssignment) {
        let index = self.by_assignee.entry(space.to_owned()).or_default();
        index.insert(assignment.assignee.clone(), assignment.id.clone());
        let list = self.assignments.entry(space.to_owned()).or_default();
        list.insert(assignment.id.clone(), assignment);
    }

    /// Replaces the roles of an assignment.
    pub fn set_roles(&mut self, space: &str, id: &str, roles: Vec<String>, now: Timestamp) -> bool {
        let found = self
            .assignments
            .get_mut(space)
            .and_then(|list| list.get_mut(id));
        let Some(assignment) = found else {
            return false;
        };
        assignment.roles = roles;
        assignment.updated = now;
        true
    }

    /// Removes an assignment.
    pub fn unassign(&mut self, space: &str, id: &str) -> Option<SpaceAssignment> {
        let gone = self.assignments.get_mut(space)?.remove(id)?;
        if let Some(index) = self.by_assignee.get_mut(space) {
            index.remove(&gone.assignee);
        }
        Some(gone)
    }

    /// Removes every assignment of a principal that ceased to exist.
    pub fn forget(&mut self, who: &Assignee) {
        let hits: Vec<(String, String)> = self
            .by_assignee
            .iter()
            .filter_map(|(space, index)| Some((space.clone(), index.get(who)?.clone())))
            .collect();
        for (space, id) in hits {
            self.unassign(&space, &id);
        }
    }
}
