//! User records: list, get, create, delete, count, filter action (dossier section 2).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{AssigneeKind, Tenant, User};
use super::auth::Area;
use super::check;
use super::errors::Refusal;
use super::filter::{USER_ATTRIBUTES, user_candidates, user_matches};
use super::page::{Page, Window};
use super::refs::{self, RoleRef};
use super::route::Context;
use super::scim::Filter;
use super::user_view::{Fields, UserView};

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

/// A date as the API writes it: milliseconds and `Z`.
pub(super) fn stamp(at: jiff::Timestamp) -> String {
    format!("{at:.3}")
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
    let total = total.then(|| count_matching(context, filter.as_ref()));
    page(context, filter.as_ref(), sort, total)
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
    total: Option<usize>,
) -> Result<Reply, Refusal> {
    let request = context.request;
    let fields = Fields::parse(request.parameter("fields"))?;
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
    let body = PageView {
        data: page
            .items
            .iter()
            .map(|user| UserView {
                tenant,
                base: context.base,
                user,
                fields,
            })
            .collect(),
        links: page.links(context.base, request),
        total_results: total,
    };
    let text = serde_json::to_string(&body)
        .map_err(|e| Refusal::new(500, "HTTP-500", "Internal error").detail(e.to_string()))?;
    Ok(Reply::raw_json(200, text))
}

/// A page of users as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageView<'a> {
    data: Vec<UserView<'a>>,
    links: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_results: Option<usize>,
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
    page(context, filter.as_ref(), sort, None)
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
    let fields = Fields::parse(context.request.parameter("fields"))?;
    let tenant = &context.world.tenant;
    let user = tenant
        .users
        .get(id)
        .ok_or_else(|| Refusal::missing("USERS-7"))?;
    Ok(Reply::ok(
        UserView {
            tenant,
            base: context.base,
            user,
            fields,
        }
        .value(),
    ))
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
    let fields = Fields::ALL;
    let record = UserView {
        tenant,
        base: context.base,
        user: &user,
        fields,
    }
    .value();
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
