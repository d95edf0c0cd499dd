//! What a journal holds, as data. One record a line; see `journal` for the framing and `reader`
//! for judging it. Holds ids, digests and names for the human, never a body and never a secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    Counts, LicenseType, OperationId, Outcome, PlanHash, RunId, Subject, TenantId, Tier, UserId,
};
use crate::text::Raw;

/// First record of a run: which plan, where, as whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Which run.
    pub run: RunId,
    /// Of which plan.
    pub plan: PlanHash,
    /// In which tenant.
    pub tenant: TenantId,
    /// Its origin.
    pub url: Raw,
    /// As whom.
    pub identity: UserId,
    /// Program and version that wrote this.
    pub tool: String,
    /// Process, user, host.
    pub owner: String,
    /// The proxy through which the tenant is reached, without its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The run that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<RunId>,
    /// Operations of the plan.
    pub total: u64,
    /// When.
    pub at: Timestamp,
}

/// What a repeat of an operation does (reliability 2.1). Unkeyed operations do not occur in plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The server refuses a second one.
    Keyed,
    /// Repeating is harmless.
    Set,
}

/// One item of a batch: the key by which its echo is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentItem {
    /// Which operation.
    pub operation: OperationId,
    /// Subject as sent.
    pub subject: Subject,
    /// Type as sent.
    pub license: LicenseType,
}

/// What is about to be sent. Nothing leaves before this is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Which operations.
    pub operations: Vec<OperationId>,
    /// The how-manieth attempt, from 1.
    pub attempt: u32,
    /// What a repeat does.
    pub class: Class,
    /// Method.
    pub method: String,
    /// Path below the origin.
    pub path: String,
    /// SHA-256 of the body, in hex.
    pub digest: String,
    /// Items of a batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<IntentItem>,
    /// When.
    pub at: Timestamp,
}

/// How clear an answer was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyClass {
    /// Confirmed.
    Yes,
    /// Refused without effect.
    No,
    /// Refused for the rate, without effect.
    Throttled,
    /// Nothing left this machine.
    NotSent,
    /// Only reading tells.
    Ambiguous,
    /// A 207; see the items.
    Items,
}

impl ReplyClass {
    /// Whether nothing was done by the request.
    pub(super) fn is_no(self) -> bool {
        matches!(self, Self::No | Self::Throttled | Self::NotSent)
    }
}

/// What came back for one item of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeItem {
    /// Which operation.
    pub operation: OperationId,
    /// How clear.
    pub class: ReplyClass,
    /// Item status.
    pub status: Option<u16>,
    /// Code of a refusal.
    pub code: Option<Raw>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Number of the intent record.
    pub intent: u64,
    /// How clear.
    pub class: ReplyClass,
    /// HTTP status.
    pub status: Option<u16>,
    /// The server's request id.
    pub trace: Option<Raw>,
    /// Id of what was made.
    pub id: Option<String>,
    /// Code or cause.
    pub cause: Option<Raw>,
    /// Items of a batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<OutcomeItem>,
    /// When.
    pub at: Timestamp,
}

/// A verdict, with the id of what stands there now, for dependants and for undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Operation, verdict, status, time, request id.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Id of what was made or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// See [`Header`].
    Header(Header),
    /// See [`Intent`].
    Intent(Intent),
    /// See [`Answer`].
    Outcome(Answer),
    /// See [`Judgement`].
    Verdict(Judgement),
    /// A tier is paused.
    Pause {
        /// Which.
        tier: Tier,
        /// For how long, in milliseconds.
        millis: u64,
        /// Whether the server asked.
        asked: bool,
        /// When.
        at: Timestamp,
    },
    /// Somebody gave the run up: from here on nothing is sent, and only a discard goes on with it.
    /// To a reader that does not know it the journal cannot be trusted, so nothing goes on there
    /// either.
    GivenUp {
        /// Who, and through what.
        by: Raw,
        /// When.
        at: Timestamp,
    },
    /// Something a reader of the journal should know: resumed, torn tail, stopped.
    Note {
        /// What.
        text: Raw,
        /// When.
        at: Timestamp,
    },
    /// Every operation has its verdict.
    End {
        /// Verdicts.
        counts: Counts,
        /// Whether a person gave it up: what was open was read back, nothing more was sent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        discarded: bool,
        /// When.
        at: Timestamp,
    },
}

impl Record {
    /// When it was written.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Header(Header { at, .. })
            | Self::Intent(Intent { at, .. })
            | Self::Outcome(Answer { at, .. })
            | Self::Verdict(Judgement { at, .. })
            | Self::Pause { at, .. }
            | Self::GivenUp { at, .. }
            | Self::Note { at, .. }
            | Self::End { at, .. } => *at,
        }
    }
}
