//! Small worlds at random: up to nine people, two spaces, one group, and wishes of every kind.

use proptest::prelude::*;

use super::world::*;
use crate::domain::*;

/// How one of nine people starts and what is wished for them.
#[derive(Clone, Debug)]
pub(super) struct Start {
    user: u8,
    seat: u8,
    enabled: bool,
    wish: u8,
    space: u8,
    member: u8,
}

pub(super) fn start() -> impl Strategy<Value = Start> {
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

pub(super) fn world(starts: &[Start], group_wish: u8, room: i64, short: u8) -> World {
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

/// Any such world.
pub(super) fn worlds() -> impl Strategy<Value = World> {
    (
        prop::collection::vec(start(), 1..9),
        0u8..4,
        0i64..5,
        0u8..3,
    )
        .prop_map(|(starts, group, room, short)| world(&starts, group, room, short))
}

/// A world where seats are plenty, so that nobody's seat depends on somebody else's.
pub(super) fn roomy() -> impl Strategy<Value = World> {
    (prop::collection::vec(start(), 1..9), 0u8..4)
        .prop_map(|(starts, group)| world(&starts, group, 40, 0))
}
