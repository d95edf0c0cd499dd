//! Spaces and their assignments (dossier section 5).

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{AssigneeKind, Space, SpaceAssignment, SpaceType, Tenant, lower};
use super::check;
use super::errors::Refusal;
use super::page::Window;
use super::route::Context;
use super::users::stamp;

/// Page size nobody publishes; 100 is in wide use.
const MAX_LIMIT: usize = 100;

fn render(tenant: &Tenant, base: &str, space: &Space) -> Value {
    let here = format!("{base}/api/v1/spaces/{}", space.id);
    json!({
        "id": space.id,
        "name": space.name,
        "type": space.kind.as_str(),
        "description": space.description,
        "ownerId": space.owner,
        "tenantId": tenant.id,
        "createdAt": stamp(space.created),
        "createdBy": tenant.admin,
        "updatedAt": stamp(space.updated),
        "meta": {
            "actions": ["change_owner", "create", "delete", "read", "update"],
            "roles": [],
            "assignableRoles": space.kind.assignable_roles(),
        },
        "links": {"self": {"href": here}, "assignments": {"href": format!("{here}/assignments")}},
    })
}

fn render_assignment(tenant: &Tenant, base: &str, space: &str, a: &SpaceAssignment) -> Value {
    let here = format!("{base}/api/v1/spaces/{space}");
    json!({
        "id": a.id,
        "type": a.assignee.0.as_str(),
        "assigneeId": a.assignee.1,
        "roles": a.roles,
        "spaceId": space,
        "tenantId": tenant.id,
        "createdAt": stamp(a.created),
        "createdBy": a.created_by,
        "updatedAt": stamp(a.updated),
        "links": {
            "self": {"href": format!("{here}/assignments/{}", a.id)},
            "space": {"href": here},
        },
    })
}

/// `GET /spaces`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(
        request,
        &["name", "ownerId", "type", "limit", "next", "prev", "sort"],
    )?;
    let (field, down) = check::sort(request, &["type", "name", "createdAt"], "+name")?;
    let window = Window::read(request, 10, MAX_LIMIT, context.world.cursor_generation)?;
    let types = request.parameter("type").map(space_types).transpose()?;
    let name = request.parameter("name").map(lower);
    let owner = request.parameter("ownerId");
    let tenant = &context.world.tenant;
    let hit = |space: &&Space| {
        name.as_ref().is_none_or(|n| lower(&space.name).contains(n))
            && owner.is_none_or(|o| space.owner == o)
            && types.as_ref().is_none_or(|t| t.contains(&space.kind))
    };
    let hits: Vec<&Space> = tenant.spaces.iter().filter(hit).collect();
    let count = hits.len();
    let page = window.slice(hits, down, |space| {
        let key = match field.as_str() {
            "type" => space.kind.as_str().to_owned(),
            "createdAt" => stamp(space.created),
            _ => lower(&space.name),
        };
        (key, space.id.clone())
    });
    let data: Value = page
        .items
        .iter()
        .map(|s| render(tenant, context.base, s))
        .collect();
    let links = page.links(context.base, request);
    Ok(Reply::ok(
        json!({"data": data, "links": links, "meta": {"count": count}}),
    ))
}

fn space_types(text: &str) -> Result<Vec<SpaceType>, Refusal> {
    let all = [SpaceType::Shared, SpaceType::Managed, SpaceType::Data];
    let parse = |word: &str| {
        let found = all.into_iter().find(|t| t.as_str() == word.trim());
        found.ok_or_else(|| Refusal::parameter("type", format!("Unknown space type '{word}'.")))
    };
    text.split(',').map(parse).collect()
}

/// `GET /spaces/types`.
pub(super) fn types(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    Ok(Reply::ok(json!({"data": ["shared", "managed", "data"]})))
}

fn found<'a>(tenant: &'a Tenant, path: &[&str]) -> Result<&'a Space, Refusal> {
    let id = path.get(1).copied().unwrap_or_default();
    tenant
        .spaces
        .get(id)
        .ok_or_else(|| Refusal::missing("SpaceNotFound"))
}

/// `GET /spaces/{id}`.
pub(super) fn get(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let tenant = &context.world.tenant;
    Ok(Reply::ok(render(
        tenant,
        context.base,
        found(tenant, path)?,
    )))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    op: String,
    path: String,
    value: String,
}

/// `PATCH /spaces/{id}`: name, owner, description; all operations or none.
pub(super) fn patch(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let operations: Vec<Operation> = check::body(context.request)?;
    let tenant = &context.world.tenant;
    let mut space = found(tenant, path)?.clone();
    if operations.is_empty() {
        return Err(Refusal::bad("At least one operation is needed."));
    }
    for Operation { op, path, value } in operations {
        match (op.as_str(), path.as_str()) {
            ("replace", "/name") if !value.is_empty() => space.name = value,
            ("replace", "/description") => space.description = value,
            ("replace", "/ownerId") if tenant.users.get(&value).is_some() => space.owner = value,
            _ => {
                return Err(Refusal::bad(format!(
                    "Cannot {op} '{path}' with this value."
                )));
            }
        }
    }
    space.updated = context.now;
    let reply = Reply::ok(render(tenant, context.base, &space));
    context.world.tenant.spaces.insert(space);
    Ok(reply)
}

