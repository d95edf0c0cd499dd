//! Audit events and quota counters (dossier section 8).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{AuditEvent, Tenant};
use super::check;
use super::errors::Refusal;
use super::page::Window;
use super::route::Context;
use super::users::stamp;

/// How long events are kept, in seconds: 90 days.
const EVENT_TTL: i64 = 90 * 24 * 3600;

fn render(tenant: &Tenant, base: &str, event: &AuditEvent) -> Value {
    json!({
        "id": event.id,
        "eventId": event.id,
        "eventTime": stamp(event.time),
        "eventType": event.kind,
        "eventTypeVersion": "1.0.0",
        "source": event.source,
        "contentType": "application/json",
        "tenantId": tenant.id,
        "userId": event.user,
        "data": {"idpId": tenant.idps.first().map(|idp| idp.id.clone())},
        "extensions": {"actor": {"subType": "user"}},
        "links": {"self": {"href": format!("{base}/api/v1/audits/{}", event.id)}},
    })
}

/// `GET /audits`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    let known = [
        "eventTime",
        "eventType",
        "source",
        "userId",
        "id",
        "limit",
        "next",
        "prev",
        "sort",
    ];
    check::only(request, &known)?;
    let (_, down) = check::sort(request, &["eventTime"], "-eventTime")?;
    let window = Window::read(request, 10, 100, context.world.cursor_generation)?;
    let range = request.parameter("eventTime").map(time_range).transpose()?;
    let oldest = Timestamp::from_second(context.now.as_second() - EVENT_TTL).unwrap_or(context.now);
    let tenant = &context.world.tenant;
    let is = |name: &str, value: &str| request.parameter(name).is_none_or(|want| want == value);
    let hit = |e: &&AuditEvent| {
        e.time >= oldest
            && range.is_none_or(|(from, to)| e.time >= from && e.time <= to)
            && is("eventType", e.kind)
            && is("source", e.source)
            && is("userId", &e.user)
            && is("id", &e.id)
    };
    let all: Vec<&AuditEvent> = tenant.audits.iter().filter(hit).collect();
    let page = window.slice(all, down, |e| (stamp(e.time), e.id.clone()));
    let data: Value = page
        .items
        .iter()
        .map(|e| render(tenant, context.base, e))
        .collect();
    Ok(Reply::ok(
        json!({"data": data, "links": page.links(context.base, request)}),
    ))
}

/// `start/end` in ISO 8601.
fn time_range(text: &str) -> Result<(Timestamp, Timestamp), Refusal> {
    let parse = |part: &str| part.parse::<Timestamp>().ok();
    text.split_once('/')
        .and_then(|(from, to)| Some((parse(from)?, parse(to)?)))
        .ok_or_else(|| Refusal::parameter("eventTime", "'eventTime' must be start/end."))
}

/// `GET /audits/types`: what this tenant has had.
pub(super) fn types(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    distinct(context, |e| e.kind)
}

/// `GET /audits/sources`.
pub(super) fn sources(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    distinct(context, |e| e.source)
}

fn distinct(context: &Context<'_>, of: fn(&AuditEvent) -> &'static str) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let mut all: Vec<&str> = context.world.tenant.audits.iter().map(of).collect();
    all.sort_unstable();
    all.dedup();
    Ok(Reply::ok(json!({"data": all, "links": {}})))
}

/// `GET /audits/settings`.
pub(super) fn settings(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    Ok(Reply::ok(
        json!({"data": {"EventTTL": EVENT_TTL, "ArchiveEnabled": true}}),
    ))
}

/// `GET /consumption/executions`: quota counters of the tenant; nothing about single people.
pub(super) fn executions(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(request, &["filter", "limit", "offset", "page"])?;
    check::limit(request, 20, 200)?;
    let day = stamp(context.world.epoch);
    Ok(Reply::ok(json!({
        "currentPageCount": 1,
        "totalCount": 1,
        "data": [{
            "resourceType": "app",
            "resourceAction": "reload",
            "unit": "count",
            "localUsage": 12,
            "capacityLimit": 100,
            "periodType": "day",
            "periodStart": day,
            "periodEnd": day,
        }],
    })))
}
