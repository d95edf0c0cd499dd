//! Names that look like somebody else's (reliability 4.3): of those who gain something, nobody may
//! read like a user, an administrator or another person of the plan. Each is confirmed singly.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::draft::Pad;
use crate::domain::{
    Assignee, Change, Decision, FindingCode, RoleId, Subject, User, UserId, UserStatus,
};
use crate::planner::desk::{Case, Desk, who};
use crate::planner::roster::{Table, hashed, same};
use crate::text::{Raw, looks, mixed_word};

pub(super) fn check(pad: &mut Pad<'_, '_>) {
    let gain = Gain::of(pad);
    if gain.is_empty() {
        return;
    }
    let desk = pad.desk;
    let cases: Vec<&Case> = desk.cases.iter().filter(|case| gain.has(case)).collect();
    let known = Known::new(desk, &cases);
    for case in cases {
        let (Some(why), Some(subject)) = (known.why(case), &case.subject) else {
            continue;
        };
        let name = who(&case.row);
        if desk.staging.lookalikes.contains(subject) {
            let text = format!("{why}; confirmed singly, subject {}", subject.expose());
            pad.warn(FindingCode::LookAlike, &name, text, "");
        } else {
            pad.error(
                FindingCode::LookAlike,
                &name,
                format!("{why}; subject {}", subject.expose()),
                "leave them out, or confirm that it is the person meant",
            );
        }
        pad.decide(Some(Decision::LookAlike(subject.clone())));
    }
}

/// Whether somebody gains by it; roles that are written anew may take and give at once.
fn gives(change: &Change) -> bool {
    match change {
        Change::ChangeSpaceAssignment { before, after, .. } => {
            after.iter().any(|role| !before.contains(role))
        }
        Change::SetRoles { before, after, .. } => {
            let new = |role| !before.roles.contains(role);
            after.roles.iter().any(new)
        }
        other => !other.is_removal(),
    }
}

/// Who gains something.
#[derive(Default)]
struct Gain {
    subjects: BTreeSet<Raw>,
    users: BTreeSet<UserId>,
}

impl Gain {
    fn of(pad: &Pad<'_, '_>) -> Self {
        let mut gain = Self::default();
        let changes = pad.drafts.iter().map(|draft| &draft.change);
        for change in changes.filter(|change| gives(change)) {
            match change {
                Change::CreateUser { subject, .. }
                | Change::AddLicense { subject, .. }
                | Change::MoveLicense { subject, .. }
                | Change::ChangeLicense { subject, .. } => gain.subject(subject),
                Change::UpdateUser { target, .. } | Change::SetRoles { target, .. } => {
                    gain.users.insert(target.id.clone());
                }
                Change::AddSpaceAssignment { target, .. }
                | Change::ChangeSpaceAssignment { target, .. } => match &target.assignee {
                    Assignee::User(id) => gain.users.extend([id.clone()]),
                    Assignee::NewUser(subject) => gain.subject(subject),
                    Assignee::Bot(_) | Assignee::Group(_) | Assignee::NewGroup(_) => {}
                },
                _ => {}
            }
        }
        gain
    }

    fn subject(&mut self, subject: &Subject) {
        self.subjects.insert(subject.folded());
    }

    fn is_empty(&self) -> bool {
        self.subjects.is_empty() && self.users.is_empty()
    }

    fn has(&self, case: &Case) -> bool {
        let subject = case.subject.as_ref();
        subject.is_some_and(|subject| self.subjects.contains(&subject.folded()))
            || case
                .user
                .as_ref()
                .is_some_and(|user| self.users.contains(&user.id))
    }
}

/// Somebody to be taken for.
struct Other<'a> {
    /// The row of the plan, or the user.
    place: Place<'a>,
    name: &'a Raw,
    is_admin: bool,
}

enum Place<'a> {
    Case(&'a crate::domain::RowKey),
    User(&'a UserId),
}

/// Everybody by the look of name and mail. Of the looks only hashes are kept: there are two for each
/// name of everybody, and few are ever asked for.
struct Known<'a> {
    others: Vec<Other<'a>>,
    by_look: Table,
}

impl<'a> Known<'a> {
    fn new(desk: &'a Desk<'_>, cases: &[&'a Case]) -> Self {
        let tenant = &desk.snapshot.tenant;
        let roles: BTreeSet<&RoleId> = tenant
            .roles
            .value
            .iter()
            .filter(|role| role.name.expose() == "TenantAdmin")
            .map(|role| &role.id)
            .collect();
        let mut others = Vec::new();
        let live = |user: &&Arc<User>| user.status != UserStatus::Deleted && !user.bot;
        for user in tenant.users.value.iter().filter(live) {
            let is_admin = user.roles.iter().any(|role| roles.contains(role));
            for name in [&user.name].into_iter().chain(&user.email) {
                let place = Place::User(&user.id);
                others.push(Other {
                    place,
                    name,
                    is_admin,
                });
            }
        }
        for case in cases {
            for name in texts(case) {
                let place = Place::Case(&case.row.key);
                others.push(Other {
                    place,
                    name,
                    is_admin: false,
                });
            }
        }
        let hashes = others.iter().enumerate().flat_map(|(at, other)| {
            let looks = looks(other.name).into_iter();
            looks.map(move |look| (hashed(&look), at))
        });
        let by_look = Table::new(hashes);
        Self { others, by_look }
    }

    /// Others of this look whose name is another, and administrators.
    fn alike<'k>(&'k self, look: &'k String, text: &'k Raw) -> impl Iterator<Item = &'k Other<'a>> {
        let others = self.by_look.candidates(hashed(look));
        others
            .filter_map(|at| self.others.get(at))
            .filter(|other| other.is_admin || !same(other.name.expose(), text.expose()))
            .filter(move |other| looks(other.name).contains(look))
    }

    /// Why a person may be taken for somebody else. Namesakes are many and are told apart by
    /// subject and mail; only an administrator's very name counts as well.
    fn why(&self, case: &Case) -> Option<String> {
        for text in texts(case) {
            let looks = looks(text);
            let mut alike = looks.iter().flat_map(|look| self.alike(look, text));
            if let Some(other) = alike.find(|other| !is_self(other, case)) {
                let whom = match other.place {
                    _ if other.is_admin => "a tenant administrator",
                    Place::User(_) => "a user",
                    Place::Case(_) => "another person of this plan",
                };
                let (text, name) = (text.expose(), other.name.expose());
                return Some(format!("{text} looks like {name}, {whom}"));
            }
        }
        texts(case).find_map(|text| {
            let word = mixed_word(text)?;
            Some(format!("{word} mixes letters of several scripts"))
        })
    }
}

fn is_self(other: &Other<'_>, case: &Case) -> bool {
    match other.place {
        Place::Case(key) => *key == case.row.key,
        Place::User(id) => {
            let user = case.row.user.as_ref();
            user.is_some_and(|user| user.id == *id)
        }
    }
}

/// What a reader goes by.
fn texts(case: &Case) -> impl Iterator<Item = &Raw> {
    let person = case.row.person.as_ref();
    let user = case.row.user.as_ref();
    let names = person
        .map(|person| &person.name)
        .or(user.map(|user| &user.name));
    let mails = person
        .and_then(|person| person.mail.as_ref())
        .or(user.and_then(|user| user.email.as_ref()));
    names
        .into_iter()
        .chain(mails)
        .filter(|text| !text.is_blank())
}
