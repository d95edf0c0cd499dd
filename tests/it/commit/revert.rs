//! Apply, then apply the reversal: the tenant is as it was before, for everything that can be taken
//! back (T9). Random plans by seed, in virtual time, with and without faults that reading settles.

use qroll::commit;
use qroll::domain::{
    Allotment, Assignee, AutoAssign, Change, FindingCode, LicenseAssignment, Licensing, Plan,
    Reading, RolesState, RunId, SpaceAssignment, SpaceId, TenantSnapshot, Undo, UseSince, UserRef,
    UserState, UserStatus,
};
use qroll::host::memory::SeededRng;
use qroll::planner::{PLAN_TTL, RevertInput, Standing, look_back, revert};
use qroll::ports::{Clock as _, Rng as _};
use qroll::text::Raw;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::desk::{Desk, STATE, picture};
use super::plans::{Draft, forty, state};
use super::tenant::{Fault, Rates, identity};
use super::world::World;
use crate::proof;

/// Faults after which reading tells what became of a write.
const SETTLED: Rates = Rates {
    faults: &[
        (60, Fault::Throttle),
        (60, Fault::ErrorAfter),
        (60, Fault::LostAfter),
        (40, Fault::NotSent),
    ],
    stale: 0,
    unread: 0,
};

/// The world as a whole reading of it.
pub(super) fn snapshot(world: &World, plan: &Plan) -> TenantSnapshot {
    let (tenant, identity) = identity();
    let mut assignments: BTreeMap<SpaceId, Reading<Vec<SpaceAssignment>>> = BTreeMap::new();
    let spaces = plan.operations.iter().filter_map(|one| match &one.change {
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => Some(target.space.id.clone()),
        _ => None,
    });
    for space in spaces {
        let rows = world.rows.iter().filter(|((of, _), _)| *of == space);
        let rows = rows.map(|(_, row)| row.clone()).collect();
        assignments.insert(space, Reading::proven(rows, "a test"));
    }
    let seats: Vec<LicenseAssignment> = world
        .seats
        .values()
        .map(|seat| LicenseAssignment {
            subject: seat.subject.clone(),
            license: Some(seat.license.clone()),
            excess: false,
            created: None,
        })
        .collect();
    let used = |name: &str| {
        let held = world.seats.values();
        held.filter(|seat| seat.license.expose() == name).count()
    };
    let allotments = world.pools.iter().map(|(name, units)| Allotment {
        name: name.as_str().into(),
        units: *units,
        used: i64::try_from(used(name)).expect("few"),
        overage: 0,
    });
    let licensing = Licensing {
        allotments: allotments.collect(),
        assignments: seats,
        auto_assign: Some(world.auto_assign),
        ..Licensing::default()
    };
    TenantSnapshot {
        tenant,
        identity,
        users: Reading::proven(
            world.users.values().cloned().map(Arc::new).collect(),
            "a test",
        ),
        groups: Reading::proven(world.groups.values().cloned().collect(), "a test"),
        roles: Reading::proven(Vec::new(), "a test"),
        spaces: Reading::proven(Vec::new(), "a test"),
        licensing: Reading::proven(licensing, "a test"),
        identity_providers: Reading::proven(Vec::new(), "a test"),
        assignments,
        others: Vec::new(),
        read_at: super::plans::morning(),
    }
}

/// The reversal of the newest run.
fn reversal(desk: &Desk) -> Plan {
    let run = newest(desk);
    let past = commit::past(&desk.disk, Path::new(STATE), &run).expect("the run");
    let mut guards = desk.settings.guards.clone();
    guards.stop_percent = 100;
    revert(&RevertInput {
        past: &past,
        live: &snapshot(&desk.world(), &past.plan),
        signs: &UseSince::default(),
        include: &[],
        doubts: &[],
        guards: &guards,
        now: desk.clock.wall(),
        ttl: PLAN_TTL,
    })
}

pub(super) fn newest(desk: &Desk) -> RunId {
    let runs = commit::runs(&desk.disk, Path::new(STATE)).expect("a list");
    runs.first().expect("a run").run.clone()
}

/// A plan of reversible changes for so many people, beside the world it is for.
fn random(seed: u64) -> Draft {
    let rng = SeededRng::new(seed);
    let mut draft = Draft::default();
    let people = 4 + rng.next() % 12;
    for number in 0..people {
        one(
            &mut draft,
            &format!("p{number}"),
            rng.next() % 13,
            rng.next() % 3,
        );
    }
    if rng.next().is_multiple_of(2) {
        let before = draft.world.auto_assign;
        let after = AutoAssign {
            professional: !before.professional,
            ..before
        };
        draft.add(Change::SetAutoAssign { before, after }, &[]);
    }
    draft
}

