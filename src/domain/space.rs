//! Spaces, and who holds which role in them.

use serde::{Deserialize, Serialize};

use super::change::Assignee;
use super::ids::{AssignmentId, SpaceId, SpaceRole, UserId};
use crate::text::Raw;

/// Type of a space; decides which roles are legal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Raw", into = "Raw")]
pub enum SpaceType {
    /// Shared space.
    Shared,
    /// Managed space.
    Managed,
    /// Data space.
    Data,
    /// A type that came after this program.
    Other(Raw),
}

impl From<Raw> for SpaceType {
    fn from(text: Raw) -> Self {
        Self::parse(text.expose())
    }
}

impl From<SpaceType> for Raw {
    fn from(value: SpaceType) -> Self {
        match value {
            SpaceType::Other(text) => text,
            known => Self::from(known.word()),
        }
    }
}

impl SpaceType {
    /// Takes the `type` of a space record.
    pub fn parse(text: &str) -> Self {
        match text {
            "shared" => Self::Shared,
            "managed" => Self::Managed,
            "data" => Self::Data,
            other => Self::Other(Raw::from(other)),
        }
    }

    /// The word for it.
    pub fn word(&self) -> &str {
        match self {
            Self::Shared => "shared",
            Self::Managed => "managed",
            Self::Data => "data",
            Self::Other(_) => "other",
        }
    }
}

/// A space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// Qlik's key.
    pub id: SpaceId,
    /// Its name; several spaces may share one.
    pub name: Raw,
    /// Shared, managed, data.
    pub kind: SpaceType,
    /// Has every role and no assignment row.
    pub owner: Option<UserId>,
    /// `meta.assignableRoles`: the only source of what is legal here.
    pub assignable_roles: Vec<SpaceRole>,
}

/// Roles of one user or group in one space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceAssignment {
    /// Qlik's key of the row.
    pub id: AssignmentId,
    /// Who.
    pub assignee: Assignee,
    /// Sorted list of roles; never empty.
    pub roles: Vec<SpaceRole>,
}
