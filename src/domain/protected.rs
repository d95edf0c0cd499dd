//! The guards as the send gate meets them. A profile names protected people by e-mail, subject or
//! id; an operation names its target by id or by subject, or a group with everybody in it. What the
//! tenant holds now tells which belong together (I7).

use std::collections::BTreeSet;

use super::change::{Change, Operation};
use super::plan::Guards;
use super::snapshot::TenantSnapshot;
use super::tenant::{Identity, User, UserStatus};
use super::toll::Loser;
use super::{GroupId, RoleId, Subject, UserId};
use crate::text::Raw;

/// The role that administers a tenant, and how many of its active holders must be left.
const ADMIN: &str = "TenantAdmin";
const ADMINS_KEPT: usize = 2;

/// Keys of people and groups from whom nothing may be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    people: BTreeSet<String>,
    groups: BTreeSet<String>,
}

impl Protected {
    /// Who is named in guards that were [resolved](Guards::resolved).
    pub fn new(guards: &Guards) -> Self {
        Self {
            people: guards.protected.iter().map(Raw::key).collect(),
            groups: guards.protected_groups.clone(),
        }
    }

    /// Adds the identity that a plan was made as.
    pub fn add(&mut self, identity: &Identity) {
        self.people
            .extend([identity.user.key(), identity.subject.key()]);
    }

    /// Whether somebody who is protected would lose something.
    pub fn covers(&self, loser: &Loser) -> bool {
        match loser {
            Loser::Person { id, subject } => id
                .iter()
                .chain(subject)
                .any(|key| self.people.contains(key)),
            Loser::Group(key) => self.groups.contains(key),
        }
    }
}

impl Guards {
    /// These guards with `protected` grown by the ids and subjects of everybody who is named in
    /// any way, of our own identity, of bots, of who made the tenant, and of administrators: of all who are not named in
    /// `allow_admins`, of everybody when only two are left, else of those whom `operations` would
    /// take besides as many as may go. `protected_groups` are those that one of them is in.
    #[must_use]
    pub fn resolved(&self, live: &TenantSnapshot, operations: &[Operation]) -> Self {
        let named: BTreeSet<String> = self.protected.iter().map(Raw::key).collect();
        let own = &live.identity;
        let kept = self.kept_admins(live, operations);
        let owner = live.tenant.created_by.as_ref();
        let is_protected = |user: &User| {
            let special = user.bot || user.id == own.user || Some(&user.id) == owner;
            special || kept.contains(&user.id) || is_named(user, &named)
        };
        let mut protected = self.protected.clone();
        protected.extend([own.user.raw().clone(), own.subject.raw().clone()]);
        let mut groups: BTreeSet<&GroupId> = BTreeSet::new();
        for user in live.users.value.iter().filter(|user| is_protected(user)) {
            protected.extend([user.id.raw().clone(), user.subject.raw().clone()]);
            groups.extend(&user.groups);
        }
        let names = live.groups.value.iter();
        let names = names.filter(|group| groups.contains(&group.id));
        let mut protected_groups: BTreeSet<String> = names.map(|group| group.name.key()).collect();
        protected_groups.extend(groups.into_iter().map(GroupId::key));
        Self {
            protected,
            protected_groups,
            ..self.clone()
        }
    }

    /// Administrators from whom nothing may be taken.
    fn kept_admins(&self, live: &TenantSnapshot, operations: &[Operation]) -> BTreeSet<UserId> {
        let roles = admin_roles(live);
        let admins = administrators(live);
        let by_group = by_group(live, &roles);
        let mut may_go = admins.len().saturating_sub(ADMINS_KEPT);
        let named: BTreeSet<String> = self.allow_admins.iter().map(Raw::key).collect();
        let subjects = self.allow_subjects.iter().map(Subject::key);
        let subjects: BTreeSet<String> = subjects.collect();
        let is_allowed =
            |user: &User| is_named(user, &named) || subjects.contains(&user.subject.key());
        let users = live.users.value.iter();
        let mut allowed: BTreeSet<UserId> = users
            .filter(|user| may_go > 0 && admins.contains(&user.id) && is_allowed(user))
            .map(|user| user.id.clone())
            .collect();
        let mut kept: BTreeSet<UserId> = admins.difference(&allowed).cloned().collect();
        for operation in operations {
            let Some(target) = loses_office(&operation.change, &roles, &by_group) else {
                continue;
            };
            if allowed.remove(target) {
                if may_go > 0 {
                    may_go -= 1;
                } else {
                    kept.insert(target.clone());
                }
            }
        }
        kept
    }
}

/// Who administers the tenant now: active users with the role, given to them or to a group that the
/// tenant knows them to be in (qlik.dev, users: roles of groups stand with the groups). Bots of OAuth
/// clients have the role too (qlik.dev, OAuth M2M), yet none of them lets a person in again; they are
/// protected by what they are.
pub fn administrators(live: &TenantSnapshot) -> BTreeSet<UserId> {
    let roles = admin_roles(live);
    let by_group = by_group(live, &roles);
    let users = live.users.value.iter();
    users
        .filter(|user| user.status == UserStatus::Active && !user.bot)
        .filter(|user| {
            user.roles.iter().any(|role| roles.contains(role)) || by_group.contains(&user.id)
        })
        .map(|user| user.id.clone())
        .collect()
}

/// Who has one of these roles by a group.
fn by_group<'l>(live: &'l TenantSnapshot, roles: &BTreeSet<&RoleId>) -> BTreeSet<&'l UserId> {
    let groups = live.groups.value.iter();
    let groups: BTreeSet<&GroupId> = groups
        .filter(|group| group.roles.iter().any(|role| roles.contains(role)))
        .map(|group| &group.id)
        .collect();
    let users = live.users.value.iter();
    users
        .filter(|user| user.groups.iter().any(|group| groups.contains(group)))
        .map(|user| &user.id)
        .collect()
}

/// Why nobody knows who is protected: lists that tell who administers the tenant are not whole (I6).
pub fn unknown_protection(live: &TenantSnapshot) -> Option<&'static str> {
    let lists = [
        (&live.users.proof, "users"),
        (&live.roles.proof, "roles"),
        (&live.groups.proof, "groups"),
    ];
    let broken = lists.into_iter().find(|(proof, _)| !proof.is_proven());
    broken.map(|(_, what)| what)
}

/// The roles that administer a tenant.
fn admin_roles(live: &TenantSnapshot) -> BTreeSet<&RoleId> {
    let roles = live.roles.value.iter();
    roles
        .filter(|role| role.name.expose() == ADMIN)
        .map(|role| &role.id)
        .collect()
}

/// Whether somebody is among these, by id, subject or e-mail.
fn is_named(user: &User, named: &BTreeSet<String>) -> bool {
    let signs = [user.id.key(), user.subject.key()];
    let mail = user.email.as_ref().map(Raw::key);
    signs.iter().chain(&mail).any(|sign| named.contains(sign))
}

/// Whom a change makes an administrator no more. Roles are replaced as a whole (qlik.dev, users:
/// `assignedRoles`), but those that a group gives stay.
fn loses_office<'c>(
    change: &'c Change,
    roles: &BTreeSet<&RoleId>,
    by_group: &BTreeSet<&UserId>,
) -> Option<&'c UserId> {
    match change {
        Change::DisableUser { target, .. } | Change::DeleteUser { target, .. } => Some(&target.id),
        Change::SetRoles { target, after, .. } => {
            let stays = by_group.contains(&target.id)
                || after.roles.iter().any(|role| roles.contains(role));
            (!stays).then_some(&target.id)
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "protected_tests.rs"]
mod tests;
