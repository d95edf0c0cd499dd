//! The counter loop: stop at the 1st, 2nd, ... n-th disk or tenant step of a forty-operation plan,
//! with a fault in the write just before, resume until done, and look whether anything shows that
//! there was a crash (T2). Then again with a second crash during the recovery.

use qroll::domain::Verdict;
use qroll::host::memory::{Fuse, SeededRng};
use qroll::ports::Rng as _;
use std::collections::BTreeSet;

use super::desk::{Desk, picture};
use super::plans::forty;
use super::tenant::{Fault, Rates};
use super::trace::Trace;
use crate::proof;

const CALM: Rates = Rates {
    faults: &[],
    stale: 0,
    unread: 0,
};

/// What happens to a write; each once at each step.
const FAULTS: [Fault; 12] = [
    Fault::Throttle,
    Fault::ThrottleFor(30),
    Fault::NotSent,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Late,
    Fault::MissingItem,
    Fault::DoubledItem,
    Fault::Denied,
    Fault::Unasked,
];

/// A run to which nothing happens.
struct Undisturbed {
    /// Disk and tenant steps.
    steps: u64,
    /// Which of them were writes.
    writes: Vec<u64>,
    /// What people see at its end.
    picture: BTreeSet<String>,
}

fn undisturbed() -> Undisturbed {
    let desk = Desk::new(&forty(), 1, CALM, true);
    let fuse = Fuse::new();
    let report = desk.until_done(|_| fuse.clone());
    assert_eq!(report.exit_code, 0, "{report:?}");
    assert_eq!(report.counts.applied, 40);
    assert_eq!(desk.check(), 0);
    let writes = desk.tenant.state.lock().expect("tenant").steps.clone();
    Undisturbed {
        steps: fuse.steps(),
        writes,
        picture: picture(&desk.world()),
    }
}

/// One way to be disturbed.
#[derive(Clone, Copy, Debug)]
struct Case {
    /// The step at which the first process dies.
    step: u64,
    /// What happens to the last write before.
    fault: Fault,
    /// Bytes that were written but not synced and are there all the same.
    torn: usize,
    /// The step at which the second dies, and what happens to its first write.
    again: Option<(u64, Fault)>,
}

impl Undisturbed {
    /// Lives through a case; gives whether the first process died, and how many are unknown.
    fn survives(&self, seed: u64, case: Case) -> (bool, usize) {
        let mut desk = Desk::new(&forty(), seed, CALM, true);
        desk.torn = case.torn;
        let _trace = Trace::of(&desk, seed, format!("{case:?}"));
        let before = self.writes.iter().filter(|write| **write < case.step);
        let script = |calm: usize, fault| {
            let mut state = desk.tenant.state.lock().expect("tenant");
            state.script = std::iter::repeat_n(Fault::None, calm).collect();
            state.script.push_back(fault);
        };
        script(before.count().saturating_sub(1), case.fault);
        let first = Fuse::at(case.step);
        let report = desk.until_done(|life| match (life, case.again) {
            (0, _) => first.clone(),
            (1, Some((step, fault))) => {
                script(0, fault);
                Fuse::at(step)
            }
            _ => {
                desk.tenant.state.lock().expect("tenant").script.clear();
                Fuse::new()
            }
        });
        let unknown = desk.check();
        assert_eq!(report.exit_code, if unknown > 0 { 4 } else { 0 });
        if unknown == 0 {
            assert_eq!(picture(&desk.world()), self.picture);
        }
        // Unknown is honest only where all four attempts were used up by faults and crashes.
        for outcome in desk.outcomes() {
            let is_unknown = matches!(outcome.verdict, Verdict::Unknown { .. });
            assert!(!is_unknown || desk.attempts(&outcome.operation) >= 4);
        }
        (first.is_blown(), unknown)
    }

