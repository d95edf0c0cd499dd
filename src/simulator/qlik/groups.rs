//! Groups of the tenant and their settings (dossier section 3).

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{AssigneeKind, Tenant, TenantGroup};
use super::check;
use super::errors::Refusal;
use super::page::{Page, Window};
use super::refs::{self, RoleRef};
use super::route::Context;
use super::scim::{Attribute, Clause, Filter, Op};
use super::users::{FilterBody, stamp};

/// Id and name of the system group everybody is in.
const EVERYONE: (&str, &str) = ("000000000000000000000001", "com.qlik.Everyone");
/// Longest name (dossier section 3).
const MAX_NAME: usize = 256;
/// Most roles of one group.
const MAX_ROLES: usize = 100;

const ATTRIBUTES: &[Attribute] = &[
    ("id", &[Op::Eq]),
    ("name", &[Op::Eq, Op::Co]),
    ("status", &[Op::Eq]),
    ("providerType", &[Op::Eq]),
    ("createdAt", &[Op::Eq, Op::Ge]),
    ("lastUpdatedAt", &[Op::Eq, Op::Ge]),
];
const SORTS: &[&str] = &[
    "id",
    "name",
    "status",
    "providerType",
    "createdAt",
    "lastUpdatedAt",
];

fn render(tenant: &Tenant, base: &str, group: &TenantGroup) -> Value {
    let mut record = json!({
        "id": group.id,
        "name": group.name,
        "providerType": group.provider,
        "status": "active",
        "assignedRoles": refs::roles(tenant, &group.roles),
        "tenantId": tenant.id,
        "createdAt": stamp(group.created),
        "lastUpdatedAt": stamp(group.updated),
        "links": {"self": {"href": format!("{base}/api/v1/groups/{}", group.id)}},
    });
    if !group.description.is_empty() {
        record["description"] = json!(group.description);
    }
    record
}

fn matches(filter: &Filter, group: &TenantGroup) -> bool {
    filter.matches(&|clause: &Clause| match clause.attribute {
        "id" => clause.hits(&group.id),
        "name" => clause.hits(&group.name),
        "status" => clause.hits("active"),
        "providerType" => clause.hits(&group.provider),
        "createdAt" => clause.hits(&stamp(group.created)),
        _ => clause.hits(&stamp(group.updated)),
    })
}

fn page(
    context: &Context<'_>,
    filter: Option<&Filter>,
    (field, down): &(String, bool),
) -> Result<(Value, usize), Refusal> {
    let window = Window::read(context.request, 20, 100, context.world.cursor_generation)?;
    let tenant = &context.world.tenant;
    let hits: Vec<&TenantGroup> = tenant
        .groups
        .values()
        .filter(|g| filter.is_none_or(|f| matches(f, g)))
        .collect();
    let total = hits.len();
    let page: Page<&TenantGroup> = window.slice(hits, *down, |g| {
        let key = match field.as_str() {
            "name" => g.name.to_lowercase(),
            "providerType" => g.provider.clone(),
            "createdAt" => stamp(g.created),
            "lastUpdatedAt" => stamp(g.updated),
            _ => String::new(),
        };
        (key, g.id.clone())
    });
    let data: Value = page
        .items
        .iter()
        .map(|g| render(tenant, context.base, g))
        .collect();
    Ok((
        json!({"data": data, "links": page.links(context.base, context.request)}),
        total,
    ))
}

/// `GET /groups`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    let known = [
        "filter",
        "limit",
        "next",
        "prev",
        "sort",
        "systemGroups",
        "totalResults",
    ];
    check::only(request, &known)?;
    if check::flag(request, "systemGroups")? {
        if request.query.len() > 1 {
            return Err(Refusal::parameter(
                "systemGroups",
                "'systemGroups' must stand alone.",
            ));
        }
        return Ok(Reply::ok(
            json!({"data": [system_record(context)], "links": {}}),
        ));
    }
    let filter = request
        .parameter("filter")
        .map(|f| Filter::parse(f, ATTRIBUTES))
        .transpose()?;
    let sort = check::sort(request, SORTS, "+id")?;
    let (mut body, total) = page(context, filter.as_ref(), &sort)?;
    if check::flag(request, "totalResults")? {
        body["totalResults"] = json!(total);
    }
    Ok(Reply::ok(body))
}

