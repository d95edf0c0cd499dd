//! Spaces in a plan: which roles are legal, by group or by person, and what has to be written.

mod by_assignee;
mod by_group;
mod by_person;
mod exact;
mod plan;
mod roles;
mod strip;
mod talk;
mod work;

pub(super) use plan::plan;
pub(super) use roles::nearest;
pub use roles::{is_creating, nearest_roles};
