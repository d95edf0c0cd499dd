//! A property under test: so many cases, one row, a failure shrunk and said with its seed.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

use super::table::{Row, seed, sized};

/// Runs a property over 100 cases, over 10,000 at full size; the first counter-example fails it, as
/// small as it can be made. `QROLL_SEED` chooses other cases.
#[track_caller]
pub(crate) fn holds<S: Strategy>(
    what: &'static str,
    cases: S,
    law: impl Fn(S::Value) -> TestCaseResult,
) {
    let row = Row::begin("T9", what);
    let dice = seed().unwrap_or(1);
    let count = sized(100, 10_000);
    let config = Config {
        cases: u32::try_from(count).unwrap_or(u32::MAX),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(dice),
        ..Config::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&cases, law) {
        panic!("T9, {what}, seed {dice}: {failure}");
    }
    row.end(&format!("{count} cases, seed {dice}"), 0);
}
