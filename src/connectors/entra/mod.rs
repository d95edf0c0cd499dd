//! Microsoft Entra ID through Microsoft Graph v1.0, with client credentials. Reading only.
//!
//! - `client`: one GET with token, waits and further attempts; the guard on next links.
//! - `refusal`: Graph's and the token endpoint's errors, with the permission that is missing.
//! - `query`, `list`, `records`: addresses, whole lists with their proof, and what is in them.
//! - `members`: the walk through nested groups; `directory`: the port.

mod client;
mod directory;
mod list;
mod members;
mod query;
mod records;
mod refusal;

pub use client::EntraConfig;
pub use directory::EntraDirectory;
