//! Content (qlik.dev items): only what its owner is asked for.

use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{Item, Tenant};
use super::check;
use super::errors::Refusal;
use super::page::Window;
use super::route::Context;
use super::users::stamp;

fn render(tenant: &Tenant, item: &Item) -> Value {
    json!({
        "id": item.id,
        "name": item.name,
        "resourceType": "app",
        "resourceId": item.resource,
        "ownerId": item.owner,
        "tenantId": tenant.id,
        "createdAt": stamp(item.created),
        "updatedAt": stamp(item.created),
    })
}

/// `GET /items`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    let known = [
        "ownerId",
        "resourceType",
        "noActions",
        "limit",
        "next",
        "prev",
        "sort",
    ];
    check::only(request, &known)?;
    let (_, down) = check::sort(request, &["createdAt", "name"], "+createdAt")?;
    let window = Window::read(request, 10, 100, context.world.cursor_generation)?;
    let tenant = &context.world.tenant;
    let owner = request.parameter("ownerId");
    let kind = request.parameter("resourceType");
    let hits = tenant.items.iter().filter(|item| {
        owner.is_none_or(|owner| owner == item.owner) && kind.is_none_or(|kind| kind == "app")
    });
    let page = window.slice(hits.collect(), down, |item: &&Item| {
        (stamp(item.created), item.id.clone())
    });
    let data: Value = page.items.iter().map(|item| render(tenant, item)).collect();
    let links = page.links(context.base, request);
    Ok(Reply::ok(json!({"data": data, "links": links})))
}