fn system_record(context: &Context<'_>) -> Value {
    let tenant = &context.world.tenant;
    json!({
        "id": EVERYONE.0,
        "name": EVERYONE.1,
        "status": "active",
        "assignedRoles": refs::roles(tenant, &tenant.everyone_roles),
        "tenantId": tenant.id,
        "createdAt": stamp(tenant.created),
        "lastUpdatedAt": stamp(tenant.created),
    })
}

/// `POST /groups/actions/filter`.
pub(super) fn filter(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &["limit", "next", "prev", "sort"])?;
    let body: FilterBody = check::body(context.request)?;
    let filter = body
        .filter
        .as_deref()
        .map(|f| Filter::parse(f, ATTRIBUTES))
        .transpose()?;
    let sort = check::sort(context.request, &["name"], "+name")?;
    Ok(Reply::ok(page(context, filter.as_ref(), &sort)?.0))
}

/// `GET /groups/{id}`.
pub(super) fn get(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let group = found(&context.world.tenant, path)?;
    Ok(Reply::ok(render(
        &context.world.tenant,
        context.base,
        group,
    )))
}

fn found<'a>(tenant: &'a Tenant, path: &[&str]) -> Result<&'a TenantGroup, Refusal> {
    let id = path.get(1).copied().unwrap_or_default();
    tenant
        .groups
        .get(id)
        .ok_or_else(|| Refusal::missing("GROUPS-7"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Create {
    name: String,
    description: Option<String>,
    provider_type: Option<String>,
    status: Option<String>,
    assigned_roles: Option<Vec<RoleRef>>,
}

/// `POST /groups`.
pub(super) fn create(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: Create = check::body(context.request)?;
    let tenant = &context.world.tenant;
    check_name(&body.name)?;
    let provider = body.provider_type.unwrap_or_else(|| "idp".into());
    if !["idp", "custom"].contains(&provider.as_str()) {
        return Err(Refusal::body(
            "/providerType",
            "'providerType' may be 'idp' or 'custom'.",
        ));
    }
    if body.status.as_deref().is_some_and(|s| s != "active") {
        return Err(Refusal::body("/status", "'status' may only be 'active'."));
    }
    let roles = group_roles(tenant, body.assigned_roles.as_deref().unwrap_or_default())?;
    if tenant.group_named(&body.name, &provider).is_some() {
        return Err(Refusal::new(409, "GROUPS-5", "Conflict")
            .detail("A group of this name and provider type exists."));
    }
    let group = TenantGroup {
        id: context.world.new_id(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        provider,
        roles,
        created: context.now,
        updated: context.now,
    };
    let tenant = &mut context.world.tenant;
    let record = render(tenant, context.base, &group);
    tenant.groups.insert(group.id.clone(), group);
    Ok(Reply::json(201, record))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(Refusal::body(
            "/name",
            "'name' must have 1 to 256 characters.",
        ));
    }
    Ok(())
}

fn group_roles(tenant: &Tenant, list: &[RoleRef]) -> Result<Vec<String>, Refusal> {
    if list.len() > MAX_ROLES {
        return Err(Refusal::body(
            "/assignedRoles",
            "At most 100 roles may be assigned.",
        ));
    }
    refs::role_ids(list, tenant)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    op: String,
    path: String,
    value: Value,
}

/// `PATCH /groups/{id}`: all operations or none.
pub(super) fn patch(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let operations: Vec<Operation> = check::body(context.request)?;
    let tenant = &context.world.tenant;
    let mut group = found(tenant, path)?.clone();
    if operations.is_empty() {
        return Err(Refusal::bad("At least one operation is needed."));
    }
    for operation in operations {
        let place = operation.path.strip_prefix('/').unwrap_or(&operation.path);
        let custom = group.provider == "custom";
        match (operation.op.as_str(), place) {
            ("replace", "assignedRoles") => {
                let list: Vec<RoleRef> = value(operation.value)?;
                group.roles = group_roles(tenant, &list)?;
            }
            ("replace", "name") if custom => {
                group.name = value(operation.value)?;
                check_name(&group.name)?;
                let taken = tenant.group_named(&group.name, "custom");
                if taken.is_some_and(|other| other.id != group.id) {
                    return Err(Refusal::new(409, "GROUPS-5", "Conflict"));
                }
            }
            ("replace", "description") if custom => group.description = value(operation.value)?,
            _ => return Err(Refusal::bad(format!("Cannot {} '{place}'.", operation.op))),
        }
    }
    group.updated = context.now;
    context.world.tenant.groups.insert(group.id.clone(), group);
    Ok(Reply::empty(204))
}

fn value<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value)
        .map_err(|e| Refusal::body("/value", format!("The value is wrong: {e}.")))
}

