//! What holds for every plan: it fulfils itself, does not depend on the order of pages, takes
//! nothing on an unproven read, nothing from the protected, and stays as it was written.

use proptest::prelude::*;

use super::model::apply;
use super::world::*;
use crate::domain::*;
use crate::planner::file::{parse, to_json};
use crate::text::Raw;

/// How one of nine people starts and what is wished for them.
#[derive(Clone, Debug)]
struct Start {
    user: u8,
    seat: u8,
    enabled: bool,
    wish: u8,
    space: u8,
    member: u8,
}

fn start() -> impl Strategy<Value = Start> {
    (
        0u8..4,
        0u8..3,
        prop::bool::weighted(0.85),
        0u8..9,
        0u8..8,
        0u8..4,
    )
        .prop_map(|(user, seat, enabled, wish, space, member)| Start {
            user,
            seat,
            enabled,
            wish,
            space,
            member,
        })
}

fn world(starts: &[Start], group_wish: u8, room: i64, short: u8) -> World {
    let mut world = World::new();
    world.rule.accept_email = true;
    world.guards.stop_percent = 100;
    world.selection.groups = vec![DirectoryGroupId::from("g")];
    world.space("s", SpaceType::Shared);
    world.space("m", SpaceType::Managed);
    let (mut analyzers, mut professionals) = (0, 0);
    let ids: Vec<String> = (0..starts.len()).map(|at| format!("p{at}")).collect();
    let mut members: Vec<(&str, &[&str])> = Vec::new();
    for (id, start) in ids.iter().zip(starts) {
        world.person(id).enabled = if start.enabled {
            Enabled::Yes
        } else {
            Enabled::No
        };
        let subject = if start.user == 3 {
            format!("OLD\\{id}")
        } else {
            id.clone()
        };
        if start.user > 0 {
            let mail = format!("{id}@corp.example");
            let user = world.user(&format!("u-{id}"), &subject, Some(&mail));
            if start.user == 2 {
                user.status = UserStatus::Disabled;
            }
        }
        match start.seat {
            1 => {
                world.seat(&subject, "analyzer");
                analyzers += 1;
            }
            2 => {
                world.seat(&subject, "professional");
                professionals += 1;
            }
            _ => {}
        }
        let assigned = Assignee::User(UserId::new(format!("u-{id}")));
        if start.user > 0 && start.space & 1 == 1 {
            world.assign("s", assigned.clone(), &["consumer"]);
        }
        if start.user > 0 && start.space & 4 == 4 {
            world.assign("m", assigned, &["consumer"]);
        }
        match start.member {
            1 | 2 => members.push((id, &[])),
            3 => members.push((id, &["h"])),
            _ => {}
        }
        let wish = own_wish(start);
        if !wish.is_empty() {
            world.wish(row(id), wish);
        }
    }
    world.group("g", "TEAM", &members);
    match group_wish {
        1 => world.wish(group("g"), license("analyzer")),
        2 => world.wish(
            group("g"),
            in_space(license("professional"), "m", &["consumer", "producer"]),
        ),
        3 => world.wish(group("g"), ladder(Ladder::StripSpaces)),
        _ => {}
    }
    world.pool("analyzer", analyzers + room, analyzers);
    world.pool("professional", professionals + room / 2, professionals);
    world.staging.short = match short {
        1 => ShortStock::LeaveOut,
        2 => ShortStock::FallBack(vec![LicenseType::from("analyzer")]),
        _ => ShortStock::Wait,
    };
    world
}

fn own_wish(start: &Start) -> Wish {
    let wish = match start.wish {
        1 => license("analyzer"),
        2 => license("professional"),
        3 => ladder(Ladder::TakeLicense),
        4 => ladder(Ladder::Disable),
        5 => ladder(Ladder::StripSpaces),
        6 => Wish {
            provision: true,
            ..Wish::default()
        },
        _ => Wish::default(),
    };
    if start.space & 2 == 2 && wish.ladder.is_none() {
        in_space(wish, "s", &["producer"])
    } else {
        wish
    }
}

/// A plan in few words, for a failing case.
fn brief(plan: &Plan) -> Vec<String> {
    plan.operations
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one.change.kind().word(),
                serde_json::to_string(&one.change).unwrap()
            )
        })
        .collect()
}