/// `GET /spaces/{id}/assignments`.
pub(super) fn assignments(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(request, &["limit", "assigneeId", "type", "next", "prev"])?;
    let window = Window::read(request, 10, MAX_LIMIT, context.world.cursor_generation)?;
    let tenant = &context.world.tenant;
    let space = found(tenant, path)?;
    let kind = request.parameter("type").map(assignee_kind).transpose()?;
    let who = request.parameter("assigneeId");
    let hit = |a: &&SpaceAssignment| {
        kind.is_none_or(|k| a.assignee.0 == k) && who.is_none_or(|id| a.assignee.1 == id)
    };
    let hits: Vec<&SpaceAssignment> = tenant.spaces.assignments(&space.id).filter(hit).collect();
    let count = hits.len();
    let page = window.slice(hits, false, |a| (String::new(), a.id.clone()));
    let one = |a: &&SpaceAssignment| render_assignment(tenant, context.base, &space.id, a);
    let data: Value = page.items.iter().map(one).collect();
    let links = page.links(context.base, request);
    Ok(Reply::ok(
        json!({"data": data, "links": links, "meta": {"count": count}}),
    ))
}

fn assignee_kind(word: &str) -> Result<AssigneeKind, Refusal> {
    AssigneeKind::parse(word)
        .ok_or_else(|| Refusal::parameter("type", format!("Unknown assignee type '{word}'.")))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Assign {
    r#type: String,
    assignee_id: String,
    roles: Vec<String>,
}

/// `POST /spaces/{id}/assignments`.
pub(super) fn assign(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: Assign = check::body(context.request)?;
    let tenant = &context.world.tenant;
    let space = found(tenant, path)?;
    let (space_id, space_kind) = (space.id.clone(), space.kind);
    let kind = assignee_kind(&body.r#type)?;
    check_roles(space_kind, &body.roles)?;
    let exists = match kind {
        AssigneeKind::Group => tenant.groups.contains_key(&body.assignee_id),
        AssigneeKind::User => tenant
            .users
            .get(&body.assignee_id)
            .is_some_and(|u| u.client_id.is_none()),
        AssigneeKind::Bot => tenant
            .users
            .get(&body.assignee_id)
            .is_some_and(|u| u.client_id.is_some()),
    };
    if !exists {
        return Err(Refusal::missing("AssigneeNotFound").detail("There is no such assignee."));
    }
    let assignee = (kind, body.assignee_id);
    if tenant.spaces.assignment_of(&space_id, &assignee).is_some() {
        return Err(Refusal::new(
            409,
            "AssignmentConflict",
            "Assignment already exists",
        ));
    }
    let assignment = SpaceAssignment {
        id: context.world.new_id(),
        assignee,
        roles: body.roles,
        created_by: context.caller.user.clone(),
        created: context.now,
        updated: context.now,
    };
    let tenant = &mut context.world.tenant;
    let record = render_assignment(tenant, context.base, &space_id, &assignment);
    tenant.spaces.assign(&space_id, assignment);
    Ok(Reply::json(201, record))
}

/// Roles must be there, once each, and legal for the type.
fn check_roles(kind: SpaceType, roles: &[String]) -> Result<(), Refusal> {
    if roles.is_empty() {
        return Err(Refusal::body("/roles", "'roles' must not be empty."));
    }
    for (at, role) in roles.iter().enumerate() {
        if !kind.assignable_roles().contains(&role.as_str()) {
            let detail = format!(
                "Role '{role}' cannot be assigned in a {} space.",
                kind.as_str()
            );
            return Err(Refusal::body(&format!("/roles/{at}"), detail));
        }
        if roles.iter().take(at).any(|other| other == role) {
            return Err(Refusal::body(
                &format!("/roles/{at}"),
                format!("Role '{role}' is repeated."),
            ));
        }
    }
    Ok(())
}

fn found_assignment<'a>(
    tenant: &'a Tenant,
    path: &[&str],
) -> Result<(&'a Space, &'a SpaceAssignment), Refusal> {
    let space = found(tenant, path)?;
    let assignment = path
        .get(3)
        .and_then(|id| tenant.spaces.assignment(&space.id, id));
    Ok((
        space,
        assignment.ok_or_else(|| Refusal::missing("AssignmentNotFound"))?,
    ))
}

/// `GET /spaces/{id}/assignments/{id}`.
pub(super) fn assignment(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let tenant = &context.world.tenant;
    let (space, assignment) = found_assignment(tenant, path)?;
    Ok(Reply::ok(render_assignment(
        tenant,
        context.base,
        &space.id,
        assignment,
    )))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetRoles {
    roles: Vec<String>,
}

/// `PUT /spaces/{id}/assignments/{id}`: the complete list of roles.
pub(super) fn set_roles(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: SetRoles = check::body(context.request)?;
    let (space, assignment) = found_assignment(&context.world.tenant, path)?;
    check_roles(space.kind, &body.roles)?;
    let (space, id) = (space.id.clone(), assignment.id.clone());
    context
        .world
        .tenant
        .spaces
        .set_roles(&space, &id, body.roles, context.now);
    let tenant = &context.world.tenant;
    let (space, assignment) = found_assignment(tenant, path)?;
    Ok(Reply::ok(render_assignment(
        tenant,
        context.base,
        &space.id,
        assignment,
    )))
}

/// `DELETE /spaces/{id}/assignments/{id}`.
pub(super) fn unassign(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    check::no_body(context.request)?;
    let (space, assignment) = found_assignment(&context.world.tenant, path)?;
    let (space, id) = (space.id.clone(), assignment.id.clone());
    context.world.tenant.spaces.unassign(&space, &id);
    Ok(Reply::empty(204))
}