/// `DELETE /groups/{id}`; a custom group must be empty.
pub(super) fn delete(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    check::no_body(context.request)?;
    let tenant = &mut context.world.tenant;
    let group = found(tenant, path)?.clone();
    let members: Vec<String> = tenant
        .users
        .iter()
        .filter(|u| u.groups.contains(&group.id))
        .map(|u| u.id.clone())
        .collect();
    if group.provider == "custom" && !members.is_empty() {
        return Err(Refusal::bad("A custom group must be empty to be deleted."));
    }
    for member in members {
        tenant
            .users
            .update(&member, |u| u.groups.retain(|id| *id != group.id));
    }
    tenant.groups.remove(&group.id);
    tenant.spaces.forget(&(AssigneeKind::Group, group.id));
    Ok(Reply::empty(204))
}

/// `GET /groups/settings`.
pub(super) fn settings(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let tenant = &context.world.tenant;
    let everyone = json!({
        "id": EVERYONE.0,
        "name": EVERYONE.1,
        "enabled": true,
        "assignedRoles": refs::roles(tenant, &tenant.everyone_roles),
        "createdAt": stamp(tenant.created),
        "lastUpdatedAt": stamp(tenant.created),
    });
    Ok(Reply::ok(json!({
        "tenantId": tenant.id,
        "autoCreateGroups": tenant.auto_create_groups,
        "syncIdpGroups": tenant.auto_create_groups,
        "systemGroups": {EVERYONE.0: everyone},
        "links": {"self": {"href": format!("{}/api/v1/groups/settings", context.base)}},
    })))
}

/// `PATCH /groups/settings`: all operations or none.
pub(super) fn patch_settings(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let operations: Vec<Operation> = check::body(context.request)?;
    let tenant = &context.world.tenant;
    let (mut create, mut roles) = (tenant.auto_create_groups, tenant.everyone_roles.clone());
    if operations.is_empty() {
        return Err(Refusal::bad("At least one operation is needed."));
    }
    let everyone = format!("/systemGroups/{}/assignedRoles", EVERYONE.0);
    for operation in operations {
        match (operation.op.as_str(), operation.path.as_str()) {
            ("replace", "/autoCreateGroups") => create = value(operation.value)?,
            ("replace", place) if place == everyone => {
                let list: Vec<RoleRef> = value(operation.value)?;
                roles = group_roles(tenant, &list)?;
            }
            (op, place) => return Err(Refusal::bad(format!("Cannot {op} '{place}'."))),
        }
    }
    let tenant = &mut context.world.tenant;
    tenant.auto_create_groups = create;
    tenant.everyone_roles = roles;
    Ok(Reply::empty(204))
}
