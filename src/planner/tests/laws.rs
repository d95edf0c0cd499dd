//! What holds for every plan (T9): it fulfils itself, needs each of its operations, does not depend
//! on the order of what was read or done, takes nothing on an unproven read, nothing from the
//! protected, gives nothing for somebody's leaving, and stays as it was written.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use std::collections::BTreeSet;

use super::model::{apply, follow, picture};
use super::random::{roomy, worlds};
use super::world::*;
use crate::domain::*;
use crate::planner::file::{parse, to_json};
use crate::proof::holds;
use crate::text::Raw;

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

/// The list in another order, drawn from a number.
fn shuffle<T>(list: &mut [T], mut dice: u64) {
    for at in (1..list.len()).rev() {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(dice >> 33).unwrap() % (at + 1);
        list.swap(at, other);
    }
}

/// The world with every list in another order.
fn shuffled(mut world: World, dice: u64) -> World {
    let tenant = &mut world.snapshot.tenant;
    shuffle(&mut tenant.users.value, dice);
    shuffle(&mut tenant.groups.value, dice);
    shuffle(&mut tenant.spaces.value, dice);
    shuffle(&mut tenant.licensing.value.assignments, dice);
    shuffle(&mut tenant.licensing.value.allotments, dice);
    for reading in tenant.assignments.values_mut() {
        shuffle(&mut reading.value, dice);
    }
    shuffle(&mut world.snapshot.directory.groups.value, dice);
    for reading in world.snapshot.directory.members.values_mut() {
        shuffle(&mut reading.value, dice);
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

#[test]
fn proof_t9_a_plan_fulfils_itself() {
    holds("plan(apply(plan)) is empty", worlds(), |mut world| {
        let plan = world.plan();
        prop_assert!(crate::planner::drift(&plan, &world.snapshot.tenant).is_empty());
        apply(&mut world, &plan);
        let again = world.plan();
        prop_assert!(
            again.operations.is_empty(),
            "{:?}\nafter {:?}",
            brief(&again),
            brief(&plan)
        );
        let drifted = crate::planner::drift(&plan, &world.snapshot.tenant).len();
        prop_assert!(drifted >= plan.operations.len().min(1));
        Ok(())
    });
}

/// Operations of a plan without one and without those that need it.
fn without(plan: &Plan, out: &OperationId) -> Vec<Operation> {
    let mut gone = BTreeSet::from([out.clone()]);
    let mut rest = Vec::new();
    for operation in &plan.operations {
        if gone.contains(&operation.id) || operation.needs.iter().any(|need| gone.contains(need)) {
            gone.insert(operation.id.clone());
        } else {
            rest.push(operation.clone());
        }
    }
    rest
}

fn more_units(world: &mut World, by: i64) {
    for pool in &mut world.snapshot.tenant.licensing.value.allotments {
        pool.units += by;
    }
}

#[test]
fn proof_t9_no_operation_is_idle() {
    holds(
        "dropping an operation breaks convergence",
        worlds(),
        |world| {
            let plan = world.plan();
            let mut whole = world.clone();
            apply(&mut whole, &plan);
            for operation in &plan.operations {
                let mut part = world.clone();
                // A seat that was not given back may be missed on the way; that is not the question.
                more_units(&mut part, 50);
                follow(&mut part, &without(&plan, &operation.id));
                more_units(&mut part, -50);
                let left = part.plan();
                // A seat that was moved to another subject is no longer ours for sure: the next plan
                // says so instead of planning the rest.
                let said = left.findings != whole.plan().findings;
                prop_assert!(
                    !left.operations.is_empty() || said,
                    "{:?} without {:?}",
                    brief(&plan),
                    operation.id
                );
            }
            Ok(())
        },
    );
}

/// Licenses keep their order among themselves, so that freed seats are there before they are given
/// (`commit::order`).
fn is_seat(operation: &Operation) -> bool {
    operation.change.kind().is_batched()
}

/// The operations in another order in which needs still come first.
fn reordered(plan: &Plan, mut dice: u64) -> Vec<Operation> {
    let mut left: Vec<&Operation> = plan.operations.iter().collect();
    let mut done: BTreeSet<&OperationId> = BTreeSet::new();
    let mut order = Vec::new();
    while !left.is_empty() {
        let seats_before = |at: usize| left[..at].iter().any(|one| is_seat(one));
        let ready: Vec<usize> = (0..left.len())
            .filter(|at| left[*at].needs.iter().all(|need| done.contains(need)))
            .filter(|at| !(is_seat(left[*at]) && seats_before(*at)))
            .collect();
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = ready[usize::try_from(dice >> 33).unwrap() % ready.len()];
        let next = left.remove(at);
        done.insert(&next.id);
        order.push(next.clone());
    }
    order
}

#[test]
fn proof_t9_any_order_that_keeps_the_needs_will_do() {
    holds(
        "any order of independent operations, one state",
        (worlds(), any::<u64>()),
        |(world, dice)| {
            let plan = world.plan();
            let (mut one, mut other) = (world.clone(), world);
            follow(&mut one, &plan.operations);
            follow(&mut other, &reordered(&plan, dice));
            prop_assert_eq!(picture(&one), picture(&other));
            Ok(())
        },
    );
}

#[test]
fn proof_t9_the_order_of_pages_does_not_matter() {
    holds(
        "another order of everything read, the same bytes",
        (worlds(), any::<u64>()),
        |(world, dice)| {
            let text = to_json(&world.plan());
            prop_assert_eq!(text, to_json(&shuffled(world, dice).plan()));
            Ok(())
        },
    );
}

#[test]
fn proof_t9_an_unproven_read_takes_nothing() {
    holds("an incomplete source takes nothing", worlds(), |world| {
        let plan = unproven(world.clone()).plan();
        prop_assert_eq!(plan.summary.removals, 0);
        prop_assert!(!plan.operations.iter().any(|one| one.change.is_removal()));
        let mut partial = world;
        let id = DirectoryGroupId::from("g");
        partial
            .staging
            .wishes
            .retain(|target, _| matches!(target, Target::Group(_)));
        partial
            .snapshot
            .directory
            .members
            .get_mut(&id)
            .unwrap()
            .proof = Completeness::Unread;
        prop_assert_eq!(partial.plan().summary.removals, 0);
        Ok(())
    });
}

#[test]
fn proof_t9_the_protected_lose_nothing() {
    holds(
        "nothing is taken from the protected",
        (worlds(), 0usize..9),
        |(mut world, at)| {
            let id = format!("p{at}");
            world.guards.protected = vec![Raw::new(id.clone())];
            let plan = world.plan();
            let touched = plan
                .operations
                .iter()
                .filter(|one| one.change.is_removal())
                .any(|one| {
                    let text = serde_json::to_string(&one.change).unwrap();
                    text.contains(&format!("u-{id}\""))
                        || text.contains(&format!("\"{id}\""))
                        || text.contains(&format!("\\\\{id}\""))
                });
            prop_assert!(!touched, "{:#?}", plan.operations);
            Ok(())
        },
    );
}

/// What a plan gives, a line each; a change of type gives the new one.
fn gifts(plan: &Plan) -> BTreeSet<String> {
    let mut gifts = BTreeSet::new();
    for operation in &plan.operations {
        match &operation.change {
            Change::CreateUser { subject, .. } => drop(gifts.insert(format!("user {subject:?}"))),
            Change::UpdateUser { target, after, .. } if after.status == UserStatus::Active => {
                gifts.insert(format!("enabled {:?}", target.id));
            }
            Change::AddLicense { after, .. }
            | Change::ChangeLicense { after, .. }
            | Change::MoveLicense { after, .. } => drop(gifts.insert(format!("seat {after:?}"))),
            Change::AddSpaceAssignment { target, after, .. } => {
                let names = after
                    .iter()
                    .map(|role| format!("{role:?} in {:?} {:?}", target.space.id, target.assignee));
                gifts.extend(names);
            }
            Change::ChangeSpaceAssignment {
                target,
                before,
                after,
            } => {
                let new = after.iter().filter(|role| !before.contains(role));
                gifts.extend(new.map(|role| {
                    format!("{role:?} in {:?} {:?}", target.space.id, target.assignee)
                }));
            }
            Change::SetRoles {
                target,
                before,
                after,
            } => {
                let new = after
                    .roles
                    .iter()
                    .filter(|role| !before.roles.contains(role));
                gifts.extend(new.map(|role| format!("{role:?} to {:?}", target.id)));
            }
            _ => {}
        }
    }
    gifts
}

#[test]
fn proof_t9_leaving_gives_nobody_anything() {
    holds(
        "people gone from the source add no right",
        (roomy(), any::<u16>()),
        |(world, gone)| {
            let before = gifts(&world.plan());
            let mut less = world;
            let leaves = |id: &PersonId| {
                (0..16).any(|at| gone & 1 << at != 0 && id.expose() == format!("p{at}"))
            };
            less.snapshot
                .directory
                .people
                .value
                .retain(|id, _| !leaves(id));
            for members in less.snapshot.directory.members.values_mut() {
                members.value.retain(|member| !leaves(&member.person));
            }
            let after = gifts(&less.plan());
            let new: Vec<_> = after.difference(&before).collect();
            prop_assert!(new.is_empty(), "{new:?}");
            Ok(())
        },
    );
}

#[test]
fn proof_t9_the_meter_agrees_with_the_plan() {
    holds("the seat meter agrees with the plan", worlds(), |world| {
        let plan = world.plan();
        let outlook = world.outlook();
        let short: usize = outlook.meters().iter().map(|meter| meter.short.len()).sum();
        let named = [
            FindingCode::WaitsForSeat,
            FindingCode::FellBack,
            FindingCode::LeftOut,
        ];
        let found = plan
            .findings
            .iter()
            .filter(|one| named.contains(&one.code))
            .count();
        prop_assert_eq!(short, found);
        Ok(())
    });
}

#[test]
fn proof_t9_the_file_is_the_plan() {
    holds("a plan read is the plan written", worlds(), |world| {
        let plan = world.plan();
        prop_assert_eq!(parse(to_json(&plan).as_bytes()).unwrap(), plan);
        Ok(())
    });
}

#[test]
fn proof_t9_any_changed_byte_of_a_plan_is_noticed() {
    let damage = (worlds(), any::<prop::sample::Index>(), 0x20u8..0x7f);
    holds(
        "a changed byte of a plan is noticed",
        damage,
        |(world, at, byte)| -> TestCaseResult {
            let text = to_json(&world.plan()).into_bytes();
            let mut edited = text.clone();
            let at = at.index(edited.len());
            edited[at] = byte;
            let same = serde_json::from_slice::<serde_json::Value>(&edited).ok()
                == serde_json::from_slice::<serde_json::Value>(&text).ok();
            prop_assert!(same || parse(&edited).is_err());
            Ok(())
        },
    );
}
