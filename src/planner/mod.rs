//! Desired minus actual: roster, staging to operations, checks, estimate, plan file. Pure.
//!
//! The way of the data: [`roster::Index`] joins a snapshot; [`Outlook`] judges what is staged for
//! the roster's colours and the seat meter; [`build()`] makes the [`Plan`](crate::domain::Plan);
//! [`mod@file`] writes and reads it; [`drift()`] compares it with what is there now.

pub mod access;
mod build;
mod canonical;
mod desk;
mod drift;
pub mod file;
pub mod holders;
pub mod identity;
mod login;
mod memory;
mod outlook;
mod revert;
pub mod roster;
mod spaces;
mod template;
#[cfg(test)]
mod tests;
mod wishes;
mod words;

pub use build::{
    Gap, LICENSE_BATCH, PLAN_TTL, PlanInput, Selection, build, plan_or_look, seconds_for_writes,
};
pub use desk::{SeatMeter, known_as, twin};
pub use drift::{DriftKind, DriftRow, drift, tally};
pub use login::{Check, CheckState, CheckWhat, Logins, first_login, heading};
pub use memory::{Memory, Vouched};
pub use outlook::{LicenseChange, Outlook, Pending, UserChange, seats};
pub use revert::{
    RevertInput, Stand, Standing, finality, look_back, losses, people as reverted_people, revert,
    revert_or_look,
};
pub use spaces::{is_creating, nearest_roles};
pub use template::{IdentityRule, SubjectTemplate, TemplateError};
pub use wishes::{EffectiveSpace, EffectiveWish, GroupRoles, Reach, Wishes, effective};
pub use words::words;
