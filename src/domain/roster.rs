//! The join: one row per human, a person, a user or both, with how they were matched.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::ids::{DirectoryGroupId, LicenseType, PersonId, Subject, UserId};
use super::license::LicenseAssignment;
use super::person::Person;
use super::tenant::User;

/// Names a row across refreshes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKey {
    /// A person of the directory, with or without a user.
    Person(PersonId),
    /// A user that no person was matched to.
    User(UserId),
    /// A license whose subject is neither a user here nor a person met so far.
    Seat(Subject),
}

/// Why a person and a user could not be joined without a guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conflict {
    /// Several users fit one person.
    SeveralUsers(Vec<UserId>),
    /// Several people fit one user.
    SeveralPeople(Vec<PersonId>),
    /// Several people share one mailbox.
    SharedMailbox(Vec<PersonId>),
    /// Several people give the same subject by the template.
    SameSubject(Vec<PersonId>),
}

/// How a row came together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// One side only.
    #[default]
    None,
    /// The user's subject is the one the template gives.
    Subject,
    /// Same e-mail, other subject; counts only once accepted.
    Email {
        /// Whether the operator (or the configuration) said "same person".
        accepted: bool,
    },
    /// Would need a guess, so nothing is joined.
    Conflict(Conflict),
}

/// One human.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Stable name of the row.
    pub key: RowKey,
    /// The directory's side.
    pub person: Option<Arc<Person>>,
    /// The tenant's side; for an unaccepted e-mail match the candidate.
    pub user: Option<Arc<User>>,
    /// What the template gives; `None` when an attribute is missing or there is no person.
    pub subject: Option<Subject>,
    /// How the two were matched.
    pub matched: Match,
    /// Seats held, under the expected subject or the user's own. More than one is worth a look.
    pub licenses: Vec<LicenseAssignment>,
    /// How the person is in the marked groups: `None` not at all (or no group is marked), empty
    /// directly, else the groups on the shortest way, the marked one first.
    pub via: Option<Vec<DirectoryGroupId>>,
}

impl Row {
    /// The user, when the match counts.
    pub fn joined_user(&self) -> Option<&Arc<User>> {
        match self.matched {
            Match::Subject | Match::Email { accepted: true } | Match::None => self.user.as_ref(),
            Match::Email { accepted: false } | Match::Conflict(_) => None,
        }
    }

    /// The license type held, the first when there are several.
    pub fn license(&self) -> Option<&LicenseType> {
        self.licenses.iter().find_map(|seat| seat.license.as_ref())
    }

    /// Name to show: the directory's, else the tenant's.
    pub fn name(&self) -> Option<&crate::text::Raw> {
        self.person
            .as_ref()
            .map(|person| &person.name)
            .or(self.user.as_ref().map(|user| &user.name))
    }
}

/// All rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// Sorted by name, then by key.
    pub rows: Vec<Row>,
}
