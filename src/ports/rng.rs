//! Randomness, injected: jitter and ids.

/// A source of random numbers.
pub trait Rng: Send + Sync {
    /// 64 random bits.
    fn next(&self) -> u64;
}
