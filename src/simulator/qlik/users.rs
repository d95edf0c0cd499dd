//! User records: list, get, create, delete, count, filter action (dossier section 2).

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::{Reply, Request};
use super::super::world::{AssigneeKind, Tenant, User};
use super::auth::Area;
use super::check;
use super::errors::Refusal;
use super::filter::{USER_ATTRIBUTES, user_candidates, user_matches};
use super::page::{Page, Window};
use super::refs::{self, RoleRef};
use super::route::Context;
use super::scim::Filter;

const FIELDS: &[&str] = &[
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
const SORTS: &[&str] = &[
    "name",
    "_id",
    "id",
    "tenantId",
    "clientId",
    "status",
    "subject",
    "email",
    "inviteExpiry",
    "createdAt",
];

/// The record as JSON.
pub(super) fn render(tenant: &Tenant, base: &str, user: &User) -> Value {
    let mut record = json!({
        "id": user.id,
        "tenantId": tenant.id,
        "subject": user.subject,
        "name": user.name,
        "status": user.status,
        "assignedRoles": refs::roles(tenant, &user.roles),
        "assignedGroups": refs::groups(tenant, &user.groups),
        "assignedScopes": [],
        "createdAt": stamp(user.created),
        "lastUpdatedAt": stamp(user.updated),
        "links": {"self": {"href": format!("{base}/api/v1/users/{}", user.id)}},
    });
    let optional = [
        ("email", &user.email),
        ("clientId", &user.client_id),
        ("preferredLocale", &user.preferred_locale),
        ("preferredZoneinfo", &user.preferred_zoneinfo),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            record[name] = json!(value);
        }
    }
    if let Some(expiry) = user.invite_expiry {
        record["inviteExpiry"] = json!(expiry.as_second());
    }
    record
}

/// A date as the API writes it: milliseconds and `Z`.
pub(super) fn stamp(at: jiff::Timestamp) -> String {
    format!("{at:.3}")
}

/// The `fields` parameter: the names to keep, all known.
fn fields(request: &Request) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = request.parameter("fields") else {
        return Ok(None);
    };
    let names: Vec<String> = text.split(',').map(|n| n.trim().to_owned()).collect();
    match names.iter().find(|n| !FIELDS.contains(&n.as_str())) {
        Some(name) => Err(Refusal::parameter(
            "fields",
            format!("Unknown field '{name}'."),
        )),
        None => Ok(Some(names)),
    }
}

fn keep(mut record: Value, fields: Option<&[String]>) -> Value {
    if let (Some(fields), Value::Object(map)) = (fields, &mut record) {
        map.retain(|name, _| fields.iter().any(|f| f == name));
    }
    record
}

/// `GET /users`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(
        request,
        &[
            "filter",
            "fields",
            "limit",
            "next",
            "prev",
            "sort",
            "totalResults",
        ],
    )?;
    let filter = request.parameter("filter").map(parse).transpose()?;
    let total = check::flag(request, "totalResults")?;
    let sort = check::sort(request, SORTS, "+name")?;
    let body = page(context, filter.as_ref(), sort)?;
    let mut body = body;
    if total {
        body["totalResults"] = json!(count_matching(context, filter.as_ref()));
    }
    Ok(Reply::ok(body))
}

fn parse(text: &str) -> Result<Filter, Refusal> {
    let filter = Filter::parse(text, USER_ATTRIBUTES)?;
    if !filter.grouped("status") {
        return Err(Refusal::parameter(
            "filter",
            "All status clauses must form one group that is joined by 'and' to everything else.",
        ));
    }
    Ok(filter)
}

/// One page of users.
fn page(
    context: &Context<'_>,
    filter: Option<&Filter>,
    (field, down): (String, bool),
) -> Result<Value, Refusal> {
    let request = context.request;
    let fields = fields(request)?;
    let window = Window::read(request, 20, 100, context.world.cursor_generation)?;
    let tenant = &context.world.tenant;
    let place = |user: &&User| (sort_key(user, &field), user.id.clone());
    let page: Page<&User> = if let Some(users) = filter.and_then(|f| user_candidates(tenant, f)) {
        let hits = users
            .into_iter()
            .filter(|u| filter.is_none_or(|f| user_matches(tenant, f, u)));
        window.slice(hits.collect(), down, place)
    } else {
        let hit = |user: &&User| filter.is_none_or(|f| user_matches(tenant, f, user));
        let backwards = down != window.backwards();
        let cursor = window.cursor.as_ref();
        match field.as_str() {
            "name" => {
                let from = cursor.map(|c| (c.key.clone(), c.id.clone()));
                window.collect(
                    tenant.users.in_name_order(from, backwards).filter(hit),
                    place,
                )
            }
            "id" | "_id" => {
                let from = cursor.map(|c| c.id.as_str());
                window.collect(tenant.users.in_id_order(from, backwards).filter(hit), place)
            }
            _ => window.slice(tenant.users.iter().filter(hit).collect(), down, place),
        }
    };
    let records = page
        .items
        .iter()
        .map(|u| keep(render(tenant, context.base, u), fields.as_deref()));
    Ok(json!({"data": records.collect::<Value>(), "links": page.links(context.base, request)}))
}

fn sort_key(user: &User, field: &str) -> String {
    let lower = super::super::world::lower;
    match field {
        "name" => lower(&user.name),
        "subject" => lower(&user.subject),
        "status" => user.status.clone(),
        "email" => user.email.as_deref().map(lower).unwrap_or_default(),
        "clientId" => user.client_id.clone().unwrap_or_default(),
        "createdAt" => user.created.to_string(),
        "inviteExpiry" => user
            .invite_expiry
            .map(|t| t.to_string())
            .unwrap_or_default(),
        "tenantId" => String::new(),
        _ => user.id.clone(),
    }
}

