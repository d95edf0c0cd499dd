//! One operation against the live tenant.

use super::live::Live;
use crate::domain::{
    AutoAssign, Change, Claim, LicenseState, LicenseType, Operation, OperationId, OperationKind,
    Plan, RoleId, SpaceRole, SpaceSeat, Subject, UserRef, UserState,
};
use crate::text::Raw;

/// Why a row is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftKind {
    /// The wished state holds already: somebody else was faster.
    Already,
    /// The value is neither what the plan saw nor what it wishes.
    Changed,
    /// No seat is left for it.
    NoSeat,
    /// The live read was not complete, so it cannot be told.
    Unread,
}

impl DriftKind {
    /// The rest of the sentence that begins with the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Already => "is so already",
            Self::Changed => "has changed",
            Self::NoSeat => "finds no seat any more",
            Self::Unread => "could not be read",
        }
    }
}

/// One row that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftRow {
    /// Which operation.
    pub operation: OperationId,
    /// Its kind.
    pub kind: OperationKind,
    /// About whom or what.
    pub who: Raw,
    /// What moved.
    pub drift: DriftKind,
    /// What the plan saw.
    pub planned_from: Raw,
    /// What is there now.
    pub now: Raw,
    /// What the plan wishes.
    pub planned_to: Raw,
}

/// Three values and what they mean.
struct Three {
    who: Raw,
    from: String,
    now: String,
    to: String,
    drift: Option<DriftKind>,
}

impl Three {
    /// The same, with what speaks against it where nothing has yet.
    fn unless(self, against: Option<(String, DriftKind)>) -> Self {
        match against {
            Some((now, drift)) if self.drift.is_none() => Self {
                now,
                drift: Some(drift),
                ..self
            },
            _ => self,
        }
    }
}

pub(super) fn compare(operation: &Operation, plan: &Plan, live: &Live<'_>) -> Option<DriftRow> {
    let three = three(operation, plan, live);
    three.drift.map(|drift| row(operation, drift, three))
}

/// A row for an operation whose seat has gone.
pub(super) fn no_seat(operation: &Operation, license: &LicenseType) -> DriftRow {
    let who = match &operation.change {
        Change::AddLicense { subject, .. } | Change::ChangeLicense { subject, .. } => {
            subject.raw().clone()
        }
        _ => Raw::default(),
    };
    let three = Three {
        who,
        from: "a seat left".to_owned(),
        now: format!("no {} seat left", license.expose()),
        to: license.expose().to_owned(),
        drift: None,
    };
    row(operation, DriftKind::NoSeat, three)
}

fn row(operation: &Operation, drift: DriftKind, three: Three) -> DriftRow {
    DriftRow {
        operation: operation.id.clone(),
        kind: operation.change.kind(),
        who: three.who,
        drift,
        planned_from: Raw::from(three.from),
        now: Raw::from(three.now),
        planned_to: Raw::from(three.to),
    }
}

