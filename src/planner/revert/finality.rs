//! What a plan does that nothing brings back, named at the first review, before anything is sent.

use std::collections::BTreeMap;

use crate::domain::{OperationKind, Plan, Undo};

/// "3 cannot be taken back: 2 delete user, 1 create group"; `None` when there is nothing of it.
pub fn finality(plan: &Plan) -> Option<String> {
    words(&plan.of_undo(Undo::Impossible), "cannot be taken back")
}

/// "28 can be taken back with losses: 28 remove license"; `None` when there is nothing of it.
pub fn losses(plan: &Plan) -> Option<String> {
    words(&plan.of_undo(Undo::Lossy), "can be taken back with losses")
}

fn words(kinds: &BTreeMap<OperationKind, u64>, what: &str) -> Option<String> {
    let total: u64 = kinds.values().sum();
    let parts: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} {}", kind.word().replace('_', " ")))
        .collect();
    (total > 0).then(|| format!("{total} {what}: {}", parts.join(", ")))
}
