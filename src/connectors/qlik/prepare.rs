//! Calls as they will stand on the wire. Pure: equal calls give equal bytes (I1), because every
//! body is a struct whose fields serialise in their order.

use serde::Serialize;

use super::lists::segment;
use crate::domain::{
    Assignee, AutoAssign, LicenseState, RoleId, SpaceRole, Subject, Tier, UserDraft, UserState,
};
use crate::ports::{Method, Prepared, WriteCall};
use crate::text::Raw;

#[derive(Serialize)]
struct NewUser<'a> {
    subject: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    status: &'static str,
    #[serde(rename = "assignedRoles", skip_serializing_if = "Vec::is_empty")]
    roles: Vec<ById<'a>>,
}

#[derive(Serialize)]
struct ById<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Replace<T: Serialize> {
    op: &'static str,
    path: &'static str,
    value: T,
}

#[derive(Serialize)]
struct NewGroup<'a> {
    name: &'a str,
    status: &'static str,
    #[serde(rename = "providerType")]
    provider: &'static str,
}

#[derive(Serialize)]
struct Seat<'a> {
    subject: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SeatChange<'a> {
    subject: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_subject: Option<&'a str>,
}

#[derive(Serialize)]
struct Add<'a> {
    add: Vec<Seat<'a>>,
}

#[derive(Serialize)]
struct Update<'a> {
    update: Vec<SeatChange<'a>>,
}

#[derive(Serialize)]
struct Delete<'a> {
    delete: Vec<Seat<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewAssignment<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    assignee_id: &'a str,
    roles: Vec<&'a str>,
}

#[derive(Serialize)]
struct Roles<'a> {
    roles: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Switches {
    auto_assign_professional: bool,
    auto_assign_analyzer: bool,
}

const USERS: &str = "/api/v1/users";
const SPACES: &str = "/api/v1/spaces";
const SEATS: &str = "/api/v1/licenses/assignments/actions";

/// The exact request of a call. A call that still names something unborn gives an empty path, which
/// is never sent.
pub(super) fn prepare(call: &WriteCall) -> Prepared {
    match call {
        WriteCall::CreateUser { subject, draft } => new_user(subject, draft),
        WriteCall::UpdateUser {
            user,
            before,
            after,
        } => patch(&user_path(user.expose()), &differences(before, after)),
        WriteCall::DeleteUser { user } => bare(Method::Delete, &user_path(user.expose())),
        WriteCall::SetRoles { user, roles } => {
            let value = by_id(roles);
            let list = [replace("/assignedRoles", value)];
            patch(&user_path(user.expose()), &list)
        }
        WriteCall::CreateGroup { name } => {
            let body = NewGroup {
                name: name.expose(),
                status: "active",
                provider: "idp",
            };
            with(Method::Post, "/api/v1/groups", &body)
        }
        WriteCall::AddLicenses { items } => with(
            Method::Post,
            &format!("{SEATS}/add"),
            &Add { add: seats(items) },
        ),
        WriteCall::UpdateLicenses { items } => {
            let update = items.iter().map(|(from, to)| change(from, to)).collect();
            with(Method::Post, &format!("{SEATS}/update"), &Update { update })
        }
        WriteCall::RemoveLicenses { items } => {
            let body = Delete {
                delete: seats(items),
            };
            with(Method::Post, &format!("{SEATS}/delete"), &body)
        }
        WriteCall::AddAssignment {
            space,
            assignee,
            roles,
        } => new_assignment(&rows_path(space.expose()), assignee, roles),
        WriteCall::ChangeAssignment {
            space,
            assignment,
            roles,
        } => {
            let body = Roles {
                roles: words(roles),
            };
            with(
                Method::Put,
                &row_path(space.expose(), assignment.expose()),
                &body,
            )
        }
        WriteCall::RemoveAssignment { space, assignment } => bare(
            Method::Delete,
            &row_path(space.expose(), assignment.expose()),
        ),
        WriteCall::SetAutoAssign { to } => switches(*to),
    }
}

