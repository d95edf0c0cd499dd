//! What is not known for sure takes nothing and gives to nobody by mistake: seats of the whole
//! entitlement, readings with a gap, names of groups.

use super::small::member_world;
use super::world::*;
use crate::domain::*;
use crate::planner::Gap;
use crate::text::Raw;

#[test]
fn a_person_known_by_mail_loses_only_the_seat_of_the_user_here() {
    let mut world = World::new();
    world.person("a");
    world.user("u", "OLD\\a", Some("a@corp.example"));
    world.seat("OLD\\a", "analyzer");
    world.seat("a", "professional");
    world.pool("analyzer", 1, 1);
    world.pool("professional", 1, 1);
    world.rule.accept_email = true;
    world.wish(row("a"), ladder(Ladder::TakeLicense));
    let plan = world.plan();
    let taken: Vec<&str> = plan
        .operations
        .iter()
        .filter_map(|one| match &one.change {
            Change::RemoveLicense { subject, .. } => Some(subject.expose()),
            _ => None,
        })
        .collect();
    assert_eq!(taken, ["OLD\\a"]);
    let said = found(&plan, FindingCode::OrphanSeat);
    let texts: Vec<&str> = said.iter().map(|one| one.text.expose()).collect();
    let seat = "professional seat under subject a";
    assert!(texts.iter().any(|text| text.contains(seat)), "{texts:?}");
    world.wish(row("a"), license("analyzer"));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "no demotion either: {plan:?}");
    assert_eq!(found(&plan, FindingCode::OrphanSeat).len(), 1);
}

#[test]
fn a_pick_that_did_not_come_whole_takes_nothing_and_says_so() {
    let mut world = member_world();
    world.seat("a", "professional");
    world.pool("professional", 1, 1);
    world.pool("analyzer", 5, 0);
    world.wish(row("a"), license("analyzer"));
    assert_eq!(world.plan().summary.removals, 1, "else it is a demotion");
    assert!(world.plan().sources[1].complete);
    world.selection.gaps = vec![Gap {
        name: Raw::from("department eq 'Finance'"),
        cause: "page 2 of 3 did not come".to_owned(),
        people: [PersonId::from("a")].into(),
    }];
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let directory = &plan.sources[1];
    assert!(!directory.complete);
    assert_eq!(directory.cause.as_deref(), Some("page 2 of 3 did not come"));
    let said = found(&plan, FindingCode::IncompleteSource);
    assert!(said.iter().any(|one| {
        one.who.expose() == "department eq 'Finance'" && one.text.expose().contains("page 2 of 3")
    }));
    world.wish(row("b"), license("analyzer"));
    assert_eq!(kinds(&world.plan()), [("add_license", 1)], "giving goes on");
}

#[test]
fn groups_of_an_unproven_list_are_not_told_apart_by_name() {
    let mut world = member_world();
    world.wish(group("g"), in_space(Wish::default(), "s", &["consumer"]));
    assert_eq!(
        kinds(&world.plan()),
        [("create_group", 1), ("add_space_assignment", 1)]
    );
    let cause = "the list was cut at 1000 groups".to_owned();
    world.snapshot.directory.groups.proof = Completeness::Incomplete(cause.clone());
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_space_assignment", 3)]);
    let said = found(&plan, FindingCode::IncompleteSource);
    assert_eq!(said.len(), 1);
    assert!(said[0].text.expose().contains(&cause));
    assert_eq!(plan.sources[1].cause.as_ref(), Some(&cause));
    // A table knows groups by name alone: who has the name is in the group.
    world.snapshot.directory.groups.value[0].name = Raw::from("g");
    assert_eq!(
        kinds(&world.plan()),
        [("create_group", 1), ("add_space_assignment", 1)]
    );
    world.snapshot.directory.groups.value[0].name = Raw::from("TEAM");
    // Claims that are ids cannot be mistaken.
    world.known_group("q", "g");
    assert_eq!(kinds(&world.plan()), [("add_space_assignment", 1)]);
}
