//! What the guards remember: what runs of the last days took, and which readings of today do not
//! look like those of yesterday.

use super::toll::Week;
use crate::text::Raw;

/// What earlier runs and readings tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// What runs of the last seven days took.
    pub week: Week,
    /// Readings that came whole and are hard to believe. While there is one, nothing is taken away.
    pub doubts: Vec<Doubt>,
}

/// A reading that is hard to believe: it shrank, is empty, or is gone (reliability 4.8, C13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The source, group or query.
    pub what: Raw,
    /// What is odd, as a clause: "held 500 people on 2026-11-23 and holds 0 now".
    pub cause: String,
    /// How many it holds now: what a person vouches for when it is really so. `None` where nobody
    /// can vouch for it.
    pub count: Option<u64>,
    /// Whether it is a list of the tenant; else it is the directory's.
    pub of_tenant: bool,
}
