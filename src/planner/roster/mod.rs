//! The roster: people of the directory joined with users and seats of the tenant.
//!
//! [`Index`] prepares a snapshot once (a hundred thousand people in well under a tenth of a
//! second); [`Index::roster`] then gives the rows of any [`Scope`]. [`join()`] does both.

mod find;
mod holder;
mod index;
mod join;
mod parties;
mod scope;
mod table;

pub use find::Positions;
pub use index::Index;
pub(in crate::planner) use join::sorted;
pub use join::{Accepted, join};
pub use parties::Parties;
pub use scope::Scope;
pub(in crate::planner) use scope::ways;
pub(in crate::planner) use table::{Table, hashed, same};
