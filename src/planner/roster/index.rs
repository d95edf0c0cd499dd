//! Everything needed to join people, users and seats, prepared once for a pair of readings.
//! Conflicts are judged against all people known, not only those on screen.

use std::sync::Arc;

use super::table::{Table, folded, mail, same};
use crate::domain::{
    LicenseAssignment, Person, PersonId, RowKey, Snapshot, Subject, User, UserId, UserStatus,
};
use crate::planner::template::IdentityRule;
use crate::text::Raw;

/// The prepared join. Build one per snapshot and rule, keep it, and ask it for rosters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub(super) people: Vec<Arc<Person>>,
    pub(super) subjects: Vec<Option<Subject>>,
    pub(super) users: Vec<Arc<User>>,
    pub(super) seats: Vec<LicenseAssignment>,
    people_by_subject: Table,
    people_by_mail: Table,
    users_by_subject: Table,
    users_by_mail: Table,
    seats_by_subject: Table,
    pub(super) rule: IdentityRule,
}

impl Index {
    /// Prepares a snapshot. Tombstones (status deleted) take no part.
    pub fn new(snapshot: &Snapshot, rule: &IdentityRule) -> Self {
        let people: Vec<_> = snapshot.directory.people.value.values().cloned().collect();
        let subjects: Vec<_> = people
            .iter()
            .map(|person| rule.template.render(person).ok())
            .collect();
        let mut users: Vec<_> = snapshot
            .tenant
            .users
            .value
            .iter()
            .filter(|user| user.status != UserStatus::Deleted)
            .cloned()
            .collect();
        users.sort_by(|one, other| one.id.cmp(&other.id));
        let mut seats = snapshot.tenant.licensing.value.assignments.clone();
        seats.sort_by(|one, other| {
            (&one.subject, &one.license).cmp(&(&other.subject, &other.license))
        });
        Self {
            people_by_subject: Table::new(
                subjects
                    .iter()
                    .enumerate()
                    .filter_map(|(at, subject)| Some((folded(subject.as_ref()?.expose()), at))),
            ),
            people_by_mail: Table::new(people.iter().enumerate().flat_map(|(at, person)| {
                person
                    .mails()
                    .filter_map(move |address| Some((folded(mail(address.expose())?), at)))
            })),
            users_by_subject: by(&users, |user| Some(user.subject.expose())),
            users_by_mail: by(&users, |user| mail(user.email.as_ref()?.expose())),
            seats_by_subject: by(&seats, |seat| Some(seat.subject.expose())),
            people,
            subjects,
            users,
            seats,
            rule: rule.clone(),
        }
    }

    /// Position of a person.
    pub(super) fn person_at(&self, id: &PersonId) -> Option<usize> {
        self.people
            .binary_search_by(|person| person.id.cmp(id))
            .ok()
    }

    /// The rule by which it was made.
    pub fn rule(&self) -> &IdentityRule {
        &self.rule
    }

    /// Users that are no tombstones, by id.
    pub fn users(&self) -> &[Arc<User>] {
        &self.users
    }

    /// A person by id.
    pub fn person(&self, id: &PersonId) -> Option<&Arc<Person>> {
        self.people.get(self.person_at(id)?)
    }

    /// Keys of everybody in the directory.
    pub(in crate::planner) fn person_keys(&self) -> impl Iterator<Item = RowKey> {
        self.people
            .iter()
            .map(|person| RowKey::Person(person.id.clone()))
    }

    /// A user by id.
    pub fn user(&self, id: &UserId) -> Option<&Arc<User>> {
        self.users.get(self.user_at(id)?)
    }

    /// Position of a user.
    pub(super) fn user_at(&self, id: &UserId) -> Option<usize> {
        self.users.binary_search_by(|user| user.id.cmp(id)).ok()
    }

