//! Allotments, their assignments and the switches that hand them out by themselves.

use serde::{Deserialize, Serialize};

use super::ids::{LicenseType, Subject};
use crate::text::Raw;

/// A pool of seats (`GET /licenses/overview`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allotment {
    /// Its name, which is the license type.
    pub name: LicenseType,
    /// Seats (or minutes, for `analyzer_time`) bought.
    pub units: i64,
    /// How many are in use.
    pub used: i64,
    /// How many more may be used at a price; -1 for no ceiling. Money, not room.
    pub overage: i64,
}

impl Allotment {
    /// Seats left without paying overage; never negative.
    pub fn free(&self) -> u64 {
        u64::try_from(self.units - self.used).unwrap_or(0)
    }
}

/// One seat: a license type held by a subject. Global to the license, not to the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseAssignment {
    /// Whose.
    pub subject: Subject,
    /// Missing in one published sample, hence optional.
    pub license: Option<LicenseType>,
    /// Beyond what the license covers.
    pub excess: bool,
    /// RFC 3339 time of the assignment, as sent.
    pub created: Option<Raw>,
}

/// The two automatic switches (`GET /licenses/settings`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoAssign {
    /// Gives a professional seat to whoever signs in without one.
    pub professional: bool,
    /// Gives an analyzer seat to whoever signs in without one.
    pub analyzer: bool,
}

/// How the tenant pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionModel {
    /// Seats by person: professional, analyzer.
    #[default]
    UserBased,
    /// Capacity: whoever signs in counts; seats cannot be assigned.
    Capacity,
    /// The overview names no allotment that we know.
    Unknown,
}

/// Everything about seats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licensing {
    /// How the tenant pays.
    pub model: SubscriptionModel,
    /// The pools.
    pub allotments: Vec<Allotment>,
    /// Who holds what, over the whole license.
    pub assignments: Vec<LicenseAssignment>,
    /// The automatic switches; `None` when they may not be read or do not exist.
    pub auto_assign: Option<AutoAssign>,
}

impl Licensing {
    /// The pool of one type.
    pub fn allotment(&self, license: &LicenseType) -> Option<&Allotment> {
        self.allotments
            .iter()
            .find(|allotment| allotment.name == *license)
    }
}
