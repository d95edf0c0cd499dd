//! From a person up to every group that holds them, level by level: the first way to a group is a
//! shortest one, and a group met twice (cycles, groups that contain themselves) is not climbed again.

use std::collections::BTreeMap;

use crate::domain::{DirectoryGroupId, Way};

/// The groups met so far.
#[derive(Debug, Default)]
pub(super) struct Climb(BTreeMap<DirectoryGroupId, Way>);

impl Climb {
    /// Takes in the groups that hold the first group of `below`, or the person where that is empty;
    /// gives those that were not met before, each with its way.
    pub(super) fn take<G>(
        &mut self,
        below: &[DirectoryGroupId],
        above: impl IntoIterator<Item = G>,
        id: impl Fn(&G) -> DirectoryGroupId,
    ) -> Vec<(G, Way)> {
        let mut new = Vec::new();
        for group in above {
            let id = id(&group);
            if self.0.contains_key(&id) {
                continue;
            }
            let way = [std::slice::from_ref(&id), below].concat();
            self.0.insert(id, way.clone());
            new.push((group, way));
        }
        new
    }

    /// All ways, by the group they begin at.
    pub(super) fn ways(self) -> Vec<Way> {
        self.0.into_values().collect()
    }
}

/// By id: of two ways that are equally short each source takes the same.
pub(super) fn in_order<G>(mut level: Vec<(G, Way)>) -> Vec<(G, Way)> {
    level.sort_by(|(_, one), (_, other)| one.cmp(other));
    level
}
