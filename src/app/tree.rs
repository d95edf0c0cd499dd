//! The groups pane: everybody, the saved queries, and a tree of the directory's groups, flattened to
//! what is open. Groups may be in several groups and in themselves; a group is never opened below
//! itself. What is marked, with the groups that narrow it, is whom the other panes are about.

use std::collections::{BTreeMap, BTreeSet};

use super::chosen::Chosen;
use super::input::Field;
use super::list::List;
use super::menu::best;
use crate::domain::{Base, DirectoryGroup, DirectoryGroupId, PeopleSet, Target};

/// What a line of the pane stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Everybody in the directory.
    Everybody,
    /// A query saved in the profile, by its name.
    Query(String),
    /// A group.
    Group(DirectoryGroupId),
}

/// One line of the pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it stands for.
    pub entry: Entry,
    /// How deep.
    pub depth: u16,
    /// Whether there are groups inside.
    pub branches: bool,
    /// Whether they are shown.
    pub open: bool,
}

impl Line {
    fn flat(entry: Entry) -> Self {
        Self {
            entry,
            depth: 0,
            branches: false,
            open: false,
        }
    }

    /// The group, where it stands for one.
    pub fn group(&self) -> Option<&DirectoryGroupId> {
        match &self.entry {
            Entry::Group(id) => Some(id),
            Entry::Everybody | Entry::Query(_) => None,
        }
    }
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
    /// Names of the saved queries.
    pub queries: Vec<String>,
    /// What is marked.
    pub chosen: Chosen,
    /// Its own filter.
    pub filter: Field,
    /// Whether the filter has the keys.
    pub typing: bool,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            lines: vec![Line::flat(Entry::Everybody)],
            list: List::default(),
            open: BTreeSet::new(),
            queries: Vec::new(),
            chosen: Chosen::default(),
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

    /// The group under the cursor.
    pub fn group(&self) -> Option<&DirectoryGroupId> {
        self.current().and_then(Line::group)
    }

    /// What is marked, else what is under the cursor; while something narrows, everybody stands for
    /// no mark.
    pub fn choice(&self) -> Chosen {
        let mut chosen = self.chosen.clone();
        if chosen.is_unmarked() && !chosen.is_narrowed() {
            match self.current().map(|line| &line.entry) {
                Some(Entry::Group(id)) => {
                    chosen.groups.insert(id.clone());
                }
                Some(Entry::Query(name)) => {
                    chosen.queries.insert(name.clone());
                }
                Some(Entry::Everybody) | None => {}
            }
        }
        chosen
    }

    /// The groups of the choice.
    pub fn groups(&self) -> Vec<DirectoryGroupId> {
        self.choice().groups.into_iter().collect()
    }

    /// The sets of the choice; none while it is groups or everybody and nothing else.
    pub fn sets(&self) -> Vec<PeopleSet> {
        let choice = self.choice();
        if choice.queries.is_empty() && !choice.is_narrowed() {
            return Vec::new();
        }
        choice.sets()
    }

    /// What a verb in this pane acts on.
    pub fn targets(&self) -> Vec<Target> {
        let choice = self.choice();
        if choice.is_narrowed() {
            return choice.sets().into_iter().map(Target::Set).collect();
        }
        let queries = choice.queries.iter().cloned().map(Base::Query);
        let queries = queries.map(|base| Target::Set(PeopleSet::of(base)));
        let groups = choice.groups.iter().cloned().map(Target::Group);
        let targets: Vec<Target> = groups.chain(queries).collect();
        if targets.is_empty() {
            return vec![Target::AllPeople];
        }
        targets
    }

