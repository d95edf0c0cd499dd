//! Who is protected at the send gate.

use std::sync::Arc;

use super::*;
use crate::domain::{
    Assignee, Group, GroupProvider, Identity, LicenseState, Losers, Plan, Reading, Register, Role,
    RoleLevel, RolesState, SpaceRef, SpaceSeat, SpaceType, TenantInfo, Toll, Undo, UserRef,
    UserState, Week, Weight,
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
        roles: std::collections::BTreeMap::new(),
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
        let register = Register::of(&live(Vec::new()));
        let toll = Toll::of_plan(plan, week, Some(&register));
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

fn group(id: &str, name: &str, admin: bool) -> Group {
    Group {
        id: id.into(),
        name: name.into(),
        provider: GroupProvider::Idp,
        roles: admin.then(|| "role-admin".into()).into_iter().collect(),
    }
}

fn member(name: &str, group: &str) -> Arc<User> {
    let mut user = Arc::unwrap_or_clone(user(name, false));
    user.groups = vec![group.into()];
    Arc::new(user)
}

fn strip(assignee: Assignee) -> Operation {
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

#[test]
fn a_group_with_somebody_protected_loses_nothing() {
    let guards = Guards {
        protected: vec!["glass@corp.example".into()],
        ..Guards::default()
    };
    let mut live = live(vec![member("glass", "g-1"), member("other", "g-2")]);
    live.groups.value = vec![group("g-1", "SALES", false), group("g-2", "OPS", false)];
    let protected = Protected::new(&guards.resolved(&live, &[]));
    let covers = |assignee| {
        let loser = strip(assignee).change.loser();
        protected.covers(&loser.expect("it takes something"))
    };
    assert!(covers(Assignee::Group("g-1".into())));
    assert!(covers(Assignee::NewGroup("Sales".into())), "by its name");
    assert!(!covers(Assignee::Group("g-2".into())));
    assert!(!covers(Assignee::NewGroup("OPS".into())));
    assert!(covers(Assignee::User("id-glass".into())));
    assert!(!covers(Assignee::User("id-other".into())));
    assert!(!covers(Assignee::User("g-1".into())), "a user is no group");
}

#[test]
fn whoever_administers_by_a_group_is_an_administrator() {
    let mut live = live(vec![
        member("a", "g-admin"),
        user("b", true),
        member("c", "g-2"),
    ]);
    live.groups.value = vec![group("g-admin", "ADMINS", true), group("g-2", "OPS", false)];
    let admins = administrators(&live);
    assert_eq!(admins, ["id-a".into(), "id-b".into()].into());
    let resolved = Guards::default().resolved(&live, &[unseat("a")]);
    assert!(holds(&resolved, "id-a") && holds(&resolved, "corp\\a"));
    assert!(!holds(&resolved, "id-c"));
}

#[test]
fn whoever_cannot_sign_in_administers_nothing() {
    let mut gone = Arc::unwrap_or_clone(user("a", true));
    gone.status = UserStatus::Disabled;
    let live = live(vec![Arc::new(gone), user("b", true)]);
    assert_eq!(administrators(&live), ["id-b".into()].into());
}

#[test]
fn nobody_knows_who_is_protected_while_a_list_is_cut() {
    let whole = live(Vec::new());
    assert_eq!(unknown_protection(&whole), None);
    for list in ["users", "roles", "groups"] {
        let mut live = whole.clone();
        let proof = match list {
            "users" => &mut live.users.proof,
            "roles" => &mut live.roles.proof,
            _ => &mut live.groups.proof,
        };
        *proof = crate::domain::Completeness::Incomplete("cut".to_owned());
        assert_eq!(unknown_protection(&live), Some(list));
    }
}

#[test]
fn the_identity_that_a_plan_was_made_as_is_protected_too() {
    let mut protected = Protected::default();
    let me = |id: Option<&str>, subject: Option<&str>| Loser::Person {
        id: id.map(str::to_owned),
        subject: subject.map(str::to_owned),
    };
    assert!(!protected.covers(&me(Some("id-me"), None)));
    protected.add(&live(Vec::new()).identity);
    assert!(protected.covers(&me(Some("id-me"), None)));
    assert!(protected.covers(&me(None, Some("corp\\me"))));
    assert!(protected.covers(&me(Some("id-x"), Some("corp\\me"))));
    assert!(!protected.covers(&me(Some("id-x"), None)));
}

#[test]
fn each_human_is_counted_once_however_they_are_named() {
    let live = live(vec![
        member("a", "g-1"),
        member("b", "g-1"),
        user("c", false),
    ]);
    let register = Register::of(&live);
    let people = |operations: &[Operation]| {
        let mut losers = Losers::default();
        for operation in operations {
            losers.take(&operation.change);
        }
        (losers.people(&register), losers.at_least())
    };
    let by_id = |name: &str| strip(Assignee::User(format!("id-{name}").as_str().into()));
    assert_eq!(
        people(&[by_id("a"), unseat("a")]),
        (1, 1),
        "joined by the tenant"
    );
    assert_eq!(
        people(&[by_id("a"), unseat("b")]),
        (2, 1),
        "two humans, not one"
    );
    assert_eq!(
        people(&[by_id("gone"), unseat("gone")]),
        (2, 1),
        "nothing joins them: too many is the safe side"
    );
    assert_eq!(
        people(&[by_id("gone"), unseat("gone"), disable("gone")]),
        (1, 1),
        "an operation that names both joins them"
    );
    let group = strip(Assignee::Group("g-1".into()));
    assert_eq!(
        people(&[group.clone()]),
        (2, 0),
        "whom the tenant knows to be in it"
    );
    assert_eq!(people(&[group, unseat("b"), unseat("c")]), (3, 2));
}

#[test]
fn runs_that_name_people_differently_are_added_up() {
    let live = live(vec![user("a", false), user("b", false)]);
    let mut week = Week::default();
    // An earlier run took seats by subject, this one takes spaces by id.
    for name in ["a", "x", "y"] {
        week.losers.take(&unseat(name).change);
    }
    let mut losers = Losers::default();
    for name in ["id-a", "id-b", "id-z"] {
        losers.take(&strip(Assignee::User(name.into())).change);
    }
    let register = Register::of(&live);
    let toll = Toll::new(3, 0, 40, &losers, &week, Some(&register));
    assert_eq!((toll.people, toll.week), (3, 5), "a, b, x, y and z");
    let toll = Toll::new(3, 0, 40, &losers, &week, None);
    assert_eq!((toll.people, toll.week), (3, 3), "at least");
}

#[test]
fn who_made_the_tenant_is_protected_whatever_role_they_hold() {
    let mut live = live(vec![user("maker", false), member("other", "g-1")]);
    live.tenant.created_by = Some("id-maker".into());
    let named = Guards {
        allow_admins: vec!["id-maker".into()],
        ..Guards::default()
    };
    for guards in [Guards::default(), named] {
        let resolved = guards.resolved(&live, &[disable("maker")]);
        assert!(holds(&resolved, "id-maker") && holds(&resolved, "corp\\maker"));
        assert!(!holds(&resolved, "id-other"));
    }
}
