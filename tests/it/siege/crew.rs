//! Many rounds of a proof at once, since a round mostly waits; seeds; and how failures are told.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use qroll::host::memory::SeededRng;
use qroll::ports::Rng as _;

use crate::proof::{Row, seed};

/// Seeded draws, so that a round can be replayed.
pub(crate) struct Dice(SeededRng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next()
    }

    /// A number from 0 up to, and without, `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }
}

/// What a round found: figures to be added up, and what was wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) figures: BTreeMap<&'static str, u64>,
    pub(crate) wrong: Vec<String>,
}

impl Found {
    pub(crate) fn add(&mut self, figure: &'static str, count: u64) {
        *self.figures.entry(figure).or_default() += count;
    }

    /// The larger of what is there and this.
    pub(crate) fn most(&mut self, figure: &'static str, count: u64) {
        let held = self.figures.entry(figure).or_default();
        *held = count.max(*held);
    }

    pub(crate) fn figure(&self, figure: &str) -> u64 {
        self.figures.get(figure).copied().unwrap_or(0)
    }

    fn join(&mut self, other: Self, seed: u64) {
        for (figure, count) in other.figures {
            if figure.starts_with("most ") {
                self.most(figure, count);
            } else {
                self.add(figure, count);
            }
        }
        let wrong = other.wrong.into_iter();
        self.wrong
            .extend(wrong.map(|text| format!("seed {seed}: {text}")));
    }
}

/// Runs rounds 1 to `rounds` (or the one of `QROLL_SEED`), up to `hands` at a time, and adds up.
pub(crate) fn rounds(rounds: u64, hands: u64, round: impl Fn(u64) -> Found + Sync) -> Found {
    if let Some(seed) = seed() {
        let mut all = Found::default();
        all.join(round(seed), seed);
        return all;
    }
    let (next, all) = (AtomicU64::new(1), Mutex::new(Found::default()));
    std::thread::scope(|scope| {
        for _ in 0..hands.min(rounds) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed > rounds {
                        return;
                    }
                    let found = round(seed);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    all.join(found, seed);
                }
            });
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Tells what was wrong, then prints the row with all figures.
pub(crate) fn conclude(row: Row, size: &str, found: &Found) {
    let mut stderr = std::io::stderr().lock();
    for wrong in found.wrong.iter().take(20) {
        // Nobody reads it any more when that fails.
        let _ = writeln!(stderr, "{wrong}");
    }
    drop(stderr);
    let figures: Vec<String> = found
        .figures
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    row.end(
        &format!("{size}; {}", figures.join(", ")),
        found.wrong.len(),
    );
}
