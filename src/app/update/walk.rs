//! From a person to the groups they are in, into one of them, and back.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::answers::nest_way;
use crate::app::chosen::Chosen;
use crate::app::dialog::{Dialog, MenuKind};
use crate::app::effect::Effect;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::message::Trouble;
use crate::app::model::{App, Load, Tone};
use crate::app::roster::{Left, Pane};
use crate::domain::{DirectoryGroupId, DirectorySnapshot, PersonId, Reading, RowKey, Way};

/// Groups listed without a line to type in.
const FEW: usize = 9;

impl App {
    /// The groups of a person, each with the way through nested ones, to go to one of them; the
    /// directory is asked for those that nobody has opened yet.
    pub(super) fn pick_groups(&mut self, person: &PersonId) -> Vec<Effect> {
        let asked = self.data.groups_of.get(person);
        let effect = match asked {
            Some(reading) if reading.proof.is_proven() => None,
            _ => self.load(Load::GroupsOf(person.clone())),
        };
        let menu = self.groups_menu(person);
        self.open_menu(MenuKind::GroupsOf(person.clone()), menu);
        effect.into_iter().collect()
    }

    fn groups_menu(&self, person: &PersonId) -> Menu {
        let ways = self.ways_of(person);
        let items: Vec<Item> = ways
            .into_iter()
            .map(|way| {
                let names: Vec<String> = way.iter().map(|id| self.group_name(id)).collect();
                let note = if way.len() == 1 { "direct" } else { "nested" };
                Item::new(names.join(" > "), note, Choice::Walk(person.clone(), way))
            })
            .collect();
        let many = items.len() > FEW;
        let lead = self.how_many_groups(person, items.len());
        let menu =
            Menu::new(format!("Groups of {}", self.person_name(person)), items).lead(vec![lead]);
        if many { menu.fuzzy() } else { menu }
    }

    /// Whether these are all groups of a person.
    fn how_many_groups(&self, person: &PersonId, shown: usize) -> String {
        if self.data.loading.contains(&Load::GroupsOf(person.clone())) {
            return "Of the groups read so far; the directory is being asked for all.".to_owned();
        }
        let Some(reading) = self.data.groups_of.get(person) else {
            return "Of the groups read so far.".to_owned();
        };
        match reading.proof.gap() {
            Some(cause) => format!("Perhaps not all: {cause}"),
            None if shown == 0 => "The directory knows no group that holds them.".to_owned(),
            None => "All that the directory tells.".to_owned(),
        }
    }

    /// Takes in which groups hold a person; a list of them that stands on the screen grows, with the
    /// cursor where it was.
    pub(super) fn groups_of_read(
        &mut self,
        person: &PersonId,
        result: Result<Reading<Vec<Way>>, Trouble>,
    ) {
        self.data.loading.remove(&Load::GroupsOf(person.clone()));
        self.dirty = true;
        let reading = result.unwrap_or_else(|trouble| {
            self.say(Tone::Error, trouble.line());
            let known = self.data.groups_of.remove(person).unwrap_or_default();
            Reading {
                value: known.value,
                proof: trouble.as_proof(),
            }
        });
        let directory = &mut Arc::make_mut(&mut self.data.snapshot).directory;
        for way in &reading.value {
            nest_way(&mut directory.groups.value, way);
        }
        self.data.groups_of.insert(person.clone(), reading);
        self.rebuild_tree();
        self.inspect();
        self.refresh_groups_menu(person);
    }

    fn refresh_groups_menu(&mut self, person: &PersonId) {
        let fresh = self.groups_menu(person);
        let Some(Dialog::Menu(MenuKind::GroupsOf(of), menu)) = self.dialogs.last_mut() else {
            return;
        };
        if of != person {
            return;
        }
        let at = menu.current().map(|item| item.choice.clone());
        menu.items = fresh.items;
        menu.lead = fresh.lead;
        menu.filter = menu.filter.take().or(fresh.filter);
        menu.narrow();
        let item = |index: &usize| menu.items.get(*index).map(|item| &item.choice);
        let same = menu.shown.iter().position(|one| item(one) == at.as_ref());
        // A longer way may have taken the place of its end.
        let longer = || {
            let ends_so = |one: &usize| match (item(one), &at) {
                (Some(Choice::Walk(_, way)), Some(Choice::Walk(_, end))) => way.ends_with(end),
                _ => false,
            };
            menu.shown.iter().position(ends_so)
        };
        if let Some(place) = same.or_else(longer) {
            menu.list.select(place, menu.shown.len());
        }
    }

