//! The inspector: how the row under the cursor is in the groups, and its first-login check.

use crate::app::model::App;
use crate::app::roster::Inspection;
use crate::app::{conflict_words, needs_decision};
use crate::domain::{Enabled, Match, PersonId, PersonKind, Row};
use crate::planner::first_login;
use crate::text::Raw;

/// Groups named for one person; more are counted.
const NAMED: usize = 4;

impl App {
    /// Looks at the row under the cursor again.
    pub(super) fn inspect(&mut self) {
        self.roster.inspection = self.roster_row().map(|row| self.inspection(row));
    }

    pub(super) fn inspection(&self, row: &Row) -> Inspection {
        let groups = self.roster.tree.groups();
        let person = row.person.as_ref();
        Inspection {
            row: row.key.clone(),
            memberships: person.map_or_else(Vec::new, |person| self.memberships(&person.id)),
            checks: first_login(
                &self.data.snapshot,
                row,
                &self.stage.staging,
                &self.derived.outlook,
                &groups,
            ),
        }
    }

    /// Both sides of a conflict, a record a line: what it is and what tells it from the others; safe to
    /// show.
    pub(super) fn party_lines(&self, row: &Row) -> Vec<String> {
        let Some(index) = &self.derived.index else {
            return Vec::new();
        };
        let parties = index.parties(row);
        let mail = |mail: Option<&Raw>| {
            mail.map_or_else(|| "no mail".to_owned(), |one| one.show().to_string())
        };
        let people = parties.people.iter().map(|person| {
            let text = format!(
                "{}, {}, id {}, {}",
                person.name.show(),
                mail(person.mail.as_ref()),
                person.id.show(),
                person_words(person.enabled, person.kind)
            );
            ("- person", text)
        });
        let users = parties.users.iter().map(|user| {
            let seats = index.seats_of(&user.subject);
            let seats: Vec<String> = seats
                .filter_map(|seat| Some(seat.license.as_ref()?.show().to_string()))
                .collect();
            let seats = if seats.is_empty() {
                "no license".to_owned()
            } else {
                seats.join(" and ")
            };
            let text = format!(
                "{}, {}, subject {}, {}, {seats}",
                user.name.show(),
                mail(user.email.as_ref()),
                user.subject.show(),
                user.status.word()
            );
            ("- user", text)
        });
        let lines = people.chain(users);
        lines
            .map(|(what, text)| format!("{what:<13} {text}"))
            .collect()
    }

    /// A row in lines, for the dialog about it; safe to show.
    pub fn row_lines(&self, row: &Row) -> Vec<String> {
        let mut lines = Vec::new();
        let mut add = |what: &str, text: String| {
            if !text.is_empty() {
                lines.push(format!("{what:<13} {text}"));
            }
        };
        if let Some(person) = &row.person {
            let shown = |raw: &Option<Raw>| {
                raw.as_ref()
                    .map_or_else(String::new, |raw| raw.show().to_string())
            };
            add("directory id", person.id.show().to_string());
            add("login", shown(&person.upn));
            add("mail", shown(&person.mail));
            add("department", shown(&person.department));
            add("state", person_words(person.enabled, person.kind));
        } else {
            // Whoever was not read yet is not gone.
            let whole = self.data.snapshot.directory.people.proof.is_proven();
            let words = if whole {
                "nobody found there"
            } else {
                "nobody of those read so far"
            };
            add("directory", words.to_owned());
        }
        if let Some(subject) = &row.subject {
            let theirs = row.joined_user().map(|user| &user.subject);
            let other = theirs.filter(|theirs| *theirs != subject && theirs.key() == subject.key());
            let words = other.map_or_else(String::new, |theirs| {
                format!("; Qlik writes {}: the same but for capitals", theirs.show())
            });
            add("subject", format!("{}{words}", subject.show()));
        }
        if let Some(user) = &row.user {
            let mark = if needs_decision(row) {
                "candidate: "
            } else {
                ""
            };
            add(
                "Qlik user",
                format!("{mark}{} ({})", user.subject.show(), user.status.word()),
            );
            add("Qlik id", user.id.show().to_string());
        }
        for seat in &row.licenses {
            let kind = seat
                .license
                .as_ref()
                .map_or_else(|| "?".to_owned(), |l| l.show().to_string());
            add("license", format!("{kind} on {}", seat.subject.show()));
        }
        match &row.matched {
            Match::Conflict(conflict) => add(
                "conflict",
                format!("{}; nothing is guessed", conflict_words(conflict)),
            ),
            Match::Email { accepted: false } => add("match", same_words(row)),
            Match::Email { accepted: true } => add("match", "same person, accepted".to_owned()),
            Match::Subject | Match::None => {}
        }
        if let Some(person) = &row.person {
            for line in self.memberships(&person.id) {
                add("group", line);
            }
        }
        lines
    }
}

/// Why it is asked whether a person and a user are the same, and what a yes does.
fn same_words(row: &Row) -> String {
    let (Some(user), Some(subject)) = (&row.user, &row.subject) else {
        return "same e-mail, other subject: is it the same person?".to_owned();
    };
    let seat = match row.licenses.iter().find_map(|seat| seat.license.as_ref()) {
        Some(license) => format!(
            "the {} license moves there and no second seat is taken",
            license.show()
        ),
        None => "no second record is made".to_owned(),
    };
    format!(
        "same e-mail, other subject: is it the same person? Qlik knows {}, the person will sign in as {}. With a yes {seat}",
        user.subject.show(),
        subject.show()
    )
}

/// State of a person in a word or two.
fn person_words(enabled: Enabled, kind: PersonKind) -> String {
    let enabled = match enabled {
        Enabled::Yes => "enabled",
        Enabled::No => "disabled",
        Enabled::Unknown => "unknown whether enabled",
    };
    let kind = match kind {
        PersonKind::Member => "",
        PersonKind::Guest => ", guest",
        PersonKind::Service => ", service account",
        PersonKind::Contact => ", contact only",
    };
    format!("{enabled}{kind}")
}

impl App {
    /// How a person is in the groups that are known, one line each; safe to show.
    fn memberships(&self, person: &PersonId) -> Vec<String> {
        let mut lines: Vec<String> = self
            .ways_of(person)
            .iter()
            .filter_map(|way| {
                let (group, via) = way.split_first()?;
                let via: Vec<String> = via.iter().map(|id| self.group_name(id)).collect();
                let group = self.group_name(group);
                Some(if via.is_empty() {
                    format!("direct in {group}")
                } else {
                    format!("{group} via {}", via.join(" > "))
                })
            })
            .collect();
        if lines.len() > NAMED {
            let more = lines.len() - NAMED;
            lines.truncate(NAMED);
            lines.push(format!("and {more} more groups"));
        }
        lines
    }
}
