//! The summary: the numbers that come first.

use std::collections::BTreeMap;

use super::estimate;
use crate::domain::{Operation, OperationKind, Summary};
use crate::planner::desk::{Desk, Fate};

pub(super) fn summary(desk: &Desk<'_>, operations: &[Operation]) -> Summary {
    let mut kinds: BTreeMap<OperationKind, u64> = BTreeMap::new();
    for operation in operations {
        *kinds.entry(operation.change.kind()).or_default() += 1;
    }
    let (writes, reads) = (estimate::writes(operations), estimate::reads(operations));
    let cases = || desk.cases.iter();
    Summary {
        people: count(cases().count()),
        operations: count(operations.len()),
        requests: writes + reads,
        seconds: estimate::seconds(writes, reads),
        skipped: count(
            cases()
                .filter(|case| case.wish.gives() && !case.served())
                .count(),
        ),
        waiting: count(
            cases()
                .filter(|case| matches!(case.license.fate, Fate::Waits { .. }))
                .count(),
        ),
        removals: count(
            operations
                .iter()
                .filter(|one| one.change.is_removal())
                .count(),
        ),
        kinds,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
