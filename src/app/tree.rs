//! The groups pane: a tree of the directory's groups, flattened to what is open. Groups may be in
//! several groups and in themselves; a group is never opened below itself.

use std::collections::{BTreeMap, BTreeSet};

use super::input::Field;
use super::list::List;
use super::menu::best;
use crate::domain::{DirectoryGroup, DirectoryGroupId};
use crate::text::Raw;

/// One line of the pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which group; `None` is everybody.
    pub group: Option<DirectoryGroupId>,
    /// How deep.
    pub depth: u16,
    /// Whether there are groups inside.
    pub branches: bool,
    /// Whether they are shown.
    pub open: bool,
}

/// The pane.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Lines on show.
    pub lines: Vec<Line>,
    /// Cursor and window.
    pub list: List,
    /// Ways (from the root) of the open branches.
    open: BTreeSet<Vec<DirectoryGroupId>>,
    /// Marked groups.
    pub marks: BTreeSet<DirectoryGroupId>,
    /// Its own filter.
    pub filter: Field,
    /// Whether the filter has the keys.
    pub typing: bool,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            lines: vec![Line {
                group: None,
                depth: 0,
                branches: false,
                open: false,
            }],
            list: List::default(),
            open: BTreeSet::new(),
            marks: BTreeSet::new(),
            filter: Field::default(),
            typing: false,
        }
    }
}

impl Tree {
    /// The line under the cursor.
    pub fn current(&self) -> Option<&Line> {
        self.lines.get(self.list.cursor)
    }

    /// The group under the cursor; `None` for everybody.
    pub fn group(&self) -> Option<&DirectoryGroupId> {
        self.current().and_then(|line| line.group.as_ref())
    }

    /// Marked groups, else the one under the cursor.
    pub fn chosen(&self) -> Vec<DirectoryGroupId> {
        if self.marks.is_empty() {
            self.group().cloned().into_iter().collect()
        } else {
            self.marks.iter().cloned().collect()
        }
    }

    /// Makes the lines anew from the groups read so far, keeping the cursor on its group.
    pub fn rebuild(&mut self, groups: &[DirectoryGroup]) {
        let kept = self.group().cloned();
        self.lines = if self.filter.text().trim().is_empty() {
            self.branches(groups)
        } else {
            found(self.filter.text(), groups)
        };
        let place = self.lines.iter().position(|line| line.group == kept);
        self.list.select(place.unwrap_or(0), self.lines.len());
    }

    /// Opens or closes the branch under the cursor; whether there was anything to do.
    pub fn fold(&mut self, open: bool, groups: &[DirectoryGroup]) -> bool {
        let Some(way) = self.way(self.list.cursor) else {
            return false;
        };
        let branches = self.current().is_some_and(|line| line.branches);
        let changed = if open {
            branches && self.open.insert(way)
        } else if self.open.remove(&way) {
            true
        } else {
            return self.climb();
        };
        if changed {
            let place = self.list.cursor;
            self.rebuild(groups);
            self.list.select(place, self.lines.len());
        }
        changed
    }

    fn climb(&mut self) -> bool {
        let depth = self.current().map_or(0, |line| line.depth);
        let above = self.lines.get(..self.list.cursor).unwrap_or_default();
        match above.iter().rposition(|line| line.depth < depth) {
            Some(parent) if depth > 0 => {
                self.list.select(parent, self.lines.len());
                true
            }
            _ => false,
        }
    }

    /// The groups from the root down to a line.
    fn way(&self, index: usize) -> Option<Vec<DirectoryGroupId>> {
        let line = self.lines.get(index)?;
        let mut way = vec![line.group.clone()?];
        let mut depth = line.depth;
        for above in self.lines.get(..index)?.iter().rev() {
            if above.depth < depth {
                depth = above.depth;
                way.push(above.group.clone()?);
            }
        }
        way.reverse();
        Some(way)
    }

    fn branches(&self, groups: &[DirectoryGroup]) -> Vec<Line> {
        let by_id: BTreeMap<&DirectoryGroupId, &DirectoryGroup> =
            groups.iter().map(|group| (&group.id, group)).collect();
        let inner: BTreeSet<&DirectoryGroupId> =
            groups.iter().flat_map(|group| &group.subgroups).collect();
        let mut lines = vec![Line {
            group: None,
            depth: 0,
            branches: false,
            open: false,
        }];
        // Groups that only contain each other have no root; they are shown at the top all the same.
        let roots: Vec<&DirectoryGroup> = groups
            .iter()
            .filter(|group| !inner.contains(&group.id))
            .collect();
        let reached = reachable(&roots, &by_id);
        for group in groups {
            if !inner.contains(&group.id) || !reached.contains(&group.id) {
                self.branch(group, &mut Vec::new(), &by_id, &mut lines);
            }
        }
        lines
    }

