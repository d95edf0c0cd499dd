//! A compact multi-map from folded text to positions: sixteen bytes an entry, no text kept.
//! Whoever asks compares the candidates again with `same` or the mail key; a hash proves nothing.

use std::hash::{DefaultHasher, Hasher as _};

/// Positions by the hash of a key, sorted. The hashes are spread evenly, so their leading bits say
/// where to look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::planner) struct Table {
    entries: Vec<(u64, u32)>,
    /// Where the entries with these leading bits begin.
    starts: Vec<u32>,
    shift: u32,
}

impl Table {
    pub(in crate::planner) fn new(entries: impl Iterator<Item = (u64, usize)>) -> Self {
        let mut all: Vec<(u64, u32)> = entries
            .filter_map(|(hash, at)| Some((hash, u32::try_from(at).ok()?)))
            .collect();
        all.sort_unstable();
        all.dedup();
        all.shrink_to_fit();
        let bits = (all.len().max(2)).ilog2();
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut at = 0;
        for bucket in 0..=(1_u64 << bits) {
            while all.get(at).is_some_and(|(hash, _)| hash >> shift < bucket) {
                at += 1;
            }
            starts.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        Self {
            entries: all,
            starts,
            shift,
        }
    }

    /// Positions that may fit, ascending.
    pub(in crate::planner) fn candidates(&self, hash: u64) -> impl Iterator<Item = usize> {
        let bucket = hash.checked_shr(self.shift).unwrap_or(0);
        let start = usize::try_from(bucket)
            .ok()
            .and_then(|bucket| self.starts.get(bucket))
            .and_then(|start| usize::try_from(*start).ok())
            .unwrap_or(0);
        self.entries
            .get(start..)
            .unwrap_or_default()
            .iter()
            .skip_while(move |(other, _)| *other < hash)
            .take_while(move |(other, _)| *other == hash)
            .filter_map(|(_, at)| usize::try_from(*at).ok())
    }
}

/// Bytes hashed at a time.
const CHUNK: usize = 64;

/// Hash of the trimmed, lower-cased text: the form of `Raw::key`, without building it for ASCII.
pub(super) fn folded(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let trimmed = text.trim();
    if trimmed.is_ascii() {
        for part in trimmed.as_bytes().chunks(CHUNK) {
            let mut lower = [0; CHUNK];
            for (to, from) in lower.iter_mut().zip(part) {
                *to = from.to_ascii_lowercase();
            }
            hasher.write(lower.get(..part.len()).unwrap_or_default());
        }
    } else {
        for part in trimmed.to_lowercase().as_bytes().chunks(CHUNK) {
            hasher.write(part);
        }
    }
    hasher.finish()
}

/// Hash of the text as it is.
pub(in crate::planner) fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// Whether two identifiers are equal when trimmed and lower-cased.
pub(in crate::planner) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    if one.is_ascii() && other.is_ascii() {
        one.eq_ignore_ascii_case(other)
    } else {
        one.to_lowercase() == other.to_lowercase()
    }
}

/// An address fit for matching: ASCII only, because look-alikes outside ASCII fold onto other
/// people's addresses.
pub(super) fn mail(text: &str) -> Option<&str> {
    let text = text.trim();
    (text.is_ascii() && text.contains('@')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_outside_ascii_do_not_match() {
        assert_eq!(mail(" mike@corp.example "), Some("mike@corp.example"));
        assert_eq!(mail("m\u{131}ke@corp.example"), None);
        assert_eq!(mail("mike"), None);
    }

    proptest! {
        #[test]
        fn equal_keys_have_equal_hashes(text in "\\PC{0,12}") {
            let other = format!(" {} ", text.to_lowercase());
            prop_assert_eq!(folded(&text), folded(&other));
            prop_assert!(same(&text, &other));
        }

        #[test]
        fn the_table_finds_all_and_only_its_entries(keys in prop::collection::vec(0u64..6, 0..20)) {
            let spread = |key: u64| key.wrapping_mul(0x3333_3333_3333_3333);
            let table = Table::new(keys.iter().copied().enumerate().map(|(at, key)| (spread(key), at)));
            for wanted in 0..6 {
                let found: Vec<usize> = table.candidates(spread(wanted)).collect();
                let there: Vec<usize> = (0..keys.len()).filter(|at| keys[*at] == wanted).collect();
                prop_assert_eq!(found, there);
            }
        }
    }
}
