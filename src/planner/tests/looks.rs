//! Lists that nothing but their last page calls whole: good for giving; nothing is taken on the
//! strength of them before somebody looked again (C1, C2).

use super::world::*;
use crate::domain::*;
use crate::planner::{PLAN_TTL, PlanInput, plan_or_look};

/// Somebody who loses everything, and somebody who is made.
fn leaver() -> World {
    let mut world = World::new();
    world.pool("analyzer", 10, 1);
    world.space("s", SpaceType::Shared);
    for id in ["a", "b"] {
        world.person(id);
    }
    world.user("u-a", "a", None);
    world.seat("a", "analyzer");
    world.assign("s", Assignee::User("u-a".into()), &["consumer"]);
    world.wish(row("a"), ladder(Ladder::Disable));
    let provision = Wish {
        provision: true,
        ..Wish::default()
    };
    world.wish(row("b"), provision);
    world.selection.people = 100;
    world
}

fn looked(world: &World) -> Result<Plan, Vec<List>> {
    let planned = plan_or_look(&PlanInput {
        index: &world.index(),
        snapshot: &world.snapshot,
        staging: &world.staging,
        guards: &world.guards,
        selection: &world.selection,
        past: &world.past,
        now: now(),
        ttl: PLAN_TTL,
    });
    planned.map_err(|lists| lists.into_iter().collect())
}

fn once() -> Completeness {
    Completeness::Once("read to the last page".to_owned())
}

#[test]
fn removals_want_a_second_look_at_exactly_the_lists_they_rely_on() {
    let whole = leaver();
    assert_eq!(looked(&whole).expect("all counted").summary.removals, 3);
    let space = List::Assignments("s".into());
    for list in [
        List::Users,
        List::Groups,
        List::Roles,
        List::Licenses,
        space,
    ] {
        let mut world = whole.clone();
        let tenant = &mut world.snapshot.tenant;
        match &list {
            List::Users => tenant.users.proof = once(),
            List::Groups => tenant.groups.proof = once(),
            List::Roles => tenant.roles.proof = once(),
            List::Licenses => tenant.licensing.proof = once(),
            List::Assignments(space) => {
                tenant.assignments.get_mut(space).unwrap().proof = once();
            }
        }
        assert_eq!(looked(&world), Err(vec![list.clone()]));
        // Whoever does not look takes nothing, and gives all the same.
        let plan = world.plan();
        assert_eq!(kinds(&plan), [("create_user", 1)], "{list:?}");
        let said = found(&plan, FindingCode::SourceDoubt);
        let about = said.iter().find(|one| one.who.expose() == list.word());
        assert!(about.is_some_and(|one| one.text.expose().contains("once only")));
        let tenant = plan
            .sources
            .iter()
            .find(|one| one.role == "tenant")
            .unwrap();
        assert!(!tenant.complete);
    }
}

#[test]
fn giving_wants_no_second_look() {
    let mut world = leaver();
    world.staging.wishes.remove(&row("a"));
    world.snapshot.tenant.licensing.proof = once();
    world.wish(row("b"), license("analyzer"));
    let plan = looked(&world).expect("nothing is taken");
    assert_eq!(kinds(&plan), [("create_user", 1), ("add_license", 1)]);
}

#[test]
fn a_license_list_that_was_read_once_does_not_hold_up_what_does_not_rely_on_it() {
    let mut world = leaver();
    world.snapshot.tenant.licensing.proof = once();
    world.snapshot.tenant.licensing.value.assignments.clear();
    let plan = looked(&world).expect("spaces and records have their own lists");
    assert_eq!(plan.summary.removals, 2);
}

#[test]
fn a_list_that_did_not_settle_switches_removals_off_with_its_cause() {
    let mut world = leaver();
    world.snapshot.tenant.licensing.proof = once();
    world.past.doubts = vec![Doubt {
        what: "licenses".into(),
        cause: "held other things each time".to_owned(),
        count: None,
        of_tenant: true,
    }];
    let plan = looked(&world).expect("removals are off");
    assert_eq!(kinds(&plan), [("create_user", 1)]);
    let said = found(&plan, FindingCode::SourceDoubt);
    assert!(said.iter().all(|one| one.decision.is_none()));
    let of = |role: &str| plan.sources.iter().find(|one| one.role == role).unwrap();
    assert!(!of("tenant").complete && of("directory").complete);
    let cause = of("tenant").cause.as_deref().unwrap();
    assert_eq!(cause, "licenses held other things each time");
}

#[test]
fn a_moving_list_is_said_in_the_plan() {
    let mut world = leaver();
    world.staging.wishes.remove(&row("a"));
    assert!(found(&world.plan(), FindingCode::SourceMoving).is_empty());
    world.snapshot.tenant.users.proof = Completeness::Moving("read to the end".to_owned());
    let plan = world.plan();
    let said = found(&plan, FindingCode::SourceMoving);
    assert_eq!((said.len(), said[0].severity), (1, Severity::Note));
    assert_eq!(said[0].who.expose(), "users");
    assert_eq!(kinds(&plan), [("create_user", 1)], "giving goes on");
}
