//! License assignments, keyed by subject and type, and the allotments they are drawn from.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Folds case the way subjects and e-mails are compared (qlik.dev users: filters ignore case).
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// A stock of licenses (qlik.dev licenses, overview).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allotment {
    /// `professional`, `analyzer`, `analyzer_time`, `fullUser`, ...
    pub name: String,
    /// `assigned`, `time` or `capacity`.
    pub usage_class: String,
    /// Units bought.
    pub units: i64,
    /// Units in use that are not assignments (minutes of analyzer capacity, sign-ins on capacity
    /// subscriptions).
    pub used_otherwise: i64,
    /// Units that may be used beyond `units`; -1 is no ceiling.
    pub overage: i64,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseAssignment {
    /// As it was sent; compared lower-cased.
    pub subject: String,
    /// Name of an allotment.
    pub kind: String,
    /// Beyond what the license covers.
    pub excess: bool,
    /// When it was given.
    pub created: Timestamp,
}

/// All assignments of the license in subject order, and the stock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Licenses {
    /// The stock, in the order the overview lists it.
    pub allotments: Vec<Allotment>,
    /// `autoAssignProfessional`.
    pub auto_professional: bool,
    /// `autoAssignAnalyzer`.
    pub auto_analyzer: bool,
    by_key: BTreeMap<(String, String), LicenseAssignment>,
    used: BTreeMap<String, i64>,
}

impl Licenses {
    /// How many assignments there are.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Assignments in order of lower-cased subject, then type, after `from`.
    pub fn after(
        &self,
        from: Option<(String, String)>,
    ) -> impl DoubleEndedIterator<Item = (&(String, String), &LicenseAssignment)> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.by_key
            .range((from.map_or(Unbounded, Excluded), Unbounded))
    }

    /// Every assignment of a subject, whatever its case.
    pub fn of_subject<'a>(
        &'a self,
        subject: &str,
    ) -> impl Iterator<Item = &'a LicenseAssignment> + use<'a> {
        let key = lower(subject);
        self.by_key
            .range((key.clone(), String::new())..)
            .take_while(move |((s, _), _)| *s == key)
            .map(|(_, a)| a)
    }

    /// The allotment of this exact name (case matters, com-2439614).
    pub fn allotment(&self, kind: &str) -> Option<&Allotment> {
        self.allotments.iter().find(|a| a.name == kind)
    }

    /// Units in use of an allotment.
    pub fn used(&self, kind: &str) -> i64 {
        let assigned = self.used.get(kind).copied().unwrap_or(0);
        assigned + self.allotment(kind).map_or(0, |a| a.used_otherwise)
    }

    /// Whether one more unit may be given.
    pub fn has_room(&self, kind: &str) -> bool {
        self.allotment(kind)
            .is_some_and(|a| a.overage < 0 || self.used(kind) < a.units + a.overage)
    }

    /// Adds or replaces an assignment; no questions asked.
    pub fn insert(&mut self, assignment: LicenseAssignment) {
        let kind = assignment.kind.clone();
        let key = (lower(&assignment.subject), kind.clone());
        if self.by_key.insert(key, assignment).is_none() {
            *self.used.entry(kind).or_default() += 1;
        }
    }

    /// Takes an assignment away.
    pub fn remove(&mut self, subject: &str, kind: &str) -> Option<LicenseAssignment> {
        let gone = self.by_key.remove(&(lower(subject), kind.to_owned()))?;
        *self.used.entry(kind.to_owned()).or_default() -= 1;
        Some(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn give(licenses: &mut Licenses, subject: &str) {
        licenses.insert(LicenseAssignment {
            subject: subject.into(),
            kind: "analyzer".into(),
            excess: false,
            created: Timestamp::UNIX_EPOCH,
        });
    }

    #[test]
    fn use_is_counted_once_per_subject_whatever_its_case() {
        let mut licenses = Licenses {
            allotments: vec![Allotment {
                name: "analyzer".into(),
                usage_class: "assigned".into(),
                units: 2,
                used_otherwise: 0,
                overage: 0,
            }],
            ..Licenses::default()
        };
        give(&mut licenses, "ACME\\a");
        give(&mut licenses, "acme\\A");
        assert_eq!(licenses.used("analyzer"), 1);
        assert!(licenses.has_room("analyzer"));
        give(&mut licenses, "acme\\b");
        assert!(!licenses.has_room("analyzer"));
        assert!(licenses.remove("ACME\\B", "analyzer").is_some());
        assert_eq!(licenses.used("analyzer"), 1);
        assert!(!licenses.has_room("Analyzer"));
    }

    #[test]
    fn a_negative_overage_is_no_ceiling() {
        let mut licenses = Licenses {
            allotments: vec![Allotment {
                name: "analyzer".into(),
                usage_class: "assigned".into(),
                units: 0,
                used_otherwise: 0,
                overage: -1,
            }],
            ..Licenses::default()
        };
        give(&mut licenses, "a");
        assert!(licenses.has_room("analyzer"));
    }
}
