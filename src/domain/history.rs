//! How many seats were held on earlier days.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::ids::LicenseType;

/// A pool as it was read on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolDay {
    /// Which pool.
    pub name: LicenseType,
    /// Seats in use.
    pub used: i64,
    /// Seats bought.
    pub units: i64,
}

/// Pools by day; days on which nobody looked are not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatHistory {
    /// The last reading of each day (UTC).
    pub days: BTreeMap<Date, Vec<PoolDay>>,
}

impl SeatHistory {
    /// Seats of a pool in use, the oldest day first.
    pub fn of(&self, license: &LicenseType) -> Vec<i64> {
        let days = self.days.values();
        let pools = days.filter_map(|pools| pools.iter().find(|pool| pool.name == *license));
        pools.map(|pool| pool.used).collect()
    }

    /// The first day that is known.
    pub fn since(&self) -> Option<Date> {
        self.days.keys().next().copied()
    }
}
