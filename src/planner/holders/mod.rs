//! Every seat and whoever holds it: since when, when last seen, whether an approved group or an
//! exception entitles them, and what is odd about it. Pure; the reports and the screen show it.

mod judge;
mod standing;
mod unused;

pub use judge::{Holder, LastUse, Note, Review, review};
pub use standing::Standing;
pub use unused::{Idle, Spared, Unused, reaches, rows, unused};
