//! Assignments that shall hold exactly some roles, of single people and of groups as Qlik knows them.

use super::small::member_world;
use super::world::*;
use crate::domain::*;
use crate::text::{Raw, show_str};

fn exactly(space: &str, roles: &[&str]) -> Wish {
    wished(space, SpaceWish::Exactly(set(roles)))
}

fn wished(space: &str, wish: SpaceWish) -> Wish {
    let mut all = Wish::default();
    all.spaces.insert(SpaceId::from(space), wish);
    all
}

fn set(roles: &[&str]) -> std::collections::BTreeSet<SpaceRole> {
    roles.iter().map(|role| SpaceRole::from(*role)).collect()
}

fn qlik_group() -> Target {
    Target::QlikGroup(GroupId::from("q"))
}

/// Somebody with two roles in a shared space, of 500.
fn holder() -> World {
    let mut world = World::new();
    world.person("a");
    world.user("u-a", "a", None);
    world.space("s", SpaceType::Shared);
    let user = Assignee::User(UserId::from("u-a"));
    world.assign("s", user, &["consumer", "producer"]);
    world.selection.people = 500;
    world
}

/// A group that Qlik and the directory know, with two roles in the space.
fn team() -> World {
    let mut world = member_world();
    world.known_group("q", "TEAM");
    let roles = ["consumer", "producer"];
    world.assign("s", Assignee::Group("q".into()), &roles);
    world.selection.people = 500;
    world
}

/// Before and after of the only operation.
fn change(plan: &Plan) -> (Vec<&str>, Vec<&str>) {
    let words = |roles: &'_ [SpaceRole]| -> Vec<&'static str> {
        let all = roles.iter().map(|role| role.expose().to_owned());
        all.map(|role| &*role.leak()).collect()
    };
    match plan.operations.as_slice() {
        [one] => match &one.change {
            Change::ChangeSpaceAssignment { before, after, .. } => (words(before), words(after)),
            Change::AddSpaceAssignment { after, .. } => (Vec::new(), words(after)),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}\n{:?}", plan.findings),
    }
}

#[test]
fn what_is_too_much_is_taken_and_counts_as_a_removal() {
    let mut world = holder();
    world.wish(row("a"), exactly("s", &["consumer"]));
    let plan = world.plan();
    assert_eq!(
        change(&plan),
        (vec!["consumer", "producer"], vec!["consumer"])
    );
    assert_eq!((plan.summary.removals, plan.summary.people), (1, 1));
    let said = found(&plan, FindingCode::RolesReplaced);
    assert!(
        said[0].hint.expose().contains("producer is taken by it"),
        "{said:?}"
    );
    assert_eq!(
        world
            .outlook()
            .of(&RowKey::Person("a".into()))
            .map(|one| one.spaces_changed),
        Some(1)
    );
}

#[test]
fn what_is_missing_is_given_in_the_same_write() {
    let mut world = holder();
    world.wish(row("a"), exactly("s", &["consumer", "facilitator"]));
    let (before, after) = (
        vec!["consumer", "producer"],
        vec!["consumer", "facilitator"],
    );
    assert_eq!(change(&world.plan()), (before, after));
    // And once it is so, nothing is left to do.
    world.wish(row("a"), exactly("s", &["consumer", "producer"]));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
}

#[test]
fn it_is_so_for_a_user_whom_the_directory_does_not_have() {
    let mut world = holder();
    world.snapshot.directory.people.value.clear();
    world.wish(user_row("u-a"), exactly("s", &["consumer"]));
    assert_eq!(kinds(&world.plan()), [("change_space_assignment", 1)]);
}

#[test]
fn the_protected_keep_their_roles() {
    let mut world = holder();
    world.wish(row("a"), exactly("s", &["consumer"]));
    world.guards.protected = vec!["a".into()];
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    assert_eq!(found(&plan, FindingCode::Protected).len(), 1);
    // What only adds takes nothing from them.
    world.wish(
        row("a"),
        exactly("s", &["consumer", "facilitator", "producer"]),
    );
    assert_eq!(world.plan().summary.removals, 0);
    assert_eq!(kinds(&world.plan()), [("change_space_assignment", 1)]);
}

