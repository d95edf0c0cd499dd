//! The inspector: how the row under the cursor is in the groups, and its first-login check.

use crate::app::model::App;
use crate::app::roster::Inspection;
use crate::app::{conflict_words, needs_decision};
use crate::domain::{DirectorySnapshot, Enabled, Match, PersonId, PersonKind, Row};
use crate::planner::first_login;

/// Groups named for one person; more are counted.
const NAMED: usize = 4;

impl App {
    /// Looks at the row under the cursor again.
    pub(super) fn inspect(&mut self) {
        self.roster.inspection = self.current_row().map(|row| self.inspection(row));
    }

    fn inspection(&self, row: &Row) -> Inspection {
        let groups = self.roster.tree.chosen();
        let person = row.person.as_ref();
        Inspection {
            row: row.key.clone(),
            memberships: person.map_or_else(Vec::new, |person| {
                memberships(&self.data.snapshot.directory, &person.id)
            }),
            checks: first_login(
                &self.data.snapshot,
                row,
                &self.stage.staging,
                &self.derived.outlook,
                &groups,
            ),
        }
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
            let shown = |raw: &Option<crate::text::Raw>| {
                raw.as_ref()
                    .map_or_else(String::new, |raw| raw.show().to_string())
            };
            add("directory id", person.id.show().to_string());
            add("login", shown(&person.upn));
            add("mail", shown(&person.mail));
            add("department", shown(&person.department));
            add("state", person_words(person.enabled, person.kind));
        } else {
            add("directory", "nobody found there".to_owned());
        }
        if let Some(subject) = &row.subject {
            add("subject", subject.show().to_string());
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
            Match::Email { accepted: false } => add(
                "match",
                "same e-mail, other subject: is it the same person?".to_owned(),
            ),
            Match::Email { accepted: true } => add("match", "same person, accepted".to_owned()),
            Match::Subject | Match::None => {}
        }
        if let Some(person) = &row.person {
            for line in memberships(&self.data.snapshot.directory, &person.id) {
                add("group", line);
            }
        }
        lines
    }
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

/// How a person is in the groups read so far, one line each; safe to show.
fn memberships(directory: &DirectorySnapshot, person: &PersonId) -> Vec<String> {
    let name = |id| {
        directory
            .group(id)
            .map_or_else(|| id.show(), |group| group.name.show())
            .to_string()
    };
    let mut lines: Vec<String> = directory
        .members
        .iter()
        .filter_map(|(group, reading)| {
            let member = reading
                .value
                .iter()
                .find(|member| member.person == *person)?;
            Some(match member.via.last() {
                Some(last) => format!("{} via {}", name(group), name(last)),
                None => format!("direct in {}", name(group)),
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