    fn branch(
        &self,
        group: &DirectoryGroup,
        way: &mut Vec<DirectoryGroupId>,
        by_id: &BTreeMap<&DirectoryGroupId, &DirectoryGroup>,
        lines: &mut Vec<Line>,
    ) {
        let depth = u16::try_from(way.len()).unwrap_or(u16::MAX);
        way.push(group.id.clone());
        let inside: Vec<&DirectoryGroup> = group
            .subgroups
            .iter()
            .filter(|id| !way.contains(id))
            .filter_map(|id| by_id.get(id).copied())
            .collect();
        let open = self.open.contains(way);
        lines.push(Line {
            group: Some(group.id.clone()),
            depth,
            branches: !inside.is_empty(),
            open,
        });
        if open {
            for child in inside {
                self.branch(child, way, by_id, lines);
            }
        }
        way.pop();
    }
}

fn reachable<'a>(
    roots: &[&'a DirectoryGroup],
    by_id: &BTreeMap<&DirectoryGroupId, &'a DirectoryGroup>,
) -> BTreeSet<&'a DirectoryGroupId> {
    let mut seen: BTreeSet<&DirectoryGroupId> = BTreeSet::new();
    let mut next: Vec<&DirectoryGroup> = roots.to_vec();
    while let Some(group) = next.pop() {
        if seen.insert(&group.id) {
            next.extend(
                group
                    .subgroups
                    .iter()
                    .filter_map(|id| by_id.get(id).copied()),
            );
        }
    }
    seen
}

fn found(text: &str, groups: &[DirectoryGroup]) -> Vec<Line> {
    let names: Vec<&Raw> = groups.iter().map(|group| &group.name).collect();
    best(text, names.iter().map(|name| name.expose()))
        .into_iter()
        .filter_map(|index| groups.get(index))
        .map(|group| Line {
            group: Some(group.id.clone()),
            depth: 0,
            branches: false,
            open: false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::GroupKind;

    fn group(id: &str, inside: &[&str]) -> DirectoryGroup {
        DirectoryGroup {
            id: DirectoryGroupId::from(id),
            name: Raw::from(id),
            description: None,
            kind: GroupKind::Security,
            dynamic: false,
            role_assignable: false,
            subgroups: inside
                .iter()
                .map(|id| DirectoryGroupId::from(*id))
                .collect(),
            size: None,
        }
    }

    fn names(tree: &Tree) -> Vec<String> {
        tree.lines
            .iter()
            .map(|line| {
                let name = line.group.as_ref().map_or("*", DirectoryGroupId::expose);
                format!("{}{name}", "-".repeat(line.depth.into()))
            })
            .collect()
    }

    #[test]
    fn branches_open_and_close_and_cycles_end() {
        let groups = [
            group("a", &["b"]),
            group("b", &["a", "c"]),
            group("c", &[]),
            group("d", &["c"]),
        ];
        let mut tree = Tree::default();
        tree.list.height = 20;
        tree.rebuild(&groups);
        assert_eq!(
            names(&tree),
            ["*", "a", "b", "d"],
            "a cycle without a root is still shown"
        );
        tree.list.select(1, 4);
        assert!(tree.fold(true, &groups));
        tree.list.select(2, 5);
        assert!(tree.fold(true, &groups));
        assert_eq!(names(&tree), ["*", "a", "-b", "--c", "b", "d"]);
        tree.list.select(3, 6);
        assert!(tree.fold(false, &groups), "a leaf goes to its parent");
        assert_eq!(tree.list.cursor, 2);
        assert!(tree.fold(false, &groups));
        assert_eq!(names(&tree), ["*", "a", "-b", "b", "d"]);
    }

    #[test]
    fn the_filter_flattens_and_ranks() {
        let groups = [
            group("QLIK_PRO", &[]),
            group("QLIK_ANALYZERS", &[]),
            group("Sales", &[]),
        ];
        let mut tree = Tree {
            filter: Field::with("analy"),
            ..Tree::default()
        };
        tree.rebuild(&groups);
        assert_eq!(names(&tree), ["QLIK_ANALYZERS"]);
    }
}