fn worlds() -> impl Strategy<Value = World> {
    (
        prop::collection::vec(start(), 1..9),
        0u8..4,
        0i64..5,
        0u8..3,
    )
        .prop_map(|(starts, group, room, short)| world(&starts, group, room, short))
}

/// The world with every list in another order.
fn shuffled(mut world: World) -> World {
    let tenant = &mut world.snapshot.tenant;
    tenant.users.value.reverse();
    tenant.groups.value.reverse();
    tenant.spaces.value.reverse();
    tenant.licensing.value.assignments.reverse();
    tenant.licensing.value.allotments.reverse();
    for reading in tenant.assignments.values_mut() {
        reading.value.reverse();
    }
    world.snapshot.directory.groups.value.reverse();
    for reading in world.snapshot.directory.members.values_mut() {
        reading.value.reverse();
    }
    world
}

fn unproven(mut world: World) -> World {
    let cause = || Completeness::Incomplete("cut short".to_owned());
    let tenant = &mut world.snapshot.tenant;
    tenant.users.proof = cause();
    tenant.licensing.proof = cause();
    for reading in tenant.assignments.values_mut() {
        reading.proof = cause();
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_plan_fulfils_itself(mut world in worlds()) {
        let plan = world.plan();
        prop_assert!(crate::planner::drift(&plan, &world.snapshot.tenant).is_empty());
        apply(&mut world, &plan);
        let again = world.plan();
        prop_assert!(again.operations.is_empty(), "{:?}\nafter {:?}", brief(&again), brief(&plan));
        prop_assert!(crate::planner::drift(&plan, &world.snapshot.tenant).len() >= plan.operations.len().min(1));
    }

    #[test]
    fn the_order_of_pages_does_not_matter(world in worlds()) {
        let plan = world.plan();
        prop_assert_eq!(plan, shuffled(world).plan());
    }

    #[test]
    fn an_unproven_read_takes_nothing(world in worlds()) {
        let plan = unproven(world.clone()).plan();
        prop_assert_eq!(plan.summary.removals, 0);
        let mut partial = world;
        let id = DirectoryGroupId::from("g");
        partial.staging.wishes.retain(|target, _| matches!(target, Target::Group(_)));
        partial.snapshot.directory.members.get_mut(&id).unwrap().proof = Completeness::Unread;
        prop_assert_eq!(partial.plan().summary.removals, 0);
    }

    #[test]
    fn the_protected_lose_nothing(mut world in worlds(), at in 0usize..9) {
        let id = format!("p{at}");
        world.guards.protected = vec![Raw::new(id.clone())];
        let plan = world.plan();
        let touched = plan.operations.iter().filter(|one| one.change.is_removal()).any(|one| {
            let text = serde_json::to_string(&one.change).unwrap();
            text.contains(&format!("u-{id}\"")) || text.contains(&format!("\"{id}\"")) || text.contains(&format!("\\\\{id}\""))
        });
        prop_assert!(!touched, "{:#?}", plan.operations);
    }

    #[test]
    fn the_meter_agrees_with_the_plan(world in worlds()) {
        let plan = world.plan();
        let outlook = world.outlook();
        let short: usize = outlook.meters().iter().map(|meter| meter.short.len()).sum();
        let named = [FindingCode::WaitsForSeat, FindingCode::FellBack, FindingCode::LeftOut];
        let found = plan.findings.iter().filter(|one| named.contains(&one.code)).count();
        prop_assert_eq!(short, found);
    }

    #[test]
    fn the_file_is_the_plan(world in worlds()) {
        let plan = world.plan();
        prop_assert_eq!(parse(to_json(&plan).as_bytes()).unwrap(), plan);
    }

    #[test]
    fn any_changed_byte_is_noticed(world in worlds(), at in any::<prop::sample::Index>(), byte in 0x20u8..0x7f) {
        let text = to_json(&world.plan()).into_bytes();
        let mut edited = text.clone();
        let at = at.index(edited.len());
        edited[at] = byte;
        let same = serde_json::from_slice::<serde_json::Value>(&edited).ok()
            == serde_json::from_slice::<serde_json::Value>(&text).ok();
        prop_assert!(same || parse(&edited).is_err());
    }
}
