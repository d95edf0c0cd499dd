//! Whether the seats still suffice, in the order in which the plan gives them out.

use std::collections::BTreeMap;

use super::live::Live;
use super::row::{DriftKind, DriftRow, no_seat};
use crate::domain::{Change, LicenseType, Plan};

/// Names the operations that find no seat any more. Those done by somebody else need none.
pub(super) fn fit(plan: &Plan, live: &Live<'_>, rows: &mut [Option<DriftRow>]) {
    let pools = &live.tenant.licensing.value.allotments;
    let mut left: BTreeMap<&LicenseType, i64> = pools
        .iter()
        .filter(|pool| pool.name.expose() != "analyzer_time")
        .map(|pool| (&pool.name, pool.units - pool.used))
        .collect();
    for (operation, row) in plan.operations.iter().zip(rows) {
        if row
            .as_ref()
            .is_some_and(|row| row.drift != DriftKind::Unread)
        {
            continue;
        }
        let (takes, gives) = match &operation.change {
            Change::AddLicense { after, .. } => (Some(&after.license), None),
            Change::ChangeLicense { before, after, .. } => {
                (Some(&after.license), Some(&before.license))
            }
            Change::RemoveLicense { before, .. } => (None, Some(&before.license)),
            _ => (None, None),
        };
        if let Some(license) = takes
            && let Some(room) = left.get_mut(license)
        {
            if *room <= 0 {
                *row = Some(no_seat(operation, license));
                continue;
            }
            *room -= 1;
        }
        if let Some(room) = gives.and_then(|license| left.get_mut(license)) {
            *room += 1;
        }
    }
}
