//! The acceptance scenarios that a plan alone can show, with their numbers.

use super::model::apply;
use super::world::*;
use crate::domain::*;
use crate::planner::roster::Scope;
use crate::planner::{CheckState, DriftKind, drift, first_login};
use crate::text::Raw;

/// S1's start: 40 people, 4 nested, 2 disabled, 6 known under an old subject, 5 of them licensed.
pub(super) fn onboarding() -> World {
    let mut world = World::new();
    let ids: Vec<String> = (0..40).map(|number| format!("p{number:02}")).collect();
    let mut members: Vec<(&str, &[&str])> = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let person = world.person(id);
        if number == 10 || number == 11 {
            person.enabled = Enabled::No;
        }
        members.push((id, if number < 4 { &["g-nested"] } else { &[] }));
    }
    world.group(
        "g-nested",
        "Finance_EMEA",
        &[("p00", &[]), ("p01", &[]), ("p02", &[]), ("p03", &[])],
    );
    world.group("g", "QLIK_ANALYZERS", &members);
    for number in 20..26 {
        let old = format!("CORP\\p{number}");
        let mail = format!("P{number}@corp.example");
        world.user(&format!("u{number}"), &old, Some(&mail));
        world.staging.accepted.insert(
            PersonId::new(format!("p{number}")),
            UserId::new(format!("u{number}")),
        );
        if number < 25 {
            world.seat(&old, "analyzer");
        }
    }
    world.pool("analyzer", 35, 5);
    world.space("fin", SpaceType::Managed);
    world.wish(
        group("g"),
        in_space(license("analyzer"), "fin", &["consumer"]),
    );
    world
}

#[test]
fn s1_onboarding() {
    let mut world = onboarding();
    let plan = world.plan();
    assert_eq!(
        kinds(&plan),
        [
            ("create_user", 32),
            ("add_license", 30),
            ("move_license", 5),
            ("create_group", 1),
            ("add_space_assignment", 5),
        ]
    );
    assert_eq!((plan.summary.people, plan.summary.skipped), (40, 2));
    assert_eq!((plan.summary.waiting, plan.summary.removals), (3, 0));
    assert_eq!(found(&plan, FindingCode::DisabledPerson).len(), 2);
    let waiting = found(&plan, FindingCode::WaitsForSeat);
    assert_eq!(waiting.len(), 3);
    assert!(
        waiting[0]
            .text
            .expose()
            .contains("(1st of 3): 30 analyzer seats left for 33")
    );
    assert!(waiting[2].who.expose().contains("Person p39"));
    let nested: Vec<&Operation> = plan
        .operations
        .iter()
        .filter(|operation| operation.why.expose().contains("Finance_EMEA"))
        .collect();
    assert_eq!(nested.len(), 4);
    let outlook = world.outlook();
    let meter = &outlook.meters()[0];
    assert_eq!(
        (meter.used, meter.staged, meter.total, meter.short.len()),
        (5, 33, 35, 3)
    );

    apply(&mut world, &plan);
    let again = world.plan();
    assert!(again.operations.is_empty(), "{:?}", again.operations);
    assert_eq!(again.summary.waiting, 3);
    let outlook = world.outlook();
    let people = world.snapshot.directory.people.value.keys();
    let rows = people.filter_map(|id| outlook.of(&RowKey::Person(id.clone())));
    let spaces: usize = rows.map(|row| row.spaces_added).sum();
    assert_eq!(spaces, 0, "the group reaches its direct members");
    assert_eq!(world.snapshot.tenant.users.value.len(), 38);
}

#[test]
fn s1_unaccepted_matches_are_skipped_and_named() {
    let mut world = onboarding();
    world.staging.accepted.clear();
    let plan = world.plan();
    let candidates = found(&plan, FindingCode::EmailCandidate);
    assert_eq!(candidates.len(), 6);
    assert!(candidates[0].text.expose().contains("CORP\\p20"));
    assert_eq!(plan.summary.skipped, 8);
    assert_eq!(
        plan.summary.kinds.get(&OperationKind::CreateUser),
        Some(&32)
    );
    assert_eq!(plan.summary.kinds.get(&OperationKind::MoveLicense), None);
}

#[test]
fn s1_left_out_and_fall_back() {
    let mut world = onboarding();
    world.staging.short = ShortStock::LeaveOut;
    let plan = world.plan();
    assert_eq!((plan.summary.waiting, plan.summary.skipped), (0, 5));
    assert_eq!(
        plan.summary.kinds.get(&OperationKind::CreateUser),
        Some(&29)
    );
    world.pool("professional", 12, 10);
    world.staging.short = ShortStock::FallBack(vec![LicenseType::from("professional")]);
    let plan = world.plan();
    assert_eq!(found(&plan, FindingCode::FellBack).len(), 2);
    assert_eq!(plan.summary.waiting, 1);
    apply(&mut world, &plan);
}

