//! People are counted once, however operations name them.

use std::sync::Arc;

use super::*;
use crate::domain::testing::{disable, group, live, member, plan, strip, unseat, user};
use crate::domain::{Assignee, Guards, Losers, Operation, Plan, Toll, Week, Weight};

#[test]
fn many_removals_are_counted_in_the_operations() {
    let mut plan = plan(vec![disable("a"), unseat("a"), disable("b"), unseat("b")]);
    plan.summary.people = 40;
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
        people(std::slice::from_ref(&group)),
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
fn the_register_knows_no_tombstones_and_groups_by_both_names() {
    let mut gone = Arc::unwrap_or_clone(member("gone", "g-1"));
    gone.status = UserStatus::Deleted;
    let mut live = live(vec![Arc::new(gone), member("a", "g-1"), user("b", false)]);
    live.groups.value = vec![group("g-1", "SALES", false)];
    let register = Register::of(&live);
    assert_eq!(register.id("corp\\a").map(String::as_str), Some("id-a"));
    assert_eq!(register.id("corp\\gone"), None);
    for name in ["g-1", "sales"] {
        let members: Vec<&String> = register.members(name).collect();
        assert_eq!(members, ["id-a"], "{name}");
    }
    assert_eq!(register.members("g-2").count(), 0);
}
