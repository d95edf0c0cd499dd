//! Single rules of the planner, each with the smallest world that shows it.

use super::model::apply;
use super::world::*;
use crate::domain::*;
use crate::text::Raw;

pub(super) fn member_world() -> World {
    let mut world = World::new();
    for id in ["a", "b", "c"] {
        world.person(id);
        world.user(&format!("u-{id}"), id, None);
    }
    world.group("g", "TEAM", &[("a", &[]), ("b", &[]), ("c", &[])]);
    world.space("s", SpaceType::Shared);
    world.selection.groups = vec![DirectoryGroupId::from("g")];
    world
}

#[test]
fn all_marked_members_go_by_group_with_fewer_writes() {
    let mut world = member_world();
    for id in ["a", "b", "c"] {
        world.wish(row(id), in_space(Wish::default(), "s", &["consumer"]));
    }
    let plan = world.plan();
    assert_eq!(
        kinds(&plan),
        [("create_group", 1), ("add_space_assignment", 1)]
    );
    apply(&mut world, &plan);
    assert!(world.plan().operations.is_empty());
}

#[test]
fn one_member_unmarked_means_nobody_goes_by_group() {
    let mut world = member_world();
    for id in ["a", "b"] {
        world.wish(row(id), in_space(Wish::default(), "s", &["consumer"]));
    }
    world.known_group("q", "TEAM");
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_space_assignment", 2)]);
    assert!(plan.operations.iter().all(|one| match &one.change {
        Change::AddSpaceAssignment { target, .. } => matches!(target.assignee, Assignee::User(_)),
        _ => false,
    }));
}

#[test]
fn whoever_reaches_a_space_through_a_group_needs_nothing() {
    let mut world = member_world();
    world.known_group("q", "TEAM");
    world.assign("s", Assignee::Group(GroupId::from("q")), &["consumer"]);
    world.wish(row("a"), in_space(Wish::default(), "s", &["consumer"]));
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    assert_eq!(found(&plan, FindingCode::ReachedByGroup).len(), 1);
    world.wish(row("a"), in_space(Wish::default(), "s", &["producer"]));
    assert_eq!(kinds(&world.plan()), [("add_space_assignment", 1)]);
}

#[test]
fn two_groups_of_one_name_are_not_used() {
    let mut world = member_world();
    world.group("g2", "TEAM", &[("c", &[])]);
    world.wish(group("g"), in_space(Wish::default(), "s", &["consumer"]));
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_space_assignment", 3)]);
    assert_eq!(found(&plan, FindingCode::Conflict).len(), 1);
}

#[test]
fn group_claims_may_be_ids() {
    let mut world = member_world();
    world.known_group("q", "g");
    world.wish(group("g"), in_space(Wish::default(), "s", &["consumer"]));
    assert_eq!(kinds(&world.plan()), [("add_space_assignment", 1)]);
}

#[test]
fn a_group_never_demotes_but_a_row_does() {
    let mut world = member_world();
    world.seat("a", "professional");
    world.pool("professional", 1, 1);
    world.pool("analyzer", 5, 0);
    world.wish(group("g"), license("analyzer"));
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_license", 2)]);
    assert_eq!(found(&plan, FindingCode::KeepsHigherLicense).len(), 1);
    world.wish(row("a"), license("analyzer"));
    world.wish(row("b"), license("professional"));
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_license", 2), ("change_license", 1)]);
    assert_eq!(plan.summary.removals, 1);
    apply(&mut world, &plan);
    assert!(world.plan().operations.is_empty());
}

#[test]
fn freed_seats_are_given_in_the_same_plan_after_they_are_free() {
    let mut world = member_world();
    world.seat("a", "analyzer");
    world.pool("analyzer", 1, 1);
    world.wish(row("a"), ladder(Ladder::TakeLicense));
    world.wish(row("b"), license("analyzer"));
    let plan = world.plan();
    let order: Vec<OperationKind> = plan
        .operations
        .iter()
        .map(|one| one.change.kind())
        .collect();
    assert_eq!(
        order,
        [OperationKind::RemoveLicense, OperationKind::AddLicense]
    );
    apply(&mut world, &plan);
}

#[test]
fn a_moved_license_that_is_too_low_is_moved_then_changed() {
    let mut world = World::new();
    world.person("a");
    world.user("u", "OLD\\a", Some("a@corp.example"));
    world.seat("OLD\\a", "analyzer");
    world.pool("analyzer", 1, 1);
    world.pool("professional", 1, 0);
    world.rule.accept_email = true;
    world.wish(row("a"), license("professional"));
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("change_license", 1), ("move_license", 1)]);
    assert!(crate::planner::drift(&plan, &world.snapshot.tenant).is_empty());
    apply(&mut world, &plan);
    assert!(world.plan().operations.is_empty());
}

