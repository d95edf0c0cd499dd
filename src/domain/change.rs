//! One planned change, with what was there and what will be. The kinds are the contract of the
//! plan file; each variant serialises as `{"kind": ..., "subject"|"target", "before", "after"}`.

use serde::{Deserialize, Serialize};

use super::ids::{
    AssignmentId, GroupId, LicenseType, OperationId, PersonId, RoleId, SpaceId, SpaceRole, Subject,
    UserId,
};
use super::license::AutoAssign;
use super::space::SpaceType;
use super::tenant::UserStatus;
use crate::text::Raw;

/// A user by immutable id; the subject and the name are decoration for the reader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserRef {
    /// Qlik's key.
    pub id: UserId,
    /// For the reader.
    pub subject: Subject,
    /// For the reader.
    pub name: Raw,
}

/// A user record to be made. Its key is the subject of the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDraft {
    /// Display name.
    pub name: Raw,
    /// Needed by the API when inviting.
    pub email: Option<Raw>,
    /// Tenant roles given at creation, by id; free of a further request.
    pub roles: Vec<RoleId>,
    /// The person behind it.
    pub person: PersonId,
}

/// The fields of a user record that qroll changes after creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserState {
    /// Display name.
    pub name: Raw,
    /// Status.
    pub status: UserStatus,
}

/// A license as held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseState {
    /// By whom.
    pub subject: Subject,
    /// Which type.
    pub license: LicenseType,
}

/// Tenant roles of a user: the whole list, sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesState {
    /// Role ids.
    pub roles: Vec<RoleId>,
}

/// A space by id; name and type are for the reader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpaceRef {
    /// Qlik's key.
    pub id: SpaceId,
    /// For the reader.
    pub name: Raw,
    /// For the reader.
    #[serde(rename = "type")]
    pub kind: SpaceType,
}

/// Who holds roles in a space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assignee {
    /// A user that exists.
    User(UserId),
    /// A group that Qlik knows.
    Group(GroupId),
    /// A bot.
    Bot(UserId),
    /// A user that an earlier operation of the plan makes.
    NewUser(Subject),
    /// A group that an earlier operation of the plan makes, by name.
    NewGroup(Raw),
}

/// The place of one assignment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpaceSeat {
    /// Where.
    pub space: SpaceRef,
    /// Who.
    pub assignee: Assignee,
    /// For the reader.
    pub name: Raw,
    /// The row, when it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<AssignmentId>,
}

/// What will be done. Field names `before` and `after` are the plan file's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields are `before` and `after` of the kind named"
)]
pub enum Change {
    /// `POST /users`.
    CreateUser {
        subject: Subject,
        before: (),
        after: UserDraft,
    },
    /// `PATCH /users/{id}` on name or status.
    UpdateUser {
        target: UserRef,
        before: UserState,
        after: UserState,
    },
    /// `PATCH /users/{id}` status to disabled.
    DisableUser {
        target: UserRef,
        before: UserState,
        after: UserState,
    },
    /// `DELETE /users/{id}`.
    DeleteUser {
        target: UserRef,
        before: UserState,
        after: (),
    },
    /// Licenses `add`.
    AddLicense {
        subject: Subject,
        before: (),
        after: LicenseState,
    },
    /// Licenses `update` of the type.
    #[expect(clippy::enum_variant_names, reason = "the plan file's word")]
    ChangeLicense {
        subject: Subject,
        before: LicenseState,
        after: LicenseState,
    },
    /// Licenses `update` of the subject (`sourceSubject`); uses no seat.
    MoveLicense {
        subject: Subject,
        before: LicenseState,
        after: LicenseState,
    },
    /// Licenses `delete`.
    RemoveLicense {
        subject: Subject,
        before: LicenseState,
        after: (),
    },
    /// `POST /groups` with provider `idp`; `target` is its name.
    CreateGroup { target: Raw, before: (), after: Raw },
    /// `POST /spaces/{id}/assignments`; roles sorted.
    AddSpaceAssignment {
        target: SpaceSeat,
        before: (),
        after: Vec<SpaceRole>,
    },
    /// `PUT /spaces/{id}/assignments/{id}`; the complete list of roles.
    #[expect(clippy::enum_variant_names, reason = "the plan file's word")]
    ChangeSpaceAssignment {
        target: SpaceSeat,
        before: Vec<SpaceRole>,
        after: Vec<SpaceRole>,
    },
    /// `DELETE /spaces/{id}/assignments/{id}`.
    RemoveSpaceAssignment {
        target: SpaceSeat,
        before: Vec<SpaceRole>,
        after: (),
    },
    /// `PATCH /users/{id}` on the roles.
    SetRoles {
        target: UserRef,
        before: RolesState,
        after: RolesState,
    },
    /// `PUT /licenses/settings`.
    SetAutoAssign {
        before: AutoAssign,
        after: AutoAssign,
    },
}

