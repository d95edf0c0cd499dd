//! The untouchable (I7): our own identity, bots, who made the tenant, tenant administrators who are
//! not named one by one (of the last two nobody), and whoever the profile protects. Nothing is ever
//! taken from them. And what keeps everything: a reading that is hard to believe, or removals being
//! held.

use std::collections::BTreeSet;

use crate::domain::{
    Decision, Doubt, FindingCode, Guards, Row, Snapshot, Subject, UserId, administrators,
};
use crate::text::Raw;

/// Fewer administrators than this must never be left.
const ADMINS_KEPT: usize = 2;

/// Who is protected, prepared.
#[derive(Debug)]
pub(in crate::planner) struct Protection {
    named: BTreeSet<String>,
    allowed: BTreeSet<String>,
    allowed_subjects: BTreeSet<String>,
    off: Option<Off>,
    own_user: UserId,
    own_subject: String,
    owner: Option<UserId>,
    admins: BTreeSet<UserId>,
}

/// Why nothing at all is taken by this plan.
#[derive(Clone, Debug)]
pub(in crate::planner) struct Off {
    pub(in crate::planner) code: FindingCode,
    pub(in crate::planner) cause: String,
    pub(in crate::planner) hint: &'static str,
    pub(in crate::planner) decision: Option<Decision>,
}

/// Why nothing is taken from somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::planner) enum Shield {
    /// The profile names them.
    Named,
    /// It is us.
    Own,
    /// A machine.
    Bot,
    /// Made the tenant: the account owner, as near as the API tells.
    Owner,
    /// Too few administrators would be left.
    LastAdmin,
    /// An administrator, whom nobody named.
    Admin(Subject),
}

impl Shield {
    /// As a clause about somebody.
    pub(in crate::planner) fn words(&self) -> &'static str {
        match self {
            Self::Named => "is on the protected list of the profile",
            Self::Own => "is the identity that qroll works as",
            Self::Bot => "is the bot of an OAuth client",
            Self::Owner => "made this tenant and may own its account",
            Self::LastAdmin => "is one of the last two tenant administrators",
            Self::Admin(_) => "is a tenant administrator",
        }
    }

    /// What to do about it.
    pub(in crate::planner) fn hint(&self) -> &'static str {
        match self {
            Self::Named => "see guards.protected in the profile",
            Self::Own | Self::Bot => "nothing is ever taken from them",
            Self::Owner => {
                "nothing is ever taken from them: without the account owner a tenant cannot be recovered"
            }
            Self::LastAdmin => "make somebody else a tenant administrator first",
            Self::Admin(_) => {
                "guards.allow_admins in the profile names administrators who may lose something"
            }
        }
    }

    /// What a person may decide about it.
    pub(in crate::planner) fn decision(&self) -> Option<Decision> {
        match self {
            Self::Admin(subject) => Some(Decision::Admin(subject.clone())),
            Self::Named | Self::Own | Self::Bot | Self::Owner | Self::LastAdmin => None,
        }
    }
}

impl Off {
    fn new(guards: &Guards, doubts: &[Doubt]) -> Option<Self> {
        if let Some(doubt) = doubts.first() {
            return Some(Self {
                code: FindingCode::SourceDoubt,
                cause: format!("{} {}", doubt.what.expose(), doubt.cause),
                hint: "removals are off until that is settled; everything else may be applied",
                decision: None,
            });
        }
        guards.hold_removals.then(|| Self {
            code: FindingCode::RemovalHeld,
            cause: "removals are held".to_owned(),
            hint: "",
            decision: Some(Decision::Held),
        })
    }
}

impl Protection {
    pub(super) fn new(snapshot: &Snapshot, guards: &Guards, doubts: &[Doubt]) -> Self {
        let tenant = &snapshot.tenant;
        Self {
            named: guards.protected.iter().map(Raw::key).collect(),
            allowed: guards.allow_admins.iter().map(Raw::key).collect(),
            allowed_subjects: guards.allow_subjects.iter().map(Subject::key).collect(),
            off: Off::new(guards, doubts),
            own_user: tenant.identity.user.clone(),
            own_subject: tenant.identity.subject.key(),
            owner: tenant.tenant.created_by.clone(),
            admins: administrators(tenant),
        }
    }

    /// Why nothing may be taken from this row.
    pub(in crate::planner) fn why(&self, row: &Row) -> Option<Shield> {
        let user = row.user.as_ref();
        if is_among(row, &self.named) {
            return Some(Shield::Named);
        }
        let own = user.is_some_and(|user| user.id == self.own_user)
            || subjects(row).any(|subject| subject.key() == self.own_subject);
        if own {
            return Some(Shield::Own);
        }
        if user.is_some_and(|user| user.bot) {
            return Some(Shield::Bot);
        }
        if user.is_some_and(|user| Some(&user.id) == self.owner.as_ref()) {
            return Some(Shield::Owner);
        }
        let admin = user.filter(|user| self.admins.contains(&user.id))?;
        if self.admins.len() <= ADMINS_KEPT {
            return Some(Shield::LastAdmin);
        }
        let allowed = self.allowed_subjects.contains(&admin.subject.key());
        (!allowed && !is_among(row, &self.allowed)).then(|| Shield::Admin(admin.subject.clone()))
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
