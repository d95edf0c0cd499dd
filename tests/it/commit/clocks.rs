//! Clocks that are set, jump or stand still, machines that sleep, and tenants whose time is another
//! (T18): nothing is sent early, nothing twice.

use jiff::SignedDuration;
use qroll::host::memory::SeededRng;
use qroll::ports::Rng as _;
use std::sync::Arc;
use std::time::Duration;

use super::plans::Draft;
use super::stormy::{Says, Shock, Storm, Stormy, Weathered, densest};
use crate::proof;

const PEOPLE: usize = 14;

/// By how much the wall clock is set, in seconds.
const STEPS: [i64; 5] = [-86_400, -90, 0, 110, 86_400];
/// How far the tenant's time is from ours, in seconds.
const SKEWS: [i64; 5] = [-36_000, -180, 0, 100, 36_000];

/// One of the fifty profiles: a step of the wall clock, a skew of the tenant, asleep or not.
fn profile(number: u64) -> (SignedDuration, SignedDuration, Duration) {
    let pick = |from: &[i64], at: u64| {
        SignedDuration::from_secs(from[usize::try_from(at).expect("small")])
    };
    let sleep = match number / 25 {
        0 => Duration::ZERO,
        _ => Duration::from_hours(2),
    };
    (
        pick(&STEPS, number % 5),
        pick(&SKEWS, number / 5 % 5),
        sleep,
    )
}

fn live(number: u64, seed: u64) {
    let (wall, skew, sleep) = profile(number);
    let dice = SeededRng::new(seed << 8 | number);
    let below = |most: u64| usize::try_from(dice.next() % most).expect("small");
    let storm = Storm {
        every: 3 + dice.next() % 6,
        closed: Duration::from_secs(5 + dice.next() % 200),
        says: [Says::Seconds, Says::Date, Says::Nothing][below(3)],
        hours: None,
    };
    let mut draft = Draft::default();
    for person in 0..PEOPLE {
        draft.create_user(&format!("p{person}x"));
    }
    let mut tenant = Stormy::new(storm);
    tenant.skew = skew;
    // An answer is lost only where the machine slept: nothing else ends the waiting for it.
    tenant.shocks = (0..2)
        .map(|_| Shock {
            at: 1 + below(PEOPLE as u64),
            wall,
            sleep,
            lost: sleep > Duration::ZERO && below(2) == 0,
        })
        .collect();
    let tenant = Arc::new(tenant);
    let Weathered { report, lives } = tenant.weather(&draft.plan(), seed);
    let log = tenant.log.lock().expect("log");
    let what =
        format!("profile {number}, QROLL_SEED={seed}, {lives} lives, {wall} {skew} {sleep:?}");
    assert_eq!(report.counts.applied, PEOPLE as u64, "{what}: {report:?}");
    assert_eq!(log.early, 0, "{what}: early");
    assert_eq!(log.doubled, 0, "{what}: doubled");
    assert!(densest(&log.writes) <= 500, "{what}");
    let most = PEOPLE + log.refused + log.lost;
    assert!(
        log.writes.len() <= most,
        "{what}: {} > {most}",
        log.writes.len()
    );
}

#[test]
fn proof_t18_clocks() {
    let row = proof::Row::begin("T18", "clocks set, asleep, or of another time");
    let seeds = match proof::seed() {
        Some(seed) => seed..seed + 1,
        None => 0..proof::sized(4, 200),
    };
    for seed in seeds.clone() {
        for number in 0..50 {
            live(number, seed);
        }
    }
    row.end(&format!("50 profiles x {} seeds", seeds.count()), 0);
}

/// A process that follows at once counts what the one before it sent, and keeps its pause.
#[test]
fn the_published_limit_and_a_pause_hold_across_processes() {
    let hour = Storm {
        every: 480,
        closed: Duration::from_secs(200),
        says: Says::Seconds,
        hours: None,
    };
    let tenant = Arc::new(Stormy::new(hour));
    let mut draft = Draft::default();
    for person in 0..700 {
        draft.create_user(&format!("p{person}x"));
    }
    let seen = tenant.weather_stopped_at(&draft.plan(), &[100, 470, 480, 481]);
    let log = tenant.log.lock().expect("log");
    assert!(seen >= 4, "{seen} lives");
    assert_eq!((log.early, log.doubled), (0, 0));
    assert!(densest(&log.writes) <= 500, "{}", densest(&log.writes));
}
