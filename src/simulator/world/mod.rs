//! The company and its tenant, in memory.
//!
//! `scenario` reads small TOML files, `size` makes a scenario out of four numbers, and `build`
//! turns either into a [`World`]. The same seed always gives the same world.

mod act;
mod audit;
mod build;
#[cfg(test)]
mod cast;
mod company;
mod dice;
mod digest;
mod furnish;
mod license;
mod names;
mod people;
mod populate;
mod scenario;
mod size;
mod space;
mod tenant;
mod users;

pub use act::Item;
pub use audit::{AuditEvent, Consumption};
pub use build::{BuildError, OAUTH_CLIENT_ID, World};
pub use company::{Directory, DirectoryGroup, GroupKind, Person};
pub(super) use dice::Dice;
pub use digest::world_digest;
pub use license::{Allotment, LicenseAssignment, Licenses, lower};
pub use scenario::{SCENARIOS, Scenario, ScenarioError};
pub use size::WorldSize;
pub use space::{Assignee, AssigneeKind, Space, SpaceAssignment, SpaceType, Spaces};
pub use tenant::{IdentityProvider, Role, Tenant, TenantGroup};
pub use users::{User, Users};
