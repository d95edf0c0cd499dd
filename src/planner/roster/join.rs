//! The join itself: one row per human. A subject decides alone; an e-mail makes a candidate that
//! counts once accepted; whatever would need a guess is a conflict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index::{Index, Keyed};
use super::scope::{Scope, inside, ways};
use crate::domain::{
    Conflict, DirectoryGroupId, LicenseAssignment, Match, Person, PersonId, Roster, Row, RowKey,
    Snapshot, Subject, User, UserId,
};
use crate::planner::template::IdentityRule;

/// Matches that an operator declared to be the same person.
pub type Accepted = BTreeMap<PersonId, UserId>;

/// The roster of a scope. Builds the [`Index`] anew; whoever asks often keeps one and calls
/// [`Index::roster`].
pub fn join(
    snapshot: &Snapshot,
    scope: &Scope,
    rule: &IdentityRule,
    accepted: &Accepted,
) -> Roster {
    Index::new(snapshot, rule).roster(snapshot, scope, accepted)
}

impl Index {
    /// The rows of a scope, sorted by name, then by key.
    pub fn roster(&self, snapshot: &Snapshot, scope: &Scope, accepted: &Accepted) -> Roster {
        let mut rows = match scope {
            Scope::Groups(groups) => self.below(snapshot, groups, accepted),
            Scope::Sets(sets) => inside(snapshot, sets)
                .into_iter()
                .filter_map(|(id, way)| {
                    let mut row = self.person_row(self.person_at(id)?, accepted)?;
                    row.via = way;
                    Some(row)
                })
                .collect(),
            Scope::People(ids) => ids
                .iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .filter_map(|id| self.row(&RowKey::Person(id.clone()), accepted))
                .collect(),
            Scope::AllPeople | Scope::Users => self.everybody(accepted),
        };
        if *scope == Scope::Users {
            rows.retain(|row| row.user.is_some() || !row.licenses.is_empty());
        }
        Roster { rows: sorted(rows) }
    }

    /// One row by its key, joined afresh.
    pub fn row(&self, key: &RowKey, accepted: &Accepted) -> Option<Row> {
        match key {
            RowKey::Person(id) => self.person_row(self.person_at(id)?, accepted),
            RowKey::User(id) => Some(self.user_row(self.user(id)?)),
            RowKey::Seat(subject) => {
                let licenses: Vec<_> = self.seats_of(subject).cloned().collect();
                (!licenses.is_empty()).then(|| seat_row(subject.clone(), licenses))
            }
        }
    }

    fn below(
        &self,
        snapshot: &Snapshot,
        groups: &[DirectoryGroupId],
        accepted: &Accepted,
    ) -> Vec<Row> {
        ways(snapshot, groups)
            .into_iter()
            .filter_map(|(id, way)| {
                let mut row = self.person_row(self.person_at(id)?, accepted)?;
                row.via = Some(way);
                Some(row)
            })
            .collect()
    }

