//! Every seat and whoever holds it: since when, when last seen, whether an approved group or an
//! exception entitles them, and what is odd about it. Pure; the reports and the screen show it.

mod data;
mod judge;
mod pick;
mod standing;
mod unused;
mod words;

pub use judge::{Holder, Inquiry, LastUse, Note, Review, review};
pub use pick::{Pick, picked};
pub use standing::Standing;
pub use unused::{Idle, Spared, Unused, reaches, rows, unused};
pub use words::day;
