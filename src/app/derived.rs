//! What follows from what was read and what is staged: the rows of the scope, what is pending
//! for each, the seat meter. Made anew when one of them changes, never while drawing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::filter::Facts;
use super::hay::{Hay, words_of};
use crate::domain::{
    Assignee, Conflict, DirectoryGroupId, Enabled, Guards, Match, PersonKind, Row, RowKey,
    Snapshot, Staging, Subject, UserId,
};
use crate::planner::roster::Index;
use crate::planner::{Outlook, Pending};
use crate::text::Raw;

/// Everything derived.
#[derive(Clone, Debug, Default)]
pub struct Derived {
    /// The prepared join.
    pub index: Option<Arc<Index>>,
    /// Rows of the scope, by name.
    pub rows: Vec<Row>,
    /// Texts to search, one a row.
    hay: Hay,
    /// What the staging would do, row by row, and to the pools.
    pub outlook: Outlook,
    /// The approved groups as far as they are known, and what speaks against telling strangers by them;
    /// safe to show.
    pub approved: (Vec<DirectoryGroupId>, Option<String>),
    /// In how many of the spaces read so far a user holds roles directly.
    direct: BTreeMap<UserId, usize>,
    /// Users who own a space.
    owners: BTreeSet<UserId>,
}

impl Derived {
    /// Takes other rows, and makes their texts to search now: a first key of a filter that had to
    /// wait for a hundred thousand texts would be felt.
    pub fn put_rows(&mut self, rows: Vec<Row>) {
        self.hay = Hay::of(&rows);
        self.rows = rows;
    }

    /// The row at a place.
    pub fn row(&self, at: u32) -> Option<&Row> {
        self.rows.get(usize::try_from(at).ok()?)
    }

    /// Counts direct assignments by user, and notes who owns a space.
    pub fn count_spaces(&mut self, snapshot: &Snapshot) {
        self.direct = BTreeMap::new();
        let spaces = snapshot.tenant.spaces.value.iter();
        self.owners = spaces.filter_map(|space| space.owner.clone()).collect();
        let rows = snapshot
            .tenant
            .assignments
            .values()
            .flat_map(|reading| &reading.value);
        for row in rows {
            if let Assignee::User(id) = &row.assignee {
                *self.direct.entry(id.clone()).or_default() += 1;
            }
        }
    }

    /// What will happen to a row; `None` when nothing will.
    pub fn pending(&self, key: &RowKey) -> Option<&Pending> {
        self.outlook
            .of(key)
            .filter(|pending| **pending != Pending::default())
    }

    /// In how many of the spaces read so far a user holds roles directly.
    pub fn spaces_of(&self, user: &UserId) -> usize {
        self.direct.get(user).copied().unwrap_or(0)
    }

    /// Works out what the staging would do.
    pub fn stage(&mut self, snapshot: &Snapshot, staging: &Staging, guards: &Guards) {
        if let Some(index) = &self.index {
            self.outlook = Outlook::new(index, snapshot, staging, guards);
        }
    }
}

impl Facts for Derived {
    fn haystack(&self, row: u32) -> &str {
        self.hay.get(row)
    }

    fn text(&self, row: u32) -> String {
        self.row(row).map(words_of).unwrap_or_default()
    }

    fn fits(&self, row: u32, key: &str, value: &str) -> Option<bool> {
        let row = self.row(row)?;
        let has = |text: Option<&Raw>| text.is_some_and(|text| text.key().contains(value));
        let person = row.person.as_deref();
        let user = row.user.as_deref();
        Some(match key {
            "name" => has(row.name()),
            "mail" => {
                person.is_some_and(|person| person.mails().any(|mail| has(Some(mail))))
                    || has(user.and_then(|user| user.email.as_ref()))
            }
            "subject" => {
                has(user.map(|user| user.subject.raw()))
                    || has(row.subject.as_ref().map(Subject::raw))
            }
            "dept" => has(person.and_then(|person| person.department.as_ref())),
            "dir" => directory_words(row).any(|word| word.starts_with(value)),
            "qlik" => user
                .map_or("none", |user| user.status.word())
                .starts_with(value),
            "license" => match row.license() {
                Some(license) => license.key().starts_with(value),
                None => "none".starts_with(value),
            },
            "is" => match value {
                "conflict" => needs_decision(row),
                "owner" => user.is_some_and(|user| self.owners.contains(&user.id)),
                "staged" => self.pending(&row.key).is_some(),
                "stranger" => is_stranger(row),
                _ => false,
            },
            _ => return None,
        })
    }
}

fn directory_words(row: &Row) -> impl Iterator<Item = &'static str> {
    let person = row.person.as_deref();
    let enabled = match person.map(|person| person.enabled) {
        Some(Enabled::Yes) => Some("enabled"),
        Some(Enabled::No) => Some("disabled"),
        _ => None,
    };
    let kind = match person.map(|person| person.kind) {
        Some(PersonKind::Guest) => Some("guest"),
        Some(PersonKind::Service) => Some("service"),
        Some(PersonKind::Contact) => Some("contact"),
        _ => None,
    };
    let way = match &row.via {
        Some(way) if way.is_empty() => Some("direct"),
        Some(_) => Some("via"),
        None => None,
    };
    let absent = person.is_none().then_some("none");
    [enabled, kind, way, absent].into_iter().flatten()
}

/// Whether somebody has to look before this row can be joined.
pub fn needs_decision(row: &Row) -> bool {
    matches!(
        row.matched,
        Match::Conflict(_) | Match::Email { accepted: false }
    )
}

/// Holds a seat and is nobody of the directory as far as it was read: asked only once all of it
/// was.
pub fn is_stranger(row: &Row) -> bool {
    !row.licenses.is_empty() && row.person.is_none()
}

/// A conflict in words.
pub fn conflict_words(conflict: &Conflict) -> String {
    match conflict {
        Conflict::SeveralUsers(users) => format!("{} users fit this person", users.len()),
        Conflict::SeveralPeople(people) => format!("{} people fit this user", people.len()),
        Conflict::SharedMailbox(people) => format!("{} people share this mailbox", people.len()),
        Conflict::SameSubject(people) => format!("{} people get this same subject", people.len()),
    }
}
