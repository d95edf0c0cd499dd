//! Microsoft Entra ID through Microsoft Graph v1.0, as an app or as a person. Reading only.
//!
//! - `client`: one GET with token, waits and further attempts; the guard on next links.
//! - `sign_in`, `certificate`, `device`, `paste`: tokens, and the four ways to one.
//! - `refusal`: Graph's and the token endpoint's errors, with the permission that is missing.
//! - `query`, `list`, `records`: addresses, whole lists with their proof, and what is in them.
//! - `permissions`: what a token says that it may do.
//! - `members`: the walk through nested groups, `above`: the climb from a person; `directory`: the port.

mod above;
mod certificate;
mod client;
mod device;
mod directory;
mod list;
mod members;
mod paste;
mod permissions;
mod query;
mod records;
mod refusal;
mod sign_in;

pub use certificate::AppCertificate;
pub use client::EntraConfig;
pub use directory::EntraDirectory;
pub use sign_in::{Attendant, Credential, DeviceCode};
