//! Identifiers, one type each. Licenses are keyed by subject, spaces and roles by user id, and the
//! identity provider decides the subject; most provisioning accidents come from confusing them.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::text::{Raw, Shown};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Raw);

        impl $name {
            /// Takes an identifier as it came; it is opaque.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(Raw::new(text))
            }

            /// For requests, comparing and files; never for printing.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// Made safe for people to read.
            pub fn show(&self) -> Shown {
                self.0.show()
            }

            /// The text as it came, for a cell or an export.
            pub fn raw(&self) -> &Raw {
                &self.0
            }

            /// Trimmed and lower-cased: the form to join on.
            pub fn key(&self) -> String {
                self.0.key()
            }

            /// The same as a text to keep.
            #[must_use]
            pub fn folded(&self) -> Raw {
                self.0.folded()
            }
        }

        impl From<$name> for Raw {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<Raw> for $name {
            fn from(text: Raw) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    )+};
}

id! {
    /// Immutable id of a directory entry: Entra object id, AD objectGUID, entryUUID, or a file's id column.
    PersonId
    /// Immutable id of a directory group.
    DirectoryGroupId
    /// What the identity provider sends at login; the key of a license.
    /// Stored exactly, compared by [`Subject::key`].
    Subject
    /// Qlik's key of a user record.
    UserId
    /// Qlik's key of a group.
    GroupId
    /// Qlik's key of a space.
    SpaceId
    /// Qlik's key of one space assignment.
    AssignmentId
    /// Qlik's key of a tenant role.
    RoleId
    /// Qlik's key of the tenant.
    TenantId
    /// Name of an allotment, as the license overview gives it (`professional`, `analyzer`, ...);
    /// case-sensitive.
    LicenseType
    /// Name of a role in a space (`consumer`, `producer`, ...), as `meta.assignableRoles` gives it.
    SpaceRole
    /// Names an operation within its plan.
    OperationId
    /// Names a run.
    RunId
}

impl LicenseType {
    /// The professional seat of user-based subscriptions.
    pub const PROFESSIONAL: &'static str = "professional";
    /// The analyzer seat of user-based subscriptions.
    pub const ANALYZER: &'static str = "analyzer";
}