fn three(operation: &Operation, plan: &Plan, live: &Live<'_>) -> Three {
    match &operation.change {
        Change::CreateUser { subject, after, .. } => {
            let same = live.subject(subject);
            let taken = after.email.as_ref().and_then(|mail| live.mail(mail));
            let (now, drift) = match (same, taken) {
                (Some(_), _) => ("there".to_owned(), Some(DriftKind::Already)),
                (None, Some(other)) => (
                    format!("e-mail belongs to {}", other.subject.expose()),
                    Some(DriftKind::Changed),
                ),
                (None, None) => (
                    "none".to_owned(),
                    unread(live.tenant.users.proof.is_proven()),
                ),
            };
            Three {
                who: after.name.clone(),
                from: "none".to_owned(),
                now,
                to: "user record".to_owned(),
                drift,
            }
        }
        Change::UpdateUser {
            target,
            before,
            after,
        }
        | Change::DisableUser {
            target,
            before,
            after,
        } => status(target, before, Some(after), live),
        Change::DeleteUser { target, before, .. } => status(target, before, None, live),
        Change::SetRoles {
            target,
            before,
            after,
        } => roles(target, &before.roles, &after.roles, live),
        Change::CreateGroup { target, .. } => {
            let there = live.group(target).is_some();
            Three {
                who: target.clone(),
                from: "unknown to Qlik".to_owned(),
                now: if there { "known" } else { "unknown to Qlik" }.to_owned(),
                to: "known".to_owned(),
                drift: if there {
                    Some(DriftKind::Already)
                } else {
                    unread(live.tenant.groups.proof.is_proven())
                },
            }
        }
        Change::SetAutoAssign { before, after } => switches(*before, *after, live),
        Change::AddLicense { after, .. } => license(operation, plan, None, Some(after), live),
        Change::ChangeLicense { before, after, .. } => {
            license(operation, plan, Some(before), Some(after), live)
        }
        Change::MoveLicense { before, after, .. } => {
            let three = license(operation, plan, Some(before), Some(after), live);
            let there = live.tenant.used_in(&before.subject);
            three.unless(there.map(used_in))
        }
        Change::RemoveLicense { before, .. } => {
            let three = license(operation, plan, Some(before), None, live);
            three.unless(orphan(&before.subject, plan, live))
        }
        Change::AddSpaceAssignment { target, after, .. } => seat(target, &[], after, live),
        Change::ChangeSpaceAssignment {
            target,
            before,
            after,
        } => seat(target, before, after, live),
        Change::RemoveSpaceAssignment { target, before, .. } => seat(target, before, &[], live),
    }
}

fn unread(proven: bool) -> Option<DriftKind> {
    (!proven).then_some(DriftKind::Unread)
}

fn judge<T: PartialEq>(now: &T, before: &T, after: &T) -> Option<DriftKind> {
    if now == after {
        Some(DriftKind::Already)
    } else {
        (now != before).then_some(DriftKind::Changed)
    }
}

fn status(
    target: &UserRef,
    before: &UserState,
    after: Option<&UserState>,
    live: &Live<'_>,
) -> Three {
    let now = live.user(&target.id).map(|user| user.status.clone());
    let (from, to) = (
        Some(before.status.clone()),
        after.map(|after| after.status.clone()),
    );
    let gone = now.is_none() && !live.tenant.users.proof.is_proven();
    let word = |status: &Option<crate::domain::UserStatus>| {
        status
            .as_ref()
            .map_or("no record", |status| status.word())
            .to_owned()
    };
    Three {
        who: target.name.clone(),
        from: word(&from),
        now: word(&now),
        to: word(&to),
        drift: if gone {
            Some(DriftKind::Unread)
        } else {
            judge(&now, &from, &to)
        },
    }
}

fn roles(target: &UserRef, before: &[RoleId], after: &[RoleId], live: &Live<'_>) -> Three {
    let words = |roles: &[RoleId]| {
        let all: Vec<&str> = roles.iter().map(RoleId::expose).collect();
        all.join(", ")
    };
    let user = live.user(&target.id);
    let now = user.map(|user| {
        let mut now = user.roles.clone();
        now.sort();
        now
    });
    let drift = match &now {
        None if !live.tenant.users.proof.is_proven() => Some(DriftKind::Unread),
        None => Some(DriftKind::Changed),
        Some(now) => judge(&now.as_slice(), &before, &after),
    };
    Three {
        who: target.name.clone(),
        from: words(before),
        now: now.map_or_else(|| "no record".to_owned(), |now| words(&now)),
        to: words(after),
        drift,
    }
}

fn switches(before: AutoAssign, after: AutoAssign, live: &Live<'_>) -> Three {
    let words = |one: AutoAssign| {
        let on = |on| if on { "on" } else { "off" };
        format!(
            "professional {}, analyzer {}",
            on(one.professional),
            on(one.analyzer)
        )
    };
    let now = live.tenant.licensing.value.auto_assign;
    Three {
        who: Raw::from("auto-assign"),
        from: words(before),
        now: now.map_or_else(|| "not read".to_owned(), words),
        to: words(after),
        drift: now.map_or(Some(DriftKind::Unread), |now| judge(&now, &before, &after)),
    }
}

