//! Seats of nobody here, while other tenants are on the same license (S12): who is used there keeps the
//! seat in every case, and where that is not known a typed number is needed.

use proptest::prelude::*;
use std::collections::BTreeSet;

use super::random::worlds;
use super::world::*;
use crate::domain::*;
use crate::planner::holders::{Inquiry, Note, Pick, Standing, Unused, picked, review};
use crate::planner::{DriftKind, drift};
use crate::proof::holds;
use crate::text::{Raw, show_str};

fn seat_row(subject: &str) -> Target {
    Target::Row(RowKey::Seat(Subject::from(subject)))
}

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

/// Seats of nobody here: `south` is a user in South, `gone` in no tenant. All three are to be taken back,
/// the one of the user `here` too.
fn shared() -> World {
    let mut world = World::new();
    world.user("u-here", "here", None);
    for subject in ["here", "CORP\\south", "CORP\\gone"] {
        world.seat(subject, "analyzer");
    }
    world.pool("analyzer", 3, 3);
    world.snapshot.tenant.others = vec![other("South", &["corp\\SOUTH"])];
    world.guards.stop_percent = 100;
    world.wish(user_row("u-here"), ladder(Ladder::TakeLicense));
    for subject in ["CORP\\south", "CORP\\gone"] {
        world.wish(seat_row(subject), ladder(Ladder::TakeLicense));
    }
    world
}

fn taken(plan: &Plan) -> BTreeSet<&str> {
    let changes = plan.operations.iter().map(|one| &one.change);
    let taken = changes.filter_map(|change| match change {
        Change::RemoveLicense { subject, .. } => Some(subject.expose()),
        _ => None,
    });
    taken.collect()
}

fn asked(plan: &Plan) -> Vec<(Severity, u64)> {
    let asked = plan.findings.iter().filter_map(|one| match one.decision {
        Some(Decision::Orphans { number }) => Some((one.severity, number)),
        _ => None,
    });
    asked.collect()
}

fn says(plan: &Plan, part: &str) -> bool {
    let said = found(plan, FindingCode::OrphanSeat);
    said.iter().any(|one| one.text.expose().contains(part))
}

#[test]
fn what_is_used_elsewhere_stays_and_what_is_nobodys_goes() {
    let plan = shared().plan();
    assert_eq!(taken(&plan), ["CORP\\gone", "here"].into());
    assert_eq!(plan.orphans, [Subject::from("CORP\\gone")].into());
    assert!(says(
        &plan,
        "subject CORP\\south is used in South; left alone"
    ));
    assert_eq!(asked(&plan), []);
    let parsed = crate::planner::file::parse(crate::planner::file::to_json(&plan).as_bytes());
    assert_eq!(parsed.expect("a plan"), plan);
}

#[test]
fn no_number_takes_what_is_used_elsewhere() {
    let mut world = shared();
    cut(&mut world);
    for number in 0..4 {
        world.staging.allowed.orphans = Some(number);
        let plan = world.plan();
        assert!(!taken(&plan).contains("CORP\\south"), "{number}");
        assert_eq!(taken(&plan).contains("CORP\\gone"), number == 1);
    }
}

#[test]
fn what_cannot_be_told_wants_exactly_its_number() {
    let mut world = shared();
    world.snapshot.tenant.others.clear();
    let plan = world.plan();
    assert_eq!(taken(&plan), ["here"].into());
    assert_eq!(asked(&plan), [(Severity::Warning, 2)]);
    assert!(says(&plan, "no other tenant of the license is configured"));
    assert!(says(&plan, "would lose their license at once"));

    world.staging.allowed.orphans = Some(1);
    let plan = world.plan();
    assert_eq!(taken(&plan), ["here"].into());
    assert!(says(&plan, "and 1 were allowed"));

    world.staging.allowed.orphans = Some(2);
    let plan = world.plan();
    assert_eq!(taken(&plan).len(), 3);
    assert_eq!(plan.orphans.len(), 2);
    assert_eq!(asked(&plan), [(Severity::Note, 2)]);
    assert_eq!(world.outlook().meters()[0].staged, -3);
}

