//! The guards through the real binary: scenario S4, the first run on a tenant, look-alike names, and
//! the proofs that no guard lets anything through.

mod canary;
mod first;
mod looks;
mod proof;
pub(crate) mod s4;
mod sizes;