fn license(
    operation: &Operation,
    plan: &Plan,
    before: Option<&LicenseState>,
    after: Option<&LicenseState>,
    live: &Live<'_>,
) -> Three {
    let has = |state: &LicenseState| live.held(&state.subject).contains(&&state.license);
    let proven = live.tenant.licensing.proof.is_proven();
    let done = after.map_or_else(|| before.is_some_and(|before| !has(before)), &has);
    let untouched = match (before, after) {
        (Some(before), _) => has(before) || moved_here(operation, plan, live),
        (None, Some(after)) => live.held(&after.subject).is_empty(),
        (None, None) => true,
    };
    let shown = before.or(after);
    let now: Vec<&str> = shown
        .map(|state| live.held(&state.subject))
        .unwrap_or_default()
        .iter()
        .map(|license| license.expose())
        .collect();
    let words = |state: Option<&LicenseState>| {
        state.map_or_else(
            || "none".to_owned(),
            |state| state.license.expose().to_owned(),
        )
    };
    Three {
        who: shown
            .map(|state| state.subject.raw().clone())
            .unwrap_or_default(),
        from: words(before),
        now: if now.is_empty() {
            "none".to_owned()
        } else {
            now.join(", ")
        },
        to: words(after),
        drift: match (done, untouched) {
            (true, _) if after.is_some() || proven => Some(DriftKind::Already),
            (false, false) if proven => Some(DriftKind::Changed),
            (true, _) | (false, false) => Some(DriftKind::Unread),
            (false, true) => (!proven && before.is_none()).then_some(DriftKind::Unread),
        },
    }
}

/// What speaks against taking the seat of somebody who was no user here: a user has the subject now,
/// here or in another tenant on the license, or that cannot be told any more.
fn orphan(subject: &Subject, plan: &Plan, live: &Live<'_>) -> Option<(String, DriftKind)> {
    if !plan.orphans.contains(subject) {
        return None;
    }
    if live.subject(subject).is_some() {
        return Some(("used here".to_owned(), DriftKind::Changed));
    }
    match live.tenant.claim(subject) {
        Claim::There(name) => Some(used_in(&name)),
        Claim::Untold(why) if !plan.takes_untold() => Some((why, DriftKind::Unread)),
        Claim::Untold(_) | Claim::Nobody => None,
    }
}

/// A user of that other tenant has the subject now.
fn used_in(other: &str) -> (String, DriftKind) {
    (format!("used in {other}"), DriftKind::Changed)
}

/// Whether an operation that this one needs brings the seat here: then it is not here yet.
fn moved_here(operation: &Operation, plan: &Plan, live: &Live<'_>) -> bool {
    plan.operations
        .iter()
        .filter(|other| operation.needs.contains(&other.id))
        .any(|other| match &other.change {
            Change::MoveLicense { before, .. } | Change::ChangeLicense { before, .. } => {
                live.held(&before.subject).contains(&&before.license)
            }
            _ => false,
        })
}

fn seat(target: &SpaceSeat, before: &[SpaceRole], after: &[SpaceRole], live: &Live<'_>) -> Three {
    let words = |roles: &[SpaceRole]| {
        let all: Vec<&str> = roles.iter().map(SpaceRole::expose).collect();
        if all.is_empty() {
            "none".to_owned()
        } else {
            all.join(" + ")
        }
    };
    let gone = |assignee: &crate::domain::Assignee| match assignee {
        crate::domain::Assignee::User(id) => {
            live.user(id).is_none() && live.tenant.users.proof.is_proven()
        }
        _ => false,
    };
    let (now, drift) = match live.space(&target.space.id) {
        None => ("not read".to_owned(), Some(DriftKind::Unread)),
        Some(_) if gone(&target.assignee) && !after.is_empty() => {
            ("no record".to_owned(), Some(DriftKind::Changed))
        }
        Some(rows) => {
            let known = live.assignee(&target.assignee);
            let row = rows
                .iter()
                .find(|row| Some(&row.assignee) == known.as_ref());
            let mut now = row.map(|row| row.roles.clone()).unwrap_or_default();
            now.sort();
            (words(&now), judge(&now.as_slice(), &before, &after))
        }
    };
    Three {
        who: Raw::new(format!(
            "{} in {}",
            target.name.expose(),
            target.space.name.expose()
        )),
        from: words(before),
        now,
        to: words(after),
        drift,
    }
}
