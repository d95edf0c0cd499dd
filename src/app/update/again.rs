//! What another session read: it shows until this session has read it, and proves nothing (I6).
//! Whatever of it is marked, shown or staged is read again by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::message::PeopleWish;
use crate::app::model::{App, Load};
use crate::domain::{
    Base, Completeness, DirectoryGroupId, DirectorySnapshot, PeopleSet, PersonId, RowKey, Snapshot,
    Target,
};
use crate::planner::roster::Scope;

impl App {
    /// The last snapshot fills what this session has not read yet.
    pub(super) fn cached(&mut self, snapshot: Snapshot) {
        let mut old = snapshot.aged();
        let known = Arc::clone(&self.data.snapshot);
        if self.data.tenant_read && !self.data.cached {
            old.tenant = known.tenant.clone();
        } else {
            self.data.tenant_read = true;
            self.data.cached = true;
        }
        let before: BTreeSet<PersonId> = known
            .directory
            .people
            .value
            .keys()
            .filter(|id| !self.data.old_people.contains(*id))
            .cloned()
            .collect();
        keep_read(&mut old.directory, &known.directory);
        let people = old.directory.people.value.keys();
        self.data.old_people = people.filter(|id| !before.contains(*id)).cloned().collect();
        self.data.snapshot = Arc::new(old);
        self.rebuild_tree();
        self.roster.rest = None;
        self.rejoin();
        self.arrange();
    }

    /// Reads again what is marked, shown or staged and known from the last session only.
    pub(super) fn read_again(&mut self) -> Vec<Effect> {
        if self.is_gone() || self.roster.rest.is_some() {
            return Vec::new();
        }
        let chosen = &self.roster.tree.chosen;
        let marked = chosen.groups.iter().chain(&chosen.also).chain(&chosen.not);
        let mut groups: BTreeSet<DirectoryGroupId> = marked.cloned().collect();
        let mut everybody = self.roster.scope == Scope::AllPeople && self.roster.listed.is_none();
        if let Scope::Groups(shown) = &self.roster.scope {
            groups.extend(shown.iter().cloned());
        }
        if let Scope::Sets(shown) = &self.roster.scope {
            groups.extend(shown.iter().flat_map(PeopleSet::groups).cloned());
            everybody |= shown.iter().any(|set| set.base == Base::Everybody);
        }
        for target in self.stage.staging.wishes.keys() {
            match target {
                Target::Group(id) => {
                    groups.insert(id.clone());
                }
                Target::AllPeople => everybody = true,
                Target::Set(set) => {
                    groups.extend(set.groups().cloned());
                    everybody |= set.base == Base::Everybody;
                }
                // Before a plan its members are read, whatever is known of them.
                Target::QlikGroup(_) | Target::Row(_) => {}
            }
        }
        let directory = &self.data.snapshot.directory;
        let old = |id: &DirectoryGroupId| {
            let known = directory.members.get(id);
            known.is_some_and(|reading| reading.proof.is_of_last_session())
        };
        let mut wanted: Vec<Load> = groups.into_iter().filter(old).map(Load::Members).collect();
        if everybody && directory.people.proof.is_of_last_session() {
            wanted.push(Load::People(PeopleWish::All));
        }
        wanted.retain(|load| !self.data.troubles.contains_key(load));
        wanted
            .into_iter()
            .filter_map(|load| self.load(load))
            .collect()
    }

    /// Staged rows whose person was last seen by another session.
    pub(super) fn read_staged_rows(&mut self) -> Option<Effect> {
        let staged = self.stage.staging.wishes.keys();
        let old: Vec<PersonId> = staged
            .filter_map(|target| match target {
                Target::Row(RowKey::Person(id)) => Some(id),
                Target::Row(_)
                | Target::Group(_)
                | Target::AllPeople
                | Target::Set(_)
                | Target::QlikGroup(_) => None,
            })
            .filter(|id| self.data.old_people.contains(*id))
            .cloned()
            .collect();
        if old.is_empty() {
            return None;
        }
        self.load(Load::People(PeopleWish::Again(old)))
    }
}

/// Takes over what this session has read of the directory.
fn keep_read(old: &mut DirectorySnapshot, known: &DirectorySnapshot) {
    let fresh =
        |proof: &Completeness| *proof != Completeness::Unread && !proof.is_of_last_session();
    if fresh(&known.groups.proof) {
        old.groups = known.groups.clone();
    }
    if fresh(&known.people.proof) {
        old.people = known.people.clone();
    } else {
        let people = known.people.value.iter();
        old.people
            .value
            .extend(people.map(|(id, person)| (id.clone(), Arc::clone(person))));
    }
    for (group, reading) in &known.members {
        if fresh(&reading.proof) {
            old.members.insert(group.clone(), reading.clone());
        }
    }
    old.queries.clone_from(&known.queries);
}
