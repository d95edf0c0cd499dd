//! The machine itself behind the ports: disk, clock, randomness, secret store; and a machine in
//! memory that takes its place in tests, benches and simulations.

pub mod cache;
mod clock;
mod credential;
mod disk;
mod harden;
mod keystore;
pub mod memory;
mod prompt;
mod rewrite;
mod rng;
mod scrub;
mod sealed;
mod vault;

pub use clock::RealClock;
pub use credential::private_file;
pub use disk::{RealDisk, free_bytes};
pub use harden::{harden, owner};
pub use keystore::{keep_in_keyring, probe_keyring, remove_from_keyring};
pub use prompt::{Elsewhere, ask_elsewhere, ask_unseen, unmute};
pub use rewrite::rewrite;
pub use rng::RealRng;
pub use scrub::{Scrubbed, keep_out_of_logs};
pub use sealed::{SealedFile, Secrets};
pub use vault::{Ask, HostVault, Keystore, Slot};
