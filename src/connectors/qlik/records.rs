//! Records as Qlik sends them (qlik.dev references), and what becomes of them. Unknown fields are
//! ignored, unknown words kept as they came or left out and counted, never mapped to a default.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::ends::Keyed;
use crate::domain::{
    Assignee, AssignmentId, Group, GroupId, GroupProvider, Identity, IdentityProvider, Role,
    RoleId, RoleLevel, SignInTest, Space, SpaceAssignment, SpaceId, SpaceRole, SpaceType, Subject,
    TenantId, User, UserId, UserStatus,
};
use crate::text::{Pool, Raw};

/// Fields of a user that are asked for.
pub(super) const USER_FIELDS: &str = "id,subject,name,email,status,assignedRoles,assignedGroups,\
createdAt,inviteExpiry,clientId";

#[derive(Deserialize, PartialEq)]
struct IdOnly {
    id: Raw,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserRecord {
    pub(super) id: Raw,
    subject: Raw,
    name: Option<Raw>,
    email: Option<Raw>,
    status: Raw,
    assigned_roles: Option<Vec<IdOnly>>,
    assigned_groups: Option<Vec<IdOnly>>,
    created_at: Option<Raw>,
    invite_expiry: Option<Value>,
    client_id: Option<Raw>,
}

impl Keyed for UserRecord {
    fn key(&self) -> Raw {
        self.id.clone()
    }
}

fn ids<I: Ord>(list: Option<Vec<IdOnly>>, mut to: impl FnMut(Raw) -> I) -> Vec<I> {
    let mut ids: Vec<I> = list.into_iter().flatten().map(|item| to(item.id)).collect();
    ids.sort();
    ids.dedup();
    // Without room for more: fifty thousand users would each keep some.
    ids.shrink_to_fit();
    ids
}

fn filled(text: Option<Raw>) -> Option<Raw> {
    text.filter(|text| !text.is_blank())
}

impl UserRecord {
    /// Ids of roles and groups are shared through the pool.
    pub(super) fn into_user(self, pool: &mut Pool) -> User {
        let bot = self.client_id.is_some_and(|id| !id.expose().is_empty())
            || is_bot(self.subject.expose());
        let expiry = self.invite_expiry.and_then(|value| match value {
            Value::Number(number) => whole(&number),
            Value::String(text) => text.parse().ok(),
            _ => None,
        });
        User {
            id: UserId::from(self.id),
            name: filled(self.name).unwrap_or_else(|| self.subject.clone()),
            subject: Subject::from(self.subject),
            email: filled(self.email),
            status: UserStatus::from(self.status),
            roles: ids(self.assigned_roles, |id| RoleId::from(pool.share(id))),
            groups: ids(self.assigned_groups, |id| GroupId::from(pool.share(id))),
            created: self.created_at,
            invite_expiry: expiry,
            bot,
        }
    }

    pub(super) fn into_identity(self) -> Identity {
        let user = self.into_user(&mut Pool::default());
        Identity {
            user: user.id,
            subject: user.subject,
            name: user.name,
        }
    }
}

fn is_bot(subject: &str) -> bool {
    subject.to_ascii_lowercase().starts_with("qlikbot\\")
}

/// A number as a whole one, however it is written.
pub(super) fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let number = number.as_f64()?.round();
        // Within this range every float is an exact integer.
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        (number.abs() < 9.0e15).then_some(number as i64)
    })
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupRecord {
    id: Raw,
    name: Raw,
    provider_type: Option<String>,
    assigned_roles: Option<Vec<IdOnly>>,
}

impl Keyed for GroupRecord {
    fn key(&self) -> Raw {
        self.id.clone()
    }
}

impl GroupRecord {
    /// `None` for a provider that this version does not know.
    pub(super) fn into_group(self) -> Option<Group> {
        let provider = match self.provider_type?.as_str() {
            "idp" => GroupProvider::Idp,
            "custom" => GroupProvider::Custom,
            _ => return None,
        };
        Some(Group {
            id: GroupId::from(self.id),
            name: self.name,
            provider,
            roles: ids(self.assigned_roles, RoleId::from),
        })
    }
}

#[derive(Deserialize, PartialEq)]
pub(super) struct RoleRecord {
    id: Raw,
    name: Raw,
    level: Option<String>,
}

impl Keyed for RoleRecord {
    fn key(&self) -> Raw {
        self.id.clone()
    }
}

