//! The guards as the send gate meets them. A profile names protected people by e-mail, subject or
//! id; an operation names its target by id or by subject. What the tenant holds now tells which
//! belong together (I7).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::{Change, Operation};
use super::plan::Guards;
use super::snapshot::TenantSnapshot;
use super::tenant::{User, UserStatus};
use super::{RoleId, UserId};
use crate::text::Raw;

/// The role that administers a tenant, and how many of its active holders must be left.
const ADMIN: &str = "TenantAdmin";
const ADMINS_KEPT: usize = 2;

impl Guards {
    /// These guards with `protected` grown by the ids and subjects of everybody who is named in
    /// any way, of our own identity, of bots, and of administrators: of all who are not named in
    /// `allow_admins`, of everybody when only two are left, else of those whom `operations` would
    /// take besides as many as may go.
    #[must_use]
    pub fn resolved(&self, live: &TenantSnapshot, operations: &[Operation]) -> Self {
        let named: BTreeSet<String> = self.protected.iter().map(Raw::key).collect();
        let own = &live.identity;
        let kept = self.kept_admins(live, operations);
        let is_protected = |user: &User| {
            user.bot || user.id == own.user || kept.contains(&user.id) || is_named(user, &named)
        };
        let mut protected = self.protected.clone();
        protected.extend([own.user.raw().clone(), own.subject.raw().clone()]);
        for user in live.users.value.iter().filter(|user| is_protected(user)) {
            protected.extend([user.id.raw().clone(), user.subject.raw().clone()]);
        }
        Self {
            protected,
            ..self.clone()
        }
    }

    /// Administrators from whom nothing may be taken.
    fn kept_admins(&self, live: &TenantSnapshot, operations: &[Operation]) -> BTreeSet<UserId> {
        let roles = admin_roles(live);
        let admins: Vec<&Arc<User>> = live
            .users
            .value
            .iter()
            .filter(|user| administers(user, &roles))
            .collect();
        let mut may_go = admins.len().saturating_sub(ADMINS_KEPT);
        let named: BTreeSet<String> = self.allow_admins.iter().map(Raw::key).collect();
        let mut allowed: BTreeSet<UserId> = admins
            .iter()
            .filter(|user| may_go > 0 && is_named(user, &named))
            .map(|user| user.id.clone())
            .collect();
        let mut kept: BTreeSet<UserId> = admins
            .iter()
            .map(|user| user.id.clone())
            .filter(|id| !allowed.contains(id))
            .collect();
        for operation in operations {
            let Some(target) = loses_office(&operation.change, &roles) else {
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

/// The roles that administer a tenant.
fn admin_roles(live: &TenantSnapshot) -> BTreeSet<&RoleId> {
    let roles = live.roles.value.iter();
    roles
        .filter(|role| role.name.expose() == ADMIN)
        .map(|role| &role.id)
        .collect()
}

fn administers(user: &User, roles: &BTreeSet<&RoleId>) -> bool {
    user.status == UserStatus::Active && user.roles.iter().any(|role| roles.contains(role))
}

/// Whether somebody is among these, by id, subject or e-mail.
fn is_named(user: &User, named: &BTreeSet<String>) -> bool {
    let signs = [user.id.key(), user.subject.key()];
    let mail = user.email.as_ref().map(Raw::key);
    signs.iter().chain(&mail).any(|sign| named.contains(sign))
}

/// Whom a change makes an administrator no more.
fn loses_office<'c>(change: &'c Change, roles: &BTreeSet<&RoleId>) -> Option<&'c UserId> {
    match change {
        Change::DisableUser { target, .. } | Change::DeleteUser { target, .. } => Some(&target.id),
        Change::SetRoles { target, after, .. } => {
            let stays = after.roles.iter().any(|role| roles.contains(role));
            (!stays).then_some(&target.id)
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "protected_tests.rs"]
mod tests;
