//! The untouchable (I7): our own identity, bots, the last two tenant administrators, and whoever
//! the profile names. Nothing is ever taken from them.

use std::collections::BTreeSet;

use crate::domain::{Guards, RoleId, Row, Snapshot, Subject, UserId, UserStatus};
use crate::text::Raw;

/// Fewer administrators than this must never be left.
const ADMINS_KEPT: usize = 2;

/// Who is protected, prepared.
#[derive(Debug)]
pub(in crate::planner) struct Protection {
    named: BTreeSet<String>,
    own_user: UserId,
    own_subject: String,
    admins: BTreeSet<UserId>,
}

impl Protection {
    pub(super) fn new(snapshot: &Snapshot, guards: &Guards) -> Self {
        let tenant = &snapshot.tenant;
        let roles: BTreeSet<&RoleId> = tenant
            .roles
            .value
            .iter()
            .filter(|role| role.name.expose() == "TenantAdmin")
            .map(|role| &role.id)
            .collect();
        Self {
            named: guards.protected.iter().map(Raw::key).collect(),
            own_user: tenant.identity.user.clone(),
            own_subject: tenant.identity.subject.key(),
            admins: tenant
                .users
                .value
                .iter()
                .filter(|user| user.status == UserStatus::Active)
                .filter(|user| user.roles.iter().any(|role| roles.contains(role)))
                .map(|user| user.id.clone())
                .collect(),
        }
    }

    /// Why nothing may be taken from this row.
    pub(in crate::planner) fn why(&self, row: &Row) -> Option<String> {
        let user = row.user.as_ref();
        if self.is_named(row) {
            return Some("is on the protected list of the profile".to_owned());
        }
        let own = user.is_some_and(|user| user.id == self.own_user)
            || subjects(row).any(|subject| subject.key() == self.own_subject);
        if own {
            return Some("is the identity that qroll works as".to_owned());
        }
        if user.is_some_and(|user| user.bot) {
            return Some("is the bot of an OAuth client".to_owned());
        }
        let admin = user.is_some_and(|user| self.admins.contains(&user.id));
        (admin && self.admins.len() <= ADMINS_KEPT)
            .then(|| "is one of the last two tenant administrators".to_owned())
    }

    /// Whether this user administers the tenant, and how many of them may go at most.
    pub(in crate::planner) fn admin(&self, user: &UserId) -> Option<usize> {
        self.admins
            .contains(user)
            .then(|| self.admins.len().saturating_sub(ADMINS_KEPT))
    }

    fn is_named(&self, row: &Row) -> bool {
        if self.named.is_empty() {
            return false;
        }
        let person = row.person.as_ref();
        let user = row.user.as_ref();
        let mut signs: Vec<&Raw> = subjects(row).map(Subject::raw).collect();
        signs.extend(person.map(|person| person.id.raw()));
        signs.extend(person.iter().flat_map(|person| person.mails()));
        signs.extend(person.and_then(|person| person.upn.as_ref()));
        signs.extend(user.map(|user| user.id.raw()));
        signs.extend(user.and_then(|user| user.email.as_ref()));
        signs.iter().any(|sign| self.named.contains(&sign.key()))
    }
}

fn subjects(row: &Row) -> impl Iterator<Item = &Subject> {
    row.subject
        .iter()
        .chain(row.user.as_ref().map(|user| &user.subject))
        .chain(row.licenses.iter().map(|seat| &seat.subject))
}