/// One person's part.
fn one(draft: &mut Draft, who: &str, what: u64, space: u64) {
    let space = format!("s{space}");
    let user = draft.existing_user(who);
    match what {
        0 => drop(draft.add_license(who, "professional", &[])),
        1 => change_license(draft, who, "analyzer", "professional", &[]),
        2 => change_license(draft, who, "professional", "analyzer", &[]),
        3 => {
            draft.world.add_seat(who, "analyzer");
            draft.add(
                Change::RemoveLicense {
                    subject: who.into(),
                    before: state(who, "analyzer"),
                    after: (),
                },
                &[],
            );
        }
        4 => drop(move_license(draft, who)),
        5 => drop(draft.add_row(&space, Assignee::User(user.id), &[])),
        6 => row(draft, &space, &user, true),
        7 => row(draft, &space, &user, false),
        8 => roles(draft, &user),
        9 => drop(status(
            draft,
            &user,
            &UserStatus::Active,
            &UserStatus::Disabled,
        )),
        10 => drop(status(
            draft,
            &user,
            &UserStatus::Disabled,
            &UserStatus::Active,
        )),
        11 => {
            draft.add_license(who, "analyzer", &[]);
            draft.add_row(&space, Assignee::User(user.id.clone()), &[]);
            roles(draft, &user);
        }
        _ => {
            // Two operations on one seat: each is compared with what stands between them.
            let moved = move_license(draft, who);
            change(draft, who, "professional", "analyzer", &[&moved]);
        }
    }
}

fn move_license(draft: &mut Draft, who: &str) -> String {
    let old = format!("old-{who}");
    draft.world.add_seat(&old, "professional");
    draft.add(
        Change::MoveLicense {
            subject: who.into(),
            before: state(&old, "professional"),
            after: state(who, "professional"),
        },
        &[],
    )
}

fn change_license(draft: &mut Draft, who: &str, from: &str, to: &str, needs: &[&str]) {
    draft.world.add_seat(who, from);
    change(draft, who, from, to, needs);
}

fn change(draft: &mut Draft, who: &str, from: &str, to: &str, needs: &[&str]) {
    draft.add(
        Change::ChangeLicense {
            subject: who.into(),
            before: state(who, from),
            after: state(who, to),
        },
        needs,
    );
}

fn row(draft: &mut Draft, space: &str, user: &UserRef, stays: bool) {
    let target = draft.existing_row(space, user);
    let before = vec!["consumer".into()];
    let change = if stays {
        Change::ChangeSpaceAssignment {
            target,
            before,
            after: vec!["consumer".into(), "producer".into()],
        }
    } else {
        Change::RemoveSpaceAssignment {
            target,
            before,
            after: (),
        }
    };
    draft.add(change, &[]);
}

fn roles(draft: &mut Draft, user: &UserRef) {
    draft.add(
        Change::SetRoles {
            target: user.clone(),
            before: RolesState { roles: Vec::new() },
            after: RolesState {
                roles: vec!["role-1".into()],
            },
        },
        &[],
    );
}

fn status(draft: &mut Draft, user: &UserRef, from: &UserStatus, to: &UserStatus) -> String {
    let record = draft.world.users.get_mut(&user.id).expect("made");
    record.status = from.clone();
    let of = |status: &UserStatus| UserState {
        name: user.name.clone(),
        status: status.clone(),
    };
    let (target, before, after) = (user.clone(), of(from), of(to));
    let change = if *to == UserStatus::Disabled {
        Change::DisableUser {
            target,
            before,
            after,
        }
    } else {
        Change::UpdateUser {
            target,
            before,
            after,
        }
    };
    draft.add(change, &[])
}

/// Applies to the end: by chance a breaker stops a run, which is then gone on with.
fn applied(desk: &Desk) -> Result<(), String> {
    let said = |problem: qroll::ports::Problem| problem.to_string();
    let mut report = desk.apply().map_err(said)?;
    for _ in 0..5 {
        if report.stopped.is_some() {
            report = desk.resume().map_err(said)?;
        }
    }
    if report.counts.applied != report.counts.total {
        return Err(format!("{:?}, {:?}", report.counts, report.stopped));
    }
    Ok(())
}

/// One seed; `Err` says what is not as it was.
fn there_and_back(seed: u64) -> Result<(), String> {
    let draft = random(seed);
    let rates = if seed.is_multiple_of(2) {
        Rates::default()
    } else {
        SETTLED
    };
    let mut desk = Desk::new(&draft, seed, rates, false);
    let before = picture(&desk.world());
    applied(&desk).map_err(|why| format!("not all applied: {why}"))?;
    desk.plan = reversal(&desk);
    if !desk
        .plan
        .findings
        .iter()
        .all(|found| found.code == FindingCode::RemovalGuard)
    {
        return Err(format!("{:?}", desk.plan.findings));
    }
    applied(&desk).map_err(|why| format!("not all taken back: {why}"))?;
    let after = picture(&desk.world());
    if after != before {
        let moved: Vec<_> = after.symmetric_difference(&before).take(20).collect();
        return Err(format!("not as before: {moved:#?}"));
    }
    Ok(())
}

