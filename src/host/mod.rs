//! The machine itself behind the ports: disk, clock, randomness, secret store; and a machine in
//! memory that takes its place in tests, benches and simulations.

mod clock;
mod disk;
mod harden;
pub mod memory;
mod rng;

pub use clock::RealClock;
pub use disk::RealDisk;
pub use harden::{harden, owner};
pub use rng::RealRng;
