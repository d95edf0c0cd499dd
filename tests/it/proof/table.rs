//! The row that a proof prints, and the two things its caller may choose: how much, and which seed.

#![expect(
    clippy::disallowed_methods,
    reason = "says how long a proof took, and reads how much is asked for"
)]

use std::io::Write as _;
use std::time::Instant;

/// The size of a proof: the short one, or the full one when the environment asks for it.
pub(crate) fn sized(short: u64, full: u64) -> u64 {
    match std::env::var("QROLL_PROOF").as_deref() {
        Ok("full") => full,
        _ => short,
    }
}

/// The one seed to replay, from `QROLL_SEED`.
pub(crate) fn seed() -> Option<u64> {
    std::env::var("QROLL_SEED").ok()?.parse().ok()
}

/// One proof under way.
pub(crate) struct Row {
    number: &'static str,
    what: &'static str,
    began: Instant,
}

impl Row {
    /// Starts the clock of a proof: its number in the test plan, and what it does.
    pub(crate) fn begin(number: &'static str, what: &'static str) -> Self {
        Self {
            number,
            what,
            began: Instant::now(),
        }
    }

    /// Prints the row. `size` says what was run, `violations` must be none.
    pub(crate) fn end(self, size: &str, violations: usize) {
        // Past the capture of tests, and on a line of its own.
        let _ = writeln!(
            std::io::stdout(),
            "\n{} | {} | {size} | violations {violations} | {:.1} s",
            self.number,
            self.what,
            self.began.elapsed().as_secs_f64()
        );
        assert_eq!(violations, 0, "{}: {}", self.number, self.what);
    }
}
