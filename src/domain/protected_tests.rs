//! Who is protected at the send gate.

use std::sync::Arc;

use super::*;
use crate::domain::testing::{
    demote, disable, group, live, member, operation, strip, target, unseat, user,
};
use crate::domain::{Assignee, RolesState, UserState};

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
fn a_bot_is_none_of_the_two_administrators_that_are_left() {
    let named = Guards {
        allow_admins: ["id-a", "id-b"].map(Raw::from).to_vec(),
        ..Guards::default()
    };
    let names = ["a", "b", "bot1", "bot2"];
    let live = live(names.map(|name| user(name, true)).to_vec());
    let resolved = named.resolved(&live, &[disable("a")]);
    for name in names {
        assert!(holds(&resolved, &format!("id-{name}")), "{name}");
    }
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

#[test]
fn who_stays_an_administrator_uses_up_nobodys_place() {
    let three = live(["a", "b", "c"].map(|name| user(name, true)).to_vec());
    let named = Guards {
        allow_admins: ["id-a", "id-b"].map(Raw::from).to_vec(),
        ..Guards::default()
    };
    let roles = |after: &[&str]| {
        operation(Change::SetRoles {
            target: target("a"),
            before: RolesState {
                roles: vec!["role-admin".into(), "role-x".into()],
            },
            after: RolesState {
                roles: after.iter().map(|role| (*role).into()).collect(),
            },
        })
    };
    // Only one of three may go.
    let stays = named.resolved(&three, &[roles(&["role-admin"]), disable("b")]);
    assert!(!holds(&stays, "id-b"), "a stays an administrator");
    let goes = named.resolved(&three, &[roles(&["role-x"]), disable("b")]);
    assert!(holds(&goes, "id-b"), "a was the one who may go");
    let state = UserState {
        name: "a".into(),
        status: UserStatus::Active,
    };
    let delete = operation(Change::DeleteUser {
        target: target("a"),
        before: state,
        after: (),
    });
    let deleted = named.resolved(&three, &[delete, disable("b")]);
    assert!(holds(&deleted, "id-b"), "whoever is deleted goes too");
    let unseated = named.resolved(&three, &[unseat("a"), disable("b")]);
    assert!(!holds(&unseated, "id-b"), "a license is no office");
}

#[test]
fn only_the_role_of_that_name_administers() {
    let mut live = live(["a", "b", "c"].map(|name| user(name, true)).to_vec());
    for name in ["Tenantadmin", "AnalyticsAdmin", ""] {
        live.roles.value[0].name = name.into();
        assert!(administrators(&live).is_empty(), "{name}");
        assert!(!holds(&Guards::default().resolved(&live, &[]), "id-a"));
    }
}

#[test]
fn somebody_is_named_by_id_subject_or_mail_in_any_case() {
    for name in ["ID-A", " corp\\A ", "a@CORP.example"] {
        let guards = Guards {
            protected: vec![name.into()],
            ..Guards::default()
        };
        let live = live(vec![user("a", false), user("b", false)]);
        let resolved = guards.resolved(&live, &[]);
        assert!(
            holds(&resolved, "id-a") && holds(&resolved, "corp\\a"),
            "{name}"
        );
        assert!(!holds(&resolved, "id-b"), "{name}");
        assert!(resolved.protected_groups.is_empty());
    }
}

#[test]
fn of_the_last_two_administrators_not_even_a_license_is_taken() {
    let two = live(vec![user("a", true), user("b", true)]);
    let named = Guards {
        allow_admins: ["id-a", "id-b"].map(Raw::from).to_vec(),
        ..Guards::default()
    };
    let resolved = named.resolved(&two, &[unseat("a")]);
    assert!(holds(&resolved, "id-a") && holds(&resolved, "id-b"));
}

#[test]
fn naming_somebody_who_administers_nothing_uses_up_nobodys_place() {
    let mut users = ["a", "b", "c"].map(|name| user(name, true)).to_vec();
    users.push(user("x", false));
    let named = Guards {
        allow_admins: ["id-x", "id-b"].map(Raw::from).to_vec(),
        ..Guards::default()
    };
    let resolved = named.resolved(&live(users), &[disable("x"), disable("b")]);
    assert!(!holds(&resolved, "id-b") && !holds(&resolved, "id-x"));
    assert!(holds(&resolved, "id-a"));
}

#[test]
fn our_own_groups_lose_nothing_nor_do_those_of_bots_and_of_who_made_the_tenant() {
    let mut live = live(vec![
        member("me", "g-me"),
        member("bot1", "g-bot"),
        member("maker", "g-maker"),
        member("other", "g-other"),
    ]);
    live.tenant.created_by = Some("id-maker".into());
    let resolved = Guards::default().resolved(&live, &[]);
    let groups = ["g-bot", "g-maker", "g-me"].map(str::to_owned);
    assert_eq!(resolved.protected_groups, groups.into());
}

#[test]
fn what_is_allowed_on_the_screen_is_allowed_to_that_subject_alone() {
    let mut users = ["a", "b", "c", "d"].map(|name| user(name, true)).to_vec();
    let mut twin = Arc::unwrap_or_clone(user("e", true));
    twin.subject = "a@corp.example".into();
    users.push(Arc::new(twin));
    let mut other = Arc::unwrap_or_clone(user("f", true));
    other.subject = "id-b".into();
    users.push(Arc::new(other));
    let allowed = crate::domain::Allowed {
        admins: ["A@Corp.example".into(), "id-b".into()].into(),
        ..crate::domain::Allowed::default()
    };
    let guards = Guards::default().allowing(&allowed);
    let resolved = guards.resolved(&live(users), &[]);
    assert!(!holds(&resolved, "id-e") && !holds(&resolved, "id-f"));
    assert!(
        holds(&resolved, "id-a"),
        "it is only the e-mail of this one"
    );
    assert!(holds(&resolved, "corp\\b"), "it is only the id of this one");
}

#[test]
fn who_administers_by_a_group_loses_no_office_with_roles_of_their_own() {
    let mut live = live(vec![
        member("a", "g-admin"),
        user("b", true),
        user("c", true),
    ]);
    live.groups.value = vec![group("g-admin", "ADMINS", true)];
    let named = Guards {
        allow_admins: ["id-a", "id-b"].map(Raw::from).to_vec(),
        ..Guards::default()
    };
    let more = operation(Change::SetRoles {
        target: target("a"),
        before: RolesState {
            roles: vec!["role-x".into()],
        },
        after: RolesState {
            roles: vec!["role-x".into(), "role-y".into()],
        },
    });
    // Only one of three may go.
    let resolved = named.resolved(&live, &[more, disable("b")]);
    assert!(!holds(&resolved, "id-b"), "a is still one");
    let resolved = named.resolved(&live, &[disable("a"), disable("b")]);
    assert!(holds(&resolved, "id-b"), "whoever is disabled is not");
}