#[test]
fn removals_that_are_held_hold_it_too() {
    let mut world = holder();
    world.wish(row("a"), exactly("s", &["consumer"]));
    world.guards.hold_removals = true;
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    assert_eq!(found(&plan, FindingCode::RemovalHeld).len(), 1);
}

#[test]
fn who_is_disabled_loses_roles_and_gets_none() {
    let mut world = holder();
    world.person("a").enabled = Enabled::No;
    world.wish(row("a"), exactly("s", &["consumer", "facilitator"]));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    assert_eq!(found(&plan, FindingCode::DisabledPerson).len(), 1);
    world.wish(row("a"), exactly("s", &["consumer"]));
    let plan = world.plan();
    assert_eq!(plan.summary.removals, 1, "{:?}", plan.findings);
    assert_eq!(plan.summary.skipped, 0);
}

#[test]
fn roles_that_the_space_does_not_take_are_an_error_with_the_nearest() {
    let mut world = holder();
    world.wish(row("a"), exactly("s", &["consumer", "publisher"]));
    let plan = world.plan();
    let said = found(&plan, FindingCode::IllegalRole);
    assert_eq!(said[0].severity, Severity::Error);
    assert!(said[0].hint.expose().contains("producer"), "{said:?}");
}

#[test]
fn who_has_no_record_has_no_roles_to_be_changed() {
    let mut world = holder();
    world.person("b");
    world.wish(row("b"), exactly("s", &["consumer"]));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::UnknownPerson);
    assert!(
        said[0].text.expose().contains("has no user record"),
        "{said:?}"
    );
}

#[test]
fn what_is_wished_on_the_row_outranks_its_group() {
    let mut world = member_world();
    world.known_group("q", "TEAM");
    let member = world
        .snapshot
        .directory
        .members
        .values()
        .next()
        .expect("members");
    let member = member.value[0].person.expose().to_owned();
    let user = format!("u-{member}");
    if world
        .snapshot
        .tenant
        .users
        .value
        .iter()
        .all(|one| one.id.expose() != user)
    {
        world.user(&user, &member, None);
    }
    world.assign(
        "s",
        Assignee::User(UserId::from(user.as_str())),
        &["consumer", "producer"],
    );
    world.selection.people = 500;
    world.wish(group("g"), wished("s", SpaceWish::Remove));
    world.wish(row(&member), exactly("s", &["consumer"]));
    let plan = world.plan();
    let changes = plan.operations.iter();
    let changes = changes.filter(|one| matches!(one.change, Change::ChangeSpaceAssignment { .. }));
    assert_eq!(changes.count(), 1, "{:?}", plan.operations);
}

#[test]
fn a_group_of_qlik_is_given_changed_and_taken_as_one() {
    let mut world = team();
    world.wish(
        qlik_group(),
        wished("s", SpaceWish::Add(set(&["facilitator"]))),
    );
    let all = vec!["consumer", "facilitator", "producer"];
    let plan = world.plan();
    assert_eq!(change(&plan), (vec!["consumer", "producer"], all));
    assert_eq!(
        (plan.summary.removals, plan.summary.people),
        (0, 0),
        "nobody in it gets anything"
    );

    world.wish(qlik_group(), exactly("s", &["consumer"]));
    let plan = world.plan();
    assert_eq!(
        change(&plan),
        (vec!["consumer", "producer"], vec!["consumer"])
    );
    assert_eq!(plan.summary.removals, 1);
    let guard = found(&plan, FindingCode::RemovalGuard);
    assert!(
        guard[0]
            .text
            .expose()
            .ends_with("and from everybody in a group"),
        "{guard:?}"
    );

    world.wish(qlik_group(), wished("s", SpaceWish::Remove));
    assert_eq!(kinds(&world.plan()), [("remove_space_assignment", 1)]);
}