    /// The case of a seed, with a second crash somewhere in the recovery.
    fn sample(&self, seed: u64) -> Case {
        let dice = SeededRng::new(seed);
        let fault = || {
            let most = u64::try_from(FAULTS.len()).expect("few");
            FAULTS[usize::try_from(dice.next() % most).expect("small")]
        };
        Case {
            step: 1 + dice.next() % self.steps,
            fault: fault(),
            torn: usize::try_from(dice.next() % 2000).expect("small"),
            again: Some((1 + dice.next() % self.steps, fault())),
        }
    }

    /// The n-th case of the enumeration: each step with each fault, once with all lost that was
    /// not synced and once with all of it kept.
    fn enumerated(number: u64) -> Case {
        let faults = u64::try_from(FAULTS.len()).expect("few");
        let (step, way) = (number / (2 * faults), number % (2 * faults));
        Case {
            step: 1 + step,
            fault: FAULTS[usize::try_from(way / 2).expect("small")],
            torn: if way % 2 == 0 { 0 } else { usize::MAX },
            again: None,
        }
    }
}

#[test]
fn a_crash_at_any_step_leaves_no_trace() {
    let calm = undisturbed();
    for step in 1.. {
        assert!(step < 5000, "the loop must end");
        let case = Case {
            step,
            fault: Fault::None,
            torn: usize::try_from(step % 97).expect("small"),
            again: None,
        };
        let (died, unknown) = calm.survives(step, case);
        assert_eq!(unknown, 0, "step {step}");
        if !died {
            assert!(step > 100, "a plan of forty takes more than {step} steps");
            return;
        }
    }
}

#[test]
fn proof_t2_each_fault_before_each_crash() {
    let calm = undisturbed();
    if let Some(seed) = proof::seed() {
        calm.survives(seed, Undisturbed::enumerated(seed));
        return;
    }
    let row = proof::Row::begin("T2", "a crash at each step, after each of 12 faults");
    let all = calm.steps * 24;
    // Every 53rd: a stride that meets each fault and all parts of the run.
    let stride = usize::try_from(proof::sized(53, 1)).expect("small");
    let mut cases = 0_u64;
    for number in (0..all).step_by(stride) {
        // A refusal that stops the run may come before the crash would.
        let (_, unknown) = calm.survives(number, Undisturbed::enumerated(number));
        assert_eq!(unknown, 0, "case {number}");
        cases += 1;
    }
    row.end(&format!("{cases} of {all} cases, {} steps", calm.steps), 0);
}

#[test]
fn proof_t2_a_second_crash_during_recovery() {
    let calm = undisturbed();
    if let Some(seed) = proof::seed() {
        calm.survives(seed, calm.sample(seed));
        return;
    }
    let row = proof::Row::begin("T2", "a crash at a step, and another in the recovery");
    let seeds = proof::sized(120, 20_000);
    let unknown: usize = (0..seeds)
        .map(|seed| calm.survives(seed, calm.sample(seed)).1)
        .sum();
    row.end(
        &format!("{seeds} sampled pairs, {unknown} operations unknown"),
        0,
    );
}

#[test]
fn every_fault_of_one_write_is_mended() {
    let calm = undisturbed();
    for fault in FAULTS {
        for place in 0..calm.writes.len() {
            let step = calm.writes[place] + 1;
            let desk = Desk::new(&forty(), step, CALM, true);
            let _trace = Trace::of(&desk, step, format!("{fault:?} at write {place}"));
            {
                let mut state = desk.tenant.state.lock().expect("tenant");
                state.script.extend(std::iter::repeat_n(Fault::None, place));
                state.script.push_back(fault);
            }
            let report = desk.until_done(|_| Fuse::new());
            assert_eq!(report.exit_code, 0, "{fault:?} at {place}: {report:?}");
            assert_eq!(desk.check(), 0, "{fault:?} at {place}");
            assert_eq!(picture(&desk.world()), calm.picture, "{fault:?} at {place}");
        }
    }
}
