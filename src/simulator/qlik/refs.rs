//! Roles and groups as they appear inside other records, and role references in bodies.

use serde::Deserialize;
use serde_json::Value;

use super::super::world::Tenant;
use super::errors::Refusal;
use super::user_view::Roles;

/// A role in a body: by id or by name, never both (qlik.dev users).
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum RoleRef {
    Id(ById),
    Name(ByName),
}

/// `{"id": "..."}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ById {
    pub(super) id: String,
}

/// `{"name": "..."}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByName {
    pub(super) name: String,
}

impl RoleRef {
    /// The role's id, if the tenant has it.
    pub(super) fn resolve(&self, tenant: &Tenant) -> Result<String, Refusal> {
        let (found, shown) = match self {
            Self::Id(by) => (tenant.roles.get(&by.id), &by.id),
            Self::Name(by) => (tenant.role_named(&by.name), &by.name),
        };
        found.map(|r| r.id.clone()).ok_or_else(|| {
            Refusal::new(400, "USERS-21", "Role not found").detail(format!("Role '{shown}'."))
        })
    }
}

/// Resolves a list that must be all ids or all names, without repetition.
pub(super) fn role_ids(refs: &[RoleRef], tenant: &Tenant) -> Result<Vec<String>, Refusal> {
    let by_id = refs.iter().filter(|r| matches!(r, RoleRef::Id(_))).count();
    if by_id != 0 && by_id != refs.len() {
        return Err(Refusal::body(
            "/assignedRoles",
            "Roles must be all ids or all names.",
        ));
    }
    let mut ids: Vec<String> = Vec::with_capacity(refs.len());
    for reference in refs {
        let id = reference.resolve(tenant)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Roles inside another record, unknown ids left out.
pub(super) fn roles(tenant: &Tenant, ids: &[String]) -> Value {
    serde_json::to_value(Roles(tenant, ids)).unwrap_or(Value::Null)
}