impl RoleRecord {
    /// A level that is missing or unknown counts as administrating: that one is asked about twice.
    pub(super) fn into_role(self) -> Role {
        Role {
            id: RoleId::from(self.id),
            name: self.name,
            level: match self.level.as_deref() {
                Some("user") => RoleLevel::User,
                _ => RoleLevel::Admin,
            },
        }
    }
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpaceRecord {
    id: Raw,
    name: Raw,
    #[serde(rename = "type")]
    kind: String,
    owner_id: Option<Raw>,
    meta: Option<SpaceMeta>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct SpaceMeta {
    assignable_roles: Option<Vec<String>>,
}

impl Keyed for SpaceRecord {
    fn key(&self) -> Raw {
        self.id.clone()
    }
}

impl SpaceRecord {
    pub(super) fn into_space(self) -> Space {
        let roles = self.meta.and_then(|meta| meta.assignable_roles);
        let mut roles: Vec<SpaceRole> = roles.into_iter().flatten().map(SpaceRole::new).collect();
        roles.sort();
        roles.dedup();
        Space {
            id: SpaceId::from(self.id),
            name: self.name,
            kind: SpaceType::parse(&self.kind),
            owner: self
                .owner_id
                .filter(|id| !id.expose().is_empty())
                .map(UserId::from),
            assignable_roles: roles,
        }
    }
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssignmentRecord {
    id: Raw,
    #[serde(rename = "type")]
    kind: String,
    assignee_id: Raw,
    roles: Vec<Raw>,
}

impl Keyed for AssignmentRecord {
    fn key(&self) -> Raw {
        self.id.clone()
    }
}

impl AssignmentRecord {
    /// `None` for a kind of assignee that this version does not know.
    /// Roles are shared through the pool.
    pub(super) fn into_assignment(self, pool: &mut Pool) -> Option<SpaceAssignment> {
        let assignee = match self.kind.as_str() {
            "user" => Assignee::User(UserId::from(self.assignee_id)),
            "group" => Assignee::Group(GroupId::from(self.assignee_id)),
            "bot" => Assignee::Bot(UserId::from(self.assignee_id)),
            _ => return None,
        };
        let roles = self.roles.into_iter();
        let mut roles: Vec<SpaceRole> = roles.map(|role| pool.share(role).into()).collect();
        roles.sort();
        roles.dedup();
        Some(SpaceAssignment {
            id: AssignmentId::from(self.id),
            assignee,
            roles,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TenantRecord {
    pub(super) id: TenantId,
    pub(super) name: Option<Raw>,
    pub(super) created_by_user: Option<String>,
}

/// `options.clientSecret` is in the schema; it is not named here and so dropped on receipt.
#[derive(Deserialize, PartialEq)]
pub(super) struct ProviderRecord {
    id: Raw,
    protocol: Option<Raw>,
    provider: Option<Raw>,
    active: Option<bool>,
    interactive: Option<bool>,
    options: Option<ProviderOptions>,
    /// Read by hand: its shape differs by protocol, and a provider is known without it.
    #[serde(rename = "pendingResult")]
    pending_result: Option<Value>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct ProviderOptions {
    realm: Option<Raw>,
    claims_mapping: Option<ClaimsMapping>,
}

#[derive(Deserialize, PartialEq)]
struct ClaimsMapping {
    sub: Option<OneOrMany>,
}

#[derive(Deserialize, PartialEq)]
#[serde(untagged)]
enum OneOrMany {
    One(Raw),
    Many(Vec<Raw>),
}

impl Keyed for ProviderRecord {
    fn key(&self) -> Raw {
        self.id.clone()
    }
}

impl ProviderRecord {
    pub(super) fn into_provider(self) -> IdentityProvider {
        let (realm, mapping) = self.options.map_or((None, None), |options| {
            (options.realm, options.claims_mapping)
        });
        let subject_claims = match mapping.and_then(|mapping| mapping.sub) {
            Some(OneOrMany::One(claim)) => vec![claim],
            Some(OneOrMany::Many(claims)) => claims,
            None => Vec::new(),
        };
        IdentityProvider {
            protocol: self.protocol.unwrap_or_default(),
            provider: self.provider.unwrap_or_default(),
            active: self.active.unwrap_or(false),
            interactive: self.interactive.unwrap_or(false),
            realm: filled(realm),
            subject_claims,
            tested: self.pending_result.as_ref().and_then(sign_in_test),
        }
    }
}

/// What a sign-in test that succeeded gave (`pendingResult`).
fn sign_in_test(result: &Value) -> Option<SignInTest> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let status = result.get("status").and_then(Value::as_str);
    let claims = result.get("resultantClaims")?;
    let subject = claims.get("sub").and_then(text)?;
    (status == Some("success") && !subject.trim().is_empty()).then(|| SignInTest {
        subject: Subject::new(subject),
        email: filled(claims.get("email").and_then(text).map(Raw::from)),
    })
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