    /// Users with this subject in any case; more than one is a near-duplicate.
    pub fn users_with_subject<'a>(
        &'a self,
        subject: &'a Subject,
    ) -> impl Iterator<Item = &'a Arc<User>> {
        self.users_keyed(Keyed::new(subject))
    }

    pub(super) fn users_keyed<'a>(
        &'a self,
        subject: Keyed<'a>,
    ) -> impl Iterator<Item = &'a Arc<User>> {
        self.users_by_subject
            .candidates(subject.hash)
            .filter_map(|at| self.users.get(at))
            .filter(|user| same(user.subject.expose(), subject.text))
    }

    /// Users with this e-mail address; addresses outside ASCII have none.
    pub fn users_with_mail<'a>(&'a self, address: &'a Raw) -> impl Iterator<Item = &'a Arc<User>> {
        mail(address.expose()).into_iter().flat_map(|wanted| {
            self.users_by_mail
                .candidates(folded(wanted))
                .filter_map(|at| self.users.get(at))
                .filter(move |user| has_mail(user.email.iter(), wanted))
        })
    }

    /// Whoever has this address already, compared in any script: good for refusing, not for matching.
    pub(in crate::planner) fn mail_owner<'a>(&'a self, address: &'a Raw) -> Option<&'a Arc<User>> {
        if address.expose().is_ascii() {
            return self.users_with_mail(address).next();
        }
        let wanted = address.key();
        self.users
            .iter()
            .find(|user| user.email.as_ref().is_some_and(|mail| mail.key() == wanted))
    }

    /// Positions of people to whom the template gives this subject.
    pub(super) fn people_keyed<'a>(
        &'a self,
        subject: Keyed<'a>,
    ) -> impl Iterator<Item = usize> + 'a {
        self.people_by_subject
            .candidates(subject.hash)
            .filter(|at| {
                let theirs = self.subjects.get(*at).and_then(Option::as_ref);
                theirs.is_some_and(|theirs| same(theirs.expose(), subject.text))
            })
    }

    /// People to whom the template gives this subject.
    pub(in crate::planner) fn people_with_subject<'a>(
        &'a self,
        subject: &'a Subject,
    ) -> impl Iterator<Item = &'a PersonId> {
        self.people_keyed(Keyed::new(subject))
            .filter_map(|at| self.people.get(at))
            .map(|person| &person.id)
    }

    /// People with this e-mail address, in any of their addresses.
    pub fn people_with_mail<'a>(
        &'a self,
        address: &'a Raw,
    ) -> impl Iterator<Item = &'a Arc<Person>> {
        mail(address.expose()).into_iter().flat_map(|wanted| {
            self.people_by_mail
                .candidates(folded(wanted))
                .filter_map(|at| self.people.get(at))
                .filter(move |person| has_mail(person.mails(), wanted))
        })
    }

    /// Seats of a subject.
    pub fn seats_of<'a>(
        &'a self,
        subject: &'a Subject,
    ) -> impl Iterator<Item = &'a LicenseAssignment> {
        self.seats_keyed(Keyed::new(subject))
    }

    pub(super) fn seats_keyed<'a>(
        &'a self,
        subject: Keyed<'a>,
    ) -> impl Iterator<Item = &'a LicenseAssignment> {
        self.seats_by_subject
            .candidates(subject.hash)
            .filter_map(|at| self.seats.get(at))
            .filter(|seat| same(seat.subject.expose(), subject.text))
    }
}

/// A subject with its hash, so that it is folded once for several look-ups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyed<'a> {
    text: &'a str,
    hash: u64,
}

impl<'a> Keyed<'a> {
    pub(super) fn new(subject: &'a Subject) -> Self {
        Self {
            text: subject.expose(),
            hash: folded(subject.expose()),
        }
    }
}

fn by<T>(items: &[T], key: impl Fn(&T) -> Option<&str>) -> Table {
    Table::new(
        items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| Some((folded(key(item)?), at))),
    )
}

fn has_mail<'a>(mut addresses: impl Iterator<Item = &'a Raw>, wanted: &str) -> bool {
    addresses.any(|address| {
        mail(address.expose()).is_some_and(|address| address.eq_ignore_ascii_case(wanted))
    })
}
