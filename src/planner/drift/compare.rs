//! All operations of a plan against one live reading.

use super::live::Live;
use super::row::{DriftRow, compare};
use super::seats;
use crate::domain::{Plan, TenantSnapshot};

/// Rows that moved, in the plan's order. Empty: the plan fits what is there.
///
/// The live reading must hold what the plan touches: users, groups, licensing, and the assignments
/// of its spaces; what is missing comes back as [`DriftKind::Unread`](super::DriftKind::Unread).
pub fn drift(plan: &Plan, live: &TenantSnapshot) -> Vec<DriftRow> {
    let live = Live::new(live);
    let mut rows: Vec<Option<DriftRow>> = plan
        .operations
        .iter()
        .map(|operation| compare(operation, plan, &live))
        .collect();
    seats::fit(plan, &live, &mut rows);
    rows.into_iter().flatten().collect()
}
