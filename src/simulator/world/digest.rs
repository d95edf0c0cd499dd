//! The end state in canonical form, without server-made ids and dates, so that two ways of doing
//! the same job can be compared for equality.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::build::World;
use super::space::{AssigneeKind, SpaceAssignment};
use super::tenant::Tenant;

/// Users by subject, licenses by subject, groups by provider and name, spaces by name with their
/// assignments, and the switches. Bots are left out: whether one exists depends on how one signed in.
pub fn world_digest(world: &World) -> Value {
    let tenant = &world.tenant;
    let mut users = BTreeMap::new();
    for user in tenant.users.iter().filter(|u| u.client_id.is_none()) {
        let groups: Vec<String> = sorted(user.groups.iter().map(|id| group_name(tenant, id)));
        let record = json!({
            "name": user.name,
            "email": user.email,
            "status": user.status,
            "roles": role_names(tenant, &user.roles),
            "groups": groups,
        });
        users.insert(user.subject.clone(), record);
    }
    let mut licenses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, assignment) in tenant.licenses.after(None) {
        licenses
            .entry(assignment.subject.clone())
            .or_default()
            .push(assignment.kind.clone());
    }
    let groups: BTreeMap<String, Value> = tenant
        .groups
        .values()
        .map(|g| {
            (
                group_name(tenant, &g.id),
                json!({"roles": role_names(tenant, &g.roles)}),
            )
        })
        .collect();
    json!({
        "users": users,
        "licenses": licenses,
        "groups": groups,
        "spaces": spaces(tenant),
        "settings": {
            "autoAssignProfessional": tenant.licenses.auto_professional,
            "autoAssignAnalyzer": tenant.licenses.auto_analyzer,
            "autoCreateGroups": tenant.auto_create_groups,
            "everyone": role_names(tenant, &tenant.everyone_roles),
        },
    })
}

fn spaces(tenant: &Tenant) -> BTreeMap<String, Value> {
    let mut out: BTreeMap<String, Value> = BTreeMap::new();
    for space in tenant.spaces.iter() {
        let assignments: BTreeMap<String, Vec<String>> = tenant
            .spaces
            .assignments(&space.id)
            .map(|a| (assignee_name(tenant, a), sorted(a.roles.iter().cloned())))
            .collect();
        let record = json!({
            "type": space.kind.as_str(),
            "owner": tenant.users.get(&space.owner).map(|u| u.subject.clone()),
            "assignments": assignments,
        });
        let mut name = space.name.clone();
        while out.contains_key(&name) {
            name.push_str(" (again)");
        }
        out.insert(name, record);
    }
    out
}

fn assignee_name(tenant: &Tenant, assignment: &SpaceAssignment) -> String {
    let (kind, id) = &assignment.assignee;
    match kind {
        AssigneeKind::Group => format!("group {}", group_name(tenant, id)),
        AssigneeKind::User | AssigneeKind::Bot => {
            let subject = tenant
                .users
                .get(id)
                .map_or(id.as_str(), |u| u.subject.as_str());
            format!("{} {subject}", kind.as_str())
        }
    }
}

fn group_name(tenant: &Tenant, id: &str) -> String {
    tenant
        .groups
        .get(id)
        .map_or_else(|| id.to_owned(), |g| format!("{}:{}", g.provider, g.name))
}

fn role_names(tenant: &Tenant, ids: &[String]) -> Vec<String> {
    sorted(
        ids.iter()
            .map(|id| tenant.roles.get(id).map_or(id.clone(), |r| r.name.clone())),
    )
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.collect();
    items.sort_unstable();
    items
}