    /// Goes from a person to the last group of a way, and shows who is in it.
    pub(super) fn walk(&mut self, person: PersonId, way: &[DirectoryGroupId]) -> Vec<Effect> {
        let row = RowKey::Person(person);
        let tree = &self.roster.tree;
        let left = Left {
            pane: self.roster.pane,
            entry: tree.current().map(|line| line.entry.clone()),
            chosen: tree.chosen.clone(),
            filter: tree.filter.clone(),
            listed: self.roster.listed.clone(),
            row: row.clone(),
        };
        let snapshot = Arc::clone(&self.data.snapshot);
        let groups = &snapshot.directory.groups.value;
        if !self.roster.tree.reveal(way, groups) {
            self.say(Tone::Refusal, "this group is not in the list of groups");
            return Vec::new();
        }
        self.roster.left.push(left);
        self.roster.tree.chosen = Chosen::default();
        self.roster.listed = None;
        self.roster.pane = Pane::Groups;
        self.show_row(&row);
        let names: Vec<String> = way.iter().map(|id| self.group_name(id)).collect();
        let words = format!(
            "in {}; {}",
            names.join(" > "),
            self.way_back().unwrap_or_default()
        );
        self.say(Tone::Plain, words);
        self.read_group().into_iter().collect()
    }

    /// A person's name, or the id where the record is not there; safe to show.
    pub(super) fn person_name(&self, person: &PersonId) -> String {
        let known = self.data.snapshot.directory.people.value.get(person);
        let name = known.map_or_else(|| person.show(), |one| one.name.show());
        name.to_string()
    }

    /// The ways from groups to a person that are known.
    pub(super) fn ways_of(&self, person: &PersonId) -> Vec<Way> {
        let asked = self.data.groups_of.get(person);
        let asked = asked.map_or(&[][..], |reading| reading.value.as_slice());
        ways_of(&self.data.snapshot.directory, asked, person)
    }

    /// Goes back to where the last walk began; whether there was one.
    pub(super) fn walk_back(&mut self) -> bool {
        let Some(left) = self.roster.left.pop() else {
            return false;
        };
        let tree = &mut self.roster.tree;
        tree.chosen = left.chosen;
        tree.filter = left.filter;
        let snapshot = Arc::clone(&self.data.snapshot);
        tree.rebuild(&snapshot.directory.groups.value);
        let lines = tree.lines.iter();
        let place = lines
            .clone()
            .position(|line| Some(&line.entry) == left.entry.as_ref());
        tree.list.select(place.unwrap_or(0), tree.lines.len());
        self.roster.listed = left.listed;
        self.roster.pane = left.pane;
        self.show_row(&left.row);
        true
    }

    /// Where `Esc` goes back to; safe to show.
    pub fn way_back(&self) -> Option<String> {
        let left = self.roster.left.last()?;
        let key = self.setup.keymap.key(crate::app::Action::Close);
        Some(format!("{key} goes back to {}", self.row_name(&left.row)))
    }

    /// Fetches the rows of what is chosen now, with the cursor on this one where it is among them.
    fn show_row(&mut self, row: &RowKey) {
        self.roster.rest = None;
        self.rescope();
        let shown = self.roster.shown.iter();
        let rows = shown.map(|at| self.derived.row(*at).map(|one| &one.key));
        let place = rows.into_iter().position(|key| key == Some(row));
        let len = self.roster.shown.len();
        self.roster.list.select(place.unwrap_or(0), len);
        self.arrange();
        self.inspect();
        self.dirty = true;
    }
}

/// How a person is in the groups read so far and in those that the directory named: each way from the
/// outermost group to the one that holds the person, the ends of longer ways left out.
fn ways_of(directory: &DirectorySnapshot, asked: &[Way], person: &PersonId) -> Vec<Way> {
    let ways = directory.members.iter().filter_map(|(group, reading)| {
        let mut members = reading.value.iter();
        let member = members.find(|member| member.person == *person)?;
        Some([std::slice::from_ref(group), &member.via].concat())
    });
    let all: BTreeSet<Way> = ways.chain(asked.iter().cloned()).collect();
    let is_end = |way: &Way| {
        let mut others = all.iter();
        others.any(|other| other.len() > way.len() && other.ends_with(way))
    };
    // Who is directly in a group is so, however else they are in it.
    let kept = |way: &&Way| way.len() == 1 || !is_end(way);
    all.iter().filter(kept).cloned().collect()
}
