//! The tenant's side: users, groups, roles, identity providers, and who we are there.

use serde::{Deserialize, Serialize};

use super::ids::{GroupId, RoleId, Subject, TenantId, UserId};
use crate::text::Raw;

/// Status of a user record (qlik.dev, users).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Raw", into = "Raw")]
pub enum UserStatus {
    /// Can sign in.
    Active,
    /// Made ahead of the first sign-in.
    Invited,
    /// Made by SCIM, never signed in.
    Provisioned,
    /// Sign-in refused.
    Disabled,
    /// A tombstone.
    Deleted,
    /// A status that came after this program.
    Other(Raw),
}

impl From<Raw> for UserStatus {
    fn from(text: Raw) -> Self {
        Self::parse(text.expose())
    }
}

impl From<UserStatus> for Raw {
    fn from(value: UserStatus) -> Self {
        match value {
            UserStatus::Other(text) => text,
            known => Self::from(known.word()),
        }
    }
}

impl UserStatus {
    /// Takes the `status` of a record.
    pub fn parse(text: &str) -> Self {
        match text {
            "active" => Self::Active,
            "invited" => Self::Invited,
            "provisioned" => Self::Provisioned,
            "disabled" => Self::Disabled,
            "deleted" => Self::Deleted,
            other => Self::Other(Raw::from(other)),
        }
    }

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Provisioned => "provisioned",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Other(_) => "other",
        }
    }
}

/// A record in the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Qlik's key.
    pub id: UserId,
    /// What the identity provider sends.
    pub subject: Subject,
    /// Display name.
    pub name: Raw,
    /// Missing where the identity provider did not prove it.
    pub email: Option<Raw>,
    /// Active, invited, ...
    pub status: UserStatus,
    /// Roles given to the user directly; empty when the caller may not read roles.
    pub roles: Vec<RoleId>,
    /// Groups that Qlik knows the user to be in.
    pub groups: Vec<GroupId>,
    /// RFC 3339, as sent.
    pub created: Option<Raw>,
    /// Unix time at which a pending invitation ends.
    pub invite_expiry: Option<i64>,
    /// A bot of an OAuth client (`clientId` on the record, or subject `qlikbot\...`).
    pub bot: bool,
}

/// Where a Qlik group comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupProvider {
    /// From the identity provider; membership cannot be edited in Qlik.
    Idp,
    /// Managed in Qlik.
    Custom,
}

/// A group that Qlik knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Qlik's key.
    pub id: GroupId,
    /// Equals the claim value; case-sensitive, unique per provider.
    pub name: Raw,
    /// Where it comes from.
    pub provider: GroupProvider,
    /// Roles that members get.
    pub roles: Vec<RoleId>,
}

/// Whether a role administers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleLevel {
    /// An administrating role.
    Admin,
    /// An ordinary role.
    User,
}

/// A tenant role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Qlik's key.
    pub id: RoleId,
    /// Case-sensitive name.
    pub name: Raw,
    /// Admin or user.
    pub level: RoleLevel,
}

/// The tenant itself (`GET /tenants/me`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantInfo {
    /// Qlik's key.
    pub id: TenantId,
    /// Its name.
    pub name: Raw,
    /// The address we talk to, without a trailing slash.
    pub url: Raw,
    /// Who made the tenant (`createdByUser`): the nearest that the API tells to the account owner,
    /// who should stay a tenant administrator, since recovery by them fails otherwise (Qlik help,
    /// Administrator roles). No endpoint names the owner; Qlik can change who it is, and a tenant
    /// made by a program has none.
    #[serde(default)]
    pub created_by: Option<UserId>,
}

/// Who our credential acts as (`GET /users/me`): the owner of the API key, or the bot of the OAuth
/// client (qlik.dev, API keys: a key acts as the user who made it).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Our own user record.
    pub user: UserId,
    /// Our own subject.
    pub subject: Subject,
    /// Our own name.
    pub name: Raw,
}

/// What of an identity provider bears on subjects (never its secret).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// OIDC, SAML, ...
    pub protocol: Raw,
    /// azureAD, okta, ...
    pub provider: Raw,
    /// Whether people sign in through it now.
    pub active: bool,
    /// For people rather than machines.
    pub interactive: bool,
    /// Prefix `REALM\` of subjects.
    pub realm: Option<Raw>,
    /// Claims that are tried for the subject, in order.
    pub subject_claims: Vec<Raw>,
    /// What its last sign-in test gave (`pendingResult.resultantClaims`).
    #[serde(default)]
    pub tested: Option<SignInTest>,
}

/// The claims of one sign-in, as the tenant understood them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInTest {
    /// The subject.
    pub subject: Subject,
    /// The e-mail address, which tells whose sign-in it was.
    pub email: Option<Raw>,
}
