//! Qlik Cloud's REST API: one tenant behind [`crate::ports::Tenant`]. Facts come from qlik.dev.
//!
//! - `client`: one request with token, pacing and (for reads) further attempts.
//! - `credential`, `pacing`, `refusal`, `filter`: token, rate tiers, error envelopes, filters.
//! - `paging`, `ends`, `lists`, `records`: whole lists with their proof, and what is in them.
//! - `load`, `observe`: everything at once, and the live state of single things.
//! - `others`: the users of other tenants on the same license.
//! - `prepare`, `send`: writes, first as bytes, then once on the wire.

mod client;
mod credential;
mod ends;
mod filter;
mod lists;
mod load;
mod observe;
mod others;
mod pacing;
mod paging;
mod prepare;
mod records;
mod refusal;
mod seat_records;
mod send;
mod since;
mod tenant;
mod usage;
mod vouch;

pub use credential::QlikCredential;
pub use others::Sharer;
pub use tenant::QlikTenant;
