//! Randomness from the operating system, stretched by `ChaCha`. Used for jitter and run names, not
//! for keys.

use rand::{Rng as _, SeedableRng as _, TryRng as _, rngs::SysRng};
use rand_chacha::ChaCha12Rng;
use std::sync::{Mutex, PoisonError};

use crate::ports::{Kind, Problem, Rng};

/// Random numbers seeded by the operating system.
pub struct RealRng(Mutex<ChaCha12Rng>);

impl RealRng {
    /// Seeds itself.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn new() -> Result<Self, Problem> {
        let mut seed = [0; 32];
        SysRng.try_fill_bytes(&mut seed).map_err(|error| {
            Problem::new(
                Kind::Host,
                format!("the system gives no randomness: {error}"),
            )
        })?;
        Ok(Self(Mutex::new(ChaCha12Rng::from_seed(seed))))
    }
}

impl Rng for RealRng {
    fn next(&self) -> u64 {
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rng.next_u64()
    }
}
