//! Licenses as Qlik sends them: who holds a seat, the pools, the automatic switches.

use serde::Deserialize;
use serde_json::Number;

use super::ends::Keyed;
use super::records::whole;
use crate::domain::{
    Allotment, AutoAssign, LicenseAssignment, LicenseType, Subject, SubscriptionModel,
};
use crate::text::{Pool, Raw};

#[derive(Deserialize, PartialEq)]
pub(super) struct LicenseRecord {
    subject: Raw,
    #[serde(rename = "type")]
    kind: Option<Raw>,
    excess: Option<bool>,
    created: Option<Raw>,
}

impl Keyed for LicenseRecord {
    fn key(&self) -> Raw {
        let kind = self.kind.as_ref().map(Raw::expose).unwrap_or_default();
        let subject = self.subject.expose();
        Raw::new(format!("{}\0{subject}\0{kind}", subject.to_lowercase()))
    }

    fn anchor(&self) -> Raw {
        Raw::new(self.subject.expose().to_lowercase())
    }
}

impl LicenseRecord {
    /// The type is shared through the pool.
    pub(super) fn into_assignment(self, pool: &mut Pool) -> LicenseAssignment {
        let kind = self.kind.filter(|kind| !kind.expose().is_empty());
        LicenseAssignment {
            subject: Subject::from(self.subject),
            license: kind.map(|kind| pool.share(kind).into()),
            excess: self.excess.unwrap_or(false),
            created: self.created,
        }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct OverviewRecord {
    allotments: Option<Vec<AllotmentRecord>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllotmentRecord {
    name: String,
    usage_class: Option<String>,
    units: Option<Number>,
    units_used: Option<Number>,
    overage: Option<Number>,
}

/// What the license overview says.
pub(super) struct Overview {
    pub(super) model: SubscriptionModel,
    pub(super) allotments: Vec<Allotment>,
    /// Seats in use, over all pools that are given to people.
    pub(super) seats: u64,
}

impl OverviewRecord {
    pub(super) fn into_overview(self) -> Overview {
        let records = self.allotments.unwrap_or_default();
        let has = |names: &[&str]| {
            records
                .iter()
                .any(|pool| names.contains(&pool.name.as_str()))
        };
        // The sign that Qlik's own entitlement analyzer goes by (dossier 4.1).
        let model = if has(&["fullUser", "basicUser"]) {
            SubscriptionModel::Capacity
        } else if has(&["professional", "analyzer"]) {
            SubscriptionModel::UserBased
        } else {
            SubscriptionModel::Unknown
        };
        let number = |number: Option<&Number>| number.and_then(whole).unwrap_or(0);
        let timed = |pool: &&AllotmentRecord| pool.usage_class.as_deref() != Some("time");
        let seats = records
            .iter()
            .filter(timed)
            .map(|pool| number(pool.units_used.as_ref()));
        let seats = seats.map(|used| u64::try_from(used).unwrap_or(0)).sum();
        let allotments = records.iter().map(|pool| Allotment {
            name: LicenseType::new(pool.name.as_str()),
            units: number(pool.units.as_ref()),
            used: number(pool.units_used.as_ref()),
            overage: number(pool.overage.as_ref()),
        });
        Overview {
            model,
            allotments: allotments.collect(),
            seats,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LicenseSettingsRecord {
    auto_assign_professional: bool,
    auto_assign_analyzer: bool,
}

impl LicenseSettingsRecord {
    pub(super) fn into_auto_assign(self) -> AutoAssign {
        AutoAssign {
            professional: self.auto_assign_professional,
            analyzer: self.auto_assign_analyzer,
        }
    }
}
