//! A user record on its way out, written field by field without an intermediate tree: a whole tenant
//! is read a hundred records at a time, and this is where the time would go.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::super::world::{Role, Tenant, TenantGroup, User};
use super::errors::Refusal;
use super::users::stamp;

/// The fields a record can have, in the order they are written.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "tenantId",
    "subject",
    "name",
    "email",
    "status",
    "assignedRoles",
    "assignedGroups",
    "assignedScopes",
    "clientId",
    "createdAt",
    "lastUpdatedAt",
    "inviteExpiry",
    "locale",
    "zoneinfo",
    "preferredLocale",
    "preferredZoneinfo",
    "picture",
    "links",
];

/// Which fields are wanted, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields(u32);

impl Fields {
    /// Everything.
    pub(super) const ALL: Self = Self(u32::MAX);

    /// Reads a `fields` parameter.
    pub(super) fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let Some(text) = text else {
            return Ok(Self::ALL);
        };
        let mut bits = 0;
        for name in text.split(',').map(str::trim) {
            let Some(at) = FIELDS.iter().position(|f| *f == name) else {
                return Err(Refusal::parameter(
                    "fields",
                    format!("Unknown field '{name}'."),
                ));
            };
            bits |= 1 << at;
        }
        Ok(Self(bits))
    }

    fn has(self, at: usize) -> bool {
        self.0 & (1 << at) != 0
    }
}

/// A user with what is needed to write it.
#[derive(Clone, Copy)]
pub(super) struct UserView<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) base: &'a str,
    pub(super) user: &'a User,
    pub(super) fields: Fields,
}

impl UserView<'_> {
    /// The record as a tree.
    pub(super) fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

impl Serialize for UserView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            tenant,
            base,
            user,
            fields,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        for (at, name) in FIELDS.iter().enumerate() {
            if !fields.has(at) {
                continue;
            }
            match *name {
                "id" => map.serialize_entry(name, &user.id)?,
                "tenantId" => map.serialize_entry(name, &tenant.id)?,
                "subject" => map.serialize_entry(name, &user.subject)?,
                "name" => map.serialize_entry(name, &user.name)?,
                "status" => map.serialize_entry(name, &user.status)?,
                "assignedRoles" => map.serialize_entry(name, &Roles(tenant, &user.roles))?,
                "assignedGroups" => map.serialize_entry(name, &Groups(tenant, &user.groups))?,
                "assignedScopes" => map.serialize_entry(name, &[(); 0])?,
                "createdAt" => map.serialize_entry(name, &stamp(user.created))?,
                "lastUpdatedAt" => map.serialize_entry(name, &stamp(user.updated))?,
                "links" => map.serialize_entry(name, &SelfLink(base, &user.id))?,
                _ => optional(&mut map, name, user)?,
            }
        }
        map.end()
    }
}

/// Fields that are left out when there is nothing to say.
fn optional<M: SerializeMap>(map: &mut M, name: &str, user: &User) -> Result<(), M::Error> {
    let text = match name {
        "email" => user.email.as_ref(),
        "clientId" => user.client_id.as_ref(),
        "preferredLocale" => user.preferred_locale.as_ref(),
        "preferredZoneinfo" => user.preferred_zoneinfo.as_ref(),
        _ => None,
    };
    match (name, text, user.invite_expiry) {
        (_, Some(text), _) => map.serialize_entry(name, text),
        ("inviteExpiry", _, Some(expiry)) => map.serialize_entry(name, &expiry.as_second()),
        _ => Ok(()),
    }
}

/// `{"self": {"href": ...}}` of a user.
struct SelfLink<'a>(&'a str, &'a str);

impl Serialize for SelfLink<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Link {
            href: String,
        }
        let mut map = serializer.serialize_map(Some(1))?;
        let href = format!("{}/api/v1/users/{}", self.0, self.1);
        map.serialize_entry("self", &Link { href })?;
        map.end()
    }
}

/// Roles inside another record, unknown ids left out.
pub(super) struct Roles<'a>(pub(super) &'a Tenant, pub(super) &'a [String]);

impl Serialize for Roles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self.1.iter().filter_map(|id| self.0.roles.get(id));
        serializer.collect_seq(known.map(RoleIn))
    }
}

struct RoleIn<'a>(&'a Role);

impl Serialize for RoleIn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", &self.0.id)?;
        map.serialize_entry("name", &self.0.name)?;
        map.serialize_entry("type", self.0.kind)?;
        map.serialize_entry("level", self.0.level)?;
        map.end()
    }
}

struct Groups<'a>(&'a Tenant, &'a [String]);

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self.1.iter().filter_map(|id| self.0.groups.get(id));
        serializer.collect_seq(known.map(|group| GroupIn(self.0, group)))
    }
}

struct GroupIn<'a>(&'a Tenant, &'a TenantGroup);

impl Serialize for GroupIn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", &self.1.id)?;
        map.serialize_entry("name", &self.1.name)?;
        map.serialize_entry("providerType", &self.1.provider)?;
        map.serialize_entry("assignedRoles", &Roles(self.0, &self.1.roles))?;
        map.end()
    }
}
