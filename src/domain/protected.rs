//! The guards as the send gate meets them. A profile names protected people by e-mail, subject or
//! id; an operation names its target by id or by subject. What the tenant holds now tells which
//! belong together (I7).

use std::collections::BTreeSet;

use super::change::{Assignee, Change, Operation};
use super::plan::{Guards, Plan};
use super::snapshot::TenantSnapshot;
use super::tenant::{User, UserStatus};
use super::{RoleId, UserId};
use crate::text::Raw;

/// The role that administers a tenant, and how many of its active holders must be left.
const ADMIN: &str = "TenantAdmin";
const ADMINS_KEPT: usize = 2;

impl Guards {
    /// These guards with `protected` grown by the ids and subjects of everybody who is named in
    /// any way, of our own identity, of bots, and of administrators: of all when only two are left,
    /// else of those whom `operations` would take besides as many as may go.
    #[must_use]
    pub fn resolved(&self, live: &TenantSnapshot, operations: &[Operation]) -> Self {
        let named: BTreeSet<String> = self.protected.iter().map(Raw::key).collect();
        let own = &live.identity;
        let kept = kept_admins(live, operations);
        let is_protected = |user: &User| {
            let signs = [user.id.key(), user.subject.key()];
            let mail = user.email.as_ref().map(Raw::key);
            user.bot
                || user.id == own.user
                || kept.contains(&user.id)
                || signs.iter().chain(&mail).any(|sign| named.contains(sign))
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

    /// The number of removals of a plan when it has to be typed: a count of the operations
    /// themselves, whatever the plan's findings say. People are counted low: somebody named once by
    /// id and once by subject is one.
    pub fn typed_removals(&self, plan: &Plan) -> Option<u64> {
        let mut removals = 0;
        let (mut ids, mut subjects) = (BTreeSet::new(), BTreeSet::new());
        for operation in plan.operations.iter().filter(|one| one.change.is_removal()) {
            removals += 1;
            let (id, subject) = loser(&operation.change);
            ids.extend(id);
            subjects.extend(subject);
        }
        let people = u64::try_from(ids.len().max(subjects.len())).unwrap_or(u64::MAX);
        let of = plan.summary.people.max(1);
        let share = of
            .saturating_mul(u64::from(self.confirm_percent))
            .div_ceil(100);
        (people > share.min(self.confirm_count)).then_some(removals)
    }
}

/// Who loses something by a removal: by id, by subject, or both.
fn loser(change: &Change) -> (Option<String>, Option<String>) {
    match change {
        Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => (Some(target.id.key()), Some(target.subject.key())),
        Change::RemoveLicense { before, .. } | Change::ChangeLicense { before, .. } => {
            (None, Some(before.subject.key()))
        }
        Change::RemoveSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. } => match &target.assignee {
            Assignee::User(id) | Assignee::Bot(id) => (Some(id.key()), None),
            _ => (None, None),
        },
        _ => (None, None),
    }
}

/// Administrators from whom nothing may be taken.
fn kept_admins(live: &TenantSnapshot, operations: &[Operation]) -> BTreeSet<UserId> {
    let roles: BTreeSet<&RoleId> = live
        .roles
        .value
        .iter()
        .filter(|role| role.name.expose() == ADMIN)
        .map(|role| &role.id)
        .collect();
    let administers = |user: &&std::sync::Arc<User>| {
        user.status == UserStatus::Active && user.roles.iter().any(|role| roles.contains(role))
    };
    let mut kept: BTreeSet<UserId> = live
        .users
        .value
        .iter()
        .filter(administers)
        .map(|user| user.id.clone())
        .collect();
    let mut may_go = kept.len().saturating_sub(ADMINS_KEPT);
    if may_go == 0 {
        return kept;
    }
    let mut taken = BTreeSet::new();
    for operation in operations {
        let target = match &operation.change {
            Change::DisableUser { target, .. } | Change::DeleteUser { target, .. } => target,
            Change::SetRoles { target, after, .. }
                if !after.roles.iter().any(|role| roles.contains(role)) =>
            {
                target
            }
            _ => continue,
        };
        if may_go > 0 && kept.remove(&target.id) {
            may_go -= 1;
        } else if kept.contains(&target.id) {
            taken.insert(target.id.clone());
        }
    }
    taken
}

#[cfg(test)]
#[path = "protected_tests.rs"]
mod tests;
