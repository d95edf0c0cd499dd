//! From a person to the groups they are in, into one of them, and back.

use std::sync::Arc;

use crate::app::chosen::Chosen;
use crate::app::dialog::MenuKind;
use crate::app::effect::Effect;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::{App, Tone};
use crate::app::roster::{Left, Pane};
use crate::domain::{DirectoryGroupId, DirectorySnapshot, PersonId, RowKey};

/// Groups listed without a line to type in.
const FEW: usize = 9;

impl App {
    /// The groups of a person, each with the way through nested ones, to go to one of them.
    pub(super) fn pick_groups(&mut self, person: &PersonId) {
        let directory = &self.data.snapshot.directory;
        let known = directory.people.value.get(person);
        let name = known.map_or_else(
            || person.show().to_string(),
            |one| one.name.show().to_string(),
        );
        let ways = ways_of(directory, person);
        let items: Vec<Item> = ways
            .into_iter()
            .map(|way| {
                let names: Vec<String> = way.iter().map(|id| self.group_name(id)).collect();
                let note = if way.len() == 1 { "direct" } else { "nested" };
                Item::new(names.join(" > "), note, Choice::Walk(person.clone(), way))
            })
            .collect();
        let many = items.len() > FEW;
        let lead = "Of the groups read so far. A group that was not opened yet is not among them.";
        let menu = Menu::new(format!("Groups of {name}"), items).lead(vec![lead.to_owned()]);
        let menu = if many { menu.fuzzy() } else { menu };
        self.open_menu(MenuKind::Plain, menu);
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

/// How a person is in the groups read so far: each way from the outermost group to the one that holds
/// the person, the ends of longer ways left out.
pub(super) fn ways_of(
    directory: &DirectorySnapshot,
    person: &PersonId,
) -> Vec<Vec<DirectoryGroupId>> {
    let ways = directory.members.iter().filter_map(|(group, reading)| {
        let mut members = reading.value.iter();
        let member = members.find(|member| member.person == *person)?;
        Some([std::slice::from_ref(group), &member.via].concat())
    });
    let all: Vec<Vec<DirectoryGroupId>> = ways.collect();
    let is_end = |way: &Vec<DirectoryGroupId>| {
        let mut others = all.iter();
        others.any(|other| other.len() > way.len() && other.ends_with(way))
    };
    all.iter().filter(|way| !is_end(way)).cloned().collect()
}
