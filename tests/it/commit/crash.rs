//! The counter loop: stop at the 1st, 2nd, ... n-th disk or tenant step of a forty-operation plan,
//! resume until done, and look whether anything shows that there was a crash (T2).

use qroll::host::memory::Fuse;

use super::desk::{Desk, picture};
use super::plans::forty;
use super::tenant::{Fault, Rates};
use super::world::World;

const CALM: Rates = Rates {
    faults: &[],
    stale: 0,
    unread: 0,
};

fn undisturbed() -> World {
    let desk = Desk::new(&forty(), 1, CALM, true);
    let report = desk.apply().expect("applied");
    assert_eq!(report.exit_code, 0, "{report:?}");
    assert_eq!(report.counts.applied, 40);
    assert_eq!(desk.check(), 0);
    desk.world()
}

#[test]
fn a_crash_at_any_step_leaves_no_trace() {
    let wished = picture(&undisturbed());
    for step in 1.. {
        assert!(step < 5000, "the loop must end");
        let desk = Desk::new(&forty(), step, CALM, true);
        let fuse = Fuse::at(step);
        desk.until_done(|life| if life == 0 { fuse.clone() } else { Fuse::new() });
        assert_eq!(desk.check(), 0, "step {step}");
        assert_eq!(picture(&desk.world()), wished, "step {step}");
        if !fuse.is_blown() {
            assert!(step > 100, "a plan of forty takes more than {step} steps");
            return;
        }
    }
}

#[test]
fn a_crash_during_recovery_leaves_no_trace_either() {
    let wished = picture(&undisturbed());
    for first in (1..250).step_by(23) {
        for second in (1..120).step_by(11) {
            let desk = Desk::new(&forty(), first, CALM, false);
            desk.until_done(|life| match life {
                0 => Fuse::at(first),
                1 => Fuse::at(second),
                _ => Fuse::new(),
            });
            assert_eq!(desk.check(), 0, "steps {first}, {second}");
            assert_eq!(picture(&desk.world()), wished, "steps {first}, {second}");
        }
    }
}

#[test]
fn every_fault_of_one_write_is_mended() {
    let wished = picture(&undisturbed());
    for fault in [
        Fault::Throttle,
        Fault::ThrottleFor(30),
        Fault::NotSent,
        Fault::ErrorBefore,
        Fault::ErrorAfter,
        Fault::LostBefore,
        Fault::LostAfter,
        Fault::Late,
        Fault::MissingItem,
    ] {
        for place in 0..26 {
            let desk = Desk::new(&forty(), place, CALM, true);
            {
                let mut state = desk.tenant.state.lock().expect("tenant");
                let calm = std::iter::repeat_n(Fault::None, usize::try_from(place).expect("small"));
                state.script.extend(calm);
                state.script.push_back(fault);
            }
            let report = desk.until_done(|_| Fuse::new());
            assert_eq!(report.exit_code, 0, "{fault:?} at {place}: {report:?}");
            assert_eq!(desk.check(), 0, "{fault:?} at {place}");
            assert_eq!(picture(&desk.world()), wished, "{fault:?} at {place}");
        }
    }
}
