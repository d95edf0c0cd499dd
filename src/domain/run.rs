//! One execution of a plan: verdicts, counts, and the events that a screen or a pipe follows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::ids::{OperationId, RunId, TenantId, UserId};
use super::plan::{Plan, PlanHash};
use crate::text::Raw;

/// Why an operation was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The live value is no longer the plan's `before`.
    Drift,
    /// An operation it needs was not applied.
    Dependency,
    /// A guard said no.
    Guard,
    /// The run was stopped before its turn.
    Cancelled,
    /// The pool of seats ran dry earlier in this run.
    NoSeat,
}

/// What became of an operation (reliability: truthful verdict, I4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// Confirmed.
    Applied,
    /// Was so before us.
    Already,
    /// Definitely not done.
    NotApplied {
        /// Code of the API, where it gave one (`LICENSES-011`).
        code: Option<Raw>,
        /// Its sentence.
        reason: Raw,
    },
    /// Could not be found out.
    Unknown {
        /// How a person can check.
        check: Raw,
    },
    /// Not sent.
    Skipped {
        /// Why.
        why: SkipReason,
        /// What exactly.
        detail: Raw,
    },
}

impl Verdict {
    /// The word of the verdict.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Already => "already",
            Self::NotApplied { .. } => "not-applied",
            Self::Unknown { .. } => "unknown",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// Whether the wished state holds.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Applied | Self::Already)
    }
}

/// Verdicts counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Operations of the plan.
    pub total: u64,
    /// Confirmed.
    pub applied: u64,
    /// Were so before.
    pub already: u64,
    /// Definitely not done.
    pub not_applied: u64,
    /// Not found out.
    pub unknown: u64,
    /// Not sent.
    pub skipped: u64,
}

impl Counts {
    /// Counts one more verdict.
    pub fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Applied => self.applied += 1,
            Verdict::Already => self.already += 1,
            Verdict::NotApplied { .. } => self.not_applied += 1,
            Verdict::Unknown { .. } => self.unknown += 1,
            Verdict::Skipped { .. } => self.skipped += 1,
        }
    }

    /// Operations with a verdict.
    pub fn judged(&self) -> u64 {
        self.applied + self.already + self.not_applied + self.unknown + self.skipped
    }
}

/// A rate-limit class of the Qlik API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Most reads, 1,000 a minute.
    One,
    /// Writes, 100 a minute.
    Two,
    /// Filter actions and audits, as published.
    Special,
}

/// How one operation ended, with what the wire said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which.
    pub operation: OperationId,
    /// How.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// HTTP or item status, where there was one.
    pub status: Option<u16>,
    /// Milliseconds from sending to verdict.
    pub millis: u64,
    /// The server's request id, for support.
    pub trace: Option<Raw>,
}

/// What happens in a run, in total order. The journal is written first; these follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum RunEvent {
    /// The journal is open and the run begins (or goes on).
    Started {
        /// Which run.
        run: RunId,
        /// Of which plan.
        plan: PlanHash,
        /// Operations in all.
        total: u64,
        /// Already judged in an earlier part of this run.
        judged: u64,
    },
    /// These go out in one request now.
    Sending {
        /// Which.
        operations: Vec<OperationId>,
    },
    /// No clear answer; finding out by reading.
    Checking {
        /// Which.
        operations: Vec<OperationId>,
    },
    /// An operation is settled.
    Judged(Outcome),
    /// A tier is paused.
    Paused {
        /// Which tier.
        tier: Tier,
        /// Milliseconds to wait.
        millis: u64,
        /// Whether the server asked for it (429) or the published window is used up.
        asked: bool,
    },
    /// Writes used in the running five-minute window, of how many.
    Window {
        /// Used.
        used: u32,
        /// Of.
        of: u32,
    },
    /// The run is over, or stopped where it can be resumed.
    Finished {
        /// Verdicts.
        counts: Counts,
        /// Why it stopped early, in a sentence.
        stopped: Option<Raw>,
    },
}

/// A run as the journal tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of a record, each told by itself"
)]
pub struct RunSummary {
    /// Which.
    pub run: RunId,
    /// Of which plan.
    pub plan: PlanHash,
    /// Tenant origin.
    pub tenant: Raw,
    /// The tenant's id; absent where the journal has no first record.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// Began.
    pub started: Timestamp,
    /// Last record.
    pub last: Timestamp,
    /// Verdicts so far.
    pub counts: Counts,
    /// Operations without a verdict that may have happened: only reading can tell.
    #[serde(default)]
    pub open: u64,
    /// Whether an end record stands.
    pub finished: bool,
    /// Whether a person gave it up.
    #[serde(default)]
    pub discarded: bool,
    /// Whether a person began to give it up and it has no end yet: only a discard goes on with it.
    #[serde(default)]
    pub given_up: bool,
    /// Whether it has no end, somebody works on its tenant right now, and no other run without an
    /// end was written to later.
    #[serde(default)]
    pub under_way: bool,
    /// Whether it can go on: it began, did not end, was neither given up nor taken back, and its
    /// journal can be trusted.
    pub resumable: bool,
    /// Trouble with the journal itself (torn tail, broken chain).
    pub trouble: Option<String>,
    /// The run that this one takes back.
    #[serde(default)]
    pub reverts: Option<RunId>,
    /// The newest run that takes this one back.
    #[serde(default)]
    pub reverted_by: Option<RunId>,
}

impl RunSummary {
    /// The tenant as people call it, safe to show: its host, else its id.
    pub fn tenant_name(&self) -> String {
        let origin = self.tenant.show().to_string();
        let host = origin.split_once("://").map_or(&*origin, |(_, rest)| rest);
        match (host.trim_end_matches('/'), &self.tenant_id) {
            ("", Some(id)) => id.show().to_string(),
            ("", None) => "unknown tenant".to_owned(),
            (host, _) => host.to_owned(),
        }
    }
}

/// What is known of one operation of a past run: its verdict, when it has one, and the id of what
/// it made or found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The verdict; `None` when the run ended without one.
    pub verdict: Option<Verdict>,
    /// Whether a request for it left this machine, whatever came back.
    pub sent: bool,
    /// The tenant's id of what was made.
    pub id: Option<String>,
}

/// A run as its journal tells it, for looking back.
#[derive(Clone, Debug, PartialEq)]
pub struct PastRun {
    /// Which.
    pub run: RunId,
    /// The plan, as it was approved.
    pub plan: Plan,
    /// When it began.
    pub began: Timestamp,
    /// Whether every operation has its verdict.
    pub finished: bool,
    /// What is known of each operation; one entry for each of the plan.
    pub done: BTreeMap<OperationId, Done>,
}

/// Signs that people use what a run gave them, read from the tenant after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UseSince {
    /// Who signed in since, and when last.
    pub signed_in: BTreeMap<UserId, Timestamp>,
    /// What they own that was made since, by name.
    pub owned: BTreeMap<UserId, Vec<Raw>>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}
