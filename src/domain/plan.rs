//! A plan: ordered operations against a snapshot, hashed, with what was found on the way.
//! The JSON form is a contract (`plan.json`); see product documentation for the fields.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::change::{Operation, OperationKind, Undo};
use super::decision::Decision;
use super::ids::{RoleId, RunId, Subject, TenantId};
use super::snapshot::SourceKind;
use super::tenant::Identity;
use crate::text::Raw;

/// SHA-256 of the canonical plan without its `hash` field, in lower-case hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanHash(pub String);

impl PlanHash {
    /// The first four digits, for headings.
    pub fn short(&self) -> &str {
        self.0.get(..4).unwrap_or(&self.0)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Somebody does not get what was wished, or something is odd.
    Warning,
    /// The plan must not be applied like this.
    Error,
}

/// What was found. Serialised in kebab-case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(
    missing_docs,
    reason = "the names say it; the text of the finding explains"
)]
pub enum FindingCode {
    DisabledPerson,
    IllegalRole,
    PointlessRole,
    WaitsForSeat,
    FellBack,
    LeftOut,
    NoSubject,
    Conflict,
    EmailCandidate,
    SharedMailbox,
    UnknownGroup,
    UnknownSpace,
    UnknownPerson,
    UnknownLicense,
    Protected,
    RemovalGuard,
    IncompleteSource,
    CapacityTenant,
    AutoAssignOn,
    RolesReplaced,
    KeepsHigherLicense,
    OwnerHasAllRoles,
    NotInApprovedGroup,
    GuestPerson,
    NoEmail,
    NotChecked,
    EmailTaken,
    WriteCount,
    UserDisabled,
    DeleteNotArmed,
    UnknownRole,
    SecondSeat,
    OrphanSeat,
    ReachedByGroup,
    NoLongerOurs,
    HeldForDecision,
    SignedInSince,
    RecordStays,
    CannotBeTakenBack,
    NotSettled,
    RemovalHeld,
    SourceDoubt,
    SourceMoving,
    LookAlike,
    SubjectUnproven,
    SameName,
    OwnsContent,
}

/// Something the reader of the plan has to know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// What.
    pub code: FindingCode,
    /// About whom or what; empty for the plan as a whole.
    pub who: Raw,
    /// A sentence.
    pub text: Raw,
    /// What to do about it, wherever the plan is read.
    pub hint: Raw,
    /// What a person may decide about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

impl Finding {
    /// Whether what a person may decide about it is decided: it is told, and waits for nobody.
    pub fn is_settled(&self) -> bool {
        match &self.decision {
            Some(Decision::LookAlike(_) | Decision::Unproven { .. }) => {
                self.severity != Severity::Error
            }
            Some(Decision::Orphans { .. }) => self.severity == Severity::Note,
            _ => false,
        }
    }
}

/// Where the plan's facts came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceProof {
    /// `tenant` or `directory`.
    pub role: String,
    /// Kind of directory; absent for the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<SourceKind>,
    /// Host or file name.
    pub label: String,
    /// SHA-256 over what was read of it.
    pub digest: String,
    /// Whether everything the plan relies on was read completely.
    pub complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// When it was read.
    pub read_at: Timestamp,
}

/// Numbers first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// People in the selection, skipped ones included.
    pub people: u64,
    /// Operations.
    pub operations: u64,
    /// Requests that will be sent (writes and the reads before them).
    pub requests: u64,
    /// Estimated seconds under the published limits.
    pub seconds: u64,
    /// People left out, with a finding each.
    pub skipped: u64,
    /// People who wait for a seat.
    pub waiting: u64,
    /// Operations that take something away.
    pub removals: u64,
    /// People against whom the share of removals was measured; only where something is taken.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub scope: u64,
    /// One number per kind that occurs.
    #[serde(flatten)]
    pub kinds: BTreeMap<OperationKind, u64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The plan's tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTenant {
    /// Qlik's key.
    pub id: TenantId,
    /// Its origin.
    pub url: Raw,
}

/// What may be done, from the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guards {
    /// Nothing may be applied.
    pub read_only: bool,
    /// Subjects, e-mails or ids nobody may take anything from.
    pub protected: Vec<Raw>,
    /// Keys of groups that nobody may take anything from, since one of the protected is in them.
    /// Nobody writes them down: [`Guards::resolved`] finds them.
    pub protected_groups: BTreeSet<String>,
    /// People who must be in every reading of the directory, by address, login or id: without one of
    /// them the reading is bad, and nothing is taken (reliability C16).
    pub canaries: Vec<Raw>,
    /// Above this share of the selection removals need a typed number, in per cent.
    pub confirm_percent: u8,
    /// ... or above this count, whichever is smaller.
    pub confirm_count: u64,
    /// Above this share the plan stops, in per cent.
    pub stop_percent: u8,
    /// Whether the last rung of the ladder may be planned at all.
    pub allow_delete: bool,
    /// Removals allowed beyond the stop, when it equals the plan's number exactly.
    pub allow_removals: Option<u64>,
    /// Tenant administrators from whom something may be taken all the same, each by subject,
    /// e-mail or id. Two are left whatever stands here.
    pub allow_admins: Vec<Raw>,
    /// The same for those who were decided about one by one: their subjects, which name nobody else.
    #[serde(default)]
    pub allow_subjects: BTreeSet<Subject>,
    /// Removals are left out of the plan and listed apart.
    pub hold_removals: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            read_only: false,
            protected: Vec::new(),
            protected_groups: BTreeSet::new(),
            canaries: Vec::new(),
            confirm_percent: 5,
            confirm_count: 10,
            stop_percent: 20,
            allow_delete: false,
            allow_removals: None,
            allow_admins: Vec::new(),
            allow_subjects: BTreeSet::new(),
            hold_removals: false,
        }
    }
}

/// Ordered operations with everything needed to judge and apply them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Format version; 1.
    pub version: u32,
    /// See [`PlanHash`].
    pub hash: PlanHash,
    /// When it was made.
    pub created: Timestamp,
    /// After this it is refused.
    pub expires: Timestamp,
    /// Against which tenant.
    pub tenant: PlanTenant,
    /// As whom.
    pub identity: Identity,
    /// The run that this plan takes back, when it is a reversal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<RunId>,
    /// Seats that it takes back though their subjects are no users of the tenant.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub orphans: BTreeSet<Subject>,
    /// What the tenant roles of its operations are called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<RoleId, Raw>,
    /// From which reads.
    pub sources: Vec<SourceProof>,
    /// Numbers.
    pub summary: Summary,
    /// In the order of execution.
    pub operations: Vec<Operation>,
    /// Sorted by severity, worst first.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Operations of one undo class, by kind.
    pub fn of_undo(&self, undo: Undo) -> BTreeMap<OperationKind, u64> {
        let mut kinds = BTreeMap::new();
        for operation in self.operations.iter().filter(|one| one.undo == undo) {
            *kinds.entry(operation.change.kind()).or_default() += 1;
        }
        kinds
    }
}
