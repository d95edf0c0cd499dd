//! From staging to a plan: ordered operations with before, after and why, and what was found.

mod digest;
mod draft;
mod estimate;
mod guards;
mod license;
mod looks;
mod names;
mod numbers;
mod order;
mod orphans;
mod people;
mod plan;
mod removals;
mod sources;
mod subjects;

pub(super) use digest::tenant_digest;
pub(super) use draft::{Draft, Key, Pad, Step, names};
pub use estimate::{LICENSE_BATCH, seconds_for_writes};
pub(super) use estimate::{reads, seconds, writes};
pub(super) use names::roles as role_names;
pub(super) use plan::unlooked;
pub use plan::{Gap, PLAN_TTL, PlanInput, Selection, build, plan_or_look};