fn with(method: Method, path: &str, body: &impl Serialize) -> Prepared {
    Prepared {
        method,
        path: path.to_owned(),
        // Structs of strings, numbers and lists always serialise.
        body: serde_json::to_vec(body).unwrap_or_default(),
        tier: Tier::Two,
    }
}

fn bare(method: Method, path: &str) -> Prepared {
    Prepared {
        method,
        path: path.to_owned(),
        body: Vec::new(),
        tier: Tier::Two,
    }
}

fn patch(path: &str, operations: &(impl Serialize + ?Sized)) -> Prepared {
    with(Method::Patch, path, &operations)
}

fn replace<T: Serialize>(path: &'static str, value: T) -> Replace<T> {
    Replace {
        op: "replace",
        path,
        value,
    }
}

fn user_path(id: &str) -> String {
    format!("{USERS}/{}", segment(id))
}

fn rows_path(space: &str) -> String {
    format!("{SPACES}/{}/assignments", segment(space))
}

fn row_path(space: &str, row: &str) -> String {
    format!("{}/{}", rows_path(space), segment(row))
}

/// `invited` is the only status that the reference lets a new user have.
fn new_user(subject: &Subject, draft: &UserDraft) -> Prepared {
    let body = NewUser {
        subject: subject.expose(),
        name: draft.name.expose(),
        email: draft.email.as_ref().map(Raw::expose),
        status: "invited",
        roles: by_id(&draft.roles),
    };
    with(Method::Post, USERS, &body)
}

fn differences<'a>(before: &UserState, after: &'a UserState) -> Vec<Replace<&'a str>> {
    let mut list = Vec::new();
    if before.name != after.name {
        list.push(replace("/name", after.name.expose()));
    }
    if before.status != after.status {
        list.push(replace("/status", after.status.word()));
    }
    list
}

fn by_id(roles: &[RoleId]) -> Vec<ById<'_>> {
    roles
        .iter()
        .map(|role| ById { id: role.expose() })
        .collect()
}

fn words(roles: &[SpaceRole]) -> Vec<&str> {
    roles.iter().map(SpaceRole::expose).collect()
}

fn seats<'a>(items: &'a [LicenseState]) -> Vec<Seat<'a>> {
    let seat = |item: &'a LicenseState| Seat {
        subject: item.subject.expose(),
        kind: item.license.expose(),
    };
    items.iter().map(seat).collect()
}

/// Only what changes is named beside the subject, as in the reference's two examples.
fn change<'a>(from: &'a LicenseState, to: &'a LicenseState) -> SeatChange<'a> {
    let other_type = from.license != to.license;
    let other_subject = from.subject != to.subject;
    SeatChange {
        subject: to.subject.expose(),
        kind: other_type.then(|| to.license.expose()),
        source_type: other_type.then(|| from.license.expose()),
        source_subject: other_subject.then(|| from.subject.expose()),
    }
}

fn new_assignment(path: &str, assignee: &Assignee, roles: &[SpaceRole]) -> Prepared {
    let (kind, assignee_id) = match assignee {
        Assignee::User(id) => ("user", id.expose()),
        Assignee::Group(id) => ("group", id.expose()),
        Assignee::Bot(id) => ("bot", id.expose()),
        Assignee::NewUser(_) | Assignee::NewGroup(_) => return bare(Method::Post, ""),
    };
    let body = NewAssignment {
        kind,
        assignee_id,
        roles: words(roles),
    };
    with(Method::Post, path, &body)
}

fn switches(to: AutoAssign) -> Prepared {
    let body = Switches {
        auto_assign_professional: to.professional,
        auto_assign_analyzer: to.analyzer,
    };
    with(Method::Put, "/api/v1/licenses/settings", &body)
}

#[cfg(test)]
#[path = "prepare_tests.rs"]
mod tests;