/// How many users match, kept until a user record changes.
fn count_matching(context: &mut Context<'_>, filter: Option<&Filter>) -> usize {
    let tenant = &context.world.tenant;
    let Some(filter) = filter else {
        return tenant.users.len();
    };
    let key = context
        .request
        .parameter("filter")
        .unwrap_or_default()
        .to_owned();
    let version = tenant.users.version();
    if let Some((at, count)) = context.counts.get(&key)
        && *at == version
    {
        return *count;
    }
    let count = tenant
        .users
        .iter()
        .filter(|u| user_matches(tenant, filter, u))
        .count();
    if context.counts.len() > 100 {
        context.counts.clear();
    }
    context.counts.insert(key, (version, count));
    count
}

/// `GET /users/actions/count`.
pub(super) fn count(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &["tenantId"])?;
    let tenant = &context.world.tenant;
    match context.request.parameter("tenantId") {
        Some(id) if id != tenant.id => Err(Refusal::missing("USERS-7")),
        _ => Ok(Reply::ok(json!({"total": tenant.users.len()}))),
    }
}

/// The body of the filter actions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilterBody {
    pub(super) filter: Option<String>,
}

/// `POST /users/actions/filter`.
pub(super) fn filter(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(request, &["fields", "limit", "next", "prev", "sort"])?;
    let body: FilterBody = check::body(request)?;
    let filter = body.filter.as_deref().map(parse).transpose()?;
    let sort = check::sort(request, &["name"], "+name")?;
    Ok(Reply::ok(page(context, filter.as_ref(), sort)?))
}

/// `GET /users/me`: 301 to the record (dossier 1.5).
pub(super) fn me(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    Ok(Reply::empty(301).header("Location", format!("/api/v1/users/{}", context.caller.user)))
}

/// `GET /users/{id}`. Everybody may read their own record.
pub(super) fn get(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &["fields"])?;
    let id = path.last().copied().unwrap_or_default();
    if id != context.caller.user {
        context.caller.may(Area::Users, false)?;
    }
    let fields = fields(context.request)?;
    let tenant = &context.world.tenant;
    let user = tenant
        .users
        .get(id)
        .ok_or_else(|| Refusal::missing("USERS-7"))?;
    Ok(Reply::ok(keep(
        render(tenant, context.base, user),
        fields.as_deref(),
    )))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Create {
    subject: String,
    name: Option<String>,
    email: Option<String>,
    picture: Option<String>,
    status: Option<String>,
    assigned_roles: Option<Vec<RoleRef>>,
    tenant_id: Option<String>,
}

/// `POST /users`: pre-provision (dossier 2.3).
pub(super) fn create(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: Create = check::body(context.request)?;
    let tenant = &context.world.tenant;
    check_new(tenant, &body)?;
    let roles = refs::role_ids(body.assigned_roles.as_deref().unwrap_or_default(), tenant)?;
    let name = body
        .name
        .or_else(|| body.email.clone())
        .unwrap_or_else(|| body.subject.clone());
    let user = User {
        id: context.world.new_id(),
        subject: body.subject,
        name,
        email: body.email,
        status: body.status.unwrap_or_else(|| "active".into()),
        roles,
        groups: Vec::new(),
        client_id: None,
        created: context.now,
        updated: context.now,
        invite_expiry: None,
        preferred_locale: None,
        preferred_zoneinfo: None,
    };
    let tenant = &mut context.world.tenant;
    let record = render(tenant, context.base, &user);
    tenant.users.insert(user);
    Ok(Reply::json(201, record))
}

fn check_new(tenant: &Tenant, body: &Create) -> Result<(), Refusal> {
    if body.subject.trim().is_empty() {
        return Err(Refusal::body("/subject", "'subject' must not be empty."));
    }
    if let Some(status) = &body.status
        && status != "invited"
    {
        return Err(Refusal::body("/status", "'status' may only be 'invited'."));
    }
    if body.status.is_some() && body.email.is_none() {
        return Err(Refusal::body(
            "/email",
            "'email' is required when inviting.",
        ));
    }
    if let Some(email) = &body.email
        && !is_email(email)
    {
        return Err(Refusal::body("/email", "'email' is not an address."));
    }
    if body.tenant_id.as_ref().is_some_and(|id| *id != tenant.id) {
        return Err(Refusal::body("/tenantId", "Unknown tenant."));
    }
    if body.picture.as_ref().is_some_and(String::is_empty) {
        return Err(Refusal::body("/picture", "'picture' must not be empty."));
    }
    let conflict = |what: &str| {
        Refusal::new(409, "USERS-5", "Conflict").detail(format!("A user with this {what} exists."))
    };
    if tenant.users.by_subject(&body.subject).is_some() {
        return Err(conflict("subject"));
    }
    match &body.email {
        Some(email) if tenant.users.by_email(email).next().is_some() => Err(conflict("email")),
        _ => Ok(()),
    }
}

fn is_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    matches!(text.rsplit_once('@'), Some((local, host)) if plain && !local.is_empty() && host.contains('.'))
}

/// `DELETE /users/{id}`. The license stays with the subject and becomes an orphan (dossier 2.5
/// leaves open whether the API frees it; a client must not count on it).
pub(super) fn delete(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    check::no_body(context.request)?;
    let id = path.last().copied().unwrap_or_default();
    if id == context.caller.user {
        return Err(Refusal::bad("One cannot delete oneself."));
    }
    let tenant = &mut context.world.tenant;
    let gone = tenant
        .users
        .remove(id)
        .ok_or_else(|| Refusal::missing("USERS-7"))?;
    tenant.spaces.forget(&(AssigneeKind::User, gone.id));
    Ok(Reply::empty(204))
}
