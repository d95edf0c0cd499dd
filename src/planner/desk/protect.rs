//! The untouchable (I7): our own identity, bots, tenant administrators who are not named one by one
//! (of the last two nobody), and whoever the profile protects. Nothing is ever taken from them. And
//! what keeps everything: a reading that is hard to believe, or removals being held.

use std::collections::BTreeSet;

use crate::domain::{
    Doubt, FindingCode, Guards, RoleId, Row, Snapshot, Subject, UserId, UserStatus,
};
use crate::text::Raw;

/// Fewer administrators than this must never be left.
const ADMINS_KEPT: usize = 2;

/// Who is protected, prepared.
#[derive(Debug)]
pub(in crate::planner) struct Protection {
    named: BTreeSet<String>,
    allowed: BTreeSet<String>,
    off: Option<Off>,
    own_user: UserId,
    own_subject: String,
    admins: BTreeSet<UserId>,
}

/// Why nothing at all is taken by this plan.
#[derive(Clone, Debug)]
pub(in crate::planner) struct Off {
    pub(in crate::planner) code: FindingCode,
    pub(in crate::planner) cause: String,
    pub(in crate::planner) hint: String,
}

impl Off {
    fn new(guards: &Guards, doubts: &[Doubt]) -> Option<Self> {
        if let Some(doubt) = doubts.first() {
            return Some(Self {
                code: FindingCode::SourceDoubt,
                cause: format!("{} {}", doubt.what.expose(), doubt.cause),
                hint: "removals are off until that is settled; everything else may be applied"
                    .to_owned(),
            });
        }
        guards.hold_removals.then(|| Self {
            code: FindingCode::RemovalHeld,
            cause: "removals are held".to_owned(),
            hint: "plan again without --hold-removals to take it".to_owned(),
        })
    }
}

impl Protection {
    pub(super) fn new(snapshot: &Snapshot, guards: &Guards, doubts: &[Doubt]) -> Self {
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
            allowed: guards.allow_admins.iter().map(Raw::key).collect(),
            off: Off::new(guards, doubts),
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
        if is_among(row, &self.named) {
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
        if admin && self.admins.len() <= ADMINS_KEPT {
            return Some("is one of the last two tenant administrators".to_owned());
        }
        (admin && !is_among(row, &self.allowed)).then(|| {
            "is a tenant administrator (guards.allow_admins or --allow-admin names who may lose something)"
                .to_owned()
        })
    }

    /// Why nothing is taken from anybody.
    pub(in crate::planner) fn off(&self) -> Option<&Off> {
        self.off.as_ref()
    }

    /// Whether this user administers the tenant, and how many of them may go at most.
    pub(in crate::planner) fn admin(&self, user: &UserId) -> Option<usize> {
        self.admins
            .contains(user)
            .then(|| self.admins.len().saturating_sub(ADMINS_KEPT))
    }
}

/// Whether a row is named among these, by anything that names it.
fn is_among(row: &Row, named: &BTreeSet<String>) -> bool {
    if named.is_empty() {
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
    signs.iter().any(|sign| named.contains(&sign.key()))
}

fn subjects(row: &Row) -> impl Iterator<Item = &Subject> {
    row.subject
        .iter()
        .chain(row.user.as_ref().map(|user| &user.subject))
        .chain(row.licenses.iter().map(|seat| &seat.subject))
}
