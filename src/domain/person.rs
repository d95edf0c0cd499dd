//! The directory's side: people, groups and who is in which, directly or through which group.

use serde::{Deserialize, Serialize};

use super::ids::{DirectoryGroupId, PersonId};
use crate::text::Raw;

/// What kind of entry a person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonKind {
    /// Belongs to the organisation.
    #[default]
    Member,
    /// Invited from elsewhere (`userType` Guest, `#EXT#`).
    Guest,
    /// A service account.
    Service,
    /// An address book entry that cannot sign in.
    Contact,
}

/// Whether the directory lets the person sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enabled {
    /// May sign in.
    Yes,
    /// Disabled, expired or locked for good.
    No,
    /// The directory did not say (no permission, no such attribute).
    #[default]
    Unknown,
}

/// An entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Immutable id.
    pub id: PersonId,
    /// Display name; decoration, never an address.
    pub name: Raw,
    /// Member, guest, ...
    pub kind: PersonKind,
    /// Whether the directory lets them in.
    pub enabled: Enabled,
    /// User principal name or the like.
    pub upn: Option<Raw>,
    /// Primary mail address.
    pub mail: Option<Raw>,
    /// Further addresses, for matching only.
    pub other_mails: Vec<Raw>,
    /// `sAMAccountName`, `onPremisesSamAccountName` or `uid`.
    pub sam: Option<Raw>,
    /// Department.
    pub department: Option<Raw>,
    /// Job title.
    pub title: Option<Raw>,
    /// Employee number.
    pub employee_id: Option<Raw>,
    /// Any other attribute that a subject template may name, e.g. `sid` or `dn`.
    pub more: Vec<(Raw, Raw)>,
}

impl Person {
    /// Names of the attributes that every source may fill; see [`Person::attribute`].
    pub const ATTRIBUTES: [&str; 8] = [
        "id",
        "name",
        "upn",
        "mail",
        "sam",
        "department",
        "title",
        "employee_id",
    ];

    /// A person of whom only the id and the name are known.
    pub fn new(id: PersonId, name: impl Into<Raw>) -> Self {
        Self {
            id,
            name: name.into(),
            kind: PersonKind::default(),
            enabled: Enabled::default(),
            upn: None,
            mail: None,
            other_mails: Vec::new(),
            sam: None,
            department: None,
            title: None,
            employee_id: None,
            more: Vec::new(),
        }
    }

    /// An attribute by the name a subject template or a filter uses:
    /// `id upn mail sam name department title employee_id`, or one of `more`.
    pub fn attribute(&self, name: &str) -> Option<&Raw> {
        match name {
            "id" => Some(self.id.raw()),
            "name" => Some(&self.name),
            "upn" => self.upn.as_ref(),
            "mail" => self.mail.as_ref(),
            "sam" => self.sam.as_ref(),
            "department" => self.department.as_ref(),
            "title" => self.title.as_ref(),
            "employee_id" => self.employee_id.as_ref(),
            other => self
                .more
                .iter()
                .find(|(key, _)| key.expose() == other)
                .map(|(_, value)| value),
        }
    }

    /// Everything that addresses the person: id, logins, mail addresses.
    pub fn signs(&self) -> impl Iterator<Item = &Raw> {
        std::iter::once(self.id.raw())
            .chain(&self.upn)
            .chain(&self.sam)
            .chain(self.mails())
    }

    /// Every mail address, primary first.
    pub fn mails(&self) -> impl Iterator<Item = &Raw> {
        self.mail.iter().chain(&self.other_mails)
    }
}

/// What kind of group it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupKind {
    /// A security group.
    #[default]
    Security,
    /// A Microsoft 365 group.
    Microsoft365,
    /// A distribution list or mail-enabled group.
    Mail,
}

/// A group of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryGroup {
    /// Immutable id.
    pub id: DirectoryGroupId,
    /// Display name.
    pub name: Raw,
    /// Description, where there is one.
    pub description: Option<Raw>,
    /// Security, Microsoft 365, mail.
    pub kind: GroupKind,
    /// Whether a rule decides its membership.
    pub dynamic: bool,
    /// Whether roles of the directory itself may be given to it, so that its members may be
    /// administrators (Graph: `isAssignableToRole`).
    pub role_assignable: bool,
    /// Groups directly inside this one, where known.
    pub subgroups: Vec<DirectoryGroupId>,
    /// People below it, nested ones included, where the source tells without reading them.
    pub size: Option<u64>,
}

impl DirectoryGroup {
    /// What is special about it, in short words.
    pub fn marks(&self) -> Vec<&'static str> {
        let all = [(self.dynamic, "dyn"), (self.role_assignable, "role")];
        all.into_iter()
            .filter_map(|(is, word)| is.then_some(word))
            .collect()
    }
}

/// From a group that holds somebody down to the one that does so directly, both included.
pub type Way = Vec<DirectoryGroupId>;

/// One person below a group, and the way there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// The groups on the way from the group asked about (excluded) down to the one that holds the
    /// person directly (included); empty for a direct member. The shortest way when there are several.
    pub via: Vec<DirectoryGroupId>,
}

impl Membership {
    /// Whether the person is in the group itself.
    pub fn is_direct(&self) -> bool {
        self.via.is_empty()
    }
}
