//! Seeded randomness with the few throws the world needs.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A deterministic source: same seed, same throws in the same order.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Dice(ChaCha8Rng);

impl Dice {
    pub(in crate::simulator) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(in crate::simulator) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            return 0;
        }
        // The bias of a plain remainder does not matter for invented people.
        usize::try_from(self.0.next_u64() % (bound as u64)).unwrap_or(0)
    }

    /// True in `percent` of 100 throws.
    pub(in crate::simulator) fn percent(&mut self, percent: f64) -> bool {
        (self.below(1_000_000) as f64) < percent * 10_000.0
    }

    /// One of the items; `None` of an empty list.
    pub(in crate::simulator) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let at = self.below(items.len());
        items.get(at)
    }

    /// 24 hex digits, the commoner form of Qlik ids.
    pub(in crate::simulator) fn hex24(&mut self) -> String {
        format!("{:016x}{:08x}", self.0.next_u64(), self.0.next_u32())
    }

    /// 32 characters with `-` and `_`, the other form of Qlik ids (qlik.dev users samples).
    pub(in crate::simulator) fn id32(&mut self) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        (0..32)
            .map(|_| char::from(*self.pick(ALPHABET).unwrap_or(&b'A')))
            .collect()
    }

    /// A version-4 GUID in lower case.
    pub(in crate::simulator) fn guid(&mut self) -> String {
        let (a, b) = (self.0.next_u64(), self.0.next_u64());
        let bytes = (u128::from(a) << 64) | u128::from(b);
        uuid::Builder::from_random_bytes(bytes.to_be_bytes())
            .into_uuid()
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_throws() {
        let (mut a, mut b) = (Dice::new(7), Dice::new(7));
        assert_eq!(a.guid(), b.guid());
        assert_eq!(a.hex24(), b.hex24());
        assert_ne!(a.hex24(), Dice::new(8).hex24());
    }

    #[test]
    fn ids_have_their_documented_shapes() {
        let mut dice = Dice::new(1);
        assert_eq!(dice.hex24().len(), 24);
        assert_eq!(dice.id32().len(), 32);
        assert_eq!(dice.guid().len(), 36);
        assert_eq!(dice.below(0), 0);
    }
}
