//! The tenant's user records and the indices that make a page of them cheap.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::license::lower;

/// A user record (qlik.dev users reference).
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Qlik's own key: 24 hex or 32 characters.
    pub id: String,
    /// What the identity provider sends at login.
    pub subject: String,
    /// Display name.
    pub name: String,
    /// Mail address, if Qlik knows one.
    pub email: Option<String>,
    /// `active`, `invited`, `disabled`, `provisioned` or `deleted`.
    pub status: String,
    /// Ids of directly assigned tenant roles, in order of assignment.
    pub roles: Vec<String>,
    /// Ids of the groups the record is in.
    pub groups: Vec<String>,
    /// Set on bots: the OAuth client they belong to.
    pub client_id: Option<String>,
    /// When the record was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When an invitation runs out.
    pub invite_expiry: Option<Timestamp>,
    /// Patched by `/preferredLocale`.
    pub preferred_locale: Option<String>,
    /// Patched by `/preferredZoneinfo`.
    pub preferred_zoneinfo: Option<String>,
}

/// All user records by id, by lower-cased subject and e-mail, and in name order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Users {
    by_id: BTreeMap<String, User>,
    by_subject: HashMap<String, String>,
    by_email: HashMap<String, BTreeSet<String>>,
    by_name: BTreeSet<(String, String)>,
    version: u64,
}

impl Users {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Grows with each change; lets counts be kept between pages.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The record with this id.
    pub fn get(&self, id: &str) -> Option<&User> {
        self.by_id.get(id)
    }

    /// The record with this subject, compared without case.
    pub fn by_subject(&self, subject: &str) -> Option<&User> {
        self.get(self.by_subject.get(&lower(subject))?)
    }

    /// The records with this e-mail, compared without case, in id order. Usually one; old tenants
    /// carry two (dossier 10, pitfall 3).
    pub fn by_email<'a>(&'a self, email: &str) -> impl Iterator<Item = &'a User> + use<'a> {
        self.by_email
            .get(&lower(email))
            .into_iter()
            .flatten()
            .filter_map(|id| self.get(id))
    }

    /// All records in id order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &User> {
        self.by_id.values()
    }

    /// Records after `from` in id order (before it, backwards, when `backwards`).
    pub fn in_id_order<'a>(
        &'a self,
        from: Option<&str>,
        backwards: bool,
    ) -> Box<dyn Iterator<Item = &'a User> + 'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        let bound = from.map_or(Unbounded, Excluded);
        if backwards {
            Box::new(
                self.by_id
                    .range::<str, _>((Unbounded, bound))
                    .rev()
                    .map(|(_, u)| u),
            )
        } else {
            Box::new(
                self.by_id
                    .range::<str, _>((bound, Unbounded))
                    .map(|(_, u)| u),
            )
        }
    }

    /// Records after `from` in name order (before it, backwards, when `backwards`).
    pub fn in_name_order<'a>(
        &'a self,
        from: Option<(String, String)>,
        backwards: bool,
    ) -> Box<dyn Iterator<Item = &'a User> + 'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        let bound = from.map_or(Unbounded, Excluded);
        if backwards {
            let range = self.by_name.range((Unbounded, bound)).rev();
            Box::new(range.filter_map(|(_, id)| self.get(id)))
        } else {
            Box::new(
                self.by_name
                    .range((bound, Unbounded))
                    .filter_map(|(_, id)| self.get(id)),
            )
        }
    }

    /// Adds or replaces a record. The caller has checked that subject and e-mail are free.
    pub fn insert(&mut self, user: User) {
        self.remove(&user.id.clone());
        self.version += 1;
        self.by_subject
            .insert(lower(&user.subject), user.id.clone());
        if let Some(email) = &user.email {
            self.by_email
                .entry(lower(email))
                .or_default()
                .insert(user.id.clone());
        }
        self.by_name.insert((lower(&user.name), user.id.clone()));
        self.by_id.insert(user.id.clone(), user);
    }

    /// Removes a record and gives it back.
    pub fn remove(&mut self, id: &str) -> Option<User> {
        let user = self.by_id.remove(id)?;
        self.version += 1;
        self.by_subject.remove(&lower(&user.subject));
        if let Some(email) = &user.email
            && let Some(ids) = self.by_email.get_mut(&lower(email))
        {
            ids.remove(id);
        }
        self.by_name.remove(&(lower(&user.name), user.id.clone()));
        Some(user)
    }

    /// Changes a record in place; indices follow. False when there is no such record.
    pub fn update(&mut self, id: &str, change: impl FnOnce(&mut User)) -> bool {
        let Some(mut user) = self.remove(id) else {
            return false;
        };
        change(&mut user);
        self.insert(user);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str, subject: &str, name: &str, email: Option<&str>) -> User {
        User {
            id: id.into(),
            subject: subject.into(),
            name: name.into(),
            email: email.map(Into::into),
            status: "active".into(),
            roles: Vec::new(),
            groups: Vec::new(),
            client_id: None,
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
            invite_expiry: None,
            preferred_locale: None,
            preferred_zoneinfo: None,
        }
    }

    #[test]
    fn indices_follow_a_change() {
        let mut users = Users::default();
        users.insert(user("2", "ACME\\a", "Anna", Some("A@corp.example")));
        users.insert(user("1", "acme\\b", "Bob", None));
        assert_eq!(
            users.by_subject("acme\\A").map(|u| u.id.as_str()),
            Some("2")
        );
        assert!(users.update("2", |u| u.name = "Zoë".into()));
        let names: Vec<_> = users
            .in_name_order(None, false)
            .map(|u| u.name.clone())
            .collect();
        assert_eq!(names, ["Bob", "Zoë"]);
        assert_eq!(users.by_email("a@CORP.example").count(), 1);
        users.remove("2");
        assert_eq!(users.by_email("a@corp.example").count(), 0);
        assert!(users.by_subject("ACME\\a").is_none());
    }

    #[test]
    fn walking_from_the_middle_works_both_ways() {
        let mut users = Users::default();
        for id in ["1", "2", "3"] {
            users.insert(user(id, id, id, None));
        }
        let ids = |b| {
            users
                .in_id_order(Some("2"), b)
                .map(|u| u.id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(false), ["3"]);
        assert_eq!(ids(true), ["1"]);
    }
}
