//! What users can be filtered by, and the short cut for filters that name people one by one.

use super::super::world::{Tenant, User};
use super::scim::{Attribute, Clause, Filter, Op};

/// Attributes of users and their operators (dossier 2.2).
pub(super) const USER_ATTRIBUTES: &[Attribute] = &[
    ("id", &[Op::Eq]),
    ("subject", &[Op::Eq, Op::Co]),
    ("name", &[Op::Eq, Op::Co]),
    ("email", &[Op::Eq, Op::Co]),
    ("status", &[Op::Eq]),
    ("clientId", &[Op::Eq]),
    ("assignedRoles.id", &[Op::Eq]),
    ("assignedRoles.name", &[Op::Eq]),
    ("assignedGroups.id", &[Op::Eq]),
    ("assignedGroupsAssignedRoles.name", &[Op::Eq]),
    ("assignedScopes", &[Op::Eq]),
];

/// Whether a user satisfies the filter.
pub(super) fn user_matches(tenant: &Tenant, filter: &Filter, user: &User) -> bool {
    filter.matches(&|clause| clause_matches(tenant, clause, user))
}

fn clause_matches(tenant: &Tenant, clause: &Clause, user: &User) -> bool {
    let role = |id: &String| tenant.roles.get(id).is_some_and(|r| clause.hits(&r.name));
    match clause.attribute {
        "id" => clause.hits(&user.id),
        "subject" => clause.hits(&user.subject),
        "name" => clause.hits(&user.name),
        "email" => user.email.as_deref().is_some_and(|e| clause.hits(e)),
        "status" => clause.hits(&user.status),
        "clientId" => user.client_id.as_deref().is_some_and(|c| clause.hits(c)),
        "assignedRoles.id" => user.roles.iter().any(|id| clause.hits(id)),
        "assignedRoles.name" => user.roles.iter().any(role),
        "assignedGroups.id" => user.groups.iter().any(|id| clause.hits(id)),
        "assignedGroupsAssignedRoles.name" => {
            let groups = user.groups.iter().filter_map(|id| tenant.groups.get(id));
            groups.flat_map(|g| &g.roles).any(role)
        }
        _ => false,
    }
}

/// The users a filter can be about when it names them by id, subject or e-mail; `None` when it
/// could be about anyone. Each user once; the filter itself must still be applied.
pub(super) fn user_candidates<'a>(tenant: &'a Tenant, filter: &Filter) -> Option<Vec<&'a User>> {
    let mut found = raw_candidates(tenant, filter)?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Some(found)
}

fn raw_candidates<'a>(tenant: &'a Tenant, filter: &Filter) -> Option<Vec<&'a User>> {
    match filter {
        Filter::And(parts) => parts.iter().find_map(|p| raw_candidates(tenant, p)),
        Filter::Or(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(raw_candidates(tenant, part)?);
            }
            Some(all)
        }
        Filter::One(Clause {
            attribute: "subject",
            op: Op::Eq,
            value,
        }) => Some(tenant.users.by_subject(value).into_iter().collect()),
        Filter::One(Clause {
            attribute: "email",
            op: Op::Eq,
            value,
        }) => Some(tenant.users.by_email(value).collect()),
        Filter::One(_) => None,
    }
}
