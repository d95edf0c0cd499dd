//! Who is protected, by what, and what is said about it (I7).

use super::world::*;
use crate::domain::*;
use crate::text::Raw;

#[test]
fn an_administrator_loses_something_only_when_named() {
    let mut world = World::new();
    world.pool("professional", 5, 4);
    for id in ["a", "b", "c", "d"] {
        world.person(id);
        let user = world.user(&format!("u-{id}"), id, Some(&format!("{id}@corp.example")));
        user.roles.push(RoleId::from("r-admin"));
        world.seat(id, "professional");
    }
    world.selection.people = 100;
    for id in ["a", "b", "c"] {
        world.wish(row(id), ladder(Ladder::Disable));
    }
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::Protected);
    assert!(
        said.iter()
            .all(|one| matches!(one.decision, Some(Decision::Admin(_))))
    );
    world.guards.allow_admins = vec!["b@corp.example".into(), "a".into(), "u-c".into()];
    let plan = world.plan();
    assert_eq!(
        kinds(&plan),
        [("disable_user", 2), ("remove_license", 3)],
        "two are left"
    );
}

#[test]
fn nothing_is_taken_from_whoever_made_the_tenant() {
    let mut world = World::new();
    world.pool("professional", 5, 4);
    for id in ["a", "b", "c", "d"] {
        world.person(id);
        let user = world.user(&format!("u-{id}"), id, None);
        user.roles.push(RoleId::from("r-admin"));
        world.seat(id, "professional");
    }
    world.selection.people = 100;
    world.guards.allow_admins = vec!["a".into(), "b".into()];
    world.snapshot.tenant.tenant.created_by = Some(UserId::from("u-a"));
    for id in ["a", "b"] {
        world.wish(row(id), ladder(Ladder::Disable));
    }
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("disable_user", 1), ("remove_license", 1)]);
    let said = found(&plan, FindingCode::Protected);
    assert!(!said.is_empty());
    assert!(
        said.iter().all(|one| {
            one.text.expose().contains("made this tenant") && one.decision.is_none()
        })
    );
}

#[test]
fn everything_that_names_somebody_protects_them() {
    for sign in [
        "P-1",
        "a@Corp.example",
        "ALIAS@corp.example",
        "a@login.example",
        "U-A",
        "corp\\A",
        "box@corp.example",
    ] {
        let mut world = World::new();
        world.pool("analyzer", 5, 1);
        let person = world.person("p-1");
        person.mail = Some(Raw::from("a@corp.example"));
        person.other_mails = vec![Raw::from("alias@corp.example")];
        person.upn = Some(Raw::from("a@login.example"));
        person.sam = Some(Raw::from("a"));
        world.rule = crate::planner::IdentityRule::new(
            crate::planner::SubjectTemplate::parse("CORP\\{sam}").unwrap(),
        );
        world.user("u-a", "CORP\\a", Some("box@corp.example"));
        world.seat("CORP\\a", "analyzer");
        world.selection.people = 100;
        world.wish(row("p-1"), ladder(Ladder::TakeLicense));
        assert_eq!(world.plan().summary.removals, 1, "nobody is named yet");
        world.guards.protected = vec!["nobody".into(), sign.into()];
        let plan = world.plan();
        assert_eq!(plan.summary.removals, 0, "{sign}");
        let said = found(&plan, FindingCode::Protected);
        assert!(
            said[0].text.expose().contains("on the protected list"),
            "{sign}"
        );
        assert!(said[0].hint.expose().contains("guards.protected"), "{sign}");
    }
}

fn user_mut<'w>(world: &'w mut World, id: &str) -> &'w mut User {
    let users = &mut world.snapshot.tenant.users.value;
    let user = users.iter_mut().find(|user| user.id.expose() == id);
    std::sync::Arc::make_mut(user.unwrap())
}

fn admins(world: &mut World, ids: &[&str]) {
    for id in ids {
        let roles = &mut user_mut(world, id).roles;
        roles.push(RoleId::from("r-admin"));
    }
}

