//! The deterministic simulation (T1, T1b, T11, T19): from one number a plan, a tenant, a disk, faults,
//! crashes and a second admin; everything in virtual time, every invariant looked at on the way.

mod arrive;
mod bytes;
mod cell;
mod dice;
mod draw;
mod judge;
mod life;
mod pages;
#[cfg(feature = "planted")]
mod planted;
mod port;
mod proofs;
mod soak;
mod stranger;
mod town;
mod watch;
