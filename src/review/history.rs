//! Seats of earlier days: one entry a day, the last reading of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::known::{file, put};
use super::looked::Shelf;
use crate::domain::{Completeness, Licensing, PoolDay, Reading, SeatHistory};
use crate::ports::Problem;

/// How the file is called in which they are kept.
const SEATS: &str = "seats";
/// Days that are kept: two renewals.
const DAYS: usize = 800;

/// What earlier readings left; nothing where it cannot be read.
pub fn past(shelf: &Shelf<'_>) -> SeatHistory {
    let path = file(shelf.state, SEATS, shelf.tenant);
    let bytes = shelf.disk.read(&path).ok().flatten();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Keeps what was read today; a reading that is not whole is no entry.
///
/// # Errors
/// What the disk says.
pub fn note(
    shelf: &Shelf<'_>,
    licensing: &Reading<Licensing>,
    now: Timestamp,
) -> Result<(), Problem> {
    let whole = matches!(
        licensing.proof,
        Completeness::Proven(_) | Completeness::Once(_)
    );
    if !whole || licensing.value.allotments.is_empty() {
        return Ok(());
    }
    let mut history = past(shelf);
    let today = now.to_zoned(TimeZone::UTC).date();
    let pools = licensing.value.allotments.iter().map(|pool| PoolDay {
        name: pool.name.clone(),
        used: pool.used,
        units: pool.units,
    });
    let pools: Vec<PoolDay> = pools.collect();
    if history.days.get(&today) == Some(&pools) {
        return Ok(());
    }
    history.days.insert(today, pools);
    while history.days.len() > DAYS {
        history.days.pop_first();
    }
    let bytes = serde_json::to_vec(&history).unwrap_or_default();
    put(shelf.disk, &file(shelf.state, SEATS, shelf.tenant), &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Allotment, TenantId};
    use crate::host::memory::MemoryDisk;
    use std::path::Path;

    fn licensing(used: i64) -> Reading<Licensing> {
        let pool = Allotment {
            name: "analyzer".into(),
            units: 300,
            used,
            overage: 0,
        };
        let licensing = Licensing {
            allotments: vec![pool],
            ..Licensing::default()
        };
        Reading::proven(licensing, "all pages")
    }

    #[test]
    fn a_day_has_one_entry_and_a_part_has_none() {
        let disk = MemoryDisk::default();
        let tenant = TenantId::from("t/1");
        let shelf = Shelf {
            disk: &disk,
            state: Path::new("state"),
            tenant: &tenant,
        };
        assert_eq!(past(&shelf), SeatHistory::default());
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        for (used, when) in [
            (290, "2026-11-29T08:00:00Z"),
            (295, "2026-11-30T08:00:00Z"),
            (298, "2026-11-30T18:00:00Z"),
        ] {
            note(&shelf, &licensing(used), at(when)).expect("kept");
        }
        let cut = Reading {
            proof: Completeness::Incomplete("cut".to_owned()),
            ..licensing(1)
        };
        note(&shelf, &cut, at("2026-12-01T08:00:00Z")).expect("left out");
        let known = past(&shelf).of(&"analyzer".into());
        assert_eq!(known, [290, 298]);
    }

    #[test]
    fn what_cannot_be_read_is_no_history() {
        let disk = MemoryDisk::default();
        let tenant = TenantId::from("t");
        let shelf = Shelf {
            disk: &disk,
            state: Path::new("state"),
            tenant: &tenant,
        };
        put(&disk, &file(shelf.state, SEATS, &tenant), b"{").expect("written");
        assert_eq!(past(&shelf), SeatHistory::default());
    }
}