/// The kind alone, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "one per variant of `Change`")]
pub enum OperationKind {
    CreateUser,
    UpdateUser,
    DisableUser,
    DeleteUser,
    AddLicense,
    ChangeLicense,
    MoveLicense,
    RemoveLicense,
    CreateGroup,
    AddSpaceAssignment,
    ChangeSpaceAssignment,
    RemoveSpaceAssignment,
    SetRoles,
    SetAutoAssign,
}

impl OperationKind {
    /// The word of the plan file.
    pub fn word(self) -> &'static str {
        match self {
            Self::CreateUser => "create_user",
            Self::UpdateUser => "update_user",
            Self::DisableUser => "disable_user",
            Self::DeleteUser => "delete_user",
            Self::AddLicense => "add_license",
            Self::ChangeLicense => "change_license",
            Self::MoveLicense => "move_license",
            Self::RemoveLicense => "remove_license",
            Self::CreateGroup => "create_group",
            Self::AddSpaceAssignment => "add_space_assignment",
            Self::ChangeSpaceAssignment => "change_space_assignment",
            Self::RemoveSpaceAssignment => "remove_space_assignment",
            Self::SetRoles => "set_roles",
            Self::SetAutoAssign => "set_auto_assign",
        }
    }

    /// Whether several go into one request (licenses: 50 a call).
    pub fn is_batched(self) -> bool {
        matches!(
            self,
            Self::AddLicense | Self::ChangeLicense | Self::MoveLicense | Self::RemoveLicense
        )
    }
}

impl Change {
    /// Its kind.
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::CreateUser { .. } => OperationKind::CreateUser,
            Self::UpdateUser { .. } => OperationKind::UpdateUser,
            Self::DisableUser { .. } => OperationKind::DisableUser,
            Self::DeleteUser { .. } => OperationKind::DeleteUser,
            Self::AddLicense { .. } => OperationKind::AddLicense,
            Self::ChangeLicense { .. } => OperationKind::ChangeLicense,
            Self::MoveLicense { .. } => OperationKind::MoveLicense,
            Self::RemoveLicense { .. } => OperationKind::RemoveLicense,
            Self::CreateGroup { .. } => OperationKind::CreateGroup,
            Self::AddSpaceAssignment { .. } => OperationKind::AddSpaceAssignment,
            Self::ChangeSpaceAssignment { .. } => OperationKind::ChangeSpaceAssignment,
            Self::RemoveSpaceAssignment { .. } => OperationKind::RemoveSpaceAssignment,
            Self::SetRoles { .. } => OperationKind::SetRoles,
            Self::SetAutoAssign { .. } => OperationKind::SetAutoAssign,
        }
    }

    /// Whether it takes something away from a person: counted and guarded.
    pub fn is_removal(&self) -> bool {
        match self {
            Self::DisableUser { .. }
            | Self::DeleteUser { .. }
            | Self::RemoveLicense { .. }
            | Self::RemoveSpaceAssignment { .. } => true,
            Self::ChangeSpaceAssignment { before, after, .. } => {
                before.iter().any(|role| !after.contains(role))
            }
            Self::SetRoles { before, after, .. } => {
                before.roles.iter().any(|role| !after.roles.contains(role))
            }
            Self::ChangeLicense { before, after, .. } => {
                before.license.expose() == LicenseType::PROFESSIONAL
                    && after.license.expose() != LicenseType::PROFESSIONAL
            }
            _ => false,
        }
    }
}

/// What can be taken back afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Undo {
    /// The inverse restores everything.
    Reversible,
    /// The inverse exists, but something is lost (the seat may go to somebody else, new ids).
    Lossy,
    /// There is no inverse.
    Impossible,
}

/// A change in its plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Unique in the plan.
    pub id: OperationId,
    /// What.
    #[serde(flatten)]
    pub change: Change,
    /// Display name of the person or group it is about, for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Raw>,
    /// Mail address of that person, for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Raw>,
    /// Why, for the reader; holds names from outside.
    pub why: Raw,
    /// What can be taken back.
    pub undo: Undo,
    /// Operations that must be applied (or already so) before this one is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<OperationId>,
}
