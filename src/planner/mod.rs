//! Desired minus actual: roster, staging to operations, checks, estimate, plan file. Pure.

pub mod roster;
mod template;
mod wishes;

pub use template::{IdentityRule, SubjectTemplate, TemplateError};
pub use wishes::{EffectiveSpace, EffectiveWish, GroupRoles, Wishes, effective};
