//! A tenant, users, groups and removals by hand, for tests.

use std::sync::Arc;

use super::*;

pub(crate) fn user(name: &str, admin: bool) -> Arc<User> {
    Arc::new(User {
        id: format!("id-{name}").as_str().into(),
        subject: format!("CORP\\{name}").as_str().into(),
        name: name.into(),
        email: Some(format!("{name}@corp.example").into()),
        status: UserStatus::Active,
        roles: admin.then(|| "role-admin".into()).into_iter().collect(),
        groups: Vec::new(),
        created: None,
        invite_expiry: None,
        bot: name.starts_with("bot"),
    })
}

pub(crate) fn live(users: Vec<Arc<User>>) -> TenantSnapshot {
    TenantSnapshot {
        tenant: TenantInfo {
            id: "t".into(),
            name: "T".into(),
            url: "https://acme.eu.example".into(),
            created_by: None,
        },
        identity: Identity {
            user: "id-me".into(),
            subject: "CORP\\me".into(),
            name: "Me".into(),
        },
        users: Reading::proven(users, "a test"),
        groups: Reading::proven(Vec::new(), "a test"),
        roles: Reading::proven(
            vec![Role {
                id: "role-admin".into(),
                name: "TenantAdmin".into(),
                level: RoleLevel::Admin,
            }],
            "a test",
        ),
        spaces: Reading::default(),
        licensing: Reading::default(),
        identity_providers: Reading::default(),
        assignments: std::collections::BTreeMap::new(),
        others: Vec::new(),
        read_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

pub(crate) fn target(name: &str) -> UserRef {
    UserRef {
        id: format!("id-{name}").as_str().into(),
        subject: format!("CORP\\{name}").as_str().into(),
        name: name.into(),
    }
}

pub(crate) fn operation(change: Change) -> Operation {
    Operation {
        id: "op".into(),
        change,
        name: None,
        mail: None,
        why: "a test".into(),
        undo: Undo::Lossy,
        needs: Vec::new(),
    }
}

pub(crate) fn disable(name: &str) -> Operation {
    let state = |status| UserState {
        name: name.into(),
        status,
    };
    operation(Change::DisableUser {
        target: target(name),
        before: state(UserStatus::Active),
        after: state(UserStatus::Disabled),
    })
}

pub(crate) fn unseat(name: &str) -> Operation {
    let before = LicenseState {
        subject: format!("CORP\\{name}").as_str().into(),
        license: "analyzer".into(),
    };
    operation(Change::RemoveLicense {
        subject: before.subject.clone(),
        before,
        after: (),
    })
}

pub(crate) fn demote(name: &str) -> Operation {
    operation(Change::SetRoles {
        target: target(name),
        before: RolesState {
            roles: vec!["role-admin".into()],
        },
        after: RolesState { roles: Vec::new() },
    })
}

pub(crate) fn group(id: &str, name: &str, admin: bool) -> Group {
    Group {
        id: id.into(),
        name: name.into(),
        provider: GroupProvider::Idp,
        roles: admin.then(|| "role-admin".into()).into_iter().collect(),
    }
}

pub(crate) fn member(name: &str, group: &str) -> Arc<User> {
    let mut user = Arc::unwrap_or_clone(user(name, false));
    user.groups = vec![group.into()];
    Arc::new(user)
}

pub(crate) fn strip(assignee: Assignee) -> Operation {
    operation(Change::RemoveSpaceAssignment {
        target: SpaceSeat {
            space: SpaceRef {
                id: "s".into(),
                name: "Space".into(),
                kind: SpaceType::Shared,
            },
            assignee,
            name: "somebody".into(),
            assignment: None,
        },
        before: vec!["consumer".into()],
        after: (),
    })
}

pub(crate) fn plan(operations: Vec<Operation>) -> Plan {
    let live = live(Vec::new());
    Plan {
        version: 1,
        hash: PlanHash::default(),
        created: live.read_at,
        expires: live.read_at,
        tenant: PlanTenant {
            id: live.tenant.id,
            url: live.tenant.url,
        },
        identity: live.identity,
        reverts: None,
        orphans: std::collections::BTreeSet::new(),
        roles: std::collections::BTreeMap::new(),
        sources: Vec::new(),
        summary: Summary::default(),
        operations,
        findings: Vec::new(),
    }
}