#[test]
fn protected_seats_of_nobody_stay_whatever_is_typed() {
    let mut world = shared();
    world.guards.protected = vec![Raw::from("corp\\gone")];
    assert_eq!(taken(&world.plan()), ["here"].into());
    world.snapshot.tenant.others.clear();
    for number in 0..4 {
        world.staging.allowed.orphans = Some(number);
        assert!(!taken(&world.plan()).contains("CORP\\gone"), "{number}");
    }
}

#[test]
fn many_of_them_are_weighed_as_any_removals() {
    let mut world = shared();
    world.guards.stop_percent = 20;
    world.selection.people = 5;
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    let stop = &found(&plan, FindingCode::RemovalGuard)[0];
    let decision = Some(Decision::Removals { number: 2, rest: 0 });
    assert_eq!(stop.decision, decision);
    assert!(plan.orphans.is_empty(), "nothing of it is done");
}

#[test]
fn whoever_is_a_user_in_both_is_named() {
    let mut world = shared();
    world.snapshot.tenant.others = vec![other("South", &["here"])];
    let plan = world.plan();
    assert!(taken(&plan).contains("here"));
    assert!(says(
        &plan,
        "is a user of South too, and loses the license there"
    ));
}

#[test]
fn who_turned_up_since_the_plan_stops_it() {
    let mut world = shared();
    let plan = world.plan();
    assert_eq!(drift(&plan, &world.snapshot.tenant), []);
    let kinds = |world: &World, plan: &Plan| -> Vec<(DriftKind, String)> {
        let rows = drift(plan, &world.snapshot.tenant).into_iter();
        rows.map(|row| (row.drift, row.now.expose().to_owned()))
            .collect()
    };
    world.snapshot.tenant.others = vec![other("South", &["corp\\south", "corp\\gone"])];
    let south = (DriftKind::Changed, "used in South".to_owned());
    assert_eq!(kinds(&world, &plan), std::slice::from_ref(&south));
    world.snapshot.tenant.others = vec![other("South", &["corp\\south"])];
    cut(&mut world);
    let unread = (
        DriftKind::Unread,
        "users of South: page 2 failed".to_owned(),
    );
    assert_eq!(kinds(&world, &plan), [unread]);

    world.staging.allowed.orphans = Some(1);
    let typed = world.plan();
    assert_eq!(taken(&typed), taken(&plan));
    assert_eq!(kinds(&world, &typed), [], "it was typed that nobody knows");
    world.snapshot.tenant.others = vec![other("South", &["corp\\south", "corp\\gone"])];
    assert_eq!(kinds(&world, &typed), [south], "now somebody does");
    world.snapshot.tenant.others = vec![other("South", &["corp\\south"])];
    world.user("u-gone", "CORP\\gone", None);
    let here = (DriftKind::Changed, "used here".to_owned());
    assert_eq!(kinds(&world, &plan), [here]);
}

