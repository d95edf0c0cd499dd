//! A list of e-mails, pasted, typed or read from a file, that becomes the selection.

use crossterm::event::KeyCode;
use std::collections::BTreeSet;

use crate::app::dialog::{Addresses, Dialog};
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::list::List;
use crate::app::message::PeopleWish;
use crate::app::model::{App, Load, Tone};
use crate::app::roster::{Listed, Pane};
use crate::domain::{Row, RowKey};
use crate::text::{Raw, show};

/// Most text that one list takes, in bytes; a larger one comes from a file.
const LIST_CAP: usize = 64 * 1024;
/// Most addresses.
const ADDRESSES: usize = 10_000;

impl App {
    pub(super) fn begin_list(&mut self) {
        self.open_dialog(Dialog::List(Box::default()));
    }

    pub(super) fn list_paste(&mut self, text: &str) {
        let cut = text.len() > LIST_CAP;
        let head = text.get(..floor(text, LIST_CAP)).unwrap_or_default();
        if let Some(Dialog::List(list)) = self.dialogs.last_mut() {
            list.cut |= cut;
            take(list, head);
        }
        self.dirty = true;
    }

    pub(super) fn list_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(Dialog::List(list)) = self.dialogs.last_mut() else {
            return Vec::new();
        };
        self.dirty = true;
        match key.code {
            KeyCode::Esc => {
                self.close_dialog();
            }
            KeyCode::Enter if list.field.is_empty() => return self.resolve_list(),
            KeyCode::Enter => {
                let text = std::mem::take(&mut list.field);
                if text.text().contains('@') && !text.text().contains('/') {
                    take(list, text.text());
                } else {
                    return vec![Effect::ReadList(self.data.epoch, text.text().to_owned())];
                }
            }
            _ => {
                list.field.key(key);
            }
        }
        Vec::new()
    }

    /// A file was read into the list.
    pub(super) fn list_read(&mut self, text: &Raw) {
        if let Some(Dialog::List(list)) = self.dialogs.last_mut() {
            take(list, text.expose());
            let count = list.taken.len();
            self.say(
                Tone::Plain,
                format!("{count} addresses; Enter looks them up"),
            );
        }
    }

    fn resolve_list(&mut self) -> Vec<Effect> {
        let Some(Dialog::List(list)) = self.close_dialog() else {
            return Vec::new();
        };
        if list.taken.is_empty() {
            return Vec::new();
        }
        self.say(
            Tone::Plain,
            format!("looking up {} addresses", list.taken.len()),
        );
        if self.data.snapshot.directory.people.proof.is_proven() {
            self.select_list(&list.taken);
            return Vec::new();
        }
        self.load(Load::People(PeopleWish::Addresses(list.taken)))
            .into_iter()
            .collect()
    }

    /// Makes the people with these addresses the scope, marked; names the unknown ones.
    pub(super) fn select_list(&mut self, addresses: &[Raw]) {
        let Some(index) = self.derived.index.clone() else {
            return;
        };
        let everybody = index.roster(
            &self.data.snapshot,
            &crate::planner::roster::Scope::AllPeople,
            &self.stage.staging.accepted,
        );
        let mut by_address: std::collections::BTreeMap<String, RowKey> =
            std::collections::BTreeMap::new();
        for row in &everybody.rows {
            for address in row_addresses(row) {
                by_address
                    .entry(address.key())
                    .or_insert_with(|| row.key.clone());
            }
        }
        let mut listed = Listed::default();
        for address in addresses {
            match by_address.get(&address.key()) {
                Some(key @ RowKey::Person(_)) => {
                    listed.rows.insert(key.clone());
                }
                _ => listed.unknown.push(address.clone()),
            }
        }
        self.show_list(listed);
    }

    fn show_list(&mut self, listed: Listed) {
        let (found, unknown) = (listed.rows.len(), listed.unknown.clone());
        self.roster.marks = listed.rows.iter().cloned().collect::<BTreeSet<_>>();
        self.roster.tree.chosen.widen();
        self.roster.listed = Some(listed);
        self.roster.pane = Pane::People;
        self.arrange();
        self.rescope();
        self.say(
            Tone::Plain,
            format!("{found} found and marked, {} unknown", unknown.len()),
        );
        if !unknown.is_empty() {
            let mut lines = vec![format!(
                "{found} people found and marked. Nobody in the directory has:"
            )];
            lines.extend(unknown.iter().map(|address| format!("  {}", show(address))));
            self.open_dialog(Dialog::Text {
                title: "Unknown addresses".to_owned(),
                lines,
                list: List::default(),
            });
        }
    }
}

fn row_addresses(row: &Row) -> impl Iterator<Item = &Raw> {
    row.person.iter().flat_map(|person| {
        person
            .mails()
            .chain(person.upn.as_ref())
            .chain(person.sam.as_ref())
            .chain(std::iter::once(person.id.raw()))
    })
}

/// Takes addresses out of a text: anything between blanks, commas, semicolons, brackets, quotes
/// that holds an `@`; without any `@` in the whole text, every word.
fn take(list: &mut Addresses, text: &str) {
    let cut = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, ',' | ';' | '<' | '>' | '"' | '(' | ')')
    };
    let any = text.contains('@');
    let mut seen: BTreeSet<String> = list.taken.iter().map(Raw::key).collect();
    for word in text
        .split(cut)
        .filter(|word| !word.is_empty() && (!any || word.contains('@')))
    {
        let word = Raw::from(word.trim_start_matches("mailto:"));
        if list.taken.len() >= ADDRESSES {
            list.cut = true;
            return;
        }
        if seen.insert(word.key()) {
            list.taken.push(word);
        }
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_what_people_paste() {
        let mut list = Addresses::default();
        take(
            &mut list,
            "Anna <anna@corp.example>; \"Bob\" (bob@corp.example),\nANNA@corp.example\tx",
        );
        let taken: Vec<&str> = list.taken.iter().map(Raw::expose).collect();
        assert_eq!(taken, ["anna@corp.example", "bob@corp.example"]);
    }
}
