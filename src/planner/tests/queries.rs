//! Wishes on a saved query: whom it names is picked by hand, as long as it was read whole.

use std::collections::BTreeSet;

use super::world::*;
use crate::domain::*;
use crate::text::show_str;

/// Somebody who holds professional, whom the query `q` names, and who is in the group `g`.
fn holder(proof: Completeness) -> World {
    let mut world = World::new();
    world.pool("professional", 10, 1);
    world.pool("analyzer", 10, 0);
    world.person("a");
    world.user("u-a", "a", None);
    world.seat("a", "professional");
    world.group("g", "TEAM", &[("a", &[])]);
    world.selection.people = 500;
    let found = Reading {
        value: BTreeSet::from([PersonId::from("a")]),
        proof,
    };
    let queries = &mut world.snapshot.directory.queries;
    queries.insert("q".to_owned(), found);
    world
}

fn whole() -> Completeness {
    Completeness::proven("by hand")
}

fn query() -> Target {
    Target::Set(PeopleSet::of(Base::Query("q".to_owned())))
}

#[test]
fn a_query_moves_to_a_smaller_license_when_it_was_read_whole_and_only_then() {
    let mut world = holder(whole());
    world.wish(query(), license("analyzer"));
    assert_eq!(kinds(&world.plan()), [("change_license", 1)]);
    let mut world = holder(Completeness::incomplete(&show_str("page 2 failed")));
    world.wish(query(), license("analyzer"));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    assert!(!found(&plan, FindingCode::IncompleteSource).is_empty());
}

#[test]
fn a_group_demotes_nobody_because_a_query_wished_something_else() {
    let mut world = holder(whole());
    world.wish(group("g"), license("analyzer"));
    world.wish(
        query(),
        Wish {
            license: Some(LicenseWish::TakeBack),
            ..Wish::default()
        },
    );
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
}

#[test]
fn another_answer_to_a_query_is_another_source() {
    let digest = |world: &World| world.plan().sources[1].digest.clone();
    let world = holder(whole());
    let mut other = holder(whole());
    other.person("b");
    let mut same = other.clone();
    let queries = &mut other.snapshot.directory.queries;
    queries.get_mut("q").unwrap().value = BTreeSet::from([PersonId::from("b")]);
    assert_ne!(digest(&other), digest(&same));
    same.snapshot.directory.people = world.snapshot.directory.people.clone();
    assert_eq!(digest(&same), digest(&world));
}

#[test]
fn another_session_has_no_answer_to_a_query() {
    assert!(holder(whole()).snapshot.aged().directory.queries.is_empty());
}

#[test]
fn whoever_a_set_of_groups_holds_matches_a_rule() {
    let mut world = World::new();
    world.pool("analyzer", 10, 0);
    for id in ["a", "b"] {
        world.person(id);
        world.wish(row(id), license("analyzer"));
    }
    world.group("g", "TEAM", &[("a", &[]), ("b", &[])]);
    world.group("h", "LEAVERS", &[("b", &[])]);
    let strangers = |world: &World| {
        let plan = world.plan();
        let found = found(&plan, FindingCode::NotInApprovedGroup);
        found
            .iter()
            .map(|one| one.who.expose().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(strangers(&world).len(), 1, "nothing is marked");
    let mut set = PeopleSet::of(Base::Groups(BTreeSet::from(["g".into()])));
    set.not.insert("h".into());
    world.wish(Target::Set(set), license("analyzer"));
    let outside = strangers(&world);
    assert_eq!(outside.len(), 1);
    assert!(outside[0].contains("Person b"), "{outside:?}");
    assert!(!outside[0].contains("Person a"), "{outside:?}");
}