#[test]
fn proof_t9_revert_gives_back_what_was() {
    if let Some(seed) = proof::seed() {
        there_and_back(seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        return;
    }
    let seeds = proof::sized(300, 20_000);
    let row = proof::Row::begin("T9", "apply, revert, apply is as before");
    let mut violations = 0;
    for seed in 0..seeds {
        if let Err(why) = there_and_back(seed) {
            eprintln!("seed {seed}: {why}");
            violations += 1;
        }
    }
    row.end(&format!("{seeds} random plans"), violations);
}

#[test]
fn what_cannot_be_taken_back_is_said_and_the_rest_is_taken_back() {
    let draft = forty();
    let mut desk = Desk::new(&draft, 3, Rates::default(), false);
    let before = desk.world();
    desk.apply().expect("applied");
    let back = reversal(&desk);
    let count = |code: FindingCode| back.findings.iter().filter(|one| one.code == code).count();
    assert_eq!(count(FindingCode::CannotBeTakenBack), 1, "the deleted user");
    assert_eq!(
        count(FindingCode::RecordStays),
        11,
        "nine records and two groups"
    );
    let irreversible = back
        .operations
        .iter()
        .filter(|one| one.undo == Undo::Impossible);
    assert_eq!(irreversible.count(), 0);
    desk.plan = back;
    desk.apply().expect("taken back");
    let after = desk.world();
    assert_eq!(after.seats, before.seats);
    assert_eq!(after.auto_assign, before.auto_assign);
    let rows = |world: &World| -> Vec<_> {
        world
            .rows
            .iter()
            .map(|(key, row)| (key.clone(), row.roles.clone()))
            .collect()
    };
    let of_before: Vec<_> = rows(&before);
    assert_eq!(rows(&after), of_before);
    for (id, user) in &before.users {
        let now = after.users.get(id).map(|user| (&user.status, &user.roles));
        if user.subject.expose() == "gone" {
            assert_eq!(now, None);
        } else {
            assert_eq!(now, Some((&user.status, &user.roles)), "{id:?}");
        }
    }
}

#[test]
fn what_somebody_changed_since_is_left_alone() {
    let mut draft = Draft::default();
    draft.add_license("a", "professional", &[]);
    draft.add_license("b", "professional", &[]);
    let user = draft.existing_user("c");
    draft.add_row("s1", Assignee::User(user.id.clone()), &[]);
    let desk = Desk::new(&draft, 1, Rates::default(), false);
    desk.apply().expect("applied");
    {
        let world = &mut desk.tenant.state.lock().expect("tenant").world;
        world.seats.remove("a");
        world.add_seat("b", "analyzer");
        let key = (SpaceId::from("s1"), Assignee::User(user.id));
        world.rows.get_mut(&key).expect("a row").id = "made-anew".into();
    }
    let back = reversal(&desk);
    assert!(back.operations.is_empty(), "{:?}", back.operations);
    let ours = |one: &&qroll::domain::Finding| one.code == FindingCode::NoLongerOurs;
    assert_eq!(back.findings.iter().filter(ours).count(), 3);
    let both = back.findings.iter().any(|one| {
        let text = one.text.expose();
        text.contains("left: license professional") && text.contains("now: license analyzer")
    });
    assert!(both, "{:?}", back.findings);
    assert_eq!((back.summary.people, back.summary.skipped), (3, 3));
    let past = commit::past(&desk.disk, Path::new(STATE), &newest(&desk)).expect("the run");
    let stands = look_back(&past, &snapshot(&desk.world(), &past.plan));
    let seen: Vec<Standing> = stands.iter().map(|stand| stand.standing).collect();
    assert_eq!(
        seen,
        [Standing::Before, Standing::Changed, Standing::Changed]
    );
}

#[test]
fn a_reading_that_is_not_whole_takes_nothing_back_by_absence() {
    let mut draft = Draft::default();
    let user = draft.existing_user("c");
    draft.world.add_seat("c", "analyzer");
    draft.add(
        Change::RemoveLicense {
            subject: "c".into(),
            before: state("c", "analyzer"),
            after: (),
        },
        &[],
    );
    draft.add_row("s1", Assignee::User(user.id), &[]);
    let desk = Desk::new(&draft, 1, Rates::default(), false);
    desk.apply().expect("applied");
    let past = commit::past(&desk.disk, Path::new(STATE), &newest(&desk)).expect("the run");
    let mut live = snapshot(&desk.world(), &past.plan);
    let cause = Raw::from("a page was lost").show();
    live.licensing = Reading::incomplete(live.licensing.value, &cause);
    live.assignments.clear();
    let back = revert(&RevertInput {
        past: &past,
        live: &live,
        signs: &UseSince::default(),
        include: &[],
        doubts: &[],
        guards: &desk.settings.guards,
        now: desk.clock.wall(),
        ttl: PLAN_TTL,
    });
    assert!(back.operations.is_empty(), "{:?}", back.operations);
    let unchecked = |one: &&qroll::domain::Finding| one.code == FindingCode::NotChecked;
    assert_eq!(back.findings.iter().filter(unchecked).count(), 2);
    let proven = back.sources.iter().all(|source| source.complete);
    assert!(!proven);
}
