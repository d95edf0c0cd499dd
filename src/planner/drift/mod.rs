//! Plan against the live tenant: rows whose value is no longer what the plan saw, three ways
//! (planned from, now, planned to), and seats that have gone meanwhile. Run before the first write.

mod compare;
mod live;
mod row;
mod seats;
mod tally;

pub use compare::drift;
pub use row::{DriftKind, DriftRow};
pub use tally::tally;
