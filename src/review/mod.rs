//! What a review of seats needs besides what was read of both sides: when people were last seen and
//! what they own, asked of the tenant and kept between two looks, and how many seats were held on
//! earlier days. The judging itself is pure and stands in `planner/holders`. The report and the screen
//! use it alike.

mod history;
mod known;
mod looked;

pub use history::{note, past};
pub use known::kept;
pub use looked::{Looked, Shelf, Told, with_use};