/// Whose check, and what failed with which key.
type Failed = (String, Vec<(String, Option<char>)>);

#[test]
fn s2_each_fails_with_one_cause() {
    let mut world = World::new();
    for id in ["a", "b", "c", "d", "e"] {
        world.person(id);
        let user = world.user(&format!("u-{id}"), id, None);
        if id == "e" {
            user.status = UserStatus::Disabled;
        }
        if id != "b" {
            world.seat(id, "analyzer");
        }
    }
    world.pool("analyzer", 10, 4);
    world.known_group("q", "QLIK");
    world.group("sub", "SUB", &[("c", &[])]);
    world.group(
        "g",
        "QLIK",
        &[
            ("a", &[]),
            ("b", &[]),
            ("c", &["sub"]),
            ("d", &[]),
            ("e", &[]),
        ],
    );
    world.space("fin", SpaceType::Managed);
    world.assign("fin", Assignee::Group(GroupId::from("q")), &["consumer"]);
    world.wish(row("d"), in_space(Wish::default(), "fin", &["producer"]));
    let marked = [DirectoryGroupId::from("g")];
    let roster = world.index().roster(
        &world.snapshot,
        &Scope::Groups(marked.to_vec()),
        &world.staging.accepted,
    );
    let outlook = world.outlook();
    let failed: Vec<Failed> = roster
        .rows
        .iter()
        .map(|row| {
            let checks = first_login(&world.snapshot, row, &world.staging, &outlook, &marked);
            assert!(
                checks
                    .iter()
                    .all(|check| check.state != CheckState::Unknown)
            );
            let failed = checks
                .iter()
                .filter(|check| check.state == CheckState::Failed)
                .map(|check| (check.what.words().to_owned(), check.mend))
                .collect();
            (row.name().unwrap().expose().to_owned(), failed)
        })
        .collect();
    let one = |name: &str, what: &str, key| {
        (format!("Person {name}"), vec![(what.to_owned(), Some(key))])
    };
    assert_eq!(
        failed,
        [
            ("Person a".to_owned(), vec![]),
            one("b", "license", 'l'),
            one("c", "direct member", 's'),
            one("d", "role legal in space", 's'),
            one("e", "enabled in Qlik", 'n'),
        ]
    );
}

#[test]
fn s8_a_colleague_was_faster() {
    let mut world = World::new();
    for number in 0..30 {
        let id = format!("p{number:02}");
        world.person(&id);
        world.user(&format!("u{number}"), &id, None);
        world.wish(row(&id), license("analyzer"));
    }
    world.pool("analyzer", 30, 0);
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("add_license", 30)]);
    assert!(drift(&plan, &world.snapshot.tenant).is_empty());

    for number in 0..12 {
        let subject = if number < 2 {
            format!("p{number:02}")
        } else {
            format!("other{number}")
        };
        world.seat(&subject, "analyzer");
    }
    world.snapshot.tenant.licensing.value.allotments[0].used = 12;
    let rows = drift(&plan, &world.snapshot.tenant);
    let count = |kind| rows.iter().filter(|row| row.drift == kind).count();
    assert_eq!(
        (count(DriftKind::Already), count(DriftKind::NoSeat)),
        (2, 10)
    );
    assert_eq!(rows.len(), 12);
    let again = world.plan();
    assert_eq!(kinds(&again), [("add_license", 18)]);
    assert_eq!(again.summary.waiting, 10);
}