    fn everybody(&self, accepted: &Accepted) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.people.len());
        rows.extend((0..self.people.len()).filter_map(|at| self.person_row(at, accepted)));
        let mut shown = vec![false; self.users.len()];
        for user in rows.iter().filter_map(|row| row.user.as_ref()) {
            if let Some(shown) = self.user_at(&user.id).and_then(|at| shown.get_mut(at)) {
                *shown = true;
            }
        }
        let loose: Vec<Row> = self.loose_seats().collect();
        // To the number: room for twice as many rows would be felt.
        rows.reserve_exact(shown.iter().filter(|shown| !**shown).count() + loose.len());
        let unmatched = self.users.iter().zip(shown).filter(|(_, shown)| !shown);
        rows.extend(unmatched.map(|(user, _)| self.user_row(user)));
        rows.extend(loose);
        rows
    }

    /// Seats whose subject is neither a user's nor a person's.
    fn loose_seats(&self) -> impl Iterator<Item = Row> {
        let mut by_subject: BTreeMap<String, Vec<LicenseAssignment>> = BTreeMap::new();
        for seat in &self.seats {
            let subject = Keyed::new(&seat.subject);
            let known = self.users_keyed(subject).next().is_some()
                || self.people_keyed(subject).next().is_some();
            if !known {
                let held = by_subject.entry(seat.subject.key()).or_default();
                held.push(seat.clone());
            }
        }
        by_subject.into_values().filter_map(|licenses| {
            let subject = licenses.first()?.subject.clone();
            Some(seat_row(subject, licenses))
        })
    }

    fn user_row(&self, user: &Arc<User>) -> Row {
        Row {
            key: RowKey::User(user.id.clone()),
            person: None,
            user: Some(Arc::clone(user)),
            subject: None,
            matched: Match::None,
            licenses: exact(self.seats_of(&user.subject).cloned().collect()),
            via: None,
        }
    }

    fn person_row(&self, at: usize, accepted: &Accepted) -> Option<Row> {
        let person = self.people.get(at)?;
        let subject = self.subjects.get(at)?.clone();
        let keyed = subject.as_ref().map(Keyed::new);
        let (user, matched) = self.matching(person, keyed, accepted);
        let mut licenses: Vec<LicenseAssignment> = keyed
            .into_iter()
            .filter(|_| !matches!(matched, Match::Conflict(Conflict::SameSubject(_))))
            .flat_map(|subject| self.seats_keyed(subject))
            .cloned()
            .collect();
        if let (Some(user), Match::Email { .. }) = (&user, &matched) {
            licenses.extend(self.seats_of(&user.subject).cloned());
        }
        let licenses = exact(licenses);
        Some(Row {
            key: RowKey::Person(person.id.clone()),
            person: Some(Arc::clone(person)),
            user,
            subject,
            matched,
            licenses,
            via: None,
        })
    }

    fn matching(
        &self,
        person: &Person,
        subject: Option<Keyed<'_>>,
        accepted: &Accepted,
    ) -> (Option<Arc<User>>, Match) {
        if let Some(subject) = subject {
            if self.people_keyed(subject).nth(1).is_some() {
                let people = self.people_keyed(subject).collect();
                return conflict(Conflict::SameSubject(self.ids(people)));
            }
            let mut users = self.users_keyed(subject);
            if let Some(first) = users.next() {
                let rest: Vec<&Arc<User>> = users.collect();
                return if rest.is_empty() {
                    (Some(Arc::clone(first)), Match::Subject)
                } else {
                    let all = std::iter::once(first).chain(rest);
                    conflict(Conflict::SeveralUsers(
                        all.map(|user| user.id.clone()).collect(),
                    ))
                };
            }
        }
        self.by_mail(person, accepted)
    }

    fn by_mail(&self, person: &Person, accepted: &Accepted) -> (Option<Arc<User>>, Match) {
        let mut users: BTreeMap<&UserId, &Arc<User>> = BTreeMap::new();
        let mut sharing: BTreeSet<&PersonId> = BTreeSet::new();
        for address in person.mails() {
            for user in self.users_with_mail(address).filter(|user| !user.bot) {
                users.insert(&user.id, user);
                sharing.extend(self.people_with_mail(address).map(|other| &other.id));
            }
        }
        let said = accepted.get(&person.id);
        if users.is_empty() {
            users.extend(
                said.and_then(|id| self.user(id))
                    .filter(|user| !user.bot)
                    .map(|user| (&user.id, user)),
            );
        }
        sharing.remove(&person.id);
        if !sharing.is_empty() {
            let all = sharing.into_iter().chain(std::iter::once(&person.id));
            let mut ids: Vec<PersonId> = all.cloned().collect();
            ids.sort();
            return conflict(Conflict::SharedMailbox(ids));
        }
        if users.len() > 1 {
            return conflict(Conflict::SeveralUsers(users.into_keys().cloned().collect()));
        }
        let Some(user) = users.into_values().next() else {
            return (None, Match::None);
        };
        let others = self.rivals(person, user, accepted);
        if !others.is_empty() {
            return conflict(Conflict::SeveralPeople(others));
        }
        let accepted = self.rule.accept_email || said == Some(&user.id);
        (Some(Arc::clone(user)), Match::Email { accepted })
    }

    /// Everybody who has a claim on a user besides the e-mail, the person included; empty when
    /// there is nobody else.
    fn rivals(&self, person: &Person, user: &User, accepted: &Accepted) -> Vec<PersonId> {
        let owners: Vec<usize> = self.people_keyed(Keyed::new(&user.subject)).collect();
        let mut ids: BTreeSet<PersonId> = self.ids(owners).into_iter().collect();
        if accepted.get(&person.id) == Some(&user.id) {
            ids.extend(
                accepted
                    .iter()
                    .filter(|(_, said)| **said == user.id)
                    .map(|(other, _)| other.clone()),
            );
        }
        ids.insert(person.id.clone());
        if ids.len() == 1 {
            ids.clear();
        }
        ids.into_iter().collect()
    }

    fn ids(&self, people: Vec<usize>) -> Vec<PersonId> {
        people
            .into_iter()
            .filter_map(|at| self.people.get(at))
            .map(|person| person.id.clone())
            .collect()
    }
}

/// In the order of a roster: by name, then by key.
pub(in crate::planner) fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_cached_key(|row| {
        let name = row.name().map(crate::text::Raw::key);
        (name.unwrap_or_default(), row.key.clone())
    });
    rows
}

/// Without room for more: nearly everybody has one seat, and a list begins with room for four.
fn exact(mut licenses: Vec<LicenseAssignment>) -> Vec<LicenseAssignment> {
    licenses.shrink_to_fit();
    licenses
}

fn conflict(conflict: Conflict) -> (Option<Arc<User>>, Match) {
    (None, Match::Conflict(conflict))
}

fn seat_row(subject: Subject, licenses: Vec<LicenseAssignment>) -> Row {
    Row {
        key: RowKey::Seat(subject),
        person: None,
        user: None,
        subject: None,
        matched: Match::None,
        licenses,
        via: None,
    }
}