#[test]
fn a_review_says_whose_each_seat_is() {
    let mut world = shared();
    world.group("g", "APPROVED", &[]);
    let look = |world: &World| {
        let index = world.index();
        review(&Inquiry {
            accepted: const { &crate::planner::roster::Accepted::new() },
            index: &index,
            snapshot: &world.snapshot,
            entitled: &Entitled::default(),
            groups: &["g".into()],
            guards: &world.guards,
            usage: None,
            now: now(),
        })
    };
    let told = |world: &World, subject: &str| {
        let all = look(world).holders.into_iter();
        let one = all.into_iter().find(|one| one.subject.expose() == subject);
        let one = one.expect(subject);
        let oddities = one.oddities();
        (one.standing, one.notes, one.claim, oddities)
    };
    let (standing, notes, claim, words) = told(&world, "CORP\\south");
    assert_eq!(standing, Standing::Elsewhere("South".to_owned()));
    assert_eq!(standing.words(), Raw::from("used in South"));
    assert_eq!(notes, [Note::Orphan, Note::Elsewhere]);
    assert_eq!(claim, Some(Claim::There("South".to_owned())));
    assert_eq!(words, "no user here, used in South");
    let (standing, notes, claim, _) = told(&world, "CORP\\gone");
    assert_eq!(
        standing,
        Standing::Stranger,
        "in no approved group, and nowhere"
    );
    assert_eq!(notes, [Note::Orphan, Note::Nowhere]);
    assert_eq!(claim, Some(Claim::Nobody));
    let both = picked(&look(&world), Pick::Orphans, Unused::default(), now());
    assert_eq!(both.len(), 2, "the pick lists both");
    assert_eq!(look(&world).untold, Vec::<String>::new());

    cut(&mut world);
    let (standing, notes, _, _) = told(&world, "CORP\\gone");
    assert!(
        matches!(&standing, Standing::Unknown(why) if why.contains("users of South: page 2 failed")),
        "{standing:?}"
    );
    assert_eq!(notes, [Note::Orphan]);
    assert_eq!(
        look(&world).gaps,
        Vec::<String>::new(),
        "nothing else hangs on it"
    );
    assert_eq!(look(&world).untold, ["users of South: page 2 failed"]);
    let (standing, ..) = told(&world, "CORP\\south");
    assert_eq!(
        standing,
        Standing::Elsewhere("South".to_owned()),
        "met all the same"
    );

    world.user("u-both", "both", None);
    world.seat("both", "analyzer");
    world.snapshot.tenant.others = vec![other("South", &["both"])];
    let (_, notes, claim, words) = told(&world, "both");
    assert_eq!((notes.contains(&Note::Elsewhere), claim), (true, None));
    assert!(words.contains("used in South too"), "{words}");
}

#[test]
fn a_seat_of_somebody_in_the_directory_is_not_nobodys() {
    let mut world = shared();
    world.person("CORP\\gone");
    let index = world.index();
    let found = review(&Inquiry {
        accepted: const { &crate::planner::roster::Accepted::new() },
        index: &index,
        snapshot: &world.snapshot,
        entitled: &Entitled::default(),
        groups: &[],
        guards: &world.guards,
        usage: None,
        now: now(),
    });
    let mut all = found.holders.iter();
    let one = all
        .find(|one| one.subject.expose() == "CORP\\gone")
        .expect("there");
    assert_eq!(one.claim, None, "they may sign in tomorrow");
    assert!(one.notes.contains(&Note::Orphan));
}

#[test]
fn proof_t9_seats_of_other_tenants_are_never_taken() {
    holds(
        "no plan takes the seat of somebody who is a user only elsewhere, and none of nobody on a cut list",
        (
            worlds(),
            any::<u16>(),
            any::<bool>(),
            prop::option::of(0u64..4),
        ),
        |(mut world, mask, whole, typed)| {
            let there = (0..9)
                .filter(|at| mask >> at & 1 == 1)
                .map(|at| format!("P{at}"));
            let there: Vec<String> = there.collect();
            let names: Vec<&str> = there.iter().map(String::as_str).collect();
            world.snapshot.tenant.others = vec![other("South", &names)];
            if !whole {
                cut(&mut world);
            }
            world.staging.allowed.orphans = typed;
            let plan = world.plan();
            let tenant = &world.snapshot.tenant;
            let users: BTreeSet<String> = tenant
                .users
                .value
                .iter()
                .map(|user| user.subject.key())
                .collect();
            for subject in taken(&plan) {
                let subject = Subject::from(subject);
                let here = users.contains(&subject.key());
                prop_assert_eq!(plan.orphans.contains(&subject), !here);
                prop_assert!(here || tenant.used_in(&subject).is_none(), "{:?}", subject);
                prop_assert!(here || whole || typed.is_some(), "{:?}", subject);
            }
            prop_assert!(drift(&plan, tenant).is_empty());
            Ok(())
        },
    );
}