#[test]
fn s10_one_group_twelve_spaces() {
    let mut world = World::new();
    let ids: Vec<String> = (0..40).map(|number| format!("p{number:02}")).collect();
    let members: Vec<(&str, &[&str])> =
        ids.iter().map(|id| (id.as_str(), &[] as &[&str])).collect();
    for id in &ids {
        world.person(id);
        world.user(&format!("u-{id}"), id, None);
        world.seat(id, "analyzer");
    }
    world.pool("analyzer", 50, 40);
    world.known_group("q", "QLIK");
    world.group("g", "QLIK", &members);
    let mut wish = Wish::default();
    for number in 0..12 {
        let kind = match number {
            0..5 => SpaceType::Shared,
            5..10 => SpaceType::Managed,
            _ => SpaceType::Data,
        };
        let id = format!("s{number:02}");
        world.space(&id, kind);
        wish = in_space(wish, &id, &["producer"]);
        if number < 2 || number == 10 {
            world.assign(&id, Assignee::Group(GroupId::from("q")), &["consumer"]);
        }
    }
    world.wish(group("g"), wish);
    let plan = world.plan();
    assert_eq!(
        kinds(&plan),
        [("add_space_assignment", 4), ("change_space_assignment", 3)]
    );
    let illegal = found(&plan, FindingCode::IllegalRole);
    assert_eq!(illegal.len(), 5);
    assert_eq!(
        illegal[0].hint.expose(),
        "nearest legal: contributor, publisher"
    );
    let replaced = found(&plan, FindingCode::RolesReplaced);
    assert_eq!(replaced.len(), 3);
    assert!(
        replaced[0]
            .text
            .expose()
            .ends_with("roles will be replaced: consumer to consumer + producer")
    );
    assert_eq!(found(&plan, FindingCode::PointlessRole).len(), 1);
    let count = found(&plan, FindingCode::WriteCount);
    assert_eq!(
        count[0].text.expose(),
        "7 writes by group against 280 by person: about 1 s against 7 s"
    );
    assert_eq!(plan.summary.removals, 0);
    apply(&mut world, &plan);
    assert!(world.plan().operations.is_empty());
}

#[test]
fn s11_capacity() {
    let mut world = World::new();
    world.snapshot.tenant.licensing.value.model = SubscriptionModel::Capacity;
    world.pool("fullUser", 500, 488);
    for number in 0..20 {
        let id = format!("p{number:02}");
        world.person(&id);
        world.wish(row(&id), license("professional"));
    }
    world.staging.auto_assign = Some(AutoAssign {
        professional: true,
        analyzer: false,
    });
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("create_user", 20)]);
    let capacity = found(&plan, FindingCode::CapacityTenant);
    assert!(
        capacity[0]
            .text
            .expose()
            .ends_with("20 new people, 12 left: 8 short")
    );
    let outlook = world.outlook();
    let meter = &outlook.meters()[0];
    assert_eq!((meter.total - meter.used, meter.short.len()), (12, 8));
}

#[test]
fn s16_three_before_the_board_meeting() {
    let mut world = World::new();
    for id in ["x1", "x2", "x3", "other"] {
        world.person(id);
    }
    world.pool("professional", 5, 0);
    world.space("board", SpaceType::Managed);
    for id in ["x1", "x2", "x3"] {
        world.wish(
            row(id),
            in_space(license("professional"), "board", &["consumer"]),
        );
    }
    let plan = world.plan();
    assert_eq!(
        kinds(&plan),
        [
            ("create_user", 3),
            ("add_license", 3),
            ("add_space_assignment", 3)
        ]
    );
    assert_eq!(plan.summary.people, 3);
    let ids: Vec<&str> = plan.operations.iter().map(|one| one.id.expose()).collect();
    assert_eq!(ids.first(), Some(&"op-0001"));
    let outside = found(&plan, FindingCode::NotInApprovedGroup);
    assert_eq!(outside.len(), 1);
    assert!(outside[0].who.expose().contains("Person x1"));
    assert!(
        !plan
            .findings
            .iter()
            .any(|finding| finding.who.expose().contains("other"))
    );
    apply(&mut world, &plan);
    assert!(world.plan().operations.is_empty());
}

#[test]
fn s4_removals_need_proof_and_stop_above_the_limit() {
    let mut world = World::new();
    for number in 0..10 {
        let id = format!("p{number}");
        world.person(&id);
        world.user(&format!("u{number}"), &id, None);
        world.seat(&id, "analyzer");
    }
    world.pool("analyzer", 10, 10);
    for number in 0..3 {
        world.wish(row(&format!("p{number}")), ladder(Ladder::TakeLicense));
    }
    world.selection.people = 10;
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    let guard = found(&plan, FindingCode::RemovalGuard);
    assert_eq!(guard[0].severity, Severity::Error);
    world.guards.allow_removals = Some(3);
    assert_eq!(world.plan().summary.removals, 3);
    world.guards.allow_removals = None;
    world.selection.people = 15;
    let plan = world.plan();
    assert_eq!(plan.summary.removals, 3);
    assert_eq!(
        found(&plan, FindingCode::RemovalGuard)[0].severity,
        Severity::Warning
    );
    world.snapshot.tenant.licensing.proof = Completeness::Incomplete("page 3 failed".to_owned());
    let plan = world.plan();
    assert_eq!(plan.summary.removals, 0);
    let named: Vec<&Raw> = found(&plan, FindingCode::IncompleteSource)
        .iter()
        .map(|one| &one.who)
        .collect();
    assert!(named.len() >= 3);
}