#[test]
fn a_group_keeps_what_it_has_while_it_is_not_known_who_is_in_it() {
    let mut world = team();
    world.wish(qlik_group(), exactly("s", &["consumer"]));
    let cut = Completeness::incomplete(&show_str("the connection was cut"));
    let mut unread = world;
    unread.snapshot.directory.members.clear();
    let plan = unread.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::IncompleteSource);
    assert!(
        said.iter()
            .any(|one| one.text.expose().contains("keeps its roles in Space s")),
        "{said:?}"
    );
    // The same where the groups of the directory did not come whole.
    let mut world = team();
    world.wish(qlik_group(), wished("s", SpaceWish::Remove));
    world.snapshot.directory.groups.proof = cut;
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
}

#[test]
fn a_protected_member_keeps_the_roles_of_the_group() {
    let mut world = team();
    let glass = world.user("u-glass", "glass", Some("glass@corp.example"));
    glass.groups.push(GroupId::from("q"));
    world.guards.protected = vec![Raw::from("glass@corp.example")];
    world.wish(qlik_group(), exactly("s", &["consumer"]));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::Protected);
    assert!(
        said[0]
            .text
            .expose()
            .starts_with("keeps its roles in Space s"),
        "{said:?}"
    );
}

#[test]
fn one_assignment_is_written_once() {
    let mut world = team();
    world.wish(group("g"), in_space(Wish::default(), "s", &["facilitator"]));
    world.wish(qlik_group(), wished("s", SpaceWish::Remove));
    let plan = world.plan();
    let of_group = plan.operations.iter().filter(|one| match &one.change {
        Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => {
            target.assignee == Assignee::Group("q".into())
        }
        _ => false,
    });
    assert_eq!(of_group.count(), 1, "{:?}", plan.operations);
    let said = found(&plan, FindingCode::Conflict);
    assert!(said[0].text.expose().contains("that stands"), "{said:?}");
}

#[test]
fn a_group_and_its_twin_write_one_assignment_once() {
    let twins = [
        SpaceWish::Remove,
        SpaceWish::Exactly(set(&["consumer"])),
        SpaceWish::Exactly(set(&["consumer", "facilitator"])),
        SpaceWish::Add(set(&["facilitator"])),
    ];
    for wish in twins {
        let mut world = team();
        world.wish(group("g"), wished("s", SpaceWish::Remove));
        world.wish(qlik_group(), wished("s", wish.clone()));
        let plan = world.plan();
        assert_eq!(plan.operations.len(), 1, "{wish:?}: {:?}", plan.operations);
        let said = found(&plan, FindingCode::Conflict);
        // Two that wish the same do not disagree.
        let told = said
            .iter()
            .any(|one| one.text.expose().contains("that stands"));
        assert_eq!(told, wish != SpaceWish::Remove, "{wish:?}: {said:?}");
    }
}

#[test]
fn what_was_set_in_a_space_is_not_taken_by_the_same_plan() {
    let mut world = holder();
    world.wish(row("a"), ladder(Ladder::StripSpaces));
    world.wish(user_row("u-a"), exactly("s", &["consumer"]));
    let plan = world.plan();
    assert_eq!(plan.operations.len(), 1, "{:?}", plan.operations);
}

#[test]
fn a_group_that_is_gone_and_roles_that_are_not_legal_stop_the_plan() {
    let mut world = team();
    world.wish(qlik_group(), exactly("s", &["codeveloper"]));
    let plan = world.plan();
    let said = found(&plan, FindingCode::IllegalRole);
    assert!(
        said[0]
            .text
            .expose()
            .contains("the group TEAM does not get it"),
        "{said:?}"
    );
    let mut world = team();
    let gone = Target::QlikGroup(GroupId::from("gone"));
    world.wish(gone, exactly("s", &["consumer"]));
    let plan = world.plan();
    assert_eq!(
        found(&plan, FindingCode::UnknownGroup)[0].severity,
        Severity::Error
    );
}
