//! Desired minus actual: roster, staging to operations, checks, estimate, plan file. Pure.

mod desk;
mod login;
mod outlook;
pub mod roster;
mod spaces;
mod template;
mod wishes;

pub use desk::SeatMeter;
pub use login::{Check, CheckState, CheckWhat, first_login, heading};
pub use outlook::{LicenseChange, Outlook, Pending, UserChange, seats};
pub use template::{IdentityRule, SubjectTemplate, TemplateError};
pub use wishes::{EffectiveSpace, EffectiveWish, GroupRoles, Wishes, effective};