    /// Makes the lines anew from the groups read so far, keeping the cursor on its group.
    pub fn rebuild(&mut self, groups: &[DirectoryGroup]) {
        let kept = self.current().map(|line| line.entry.clone());
        self.lines = if self.filter.text().trim().is_empty() {
            self.branches(groups)
        } else {
            self.found(groups)
        };
        let same = |line: &Line| kept.as_ref() == Some(&line.entry);
        let place = self.lines.iter().position(same);
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

    /// Puts the cursor on a group at the end of this way, outermost first, and opens what hides it;
    /// whether it is there at all.
    pub fn reveal(&mut self, way: &[DirectoryGroupId], groups: &[DirectoryGroup]) -> bool {
        let way = from_a_root(way, groups);
        self.filter = Field::default();
        self.typing = false;
        for end in 1..way.len() {
            self.open.extend(way.get(..end).map(<[_]>::to_vec));
        }
        self.rebuild(groups);
        let mut lines = 0..self.lines.len();
        let exact = lines.find(|at| self.way(*at).as_ref() == Some(&way));
        let last = way.last();
        let place = exact.or_else(|| self.lines.iter().position(|line| line.group() == last));
        if let Some(place) = place {
            self.list.select(place, self.lines.len());
        }
        place.is_some()
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
        let mut way = vec![line.group()?.clone()];
        let mut depth = line.depth;
        for above in self.lines.get(..index)?.iter().rev() {
            if above.depth < depth {
                depth = above.depth;
                way.push(above.group()?.clone());
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
        let mut lines = vec![Line::flat(Entry::Everybody)];
        let queries = self.queries.iter().cloned().map(Entry::Query);
        lines.extend(queries.map(Line::flat));
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
            entry: Entry::Group(group.id.clone()),
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

    /// Entries whose names fit the filter, best first.
    fn found(&self, groups: &[DirectoryGroup]) -> Vec<Line> {
        let queries = self.queries.iter().map(String::as_str);
        let names: Vec<&str> = queries
            .chain(groups.iter().map(|group| group.name.expose()))
            .collect();
        let entry = |at: usize| {
            if let Some(name) = self.queries.get(at) {
                return Some(Entry::Query(name.clone()));
            }
            let group = groups.get(at - self.queries.len())?;
            Some(Entry::Group(group.id.clone()))
        };
        let fit = best(self.filter.text(), names.into_iter());
        fit.into_iter().filter_map(entry).map(Line::flat).collect()
    }
}

/// A way with whatever is above its first group, up to one that is in no other.
fn from_a_root(way: &[DirectoryGroupId], groups: &[DirectoryGroup]) -> Vec<DirectoryGroupId> {
    let mut way = way.to_vec();
    while let Some(first) = way.first() {
        let above = groups
            .iter()
            .find(|group| group.subgroups.contains(first) && !way.contains(&group.id));
        let Some(above) = above else { break };
        way.insert(0, above.id.clone());
    }
    way
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::chosen::Part;
    use crate::domain::GroupKind;
    use crate::text::Raw;

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
                let name = match &line.entry {
                    Entry::Everybody => "*",
                    Entry::Query(name) => name,
                    Entry::Group(id) => id.expose(),
                };
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
    fn a_way_is_shown_from_its_root_on() {
        let groups = [
            group("a", &["b"]),
            group("b", &["a", "c"]),
            group("c", &[]),
            group("d", &["c"]),
        ];
        let mut tree = Tree {
            filter: Field::with("x"),
            ..Tree::default()
        };
        tree.list.height = 20;
        let way = |ids: &[&str]| -> Vec<DirectoryGroupId> {
            ids.iter().map(|id| DirectoryGroupId::from(*id)).collect()
        };
        assert!(tree.reveal(&way(&["d", "c"]), &groups));
        assert_eq!(names(&tree), ["*", "a", "b", "d", "-c"]);
        assert_eq!(tree.list.cursor, 4);
        assert!(tree.reveal(&way(&["b"]), &groups), "below what holds it");
        assert_eq!(names(&tree), ["*", "a", "-b", "b", "d", "-c"]);
        assert_eq!(tree.list.cursor, 2);
        assert!(!tree.reveal(&way(&["nowhere"]), &groups));
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

    #[test]
    fn queries_stand_before_the_groups_and_are_found_like_them() {
        let groups = [group("QLIK_PRO", &[]), group("Sales", &[])];
        let mut tree = Tree {
            queries: vec!["sales-emea".to_owned()],
            ..Tree::default()
        };
        tree.rebuild(&groups);
        assert_eq!(names(&tree), ["*", "sales-emea", "QLIK_PRO", "Sales"]);
        tree.filter = Field::with("sales");
        tree.rebuild(&groups);
        assert_eq!(names(&tree), ["sales-emea", "Sales"]);
    }

    fn words(targets: &[Target]) -> Vec<String> {
        let directory = crate::domain::DirectorySnapshot::empty(
            crate::domain::SourceKind::File,
            "people.csv",
            jiff::Timestamp::UNIX_EPOCH,
        );
        let word = |target: &Target| match target {
            Target::Row(_) => "row".to_owned(),
            Target::Group(id) => format!("group {}", id.expose()),
            Target::AllPeople => "all".to_owned(),
            Target::QlikGroup(id) => format!("group of Qlik {}", id.expose()),
            Target::Set(set) => set.words(&directory).expose().to_owned(),
        };
        targets.iter().map(word).collect()
    }

    #[test]
    fn marks_and_what_narrows_them_make_the_targets() {
        let groups = [group("a", &[]), group("b", &[]), group("c", &[])];
        let mut tree = Tree {
            queries: vec!["q".to_owned()],
            ..Tree::default()
        };
        tree.rebuild(&groups);
        assert_eq!(words(&tree.targets()), ["all"]);
        tree.list.select(1, 5);
        assert_eq!(words(&tree.targets()), ["in the query q"]);
        tree.list.select(2, 5);
        assert_eq!(words(&tree.targets()), ["group a"]);
        assert!(tree.sets().is_empty(), "groups alone are no set");

        let id = |name: &str| DirectoryGroupId::from(name);
        assert!(tree.chosen.turn(&id("b"), Part::Not));
        assert_eq!(words(&tree.targets()), ["everybody, not in b"]);
        assert!(tree.chosen.turn(&id("a"), Part::Marked));
        tree.chosen.queries.insert("q".to_owned());
        assert!(tree.chosen.turn(&id("c"), Part::Also));
        assert_eq!(
            words(&tree.targets()),
            [
                "in a, also in c, not in b",
                "in the query q, also in c, not in b"
            ]
        );
        assert!(tree.chosen.turn(&id("b"), Part::Also), "one part at a time");
        assert!(!tree.chosen.turn(&id("b"), Part::Also), "once more is none");
        assert!(tree.chosen.widen());
        assert_eq!(words(&tree.targets()), ["group a", "in the query q"]);
        assert!(!tree.chosen.widen());
    }
}
