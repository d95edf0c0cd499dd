//! Who is who in the tenant, as it was read: which subject is which user, and whom the tenant knows
//! to be in a group. Operations name people by id or by subject and groups by id or by name.

use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::TenantSnapshot;
use super::tenant::UserStatus;

/// The register of a tenant. Keys as [`Raw::key`](crate::text::Raw::key) makes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    ids: BTreeMap<String, String>,
    groups: BTreeMap<String, BTreeSet<String>>,
}

impl Register {
    /// The register of what was read. Tombstones are nobody.
    pub fn of(live: &TenantSnapshot) -> Self {
        let mut register = Self::default();
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for group in &live.groups.value {
            names.insert(group.id.key(), group.name.key());
        }
        let users = live.users.value.iter();
        for user in users.filter(|user| user.status != UserStatus::Deleted) {
            let id = user.id.key();
            for group in &user.groups {
                let key = group.key();
                let name = names.get(&key).cloned();
                for key in [key].into_iter().chain(name) {
                    register.groups.entry(key).or_default().insert(id.clone());
                }
            }
            register.ids.insert(user.subject.key(), id);
        }
        register
    }

    /// The user of this subject.
    pub fn id(&self, subject: &str) -> Option<&String> {
        self.ids.get(subject)
    }

    /// Users whom the tenant knows to be in this group, by its id or name. Whoever has not signed in
    /// since joining is not among them (qlik.dev, groups: membership changes at sign-in).
    pub fn members(&self, group: &str) -> impl Iterator<Item = &String> {
        self.groups.get(group).into_iter().flatten()
    }
}

#[cfg(test)]
#[path = "register_tests.rs"]
mod tests;
