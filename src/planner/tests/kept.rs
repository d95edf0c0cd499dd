//! What stays where it is although somebody wished it gone, and what is said about it.

use super::small::member_world;
use super::world::*;
use crate::domain::*;
use crate::text::{Raw, show_str};

/// A group with a role in a space that shall lose it.
fn leaving() -> World {
    let mut world = member_world();
    let mut wish = Wish::default();
    wish.spaces.insert("s".into(), SpaceWish::Remove);
    world.wish(group("g"), wish);
    world.selection.people = 500;
    world
}

fn in_the_space() -> World {
    let mut world = leaving();
    world.known_group("q", "TEAM");
    world.assign("s", Assignee::Group("q".into()), &["consumer"]);
    world
}

fn doubt(count: Option<u64>, of_tenant: bool) -> Doubt {
    Doubt {
        what: Raw::from("SALES"),
        cause: "was read otherwise before".to_owned(),
        count,
        of_tenant,
    }
}

#[test]
fn a_record_that_scim_keeps_is_not_touched() {
    let mut world = World::new();
    world.person("a");
    world.user("u-a", "a", None).status = UserStatus::Provisioned;
    world.wish(row("a"), ladder(Ladder::Disable));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::NotChecked);
    assert!(said[0].text.expose().contains("kept by SCIM"), "{said:?}");
}

#[test]
fn a_group_that_is_nowhere_has_nothing_to_lose() {
    let plan = leaving().plan();
    assert!(plan.operations.is_empty(), "Qlik knows no such group");
    let mut world = leaving();
    world.known_group("q", "TEAM");
    assert!(world.plan().operations.is_empty(), "it is not in the space");
    assert_eq!(
        kinds(&in_the_space().plan()),
        [("remove_space_assignment", 1)]
    );
}

#[test]
fn a_doubt_keeps_the_group_in_its_space() {
    let mut world = in_the_space();
    world.past.doubts = vec![doubt(Some(8), false)];
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::SourceDoubt);
    let kept = said
        .iter()
        .any(|one| one.text.expose().contains("the group stays in Space s"));
    assert!(kept, "{said:?}");
}

#[test]
fn a_group_that_was_not_read_whole_keeps_its_assignment() {
    let mut world = in_the_space();
    let members = &mut world.snapshot.directory.members;
    let team = members.get_mut(&DirectoryGroupId::from("g")).unwrap();
    team.proof = Completeness::incomplete(&show_str("the connection was cut"));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::IncompleteSource);
    assert!(
        said.iter()
            .any(|one| one.text.expose().contains("stays in Space s")),
        "{said:?}"
    );
}

#[test]
fn without_all_groups_nobody_knows_whose_the_name_is() {
    let mut world = in_the_space();
    world.snapshot.directory.groups.proof = Completeness::incomplete(&show_str("page 2 failed"));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::IncompleteSource);
    let kept = said.iter().any(|one| {
        let text = one.text.expose();
        text.contains("page 2 failed") && text.contains("own assignment stays")
    });
    assert!(kept, "{said:?}");
}

#[test]
fn a_doubt_says_what_helps_against_it() {
    for (doubt, hint) in [
        (doubt(Some(8), false), "confirm that it is really so"),
        (doubt(None, true), "when the tenant is quiet"),
        (doubt(None, false), "look at the source, then refresh"),
    ] {
        let mut world = leaving();
        world.past.doubts = vec![doubt];
        let plan = world.plan();
        let said = found(&plan, FindingCode::SourceDoubt);
        assert!(said[0].hint.expose().contains(hint), "{said:?}");
    }
}

#[test]
fn a_group_whose_members_nobody_read_forbids_the_plan() {
    let mut world = leaving();
    world.snapshot.directory.members.clear();
    let plan = world.plan();
    let said = found(&plan, FindingCode::UnknownGroup);
    assert_eq!(said.len(), 1, "{:?}", plan.findings);
    assert_eq!(said[0].severity, Severity::Error);
    assert_eq!(said[0].who.expose(), "TEAM");
}

/// Which lists of the tenant a plan calls cut short.
fn cut(world: &World) -> Vec<String> {
    let plan = world.plan();
    let said = found(&plan, FindingCode::IncompleteSource).into_iter();
    let of_tenant = said.filter(|one| one.text.expose().contains("of the tenant"));
    of_tenant.map(|one| one.who.expose().to_owned()).collect()
}

#[test]
fn a_list_that_was_cut_is_told_where_something_relies_on_it() {
    let blank = || {
        let mut world = member_world();
        let cause = Completeness::incomplete(&show_str("page 2 failed"));
        world.snapshot.tenant.users.proof = cause.clone();
        world.snapshot.tenant.licensing.proof = cause.clone();
        world.snapshot.tenant.groups.proof = cause;
        world
    };
    let with = |target, wish| {
        let mut world = blank();
        world.wish(target, wish);
        cut(&world)
    };
    let mut leaves = Wish::default();
    leaves.spaces.insert("s".into(), SpaceWish::Remove);
    let joins = || in_space(Wish::default(), "s", &["consumer"]);
    assert_eq!(cut(&blank()), [""; 0], "nothing is wished");
    assert_eq!(with(row("a"), license("analyzer")), ["users", "licenses"]);
    assert_eq!(
        with(row("a"), ladder(Ladder::Disable)),
        ["users", "licenses"]
    );
    assert_eq!(with(row("a"), joins()), ["users"], "a person is no group");
    assert_eq!(
        with(group("g"), leaves),
        ["users"],
        "nothing is given to it"
    );
    assert_eq!(with(group("g"), joins()), ["users", "groups"]);
}

