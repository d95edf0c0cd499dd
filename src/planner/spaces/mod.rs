//! Spaces in a plan: which roles are legal, by group or by person, and what has to be written.

mod roles;

pub(super) use roles::{is_creating, nearest};
