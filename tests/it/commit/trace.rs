//! What a proof says when it fails: its seed, how to replay it, and the last things that happened.

#![expect(clippy::print_stderr, reason = "the trace of a failed proof")]

use std::sync::PoisonError;

use super::desk::Desk;

/// Lines of each kind that are told.
const LINES: usize = 9;

/// Prints when it is dropped by a panic.
pub(super) struct Trace<'a> {
    desk: &'a Desk,
    seed: u64,
    what: String,
}

impl<'a> Trace<'a> {
    /// Watches one case, which `QROLL_SEED` names again.
    pub(super) fn of(desk: &'a Desk, seed: u64, what: String) -> Self {
        Self { desk, seed, what }
    }
}

impl Drop for Trace<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        eprintln!("replay with QROLL_SEED={}: {}", self.seed, self.what);
        let state = &self.desk.tenant.state;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, call) in state.sent.iter().rev().take(LINES).rev() {
            eprintln!("  {:>9.3} s sent {call:?}", at.0.as_secs_f64());
        }
        let events = self.desk.events.lock();
        let events = events.unwrap_or_else(PoisonError::into_inner);
        for event in events.iter().rev().take(LINES).rev() {
            eprintln!("  told {event:?}");
        }
    }
}