#[test]
fn protected_people_lose_nothing() {
    let mut world = World::new();
    world.pool("analyzer", 9, 4);
    world.space("s", SpaceType::Shared);
    for id in ["named", "robot", "admin1", "admin2"] {
        world.person(id);
        let user_id = format!("u-{id}");
        let user = world.user(&user_id, id, None);
        if id.starts_with("admin") {
            user.roles.push(RoleId::from("r-admin"));
        }
        world.seat(id, "analyzer");
        world.assign("s", Assignee::User(UserId::new(user_id)), &["consumer"]);
        world.wish(row(id), ladder(Ladder::Delete));
    }
    world.guards.protected = vec![Raw::from("NAMED@corp.example")];
    world.guards.allow_delete = true;
    world.selection.people = 100;
    let plan = world.plan();
    assert_eq!(plan.summary.removals, 0);
    assert!(found(&plan, FindingCode::Protected).len() >= 4);
}

#[test]
fn the_ladder_goes_down_in_order_and_delete_must_be_armed() {
    let mut world = member_world();
    world.seat("a", "analyzer");
    world.pool("analyzer", 9, 1);
    world.assign("s", Assignee::User(UserId::from("u-a")), &["consumer"]);
    world.wish(row("a"), ladder(Ladder::Delete));
    let plan = world.plan();
    assert_eq!(
        kinds(&plan),
        [
            ("disable_user", 1),
            ("remove_license", 1),
            ("remove_space_assignment", 1)
        ]
    );
    assert_eq!(found(&plan, FindingCode::DeleteNotArmed).len(), 1);
    world.guards.allow_delete = true;
    let plan = world.plan();
    assert_eq!(plan.operations.last().unwrap().needs.len(), 1);
    assert_eq!(
        kinds(&plan),
        [
            ("delete_user", 1),
            ("remove_license", 1),
            ("remove_space_assignment", 1)
        ]
    );
    apply(&mut world, &plan);
    let mut unread = world;
    unread.snapshot.tenant.assignments.clear();
    unread.wish(row("b"), ladder(Ladder::StripSpaces));
    assert_eq!(found(&unread.plan(), FindingCode::NotChecked).len(), 1);
}

#[test]
fn leavers_disabled_in_the_directory_can_lose_their_seat() {
    let mut world = World::new();
    world.person("a").enabled = Enabled::No;
    world.user("u", "a", None);
    world.seat("a", "analyzer");
    world.pool("analyzer", 1, 1);
    world.wish(row("a"), ladder(Ladder::TakeLicense));
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("remove_license", 1)]);
    assert_eq!(plan.summary.skipped, 0);
}

#[test]
fn a_seat_of_nobody_here_is_not_taken() {
    let mut world = World::new();
    world.seat("elsewhere", "analyzer");
    world.pool("analyzer", 1, 1);
    let seat = Target::Row(RowKey::Seat(Subject::from("elsewhere")));
    world.wish(seat, ladder(Ladder::TakeLicense));
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    let said = found(&plan, FindingCode::OrphanSeat);
    assert_eq!(
        said.len(),
        2,
        "the seat, and the question about all of them"
    );
}

#[test]
fn unread_or_unknown_spaces_are_errors_and_the_rest_goes_on() {
    let mut world = member_world();
    world.space("t", SpaceType::Shared);
    world
        .snapshot
        .tenant
        .assignments
        .remove(&SpaceId::from("t"));
    let wish = in_space(Wish::default(), "t", &["consumer"]);
    let wish = in_space(in_space(wish, "nope", &["consumer"]), "s", &["consumer"]);
    world.wish(row("a"), wish);
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_space_assignment", 1)]);
    for code in [FindingCode::NotChecked, FindingCode::UnknownSpace] {
        assert_eq!(found(&plan, code)[0].severity, Severity::Error);
    }
    assert!(!plan.sources[0].complete);
}

#[test]
fn owners_unknown_licenses_mails_and_guests_are_named() {
    let mut world = member_world();
    world.snapshot.tenant.spaces.value[0].owner = Some(UserId::from("u-a"));
    world.wish(row("a"), in_space(license("gold"), "s", &["consumer"]));
    world.person("guest").kind = PersonKind::Guest;
    world.person("m1").mail = Some(Raw::from("shared@corp.example"));
    world.person("m2").mail = Some(Raw::from("Shared@corp.example"));
    world.person("n").mail = None;
    world.person("taken");
    world.user("bot", "x", Some("taken@corp.example")).bot = true;
    for id in ["guest", "m1", "m2", "n", "taken"] {
        world.wish(
            row(id),
            Wish {
                provision: true,
                ..Wish::default()
            },
        );
    }
    world.pool("analyzer", 1, 0);
    let plan = world.plan();
    for (code, times) in [
        (FindingCode::OwnerHasAllRoles, 1),
        (FindingCode::UnknownLicense, 1),
        (FindingCode::GuestPerson, 1),
        (FindingCode::SharedMailbox, 2),
        (FindingCode::NoEmail, 1),
        (FindingCode::EmailTaken, 1),
    ] {
        assert_eq!(found(&plan, code).len(), times, "{code:?}");
    }
    assert_eq!(kinds(&plan), [("create_user", 2)]);
}

