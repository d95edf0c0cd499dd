//! The Microsoft Graph face and its token endpoint, on a port of its own (directories.md section 2).

mod assertion;
mod errors;
mod filter;
mod list;
mod query;
mod record;
mod route;
mod search;
mod sign_ins;
mod token;

pub(super) use route::{Graph, route};
pub use sign_ins::{Decision, SignIns};
pub use token::{CLIENT_ID, CLIENT_SECRET};
