//! A compact multi-map from folded text to positions: sixteen bytes an entry, no text kept.
//! Whoever asks compares the candidates again with [`same`] or [`mail_key`]; a hash proves nothing.

use std::hash::{DefaultHasher, Hasher as _};

/// Positions by the hash of a key, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(Vec<(u64, u32)>);

impl Table {
    pub(super) fn new(entries: impl Iterator<Item = (u64, usize)>) -> Self {
        let mut all: Vec<(u64, u32)> = entries
            .filter_map(|(hash, at)| Some((hash, u32::try_from(at).ok()?)))
            .collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// Positions that may fit, ascending.
    pub(super) fn candidates(&self, hash: u64) -> impl Iterator<Item = usize> {
        let start = self.0.partition_point(|(other, _)| *other < hash);
        self.0
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(other, _)| *other == hash)
            .filter_map(|(_, at)| usize::try_from(*at).ok())
    }
}

/// Hash of the trimmed, lower-cased text: the form of `Raw::key`, without building it for ASCII.
pub(super) fn folded(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let trimmed = text.trim();
    if trimmed.is_ascii() {
        for byte in trimmed.bytes() {
            hasher.write_u8(byte.to_ascii_lowercase());
        }
    } else {
        for byte in trimmed.to_lowercase().bytes() {
            hasher.write_u8(byte);
        }
    }
    hasher.finish()
}

/// Whether two identifiers are equal when trimmed and lower-cased.
pub(super) fn same(one: &str, other: &str) -> bool {
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
            let table = Table::new(keys.iter().copied().enumerate().map(|(at, key)| (key, at)));
            for wanted in 0..6 {
                let found: Vec<usize> = table.candidates(wanted).collect();
                let there: Vec<usize> = (0..keys.len()).filter(|at| keys[*at] == wanted).collect();
                prop_assert_eq!(found, there);
            }
        }
    }
}