#[test]
fn disabled_records_are_enabled_by_hand_only() {
    let mut world = member_world();
    let user = world.user("u-d", "d", None);
    user.status = UserStatus::Disabled;
    world.person("d");
    world.pool("analyzer", 1, 0);
    world.wish(row("d"), license("analyzer"));
    let plan = world.plan();
    assert_eq!(found(&plan, FindingCode::UserDisabled).len(), 1);
    assert!(plan.operations.is_empty());
    world.wish(
        row("d"),
        Wish {
            provision: true,
            ..license("analyzer")
        },
    );
    assert_eq!(
        kinds(&world.plan()),
        [("update_user", 1), ("add_license", 1)]
    );
}

#[test]
fn roles_are_the_whole_list_and_go_inside_create() {
    let mut world = member_world();
    world.snapshot.tenant.roles.value.push(Role {
        id: RoleId::from("r2"),
        name: Raw::from("SharedSpaceCreator"),
        level: RoleLevel::User,
    });
    world.user("u-e", "e", None).roles.push(RoleId::from("r9"));
    world.person("e");
    world.person("new");
    let wish = Wish {
        roles: [RoleId::from("r2")].into(),
        ..Wish::default()
    };
    world.wish(row("e"), wish.clone());
    world.wish(row("new"), wish);
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("create_user", 1), ("set_roles", 1)]);
    let Change::SetRoles { after, .. } = &plan.operations[1].change else {
        panic!("roles come after users");
    };
    assert_eq!(after.roles, [RoleId::from("r2"), RoleId::from("r9")]);
    let why = plan.operations[1].why.expose();
    assert_eq!(why, "adds SharedSpaceCreator, beside the roles held");
    world.snapshot.tenant.roles.proof = Completeness::Unread;
    assert_eq!(kinds(&world.plan()), [("create_user", 1)]);
}

#[test]
fn switches_come_first_and_are_warned_about() {
    let mut world = member_world();
    world.pool("analyzer", 5, 0);
    world.snapshot.tenant.licensing.value.auto_assign = Some(AutoAssign {
        professional: false,
        analyzer: true,
    });
    world.wish(row("a"), license("analyzer"));
    assert_eq!(found(&world.plan(), FindingCode::AutoAssignOn).len(), 1);
    world.staging.auto_assign = Some(AutoAssign::default());
    let plan = world.plan();
    assert_eq!(
        plan.operations[0].change.kind(),
        OperationKind::SetAutoAssign
    );
    assert!(found(&plan, FindingCode::AutoAssignOn).is_empty());
}

#[test]
fn users_without_a_person_can_be_served() {
    let mut world = World::new();
    world.user("u", "local", None);
    world.pool("analyzer", 1, 0);
    world.wish(user_row("u"), license("analyzer"));
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_license", 1)]);
    world.wish(user_row("gone"), license("analyzer"));
    assert_eq!(found(&world.plan(), FindingCode::UnknownPerson).len(), 1);
}

#[test]
fn what_somebody_owns_is_named_before_anything_is_taken_from_them() {
    let mut world = World::new();
    for id in ["a", "b"] {
        world.person(id);
        world.user(&format!("u-{id}"), id, None);
        world.wish(row(id), ladder(Ladder::TakeLicense));
    }
    for id in ["s2", "s1", "s3"] {
        world.space(id, SpaceType::Shared);
    }
    for space in &mut world.snapshot.tenant.spaces.value {
        let owner = if space.id.expose() == "s3" {
            "u-b"
        } else {
            "u-a"
        };
        space.owner = Some(owner.into());
    }
    let owned = |world: &World| {
        let plan = world.plan();
        let found = plan.findings.iter();
        let found = found.filter(|one| one.code == FindingCode::OwnsContent);
        let told = found.map(|one| one.text.show().to_string());
        told.collect::<Vec<_>>()
    };
    let told = owned(&world);
    assert_eq!(told.len(), 2);
    assert!(
        told[0].starts_with("owns Space s1, Space s2; apps"),
        "{told:?}"
    );
    world.staging = Staging::default();
    assert!(owned(&world).is_empty(), "nothing is taken");
}

#[test]
fn a_seat_that_the_next_sign_in_takes_again_is_warned_about() {
    let mut world = member_world();
    world.pool("analyzer", 5, 1);
    world.seat("a", "analyzer");
    world.snapshot.tenant.licensing.value.auto_assign = Some(AutoAssign {
        professional: true,
        analyzer: false,
    });
    world.wish(row("a"), ladder(Ladder::TakeLicense));
    assert_eq!(found(&world.plan(), FindingCode::AutoAssignOn).len(), 1);
    world.staging.auto_assign = Some(AutoAssign::default());
    assert!(found(&world.plan(), FindingCode::AutoAssignOn).is_empty());
}
