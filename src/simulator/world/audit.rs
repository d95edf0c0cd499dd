//! What the tenant remembers of use: login events and app visits.

use jiff::Timestamp;

/// One audit event (qlik.dev audits).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// GUID of the row.
    pub id: String,
    /// When it happened.
    pub time: Timestamp,
    /// Such as `com.qlik.core.user-session.begun`.
    pub kind: &'static str,
    /// Such as `com.qlik/edge-auth`.
    pub source: &'static str,
    /// Whose.
    pub user: String,
}

/// One app visit (qlik.dev licenses, consumption).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumption {
    /// Row id.
    pub id: String,
    /// Whose.
    pub user: String,
    /// Which app, a GUID.
    pub app: String,
    /// When it ended.
    pub end: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The allotment it was drawn from.
    pub allotment: String,
}

/// Name of the login event since 2026 (changelog-244).
pub(in crate::simulator) const SESSION_BEGUN: &str = "com.qlik.core.user-session.begun";
/// Its deprecated name, still sent for older rows.
pub(in crate::simulator) const SESSION_BEGIN: &str = "com.qlik.user-session.begin";
