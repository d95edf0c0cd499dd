//! Accepting e-mail matches as the same person: one at once, several after a look at all of them.

use crate::app::dialog::MenuKind;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::{App, Tone};
use crate::domain::{PersonId, Row, StageEdit, Subject, UserId};

impl App {
    /// Accepts one match at once; asks before it accepts several.
    pub(super) fn accept_candidates(&mut self) {
        let rows = self.candidate_rows();
        if rows.len() < 2 {
            let pairs = self.candidates();
            return self.accept_all(pairs);
        }
        let most = usize::from(self.layout.height).saturating_sub(12).max(3);
        let mut lead: Vec<String> = rows
            .iter()
            .take(most)
            .map(|row| candidate_words(row))
            .collect();
        if rows.len() > most {
            lead.push(format!("and {} more", rows.len() - most));
        }
        let title = format!("Are these {} the same people?", rows.len());
        let items = vec![
            Item::new("leave", "nothing is accepted", Choice::Nothing).hot('l'),
            Item::new(
                "same people",
                "accept all of them",
                Choice::AcceptAll(self.candidates()),
            )
            .hot('y'),
        ];
        self.open_menu(MenuKind::Plain, Menu::new(title, items).lead(lead));
    }

    pub(super) fn accept_all(&mut self, pairs: Vec<(PersonId, UserId)>) {
        let count = pairs.len();
        let accepted = pairs
            .into_iter()
            .map(|(person, user)| (person, Some(user)))
            .collect();
        let matches = if count == 1 { "match" } else { "matches" };
        self.accept(
            accepted,
            format!("{count} e-mail {matches} accepted as the same person"),
        );
    }

    pub(super) fn accept(&mut self, accepted: Vec<(PersonId, Option<UserId>)>, what: String) {
        self.stage(
            what.clone(),
            StageEdit {
                accepted,
                ..StageEdit::default()
            },
        );
        self.rescope();
        self.restage();
        self.say(Tone::Plain, what);
    }
}

/// Name, e-mail, old subject and new one of a match; safe to show.
fn candidate_words(row: &Row) -> String {
    let shown = |raw: Option<&crate::text::Raw>| {
        raw.map_or_else(|| "-".to_owned(), |raw| raw.show().elided(40).to_string())
    };
    let user = row.user.as_deref();
    format!(
        "{}  {}  {} -> {}",
        shown(row.name()),
        shown(user.and_then(|user| user.email.as_ref())),
        shown(user.map(|user| user.subject.raw())),
        shown(row.subject.as_ref().map(Subject::raw)),
    )
}
