//! Plans, outcomes and runs as text: quiet and aligned, the same words as the screen. Everything
//! from outside goes through `Shown` here.

mod change;
mod plan;
mod runs;
mod way;

pub(super) use change::{Roles, heading, what, who};
pub(super) use plan::plan;
pub(super) use runs::{counts, outcome, run_lines};
pub(super) use way::hint;
