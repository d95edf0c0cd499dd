//! The summary: the numbers that come first.

use std::collections::BTreeMap;

use super::estimate;
use super::plan::Selection;
use crate::domain::{Operation, OperationKind, Summary};
use crate::planner::desk::{Desk, Fate};

pub(super) fn summary(desk: &Desk<'_>, operations: &[Operation], selection: &Selection) -> Summary {
    let mut kinds: BTreeMap<OperationKind, u64> = BTreeMap::new();
    for operation in operations {
        *kinds.entry(operation.change.kind()).or_default() += 1;
    }
    let (writes, reads) = (estimate::writes(operations), estimate::reads(operations));
    let cases = || desk.cases.iter();
    let removals = operations.iter().filter(|one| one.change.is_removal());
    let removals = count(removals.count());
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
        removals,
        scope: if removals > 0 {
            selection.people.max(count(desk.cases.len()))
        } else {
            0
        },
        kinds,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
