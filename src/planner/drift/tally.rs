//! What moved, in one sentence: seats that are gone, rows that somebody else has done, rows that no
//! longer fit.

use std::collections::BTreeMap;

use super::row::{DriftKind, DriftRow};
use crate::domain::{Change, LicenseType, OperationId, Plan};

/// A sentence about the rows: `12 analyzer seats are gone; 2 rows done by somebody else, 10 rows no
/// longer fit`. Seats are those that the plan counted on: taken by somebody else for a person of the
/// plan, or for anybody else so that no seat is left.
pub fn tally(plan: &Plan, rows: &[DriftRow]) -> String {
    let takes: BTreeMap<&OperationId, &LicenseType> = plan
        .operations
        .iter()
        .filter_map(|operation| match &operation.change {
            Change::AddLicense { after, .. } | Change::ChangeLicense { after, .. } => {
                Some((&operation.id, &after.license))
            }
            _ => None,
        })
        .collect();
    let mut gone: BTreeMap<&LicenseType, usize> = BTreeMap::new();
    for row in rows {
        let counts = matches!(row.drift, DriftKind::Already | DriftKind::NoSeat);
        if let Some(license) = takes.get(&row.operation).filter(|_| counts) {
            *gone.entry(license).or_default() += 1;
        }
    }
    let seats = gone.iter().map(|(license, count)| {
        let license = license.show();
        match count {
            1 => format!("1 {license} seat is gone"),
            _ => format!("{count} {license} seats are gone"),
        }
    });
    let kinds = [
        (DriftKind::Already, "done by somebody else"),
        (DriftKind::NoSeat, "no longer fit"),
        (DriftKind::Changed, "changed"),
        (DriftKind::Unread, "could not be read"),
    ];
    let kinds = kinds.into_iter().filter_map(|(kind, words)| {
        let count = rows.iter().filter(|row| row.drift == kind).count();
        let one = if count == 1 { "row" } else { "rows" };
        (count > 0).then(|| format!("{count} {one} {words}"))
    });
    let parts = [
        seats.collect::<Vec<_>>().join(", "),
        kinds.collect::<Vec<_>>().join(", "),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("; ")
}
