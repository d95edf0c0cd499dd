//! The inverse of a run as a plan like any other (reliability 3.2, "Undo"): only what was applied,
//! only where the tenant still holds what the run left, in reversed order; everything else is a
//! finding. [`look_back`] judges the same without planning anything.

mod back;
mod build;
mod finality;
mod guard;
mod held;
mod inverse;
mod model;
mod order;
mod stand;

pub use back::{Stand, look_back, people};
pub use build::{RevertInput, revert, revert_or_look};
pub use finality::{finality, losses};
pub use stand::Standing;
