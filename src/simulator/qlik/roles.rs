//! Tenant roles, read only (dossier section 6).

use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{Role, Tenant};
use super::check;
use super::errors::Refusal;
use super::page::Window;
use super::route::Context;
use super::scim::{Attribute, Clause, Filter, Op};
use super::users::stamp;

const ATTRIBUTES: &[Attribute] = &[
    ("id", &[Op::Eq]),
    ("name", &[Op::Eq, Op::Co]),
    ("type", &[Op::Eq]),
    ("level", &[Op::Eq]),
    ("description", &[Op::Eq, Op::Co]),
    ("tenantId", &[Op::Eq]),
];

fn render(tenant: &Tenant, base: &str, role: &Role) -> Value {
    json!({
        "id": role.id,
        "name": role.name,
        "type": role.kind,
        "level": role.level,
        "description": role.description,
        "assignedScopes": [],
        "permissions": [],
        "canEdit": role.kind == "custom",
        "canDelete": role.kind == "custom",
        "tenantId": tenant.id,
        "createdAt": stamp(tenant.created),
        "lastUpdatedAt": stamp(tenant.created),
        "links": {"self": {"href": format!("{base}/api/v1/roles/{}", role.id)}},
    })
}

/// `GET /roles`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(
        request,
        &["filter", "limit", "next", "prev", "sort", "totalResults"],
    )?;
    let filter = request
        .parameter("filter")
        .map(|f| Filter::parse(f, ATTRIBUTES))
        .transpose()?;
    let (field, down) = check::sort(request, &["id", "name", "type", "level"], "+name")?;
    let window = Window::read(request, 20, 100, context.world.cursor_generation)?;
    let tenant = &context.world.tenant;
    let hit = |role: &&Role| {
        filter
            .as_ref()
            .is_none_or(|f| f.matches(&|c| matches(tenant, c, role)))
    };
    let hits: Vec<&Role> = tenant.roles.values().filter(hit).collect();
    let total = hits.len();
    let page = window.slice(hits, down, |role| {
        let key = match field.as_str() {
            "name" => role.name.to_lowercase(),
            "type" => role.kind.to_owned(),
            "level" => role.level.to_owned(),
            _ => String::new(),
        };
        (key, role.id.clone())
    });
    let data: Value = page
        .items
        .iter()
        .map(|r| render(tenant, context.base, r))
        .collect();
    let mut body = json!({"data": data, "links": page.links(context.base, request)});
    if check::flag(request, "totalResults")? {
        body["totalResults"] = json!(total);
    }
    Ok(Reply::ok(body))
}

fn matches(tenant: &Tenant, clause: &Clause, role: &Role) -> bool {
    match clause.attribute {
        "id" => clause.hits(&role.id),
        "name" => clause.hits(&role.name),
        "type" => clause.hits(role.kind),
        "level" => clause.hits(role.level),
        "tenantId" => clause.hits(&tenant.id),
        _ => clause.hits(&role.description),
    }
}

/// `GET /roles/{id}`.
pub(super) fn get(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let tenant = &context.world.tenant;
    let role = path.get(1).and_then(|id| tenant.roles.get(*id));
    let role = role.ok_or_else(|| Refusal::missing("IDENTITIES-10402"))?;
    Ok(Reply::ok(render(tenant, context.base, role)))
}
