//! Who is protected at the send gate.

use std::sync::Arc;

use super::*;
use crate::domain::{
    Identity, LicenseState, Plan, Reading, Role, RoleLevel, RolesState, TenantInfo, Toll, Undo,
    UserRef, UserState, Week, Weight,
};

fn user(name: &str, admin: bool) -> Arc<User> {
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

fn live(users: Vec<Arc<User>>) -> TenantSnapshot {
    TenantSnapshot {
        tenant: TenantInfo {
            id: "t".into(),
            name: "T".into(),
            url: "https://acme.eu.example".into(),
        },
        identity: Identity {
            user: "id-me".into(),
            subject: "CORP\\me".into(),
            name: "Me".into(),
        },
        users: Reading::proven(users, "a test"),
        groups: Reading::default(),
        roles: Reading::proven(
            vec![Role {
                id: "role-admin".into(),
                name: ADMIN.into(),
                level: RoleLevel::Admin,
            }],
            "a test",
        ),
        spaces: Reading::default(),
        licensing: Reading::default(),
        identity_providers: Reading::default(),
        assignments: std::collections::BTreeMap::new(),
        read_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn target(name: &str) -> UserRef {
    UserRef {
        id: format!("id-{name}").as_str().into(),
        subject: format!("CORP\\{name}").as_str().into(),
        name: name.into(),
    }
}

fn operation(change: Change) -> Operation {
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

fn disable(name: &str) -> Operation {
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

fn unseat(name: &str) -> Operation {
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

fn demote(name: &str) -> Operation {
    operation(Change::SetRoles {
        target: target(name),
        before: RolesState {
            roles: vec!["role-admin".into()],
        },
        after: RolesState { roles: Vec::new() },
    })
}

fn holds(guards: &Guards, sign: &str) -> bool {
    guards.protected.iter().any(|one| one.key() == sign)
}

#[test]
fn a_name_by_mail_protects_id_and_subject() {
    let guards = Guards {
        protected: vec!["Glass@Corp.example".into(), "id-byid".into()],
        ..Guards::default()
    };
    let names = ["glass", "byid", "other", "bot1", "me"];
    let live = live(names.map(|name| user(name, false)).to_vec());
    let resolved = guards.resolved(&live, &[]);
    for name in ["glass", "byid", "bot1", "me"] {
        assert!(holds(&resolved, &format!("id-{name}")), "{name}");
        assert!(holds(&resolved, &format!("corp\\{name}")), "{name}");
    }
    assert!(!holds(&resolved, "id-other") && !holds(&resolved, "corp\\other"));
}

#[test]
fn two_administrators_are_left_whatever_the_plan_takes() {
    let guards = Guards::default();
    let two = live(vec![user("a", true), user("b", true), user("c", false)]);
    let resolved = guards.resolved(&two, &[]);
    assert!(holds(&resolved, "id-a") && holds(&resolved, "corp\\b"));
    assert!(!holds(&resolved, "id-c"));

    let four = live(["a", "b", "c", "d"].map(|name| user(name, true)).to_vec());
    let plan = [disable("a"), demote("b"), demote("b"), disable("c")];
    let named = Guards {
        allow_admins: ["id-a", "CORP\\b", "C@corp.example", "d@corp.example"]
            .map(Raw::from)
            .to_vec(),
        ..Guards::default()
    };
    let resolved = named.resolved(&four, &plan);
    assert!(!holds(&resolved, "id-a") && !holds(&resolved, "id-b"));
    assert!(holds(&resolved, "id-c"), "the third would leave one");
    assert!(!holds(&resolved, "id-d"), "nothing is taken from it");
    let resolved = named.resolved(&two, &plan);
    assert!(
        holds(&resolved, "id-a"),
        "naming does not reach the last two"
    );
}

#[test]
fn an_administrator_is_protected_unless_named() {
    let four = live(["a", "b", "c", "d"].map(|name| user(name, true)).to_vec());
    let plan = [disable("a"), unseat("b")];
    let resolved = Guards::default().resolved(&four, &plan);
    for name in ["a", "b", "c", "d"] {
        assert!(holds(&resolved, &format!("id-{name}")), "{name}");
        assert!(holds(&resolved, &format!("corp\\{name}")), "{name}");
    }
    let named = Guards {
        allow_admins: vec!["b@corp.example".into()],
        ..Guards::default()
    };
    let resolved = named.resolved(&four, &plan);
    assert!(holds(&resolved, "id-a") && !holds(&resolved, "id-b"));
}

#[test]
fn many_removals_are_counted_in_the_operations() {
    let mut plan = Plan {
        version: 1,
        hash: crate::domain::PlanHash::default(),
        created: jiff::Timestamp::UNIX_EPOCH,
        expires: jiff::Timestamp::UNIX_EPOCH,
        tenant: crate::domain::PlanTenant {
            id: "t".into(),
            url: "u".into(),
        },
        identity: live(Vec::new()).identity,
        reverts: None,
        sources: Vec::new(),
        summary: crate::domain::Summary {
            people: 40,
            ..crate::domain::Summary::default()
        },
        operations: vec![disable("a"), unseat("a"), disable("b"), unseat("b")],
        findings: Vec::new(),
    };
    let guards = Guards::default();
    let weigh = |plan: &Plan, week: &Week| {
        let toll = Toll::of_plan(plan, week);
        (toll.removals, toll.people, toll.week, guards.weigh(&toll))
    };
    let mut week = Week::default();
    let two = (4, 2, 2, Weight::Light);
    assert_eq!(weigh(&plan, &week), two, "two people of forty");
    week.losers.take(&unseat("a").change);
    assert_eq!(weigh(&plan, &week), two, "the same person again");
    for number in 0..8 {
        week.losers.take(&disable(&format!("gone{number}")).change);
    }
    week.of = 40;
    assert_eq!(weigh(&plan, &week), (4, 2, 10, Weight::Stopped));
    plan.operations.push(unseat("c"));
    assert_eq!(weigh(&plan, &Week::default()), (5, 3, 3, Weight::Typed));
}
