//! The Qlik Cloud face: one file for each resource, after the qlik.dev reference as told in the
//! dossier. A request passes auth, rate limit, and the strict checks of its endpoint, in that order.

mod audits;
mod auth;
mod check;
mod errors;
mod filter;
mod groups;
mod idps;
mod items;
mod licenses;
mod limits;
mod page;
mod patch;
mod refs;
mod roles;
mod route;
mod scim;
mod spaces;
mod tenants;
mod user_view;
mod users;
mod write;

pub use auth::{API_KEY, CLIENT_ID, CLIENT_SECRET, NO_RIGHTS_KEY, READ_ONLY_KEY};
pub(super) use route::{Qlik, route};