/// What is said about somebody from whom nothing is taken after this change: text, hint, decision.
fn shielded(change: &dyn Fn(&mut World)) -> (String, String, Option<Decision>) {
    let mut world = World::new();
    world.pool("analyzer", 9, 4);
    for id in ["a", "b", "c"] {
        world.person(id);
        world.user(&format!("u-{id}"), id, None);
    }
    world.seat("a", "analyzer");
    world.selection.people = 100;
    world.wish(row("a"), ladder(Ladder::TakeLicense));
    assert_eq!(world.plan().summary.removals, 1, "else it is taken");
    change(&mut world);
    let plan = world.plan();
    assert_eq!(plan.summary.removals, 0);
    let said = found(&plan, FindingCode::Protected);
    assert_eq!(said.len(), 1, "{:?}", plan.findings);
    let text = said[0].text.expose().to_owned();
    let hint = said[0].hint.expose().to_owned();
    (text, hint, said[0].decision.clone())
}

#[test]
fn ourselves_bots_and_the_maker_of_the_tenant_are_shielded_for_good() {
    let own = |world: &mut World| world.snapshot.tenant.identity.user = UserId::from("u-a");
    let own_subject = |world: &mut World| {
        world.snapshot.tenant.identity.subject = Subject::from("A");
    };
    let bot = |world: &mut World| user_mut(world, "u-a").bot = true;
    let maker = |world: &mut World| {
        world.snapshot.tenant.tenant.created_by = Some(UserId::from("u-a"));
    };
    for (change, words, way) in [
        (
            &own as &dyn Fn(&mut World),
            "is the identity that qroll works as",
            "nothing is ever taken from them",
        ),
        (
            &own_subject,
            "is the identity that qroll works as",
            "nothing is ever taken from them",
        ),
        (
            &bot,
            "is the bot of an OAuth client",
            "nothing is ever taken from them",
        ),
        (
            &maker,
            "made this tenant and may own its account",
            "cannot be recovered",
        ),
    ] {
        let (text, hint, decision) = shielded(change);
        assert!(text.contains(words), "{text}");
        assert!(hint.contains(way), "{hint}");
        assert_eq!(decision, None, "nobody can decide otherwise");
    }
}

#[test]
fn of_administrators_the_last_two_are_shielded_and_others_until_they_are_named() {
    let (text, hint, decision) = shielded(&|world| {
        admins(world, &["u-a", "u-b"]);
        world.guards.allow_admins = vec!["a".into()];
    });
    assert!(
        text.contains("one of the last two tenant administrators"),
        "{text}"
    );
    assert!(hint.contains("make somebody else"), "{hint}");
    assert_eq!(decision, None);
    let (text, _, decision) = shielded(&|world| {
        admins(world, &["u-a", "u-b", "u-c"]);
        user_mut(world, "u-c").bot = true;
        world.guards.allow_admins = vec!["a".into()];
    });
    assert!(
        text.contains("one of the last two"),
        "a bot is none: {text}"
    );
    assert_eq!(decision, None);
    let (text, hint, decision) = shielded(&|world| {
        admins(world, &["u-a", "u-b", "u-c"]);
        world.guards.allow_admins = vec!["b".into()];
    });
    assert!(text.contains("is a tenant administrator"), "{text}");
    assert!(hint.contains("guards.allow_admins"), "{hint}");
    assert_eq!(decision, Some(Decision::Admin(Subject::from("a"))));
}

#[test]
fn what_is_allowed_on_the_screen_reaches_nobody_with_that_mail() {
    let (_, _, decision) = shielded(&|world| {
        admins(world, &["u-a", "u-b", "u-c"]);
        user_mut(world, "u-a").email = Some(Raw::from("b"));
        let allowed = Allowed {
            admins: ["b".into(), "u-a".into()].into(),
            ..Allowed::default()
        };
        world.guards = world.guards.allowing(&allowed);
    });
    assert_eq!(decision, Some(Decision::Admin(Subject::from("a"))));
}
