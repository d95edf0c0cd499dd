//! Several tenants on one license. The list of seats is that of the whole license, so a seat whose
//! subject is no user here may be in use in another tenant (dossier 4.2): only the users of all the
//! others tell.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::decision::Decision;
use super::ids::Subject;
use super::plan::{Plan, Severity};
use super::snapshot::{Reading, TenantSnapshot};

/// Another tenant on the same license, as far as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherTenant {
    /// The profile by which it is configured.
    pub name: String,
    /// Its users of every status, as [`Subject::key`] has them.
    pub subjects: Reading<BTreeSet<String>>,
}

/// Whose a seat is when its subject is no user here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A user of this other tenant has the subject.
    There(String),
    /// Nobody's: every tenant that is configured was read whole, and none knows the subject.
    Nobody,
    /// That cannot be told, for this reason.
    Untold(String),
}

impl OtherTenant {
    /// Why this tenant does not tell who is no user of it.
    pub fn gap(&self) -> Option<String> {
        let cause = self.subjects.proof.gap()?;
        Some(format!("users of {}: {cause}", self.name))
    }
}

impl TenantSnapshot {
    /// The other tenant in which a subject is a user, as far as is known.
    pub fn used_in(&self, subject: &Subject) -> Option<&str> {
        let key = subject.key();
        let mut others = self.others.iter();
        let there = others.find(|other| other.subjects.value.contains(&key))?;
        Some(&there.name)
    }

    /// Whose the seat of a subject is that no user of this tenant has.
    pub fn claim(&self, subject: &Subject) -> Claim {
        if let Some(name) = self.used_in(subject) {
            return Claim::There(name.to_owned());
        }
        if let Some(cause) = self.users.proof.gap() {
            return Claim::Untold(format!("users: {cause}"));
        }
        if self.others.is_empty() {
            return Claim::Untold("no other tenant of the license is configured".to_owned());
        }
        let mut gaps = self.others.iter().filter_map(OtherTenant::gap);
        gaps.next().map_or(Claim::Nobody, Claim::Untold)
    }
}

impl Plan {
    /// Whether somebody typed how many seats are taken of which nobody knew whose they are.
    pub fn takes_untold(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| {
            finding.severity == Severity::Note
                && matches!(finding.decision, Some(Decision::Orphans { .. }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Completeness;
    use crate::domain::testing::live;

    fn other(name: &str, subjects: &[&str]) -> OtherTenant {
        let subjects = subjects.iter().map(|one| (*one).to_owned()).collect();
        OtherTenant {
            name: name.to_owned(),
            subjects: Reading::proven(subjects, "a test"),
        }
    }

    #[test]
    fn a_seat_is_nobodys_only_when_every_tenant_was_read_whole() {
        let subject = Subject::from("CORP\\Ann");
        let mut tenant = live(Vec::new());
        let untold = |claim| matches!(claim, Claim::Untold(_));
        assert!(untold(tenant.claim(&subject)), "no other tenant is known");
        tenant.others = vec![other("south", &[]), other("west", &[])];
        assert_eq!(tenant.claim(&subject), Claim::Nobody);
        tenant.users.proof = Completeness::Unread;
        assert!(untold(tenant.claim(&subject)), "she may be a user here");
        tenant.users.proof = Completeness::proven("a test");
        tenant.others[1].subjects.proof = Completeness::Incomplete("page 2".to_owned());
        let said = Claim::Untold("users of west: page 2".to_owned());
        assert_eq!(tenant.claim(&subject), said);
    }

    #[test]
    fn who_was_met_elsewhere_is_there_however_much_is_missing() {
        let mut tenant = live(Vec::new());
        tenant.others = vec![other("south", &[]), other("west", &["corp\\ann"])];
        tenant.others[1].subjects.proof = Completeness::Incomplete("page 2".to_owned());
        let subject = Subject::from("CORP\\Ann");
        assert_eq!(tenant.claim(&subject), Claim::There("west".to_owned()));
    }
}
