//! Traits for the outside, in plain types: whoever implements them may know a protocol, whoever
//! uses them may not. Every trait is object-safe and `Send + Sync`, so that a simulated wire, disk
//! or clock takes the real one's place without a change elsewhere.

mod clock;
mod directory;
mod disk;
mod planted;
mod problem;
mod rng;
mod tenant;
mod vault;
mod wire;

pub use clock::{Clock, Instant};
pub use directory::{About, Directory, MembersAndPeople, PeopleQuery};
pub use disk::{Appender, Disk, LockOutcome};
pub use planted::Bug;
#[cfg(feature = "planted")]
pub use planted::plant;
pub(crate) use planted::planted;
pub use problem::{Kind, Problem};
pub use rng::Rng;
pub use tenant::{
    Durable, ItemReply, LoadProgress, LookAt, Observation, Part, Prepared, Question, Reply, Room,
    Tenant, UsageCost, UsageTold, WriteCall,
};
pub use vault::{Secret, SecretSource, Vault};
pub use wire::{Method, Wire, WireFailure, WireRequest, WireResponse};

/// A future without a name, as object-safe traits need it.
pub type Work<'a, T> = futures_util::future::BoxFuture<'a, T>;
