//! Random lives by seed: every fault of the model at absurd rates, crashes in between, resumed
//! until nothing is left (T1). A failure names its seed; `QROLL_SEED` replays it.

use qroll::domain::RunEvent;
use qroll::host::memory::{Fuse, SeededRng};
use qroll::ports::Rng as _;

use super::desk::{Desk, picture};
use super::plans::forty;
use super::tenant::{ABSURD, Rates};
use crate::proof;

/// One seed from start to end; gives the journal, the events and how many are unknown.
fn live(seed: u64) -> (Vec<u8>, Vec<RunEvent>, usize) {
    let desk = Desk::new(&forty(), seed, ABSURD, false);
    let dice = SeededRng::new(seed ^ 0xd1ce);
    let report = desk.until_done(|_| match dice.next() % 3 {
        0 => Fuse::at(1 + dice.next() % 200),
        _ => Fuse::new(),
    });
    let unknown = desk.check();
    let all_hold = report.counts.applied + report.counts.already == report.counts.total;
    if all_hold {
        let calm = Desk::new(&forty(), 0, Rates::default(), false);
        calm.apply().expect("applied");
        assert_eq!(
            picture(&desk.world()),
            picture(&calm.world()),
            "I5 (seed {seed})"
        );
    }
    let journal = desk
        .disk
        .files()
        .iter()
        .filter_map(|path| desk.disk.synced(path))
        .flatten()
        .collect();
    let events = std::mem::take(&mut *desk.events.lock().expect("events"));
    (journal, events, unknown)
}

#[test]
fn proof_t1_no_seed_breaks_an_invariant() {
    if let Some(seed) = proof::seed() {
        live(seed);
        return;
    }
    let seeds = proof::sized(150, 100_000);
    let row = proof::Row::begin("T1", "plan, apply, crash, resume under every fault");
    let unknown: usize = (0..seeds).map(|seed| live(seed).2).sum();
    row.end(&format!("{seeds} seeds of 40 operations"), 0);
    let operations = usize::try_from(seeds).expect("few") * 40;
    assert!(
        unknown * 20 < operations,
        "unknown is the honest exception: {unknown} of {operations}"
    );
}

#[test]
fn a_seed_repeats_exactly() {
    for seed in 0..10 {
        let (journal, events, _) = live(seed);
        let (again, events_again, _) = live(seed);
        assert_eq!(journal, again, "seed {seed}");
        assert_eq!(events, events_again, "seed {seed}");
    }
}
