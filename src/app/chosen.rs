//! What is marked in the groups pane, and the groups that narrow it.

use std::collections::BTreeSet;

use super::tree::Entry;
use crate::domain::{Base, DirectoryGroupId, PeopleSet};

/// How an entry takes part in what is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its people are in.
    Marked,
    /// Only its people stay in.
    Also,
    /// Its people are out.
    Not,
}

/// What is marked in the pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Marked groups.
    pub groups: BTreeSet<DirectoryGroupId>,
    /// Marked queries.
    pub queries: BTreeSet<String>,
    /// Groups that everybody must be in too.
    pub also: BTreeSet<DirectoryGroupId>,
    /// Groups that nobody may be in.
    pub not: BTreeSet<DirectoryGroupId>,
}

impl Chosen {
    /// Whether nothing is marked, whatever narrows it.
    pub fn is_unmarked(&self) -> bool {
        self.groups.is_empty() && self.queries.is_empty()
    }

    /// Whether other groups narrow it.
    pub fn is_narrowed(&self) -> bool {
        !self.also.is_empty() || !self.not.is_empty()
    }

    /// Takes the narrowing away; whether there was any.
    pub fn widen(&mut self) -> bool {
        let narrowed = self.is_narrowed();
        self.also.clear();
        self.not.clear();
        narrowed
    }

    /// How an entry takes part.
    pub fn part(&self, entry: &Entry) -> Option<Part> {
        match entry {
            Entry::Query(name) => self.queries.contains(name).then_some(Part::Marked),
            Entry::Group(id) if self.groups.contains(id) => Some(Part::Marked),
            Entry::Group(id) if self.also.contains(id) => Some(Part::Also),
            Entry::Group(id) if self.not.contains(id) => Some(Part::Not),
            Entry::Everybody | Entry::Group(_) => None,
        }
    }

    /// Gives a group this part in it, or none when it has that one already; whether it has it now.
    pub fn turn(&mut self, id: &DirectoryGroupId, part: Part) -> bool {
        let had = self.part(&Entry::Group(id.clone())) == Some(part);
        for groups in [&mut self.groups, &mut self.also, &mut self.not] {
            groups.remove(id);
        }
        let groups = match part {
            Part::Marked => &mut self.groups,
            Part::Also => &mut self.also,
            Part::Not => &mut self.not,
        };
        if !had {
            groups.insert(id.clone());
        }
        !had
    }

    /// The sets that it stands for, when groups alone do not say it.
    pub(super) fn sets(&self) -> Vec<PeopleSet> {
        let narrowed = |base| PeopleSet {
            base,
            also: self.also.clone(),
            not: self.not.clone(),
        };
        let mut bases = Vec::new();
        if !self.groups.is_empty() {
            bases.push(Base::Groups(self.groups.clone()));
        }
        bases.extend(self.queries.iter().cloned().map(Base::Query));
        if bases.is_empty() {
            bases.push(Base::Everybody);
        }
        bases.into_iter().map(narrowed).collect()
    }
}
