//! What a person may decide about a finding of a plan, as data: the screen names keys for it, the
//! command line options, and neither is in the plan. And what was allowed so far, beyond what the
//! profile allows: each singly and by name.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::ids::Subject;
use super::plan::Guards;
use crate::text::Raw;

/// A question that a finding leaves to a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Whether somebody whose name looks like another's is the person meant.
    LookAlike(Subject),
    /// Whether something may be taken from this tenant administrator.
    Admin(Subject),
    /// Whether a source that shrank, is empty or is gone holds so many indeed.
    Size {
        /// Its name.
        name: Raw,
        /// How many it holds now.
        count: u64,
    },
    /// Whether so many removals are meant.
    Removals {
        /// Operations that take something away.
        number: u64,
        /// Operations that would be left without them.
        rest: u64,
    },
    /// Whether so many people get subjects that nothing proves.
    Unproven {
        /// Subjects that would be new to the tenant.
        number: u64,
    },
    /// Whether so many seats of nobody here are taken back, though another tenant on the same license may
    /// use them.
    Orphans {
        /// Seats of which it cannot be told.
        number: u64,
    },
    /// Whether removals that are held shall be taken in again.
    Held,
    /// Whether something is taken back from somebody who made something since.
    Include(Subject),
}

/// What a person allowed beyond the profile, for what is staged now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Tenant administrators from whom something may be taken.
    pub admins: BTreeSet<Subject>,
    /// Sizes of sources that are right, by name.
    pub sizes: BTreeSet<(String, u64)>,
    /// Removals are left out of the plan and listed apart.
    pub hold_removals: bool,
    /// Exactly so many removals may pass the limit.
    pub removals: Option<u64>,
    /// Exactly so many people may get subjects that nothing proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unproven: Option<u64>,
    /// Exactly so many seats of nobody here may be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphans: Option<u64>,
}

impl Allowed {
    /// Whether nothing was allowed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Guards {
    /// What to say when another number of removals was allowed than there are; empty otherwise.
    pub fn other_number(&self, removals: u64) -> String {
        match self.allow_removals {
            Some(allowed) if allowed != removals => {
                format!(", and {allowed} were allowed, not {removals}")
            }
            _ => String::new(),
        }
    }

    /// These guards with what a person allowed.
    #[must_use]
    pub fn allowing(&self, allowed: &Allowed) -> Self {
        let mut guards = self.clone();
        guards.allow_subjects.extend(allowed.admins.iter().cloned());
        guards.allow_removals = allowed.removals.or(guards.allow_removals);
        guards.hold_removals |= allowed.hold_removals;
        guards
    }
}
