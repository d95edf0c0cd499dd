//! Who is in a conflict: everybody and every user that fit each other and must not be joined by a guess.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::index::Index;
use crate::domain::{Conflict, Match, Person, PersonId, Row, User, UserId};

/// Both sides of a conflict, by id.
#[derive(Clone, Debug, Default)]
pub struct Parties<'a> {
    /// People of the directory.
    pub people: Vec<&'a Arc<Person>>,
    /// Users of the tenant.
    pub users: Vec<&'a Arc<User>>,
}

impl Index {
    /// Both sides of a row's conflict; empty for a row without one.
    pub fn parties<'a>(&'a self, row: &'a Row) -> Parties<'a> {
        let Match::Conflict(conflict) = &row.matched else {
            return Parties::default();
        };
        let own = row.person.as_ref().map(|person| &person.id);
        let mut people: BTreeMap<&PersonId, &Arc<Person>> = BTreeMap::new();
        let mut users: BTreeMap<&UserId, &Arc<User>> = BTreeMap::new();
        let ids: &[PersonId] = match conflict {
            Conflict::SeveralPeople(ids)
            | Conflict::SharedMailbox(ids)
            | Conflict::SameSubject(ids) => ids,
            Conflict::SeveralUsers(ids) => {
                users.extend(ids.iter().filter_map(|id| Some((id, self.user(id)?))));
                &[]
            }
        };
        let named = ids.iter().chain(own);
        people.extend(named.filter_map(|id| Some((id, self.person(id)?))));
        for person in people.values() {
            let by_mail = person.mails().flat_map(|mail| self.users_with_mail(mail));
            users.extend(by_mail.map(|user| (&user.id, user)));
            let subject = self.person_at(&person.id);
            let subject = subject.and_then(|at| self.subjects.get(at)?.as_ref());
            let by_subject = subject
                .into_iter()
                .flat_map(|one| self.users_with_subject(one));
            users.extend(by_subject.map(|user| (&user.id, user)));
        }
        Parties {
            people: people.into_values().collect(),
            users: users.into_values().collect(),
        }
    }
}
