//! Requests and time of a plan under the published limits (dossier 11).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Change, Operation, OperationKind};

/// License items a request; the maximum is not published.
pub const LICENSE_BATCH: u64 = 50;

/// Users asked for in one filter action before the first write.
const LOOKUP_BATCH: u64 = 50;

/// Writes that the five-minute window lets through at once.
const BURST: u64 = 500;

/// Writes a minute beyond the burst.
const WRITES_A_MINUTE: u64 = 100;

/// Milliseconds of one request, and how many run side by side.
const LATENCY: u64 = 100;
const WRITERS: u64 = 4;
const READERS: u64 = 8;

/// Writes of a plan: licenses in batches by kind, one each for the rest.
pub(in crate::planner) fn writes(operations: &[Operation]) -> u64 {
    let mut kinds: BTreeMap<OperationKind, u64> = BTreeMap::new();
    for operation in operations {
        *kinds.entry(operation.change.kind()).or_default() += 1;
    }
    let requests = |(kind, count): (&OperationKind, &u64)| {
        if kind.is_batched() {
            count.div_ceil(LICENSE_BATCH)
        } else {
            *count
        }
    };
    kinds.iter().map(requests).sum()
}

/// Reads before the first write: what is about to change is looked at again, in batches.
pub(in crate::planner) fn reads(operations: &[Operation]) -> u64 {
    let (mut created, mut touched, mut seats, mut single) = (0, 0, 0, 0);
    let mut spaces = BTreeSet::new();
    for operation in operations {
        match &operation.change {
            Change::CreateUser { .. } => created += 1,
            Change::UpdateUser { .. }
            | Change::DisableUser { .. }
            | Change::DeleteUser { .. }
            | Change::SetRoles { .. } => touched += 1,
            Change::AddLicense { .. }
            | Change::ChangeLicense { .. }
            | Change::MoveLicense { .. }
            | Change::RemoveLicense { .. } => seats += 1,
            Change::AddSpaceAssignment { target, .. }
            | Change::ChangeSpaceAssignment { target, .. }
            | Change::RemoveSpaceAssignment { target, .. } => {
                spaces.insert(&target.space.id);
            }
            Change::CreateGroup { .. } | Change::SetAutoAssign { .. } => single += 1,
        }
    }
    let batches = |count: u64| count.div_ceil(LOOKUP_BATCH);
    let pools = u64::from(seats > 0);
    let spaces = u64::try_from(spaces.len()).unwrap_or(u64::MAX);
    // New people are looked up by subject and by e-mail.
    2 * batches(created) + batches(touched) + batches(seats) + pools + spaces + single
}

/// Seconds for so many writes: the burst is free, the rest goes at the published rate.
pub fn seconds_for_writes(writes: u64) -> u64 {
    let waiting = writes.saturating_sub(BURST).saturating_mul(60) / WRITES_A_MINUTE;
    waiting.saturating_add((writes * LATENCY).div_ceil(WRITERS * 1000))
}

/// Seconds for a plan.
pub(in crate::planner) fn seconds(writes: u64, reads: u64) -> u64 {
    seconds_for_writes(writes) + (reads * LATENCY).div_ceil(READERS * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_is_free_and_the_rest_has_a_rate() {
        assert_eq!(seconds_for_writes(0), 0);
        assert_eq!(seconds_for_writes(38), 1);
        assert_eq!(seconds_for_writes(500), 13);
        assert_eq!(seconds_for_writes(600), 60 + 15);
    }
}
