//! Whom the groups pane chooses: entries are marked, groups narrow what is marked, and whatever that
//! needs is read.

use crate::app::actions::Action;
use crate::app::chosen::Part;
use crate::app::effect::Effect;
use crate::app::message::PeopleWish;
use crate::app::model::{App, Load, Tone};
use crate::app::tree::Entry;
use crate::domain::{Base, DirectoryGroupId, PeopleSet, Target};
use crate::planner::roster::Scope;

impl App {
    /// The narrowed sets that the middle pane shows; none when nothing narrows them.
    pub fn narrowed(&self) -> &[PeopleSet] {
        match &self.roster.scope {
            Scope::Sets(sets) if sets.iter().any(PeopleSet::is_narrowed) => sets,
            _ => &[],
        }
    }

    /// Marks the entry under the cursor, or takes its mark away.
    pub(super) fn mark_entry(&mut self) -> Vec<Effect> {
        let Some(entry) = self.roster.tree.current().map(|line| line.entry.clone()) else {
            return Vec::new();
        };
        let chosen = &mut self.roster.tree.chosen;
        let on = match &entry {
            Entry::Everybody => {
                self.say(Tone::Plain, "everybody is the scope when nothing is marked");
                return self.read_group().into_iter().collect();
            }
            Entry::Group(id) => chosen.turn(id, Part::Marked),
            Entry::Query(name) => {
                let on = !chosen.queries.remove(name);
                if on {
                    chosen.queries.insert(name.clone());
                }
                on
            }
        };
        let first = on && !chosen.is_narrowed() && chosen.groups.len() + chosen.queries.len() == 1;
        self.roster.listed = None;
        self.rescope();
        if first {
            let key = |action| self.setup.keymap.key(action);
            let (also, not) = (key(Action::AlsoIn), key(Action::NotIn));
            let hint = format!("marked; {also} on a group: who is in it too, {not}: who is not");
            self.say(Tone::Plain, hint);
        }
        if on {
            self.read_group().into_iter().collect()
        } else {
            Vec::new()
        }
    }

    /// Narrows what is marked by the group under the cursor, or takes that away again.
    pub(super) fn narrow(&mut self, part: Part) -> Vec<Effect> {
        let Some(group) = self.roster.tree.group().cloned() else {
            return Vec::new();
        };
        self.roster.listed = None;
        self.roster.tree.chosen.turn(&group, part);
        self.rescope();
        self.arrange();
        self.read_members(group).into_iter().collect()
    }

    /// Takes away what narrows the marked groups; whether there was anything.
    pub(super) fn widen(&mut self) -> bool {
        let narrowed = self.roster.tree.chosen.widen();
        if narrowed {
            self.rescope();
            self.arrange();
        }
        narrowed
    }

    pub(super) fn read_members(&mut self, group: DirectoryGroupId) -> Option<Effect> {
        let known = self.data.snapshot.directory.members.get(&group);
        if known.is_some_and(|reading| reading.proof.is_proven()) {
            return None;
        }
        self.load(Load::Members(group))
    }

    pub(super) fn read_everybody(&mut self) -> Option<Effect> {
        if self.data.snapshot.directory.people.proof.is_proven() {
            return None;
        }
        self.load(Load::People(PeopleWish::All))
    }

    /// Asks the directory who fits a saved query, unless it told already.
    pub(super) fn read_query(&mut self, name: &str) -> Option<Effect> {
        let known = self.data.snapshot.directory.queries.get(name);
        if known.is_some_and(|reading| reading.proof.is_proven()) {
            return None;
        }
        let load = self.query_load(name)?;
        self.load(load)
    }

    /// A saved query as something to be read; `None` when the profile has none of this name.
    pub(super) fn query_load(&self, name: &str) -> Option<Load> {
        let filter = self.setup.queries.get(name)?.clone();
        Some(Load::People(PeopleWish::Query(name.to_owned(), filter)))
    }

    /// Reads everything by which a set is worked out.
    pub(super) fn read_set(&mut self, set: &PeopleSet) -> Vec<Effect> {
        let groups: Vec<DirectoryGroupId> = set.groups().cloned().collect();
        let members = groups.into_iter().filter_map(|id| self.read_members(id));
        let mut effects: Vec<Effect> = members.collect();
        effects.extend(match &set.base {
            Base::Everybody => self.read_everybody(),
            Base::Query(name) => self.read_query(name),
            Base::Groups(_) => None,
        });
        effects
    }

    /// Reads everything by which the staged sets are worked out.
    pub(super) fn read_staged_sets(&mut self) -> Vec<Effect> {
        let staged = self.stage.staging.wishes.keys();
        let sets = staged.filter_map(|target| match target {
            Target::Set(set) => Some(set.clone()),
            Target::Row(_) | Target::Group(_) | Target::AllPeople | Target::QlikGroup(_) => None,
        });
        let sets: Vec<PeopleSet> = sets.collect();
        sets.iter().flat_map(|set| self.read_set(set)).collect()
    }
}