#[test]
fn whoever_is_nowhere_is_named_and_nobody_else() {
    let mut world = member_world();
    world.wish(row("a"), ladder(Ladder::Disable));
    world.wish(row("stranger"), ladder(Ladder::Disable));
    let plan = world.plan();
    let said = found(&plan, FindingCode::UnknownPerson);
    let named: Vec<&str> = said.iter().map(|one| one.who.expose()).collect();
    assert_eq!(named, ["stranger"]);
}

/// Somebody holds a role that this kind of space does not take, and shall get another one.
fn holds_what_is_not_taken() -> World {
    let mut world = World::new();
    world.person("d");
    world.user("u", "d", Some("d@corp.example"));
    world.space("s", SpaceType::Managed);
    world.assign("s", Assignee::User("u".into()), &["consumer", "producer"]);
    world.wish(row("d"), in_space(Wish::default(), "s", &["contributor"]));
    world.guards.allow_removals = Some(1);
    world.selection.people = 500;
    world
}

#[test]
fn a_role_that_the_space_does_not_take_is_not_written_again() {
    let plan = holds_what_is_not_taken().plan();
    let Change::ChangeSpaceAssignment { after, .. } = &plan.operations[0].change else {
        panic!("{:?}", plan.operations);
    };
    let roles: Vec<&str> = after.iter().map(SpaceRole::expose).collect();
    assert_eq!(
        roles,
        ["consumer", "contributor"],
        "the tenant would refuse producer"
    );
    assert_eq!(plan.summary.removals, 1, "somebody loses what they had");
    let told = found(&plan, FindingCode::RolesReplaced)[0].hint.expose();
    assert!(
        told.ends_with("producer is not legal in a managed space"),
        "{told}"
    );
}

#[test]
fn a_role_that_the_space_does_not_take_stays_where_nothing_may_be_taken() {
    let mut shielded = holds_what_is_not_taken();
    shielded.guards.protected = vec!["d@corp.example".into()];
    let mut doubted = holds_what_is_not_taken();
    doubted.past.doubts = vec![doubt(Some(8), false)];
    let mut cut = holds_what_is_not_taken();
    cut.snapshot.tenant.roles.proof = Completeness::incomplete(&show_str("page 2 failed"));
    for (world, code) in [
        (shielded, FindingCode::Protected),
        (doubted, FindingCode::SourceDoubt),
        (cut, FindingCode::IncompleteSource),
    ] {
        let plan = world.plan();
        assert!(plan.operations.is_empty(), "{:?}", plan.operations);
        assert!(!found(&plan, code).is_empty(), "{:?}", plan.findings);
    }
}

#[test]
fn a_role_that_the_space_does_not_take_goes_by_no_list_of_people() {
    let mut world = holds_what_is_not_taken();
    world.staging.wishes.clear();
    world.wish(
        Target::AllPeople,
        in_space(Wish::default(), "s", &["contributor"]),
    );
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::IllegalRole);
    assert!(said[0].text.expose().contains("holds producer"), "{said:?}");
}

#[test]
fn whoever_gains_while_something_goes_is_looked_at_too() {
    let mut world = holds_what_is_not_taken();
    let twin = world.user("u-twin", "twin", None);
    twin.name = Raw::from("Person d");
    twin.roles.push(RoleId::from("r-admin"));
    let plan = world.plan();
    assert_eq!(
        found(&plan, FindingCode::LookAlike).len(),
        1,
        "{:?}",
        plan.findings
    );
}

#[test]
fn a_group_with_a_role_that_the_space_does_not_take_keeps_it() {
    let mut world = member_world();
    world.space("m", SpaceType::Managed);
    world.known_group("q", "TEAM");
    world.assign("m", Assignee::Group("q".into()), &["producer"]);
    world.wish(group("g"), in_space(Wish::default(), "m", &["consumer"]));
    world.selection.people = 500;
    let plan = world.plan();
    let of_group = |one: &Operation| matches!(&one.change, Change::ChangeSpaceAssignment { .. });
    assert!(
        !plan.operations.iter().any(of_group),
        "{:?}",
        plan.operations
    );
    assert_eq!(plan.summary.removals, 0);
    let said = found(&plan, FindingCode::IllegalRole);
    let text = said[0].text.expose();
    assert!(text.starts_with("TEAM holds producer"), "{text}");
}

#[test]
fn a_space_that_was_not_read_is_told_for_those_who_may_be_in_it() {
    let told = |has_record: bool| {
        let mut world = World::new();
        world.person("a");
        if has_record {
            world.user("u-a", "a", None);
        }
        world.space("s", SpaceType::Shared);
        let rows = world
            .snapshot
            .tenant
            .assignments
            .get_mut(&SpaceId::from("s"));
        rows.unwrap().proof = Completeness::incomplete(&show_str("page 2 failed"));
        world.wish(row("a"), ladder(Ladder::StripSpaces));
        let plan = world.plan();
        let said = found(&plan, FindingCode::NotChecked).into_iter();
        said.filter(|one| one.text.expose().contains("assignments there stay"))
            .count()
    };
    assert_eq!((told(true), told(false)), (1, 0));
}

#[test]
fn whoever_was_accepted_as_a_user_is_protected_in_their_group() {
    let mut world = in_the_space();
    world.person("glass").upn = Some(Raw::from("glass@login.example"));
    let user = world.user("u-glass", "another", None);
    user.groups.push(GroupId::from("q"));
    world.guards.protected = vec!["glass@login.example".into()];
    assert_eq!(world.plan().summary.removals, 1, "nobody knows yet");
    let accepted = &mut world.staging.accepted;
    accepted.insert(PersonId::from("glass"), UserId::from("u-glass"));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    assert_eq!(found(&plan, FindingCode::Protected).len(), 1);
}
