//! `PATCH /users/{id}`: the operations of dossier 2.4, each on its own, 207 when only some worked.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{Tenant, User};
use super::check;
use super::errors::{Envelope, Refusal};
use super::refs::{self, RoleRef};
use super::route::Context;

/// How long a renewed invitation lives.
const INVITE_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    op: String,
    path: String,
    value: Option<Value>,
}

/// The operations the contract knows; the deprecated ones are refused on purpose.
const KNOWN: &[(&str, &str)] = &[
    ("replace", "/name"),
    ("replace", "/preferredLocale"),
    ("replace", "/preferredZoneinfo"),
    ("replace", "/status"),
    ("replace", "/assignedRoles"),
    ("add", "/assignedRoles/-"),
    ("remove-value", "/assignedRoles"),
    ("add", "/assignedGroups/-"),
    ("remove-value", "/assignedGroups"),
    ("renew", "/inviteExpiry"),
];

/// `PATCH /users/{id}`.
pub(super) fn user(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let operations: Vec<Operation> = check::body(context.request)?;
    let id = path.last().copied().unwrap_or_default();
    let tenant = &context.world.tenant;
    let mut user = tenant
        .users
        .get(id)
        .cloned()
        .ok_or_else(|| Refusal::missing("USERS-7"))?;
    if operations.is_empty() {
        return Err(Refusal::bad("At least one operation is needed."));
    }
    for (at, operation) in operations.iter().enumerate() {
        if !KNOWN.contains(&(operation.op.as_str(), operation.path.as_str())) {
            return Err(Refusal::body(
                &format!("/{at}"),
                format!(
                    "Operation '{}' on '{}' is not possible.",
                    operation.op, operation.path
                ),
            ));
        }
    }
    let mut refused = Vec::new();
    for operation in &operations {
        if let Err(refusal) = apply(tenant, &mut user, operation, context.now) {
            refused.push(refusal);
        }
    }
    if refused.len() == operations.len() {
        return Err(refused.swap_remove(0));
    }
    user.updated = context.now;
    context.world.tenant.users.insert(user);
    if refused.is_empty() {
        return Ok(Reply::empty(204));
    }
    let errors: Vec<Value> = refused.iter().map(|r| r.item(Envelope::Usual)).collect();
    Ok(Reply::json(
        207,
        json!({"errors": errors, "traceId": context.trace}),
    ))
}

fn apply(
    tenant: &Tenant,
    user: &mut User,
    operation: &Operation,
    now: Timestamp,
) -> Result<(), Refusal> {
    let value = operation.value.as_ref();
    match (operation.op.as_str(), operation.path.as_str()) {
        ("replace", "/name") => user.name = text(value)?,
        ("replace", "/preferredLocale") => user.preferred_locale = Some(text(value)?),
        ("replace", "/preferredZoneinfo") => user.preferred_zoneinfo = Some(text(value)?),
        ("replace", "/status") => {
            let status = text(value)?;
            if !["active", "disabled"].contains(&status.as_str()) {
                return Err(Refusal::body(
                    "/status",
                    "'status' may be 'active' or 'disabled'.",
                ));
            }
            user.status = status;
        }
        ("replace", "/assignedRoles") => {
            let roles: Vec<RoleRef> = read(value)?;
            user.roles = refs::role_ids(&roles, tenant)?;
        }
        ("add", "/assignedRoles/-") => {
            let id = read::<RoleRef>(value)?.resolve(tenant)?;
            if user.roles.contains(&id) {
                return Err(Refusal::body(
                    "/assignedRoles",
                    "The role is assigned already.",
                ));
            }
            user.roles.push(id);
        }
        ("remove-value", "/assignedRoles") => {
            let id = read::<refs::ById>(value)?.id;
            take(&mut user.roles, &id, "/assignedRoles")?;
        }
        ("add", _) => {
            let id = custom_group(tenant, value)?;
            if user.groups.contains(&id) {
                return Err(Refusal::body(
                    "/assignedGroups",
                    "The user is in the group already.",
                ));
            }
            user.groups.push(id);
        }
        ("remove-value", _) => {
            let id = text(value)?;
            custom_group(tenant, Some(&json!(id)))?;
            take(&mut user.groups, &id, "/assignedGroups")?;
        }
        _ => {
            if user.status != "invited" || value.is_some() {
                return Err(Refusal::body(
                    "/inviteExpiry",
                    "There is no invitation to renew.",
                ));
            }
            user.invite_expiry = now.checked_add(INVITE_LIFE).ok();
        }
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Result<T, Refusal> {
    let value = value.cloned().unwrap_or(Value::Null);
    T::deserialize(value).map_err(|e| Refusal::body("/value", format!("The value is wrong: {e}.")))
}

fn text(value: Option<&Value>) -> Result<String, Refusal> {
    let text: String = read(value)?;
    if text.is_empty() {
        Err(Refusal::body("/value", "The value is empty."))
    } else {
        Ok(text)
    }
}

fn take(list: &mut Vec<String>, id: &str, pointer: &str) -> Result<(), Refusal> {
    let before = list.len();
    list.retain(|held| held != id);
    if list.len() == before {
        return Err(Refusal::body(pointer, "The value is not assigned."));
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GroupByName {
    name: String,
    provider_type: String,
}

/// The custom group a value names, by id or by name; idp groups are refused (dossier 2.4).
fn custom_group(tenant: &Tenant, value: Option<&Value>) -> Result<String, Refusal> {
    let found = if let Some(Value::String(id)) = value {
        tenant.groups.get(id)
    } else {
        let by: GroupByName = read(value)?;
        tenant.group_named(&by.name, &by.provider_type)
    };
    match found {
        None => Err(Refusal::body(
            "/assignedGroups",
            "The group does not exist.",
        )),
        Some(group) if group.provider != "custom" => Err(Refusal::body(
            "/assignedGroups",
            "Membership of a group of the identity provider cannot be changed here.",
        )),
        Some(group) => Ok(group.id.clone()),
    }
}
