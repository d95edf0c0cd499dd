//! License overview, status, settings, assignments and consumption (dossier section 4).

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{Consumption, LicenseAssignment, Tenant};
use super::check;
use super::errors::Refusal;
use super::page::{Window, with_cursor};
use super::route::Context;
use super::scim::{Attribute, Clause, Filter, Op};
use super::users::stamp;

const PRODUCT: &str = "Qlik Sense Enterprise SaaS";
const VALID: &str = "2026-01-01/2027-12-31";
/// The host that shows up in license links (dossier 4.2); it must never be called.
const INTERNAL: &str = "http://license/v1";

/// `GET /licenses/overview`.
pub(super) fn overview(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let licenses = &context.world.tenant.licenses;
    if licenses.allotments.is_empty() {
        return Err(Refusal::missing("LICENSES-001"));
    }
    let allotments: Value = licenses
        .allotments
        .iter()
        .map(|a| {
            json!({
                "name": a.name,
                "usageClass": a.usage_class,
                "units": a.units,
                "unitsUsed": licenses.used(&a.name),
                "overage": a.overage,
            })
        })
        .collect();
    Ok(Reply::ok(json!({
        "licenseNumber": "9999000000001204",
        "licenseKey": "not-a-real-key",
        "product": PRODUCT,
        "origin": "External",
        "status": "Ok",
        "trial": false,
        "valid": VALID,
        "updated": stamp(context.world.epoch),
        "version": "A1B2-C3D4",
        "parameters": [],
        "allotments": allotments,
    })))
}

/// `GET /licenses/status`.
pub(super) fn status(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let missing = context.world.tenant.licenses.allotments.is_empty();
    Ok(Reply::ok(json!({
        "status": if missing { "Missing" } else { "Ok" },
        "product": PRODUCT,
        "type": "Signed",
        "origin": "External",
        "extensionStatus": "Unavailable",
        "trial": false,
        "valid": VALID,
        "deactivated": false,
    })))
}

fn settings_json(tenant: &Tenant) -> Value {
    json!({
        "autoAssignProfessional": tenant.licenses.auto_professional,
        "autoAssignAnalyzer": tenant.licenses.auto_analyzer,
    })
}

/// `GET /licenses/settings`.
pub(super) fn settings(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    Ok(Reply::ok(settings_json(&context.world.tenant)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Settings {
    auto_assign_professional: bool,
    auto_assign_analyzer: bool,
}

/// `PUT /licenses/settings`: both switches.
pub(super) fn put_settings(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: Settings = check::body(context.request)?;
    let licenses = &mut context.world.tenant.licenses;
    licenses.auto_professional = body.auto_assign_professional;
    licenses.auto_analyzer = body.auto_assign_analyzer;
    Ok(Reply::ok(settings_json(&context.world.tenant)))
}

const ATTRIBUTES: &[Attribute] = &[
    ("subject", &[Op::Eq, Op::Co]),
    ("type", &[Op::Eq]),
    ("created", &[Op::Ge]),
];

/// `GET /licenses/assignments`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(request, &["limit", "page", "sort", "filter", "orphans"])?;
    let filter = request
        .parameter("filter")
        .map(|f| Filter::parse(f, ATTRIBUTES))
        .transpose()?;
    let (field, down) = check::sort(request, &["subject", "type", "created"], "+subject")?;
    let orphans = check::flag(request, "orphans")?;
    let generation = context.world.cursor_generation;
    let window = Window::read_named(request, 20, 100, generation, &["page"])?;
    let tenant = &context.world.tenant;
    let hit = |a: &LicenseAssignment| {
        filter
            .as_ref()
            .is_none_or(|f| f.matches(&|c| matches(c, a)))
            && (!orphans || tenant.users.by_subject(&a.subject).is_none())
    };
    let plain = field == "subject" && !down && !window.backwards();
    let page = if plain {
        let from = window
            .cursor
            .as_ref()
            .map(|c| (c.key.clone(), c.id.clone()));
        let walk = tenant.licenses.after(from).filter(|(_, a)| hit(a));
        window.collect(walk, |(key, _)| (*key).clone())
    } else {
        let all = tenant
            .licenses
            .after(None)
            .filter(|(_, a)| hit(a))
            .collect();
        window.slice(all, down, |((subject, kind), a)| match field.as_str() {
            "type" => (kind.clone(), subject.clone()),
            "created" => (stamp(a.created), subject.clone()),
            _ => (subject.clone(), kind.clone()),
        })
    };
    let data: Value = page.items.iter().map(|(_, a)| render(tenant, a)).collect();
    let links = links(
        &format!("{INTERNAL}/licenses/assignments"),
        context,
        page.next,
        page.prev,
    );
    Ok(Reply::ok(json!({"data": data, "links": links})))
}

fn matches(clause: &Clause, assignment: &LicenseAssignment) -> bool {
    match clause.attribute {
        "subject" => clause.hits(&assignment.subject),
        "type" => clause.hits(&assignment.kind),
        _ => clause.hits(&stamp(assignment.created)),
    }
}

fn render(tenant: &Tenant, assignment: &LicenseAssignment) -> Value {
    let mut item = json!({
        "subject": assignment.subject,
        "type": assignment.kind,
        "excess": assignment.excess,
        "created": stamp(assignment.created),
    });
    if let Some(user) = tenant.users.by_subject(&assignment.subject) {
        item["name"] = json!(user.name);
        item["userId"] = json!(user.id);
    }
    item
}

fn links(here: &str, context: &Context<'_>, next: Option<String>, prev: Option<String>) -> Value {
    let mut links = json!({});
    for (name, cursor) in [("next", next), ("prev", prev)] {
        if let Some(cursor) = cursor {
            let href = with_cursor(here, context.request, Some(("page", &cursor)));
            links[name] = json!({"href": href});
        }
    }
    links
}

/// `GET /licenses/consumption`.
pub(super) fn consumption(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    const ATTRIBUTES: &[Attribute] = &[("endTime", &[Op::Ge]), ("userId", &[Op::Eq])];
    let request = context.request;
    check::only(request, &["limit", "page", "sort", "filter"])?;
    let filter = request
        .parameter("filter")
        .map(|f| Filter::parse(f, ATTRIBUTES))
        .transpose()?;
    let (_, down) = check::sort(request, &["endTime"], "-endTime")?;
    let generation = context.world.cursor_generation;
    let window = Window::read_named(request, 200, 200, generation, &["page"])?;
    let hit = |c: &&Consumption| {
        filter.as_ref().is_none_or(|f| {
            f.matches(&|clause: &Clause| match clause.attribute {
                "userId" => clause.hits(&c.user),
                _ => clause.hits(&stamp(c.end)),
            })
        })
    };
    let all: Vec<&Consumption> = context
        .world
        .tenant
        .consumption
        .iter()
        .filter(hit)
        .collect();
    let page = window.slice(all, down, |c| (stamp(c.end), c.id.clone()));
    let data: Value = page.items.iter().map(|c| visit(c)).collect();
    let links = links(
        &format!("{INTERNAL}/licenses/consumption"),
        context,
        page.next,
        page.prev,
    );
    Ok(Reply::ok(json!({"data": data, "links": links})))
}

fn visit(visit: &Consumption) -> Value {
    json!({
        "id": visit.id,
        "userId": visit.user,
        "appId": visit.app,
        "sessionId": visit.id,
        "endTime": stamp(visit.end),
        "duration": visit.duration_ms.to_string(),
        "allotmentId": visit.allotment,
        "licenseUsage": "ASSIGNED_LICENSE",
        "capacityUsed": 0,
        "minutesUsed": 0,
    })
}
