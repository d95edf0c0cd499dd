//! Finding a row by its key without walking the roster.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::table::Table;
use crate::domain::{Roster, RowKey};

/// Positions of the rows of one roster; build it anew with each roster.
#[derive(Clone, Debug, Default)]
pub struct Positions(Table);

impl Positions {
    /// Notes where each row is.
    pub fn new(roster: &Roster) -> Self {
        let rows = roster.rows.iter().enumerate();
        Self(Table::new(rows.map(|(at, row)| (hash(&row.key), at))))
    }

    /// Where the row with this key is.
    pub fn of(&self, roster: &Roster, key: &RowKey) -> Option<usize> {
        self.0
            .candidates(hash(key))
            .find(|at| roster.rows.get(*at).is_some_and(|row| row.key == *key))
    }
}

fn hash(key: &RowKey) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
