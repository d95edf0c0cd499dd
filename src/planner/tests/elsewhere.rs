//! Seats that a user of another tenant on the license has are not demoted or moved by who is new here
//! or goes by another subject.

use super::world::*;
use crate::domain::*;
use crate::planner::{DriftKind, drift};
use crate::text::show_str;

fn other(name: &str, subjects: &[&str]) -> OtherTenant {
    let keys = subjects.iter().map(|one| Subject::from(*one).key());
    OtherTenant {
        name: name.to_owned(),
        subjects: proven(keys.collect()),
    }
}

fn cut(world: &mut World) {
    let cause = Completeness::incomplete(&show_str("page 2 failed"));
    world.snapshot.tenant.others[0].subjects.proof = cause;
}

fn says(plan: &Plan, part: &str) -> bool {
    let said = found(plan, FindingCode::OrphanSeat);
    said.iter().any(|one| one.text.expose().contains(part))
}

/// Somebody who is new here, with a professional seat under their subject already.
fn newcomer(south: &[&str]) -> World {
    let mut world = World::new();
    world.person("a");
    world.seat("a", "professional");
    world.pool("professional", 1, 1);
    world.pool("analyzer", 1, 0);
    world.guards.stop_percent = 100;
    world.snapshot.tenant.others = vec![other("South", south)];
    let by_hand = Wish {
        provision: true,
        ..license("analyzer")
    };
    world.wish(row("a"), by_hand);
    world
}

fn demotes(world: &World) -> bool {
    let plan = world.plan();
    let mut all = plan.operations.iter().map(|one| one.change.kind());
    all.any(|kind| kind == OperationKind::ChangeLicense)
}

#[test]
fn who_is_new_here_demotes_no_seat_that_another_tenant_uses_or_may_use() {
    assert!(demotes(&newcomer(&[])), "it is nobody else's");
    let world = newcomer(&["a"]);
    assert!(!demotes(&world));
    let plan = world.plan();
    assert!(says(&plan, "subject a is used in South; left alone"));

    let mut world = newcomer(&[]);
    cut(&mut world);
    assert!(!demotes(&world), "South was cut");
    assert!(says(&world.plan(), "may belong to another one; left alone"));
}

#[test]
fn a_seat_is_not_moved_away_from_a_user_of_another_tenant() {
    let moving = |south: &[&str], wish: Wish| {
        let mut world = World::new();
        world.person("a");
        world.user("u", "OLD\\a", Some("a@corp.example"));
        world.seat("OLD\\a", "analyzer");
        world.pool("analyzer", 5, 1);
        world.pool("professional", 5, 0);
        world.rule.accept_email = true;
        world.snapshot.tenant.others = vec![other("South", south)];
        world.wish(row("a"), wish);
        world
    };
    let follow = || Wish {
        license: Some(LicenseWish::Move),
        ..Wish::default()
    };
    assert_eq!(kinds(&moving(&[], follow()).plan()), [("move_license", 1)]);
    for wish in [follow(), license("analyzer"), license("professional")] {
        let plan = moving(&["old\\A"], wish).plan();
        assert_eq!(kinds(&plan), [], "{:?}", plan.operations);
        assert!(says(&plan, "subject OLD\\a is used in South; left alone"));
    }

    let mut world = moving(&[], license("analyzer"));
    let plan = world.plan();
    assert_eq!(drift(&plan, &world.snapshot.tenant), []);
    world.snapshot.tenant.others = vec![other("South", &["old\\a"])];
    let now = drift(&plan, &world.snapshot.tenant);
    let now: Vec<_> = now
        .iter()
        .map(|row| (row.drift, row.now.expose()))
        .collect();
    assert_eq!(now, [(DriftKind::Changed, "used in South")]);
}
