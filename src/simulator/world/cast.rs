//! Checks that each embedded scenario has the numbers that `scenarios.md` gives it.

use jiff::Timestamp;

use super::{AssigneeKind, SCENARIOS, Scenario, SpaceType, User, World};

fn world(name: &str) -> World {
    let scenario = Scenario::embedded(name).unwrap_or_else(|e| panic!("{e}"));
    World::build(&scenario, Timestamp::UNIX_EPOCH).unwrap_or_else(|e| panic!("{e}"))
}

fn left(world: &World, kind: &str) -> i64 {
    let licenses = &world.tenant.licenses;
    licenses.allotment(kind).unwrap().units - licenses.used(kind)
}

fn members(world: &World, group: &str) -> (usize, usize) {
    let at = world.directory.group_named(group).unwrap();
    (
        world.directory.groups[at].members.len(),
        world.directory.transitive_members(at).len(),
    )
}

fn old_subjects(world: &World) -> Vec<&User> {
    world
        .tenant
        .users
        .iter()
        .filter(|u| u.subject.contains('\\') && u.client_id.is_none())
        .collect()
}

#[test]
fn every_embedded_scenario_builds_and_repeats() {
    for (name, _) in SCENARIOS {
        assert_eq!(world(name).digest(), world(name).digest(), "{name}");
    }
}

#[test]
fn s1_has_its_numbers() {
    let world = world("s1");
    assert_eq!(members(&world, "QLIK_ANALYZERS"), (36, 40));
    assert_eq!(left(&world, "analyzer"), 30);
    assert!(world.tenant.group_named("QLIK_ANALYZERS", "idp").is_none());
    let old = old_subjects(&world);
    assert_eq!(old.len(), 6);
    let licensed = |u: &&&User| {
        world
            .tenant
            .licenses
            .of_subject(&u.subject)
            .next()
            .is_some()
    };
    assert_eq!(old.iter().filter(licensed).count(), 5);
    for user in old {
        let same = |p: &&super::Person| p.mail == user.email && p.enabled;
        assert_eq!(world.directory.people.iter().filter(same).count(), 1);
    }
    let at = world.directory.group_named("QLIK_ANALYZERS").unwrap();
    let all = world.directory.transitive_members(at);
    assert_eq!(
        all.iter()
            .filter(|i| !world.directory.people[**i].enabled)
            .count(),
        2
    );
    assert_eq!(
        world.tenant.spaces.named("Finance").unwrap().kind,
        SpaceType::Managed
    );
}

#[test]
fn s3_s7_and_s8_have_their_numbers() {
    let s3 = world("s3");
    assert_eq!(s3.tenant.licenses.used("analyzer"), 120);
    assert!(s3.tenant.licenses.auto_analyzer);
    assert_eq!(members(&s3, "QLIK_ANALYZERS"), (103, 105));
    let s7 = world("s7");
    assert_eq!(
        (members(&s7, "QLIK_ANALYZERS").0, left(&s7, "analyzer")),
        (250, 300)
    );
    assert_eq!(s7.tenant.spaces.len(), 60);
    let s8 = world("s8");
    assert_eq!(
        (members(&s8, "QLIK_ANALYZERS").0, left(&s8, "analyzer")),
        (30, 30)
    );
}

#[test]
fn s9_has_ambiguous_mailboxes_and_no_seat_left() {
    let world = world("s9");
    assert_eq!(left(&world, "analyzer"), 0);
    assert_eq!(old_subjects(&world).len(), 300);
    assert_eq!(
        world
            .tenant
            .users
            .by_email("Reception@corp.example")
            .count(),
        2
    );
    let unmatched = old_subjects(&world).into_iter().filter(|u| {
        let hits = world
            .directory
            .people
            .iter()
            .filter(|p| p.mail == u.email)
            .count();
        hits != 1
    });
    assert_eq!(unmatched.count(), 10);
}

#[test]
fn s10_to_s12_and_s16_have_their_numbers() {
    let s10 = world("s10");
    let group = s10
        .tenant
        .group_named("QLIK_ANALYZERS", "idp")
        .unwrap()
        .id
        .clone();
    let of = |kind| s10.tenant.spaces.iter().filter(move |s| s.kind == kind);
    assert_eq!(of(SpaceType::Shared).count(), 5);
    assert_eq!(of(SpaceType::Managed).count(), 5);
    assert_eq!(of(SpaceType::Data).count(), 2);
    let who = (AssigneeKind::Group, group);
    let held = s10
        .tenant
        .spaces
        .iter()
        .filter_map(|s| s10.tenant.spaces.assignment_of(&s.id, &who));
    assert_eq!(held.filter(|a| a.roles == ["consumer"]).count(), 3);
    let s11 = world("s11");
    assert_eq!(left(&s11, "fullUser"), 12);
    assert_eq!(members(&s11, "QLIK_NEW").0, 20);
    let (north, south) = (world("s12"), world("s12-south"));
    assert_ne!(north.tenant.id, south.tenant.id);
    let seats: Vec<_> = north.tenant.licenses.after(None).map(|(_, a)| a).collect();
    let is_user = |world: &World, subject: &str| world.tenant.users.by_subject(subject).is_some();
    let orphans: Vec<_> = seats
        .iter()
        .filter(|a| !is_user(&north, &a.subject))
        .collect();
    let there = orphans.iter().filter(|a| is_user(&south, &a.subject));
    assert_eq!((seats.len(), orphans.len(), there.count()), (209, 89, 80));
    let s16 = world("s16");
    assert_eq!(left(&s16, "professional"), 30);
    assert!(s16.tenant.users.iter().all(|u| u.name != "Ingrid Solberg"));
    assert_eq!(
        s16.tenant.spaces.named("Board").unwrap().kind,
        SpaceType::Managed
    );
}

#[test]
fn the_demo_looks_like_the_sketch() {
    let world = world("demo");
    assert_eq!(members(&world, "QLIK_ANALYZERS"), (36, 40));
    assert_eq!(members(&world, "QLIK_PRO").0, 31);
    assert_eq!(members(&world, "QLIK_DEV").0, 12);
    assert_eq!(world.tenant.licenses.used("professional"), 182);
    assert_eq!(world.tenant.licenses.used("analyzer"), 298);
    let orphan = |subject: &str| world.tenant.users.by_subject(subject).is_none();
    let all: Vec<_> = world.tenant.licenses.after(None).map(|(_, a)| a).collect();
    assert_eq!(all.iter().filter(|a| orphan(&a.subject)).count(), 12);
    assert_eq!(all.iter().filter(|a| a.excess).count(), 2);
}
