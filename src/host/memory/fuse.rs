//! Counts steps and blows at a chosen one: "stop at the 1st, 2nd, ... n-th disk or tenant step"
//! (the counter loop of `SQLite`'s tests). Whatever shares a fuse stops together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared by the disk and the tenant of one machine.
#[derive(Clone, Debug, Default)]
pub struct Fuse(Arc<State>);

#[derive(Debug)]
struct State {
    steps: AtomicU64,
    blow_at: AtomicU64,
    blown: AtomicBool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            steps: AtomicU64::new(0),
            blow_at: AtomicU64::new(u64::MAX),
            blown: AtomicBool::new(false),
        }
    }
}

impl Fuse {
    /// A fuse that never blows; it only counts.
    pub fn new() -> Self {
        Self::default()
    }

    /// A fuse that blows instead of the n-th step (the first is 1).
    pub fn at(step: u64) -> Self {
        let fuse = Self::default();
        fuse.0.blow_at.store(step, Ordering::SeqCst);
        fuse
    }

    /// Takes a step; `false` when the fuse is blown and the step must not happen.
    pub fn step(&self) -> bool {
        let step = self.0.steps.fetch_add(1, Ordering::SeqCst) + 1;
        if step >= self.0.blow_at.load(Ordering::SeqCst) {
            self.0.blown.store(true, Ordering::SeqCst);
        }
        !self.is_blown()
    }

    /// Whether it has blown.
    pub fn is_blown(&self) -> bool {
        self.0.blown.load(Ordering::SeqCst)
    }

    /// Steps asked for so far.
    pub fn steps(&self) -> u64 {
        self.0.steps.load(Ordering::SeqCst)
    }
}
