//! Who gets nothing, and why: disabled, unknown subject, unaccepted match, conflict, shared mail.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use crate::domain::{
    Conflict, Enabled, FindingCode, Match, Person, PersonKind, Row, RowKey, Subject, User, UserId,
    UserStatus,
};
use crate::planner::build::names;
use crate::planner::roster::Index;
use crate::planner::wishes::EffectiveWish;
use crate::text::Raw;

/// Why a row gets nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::planner) enum Skip {
    Disabled,
    Contact,
    NoSubject,
    Candidate(Subject),
    Conflict(Conflict),
    EmailTaken(Subject),
    SharedMailbox(usize),
    UserDisabled,
    NoPerson,
    /// Nobody in Qlik has the person's subject or e-mail, and users with these subjects have the name.
    SameName(Vec<Subject>),
}

impl Skip {
    pub(in crate::planner) fn code(&self) -> FindingCode {
        match self {
            Self::Disabled | Self::Contact => FindingCode::DisabledPerson,
            Self::NoSubject => FindingCode::NoSubject,
            Self::Candidate(_) => FindingCode::EmailCandidate,
            Self::Conflict(Conflict::SharedMailbox(_)) | Self::SharedMailbox(_) => {
                FindingCode::SharedMailbox
            }
            Self::Conflict(_) => FindingCode::Conflict,
            Self::EmailTaken(_) => FindingCode::EmailTaken,
            Self::UserDisabled => FindingCode::UserDisabled,
            Self::NoPerson => FindingCode::UnknownPerson,
            Self::SameName(_) => FindingCode::SameName,
        }
    }

    /// A sentence and what to do about it.
    pub(in crate::planner) fn words(&self) -> (String, &'static str) {
        match self {
            Self::Disabled => (
                "is disabled in the directory; skipped".to_owned(),
                "enable the account in the directory, or unmark it",
            ),
            Self::Contact => (
                "is an address book entry that cannot sign in; skipped".to_owned(),
                "mark the person's own account instead",
            ),
            Self::NoSubject => (
                "lacks an attribute that the subject template needs; skipped".to_owned(),
                "fill the attribute in the directory, or change identity.subject in the profile",
            ),
            Self::Candidate(subject) => (
                format!(
                    "a user with this e-mail exists under subject {}; skipped",
                    subject.expose()
                ),
                "accept it as the same person, or correct the e-mail",
            ),
            Self::Conflict(conflict) => (conflict_words(conflict), conflict_hint(conflict)),
            Self::EmailTaken(subject) => (
                format!(
                    "the e-mail belongs to the user with subject {}; skipped",
                    subject.expose()
                ),
                "two records with one e-mail block the sign-in; correct one of them",
            ),
            Self::SharedMailbox(others) => (
                format!("shares its e-mail with {others} more of the plan; skipped"),
                "give each person an address of their own",
            ),
            Self::UserDisabled => (
                "is disabled in Qlik; skipped".to_owned(),
                "n on the row enables the record again",
            ),
            Self::NoPerson => (
                "is a seat without a person or a user; nothing can be given to it".to_owned(),
                "find the person in the directory and mark that row",
            ),
            Self::SameName(subjects) => (
                format!(
                    "has the name of the user with subject {}, and another e-mail; nothing is moved",
                    names(
                        &subjects
                            .iter()
                            .map(|one| one.raw().clone())
                            .collect::<Vec<_>>()
                    )
                ),
                "if it is the same person, correct the e-mail in the directory or in Qlik",
            ),
        }
    }
}

fn conflict_words(conflict: &Conflict) -> String {
    match conflict {
        Conflict::SeveralUsers(ids) => format!("{} users fit; skipped", ids.len()),
        Conflict::SeveralPeople(ids) => format!("{} people fit one user; skipped", ids.len()),
        Conflict::SharedMailbox(ids) => {
            format!("{} people share this mailbox; skipped", ids.len())
        }
        Conflict::SameSubject(ids) => {
            format!("{} people would get the same subject; skipped", ids.len())
        }
    }
}

fn conflict_hint(conflict: &Conflict) -> &'static str {
    match conflict {
        Conflict::SeveralUsers(_) => "remove the superfluous record in Qlik, then refresh",
        Conflict::SeveralPeople(_) | Conflict::SharedMailbox(_) => {
            "correct the e-mail in the directory or in Qlik, then refresh"
        }
        Conflict::SameSubject(_) => "choose a subject template that tells the people apart",
    }
}

/// Why a row gets nothing of what would be given to it.
pub(super) fn skip(row: &Row, wish: &EffectiveWish, user: Option<&User>) -> Option<Skip> {
    if !wish.gives() && !wish.only_moves() {
        return None;
    }
    if let Some(person) = &row.person {
        if let Some(skip) = barred(person) {
            return Some(skip);
        }
        match &row.matched {
            Match::Conflict(conflict) => return Some(Skip::Conflict(conflict.clone())),
            Match::Email { accepted: false } => {
                let subject = row.user.as_ref().map(|user| user.subject.clone());
                return Some(Skip::Candidate(
                    subject.unwrap_or_else(|| Subject::from("")),
                ));
            }
            Match::None | Match::Subject | Match::Email { accepted: true } => {}
        }
        if row.subject.is_none() {
            return Some(Skip::NoSubject);
        }
    }
    if matches!(row.key, RowKey::Seat(_)) {
        return Some(Skip::NoPerson);
    }
    let disabled = user.is_some_and(|user| user.status == UserStatus::Disabled);
    (disabled && !wish.enable).then_some(Skip::UserDisabled)
}

/// Why nothing could be given to the row of a case, whether or not its wish gives by itself.
pub(in crate::planner) fn barrier(case: &Case) -> Option<Skip> {
    let giving = EffectiveWish {
        provision: true,
        ..EffectiveWish::clone(&case.wish)
    };
    skip(&case.row, &giving, case.user.as_deref())
}

fn barred(person: &Person) -> Option<Skip> {
    if person.enabled == Enabled::No {
        Some(Skip::Disabled)
    } else {
        (person.kind == PersonKind::Contact).then_some(Skip::Contact)
    }
}

/// The subject of the license: the user's own spelling when it is the expected one.
pub(super) fn license_subject(row: &Row, user: Option<&User>) -> Option<Subject> {
    match (&row.key, user) {
        (RowKey::Seat(subject), _) => Some(subject.clone()),
        (RowKey::User(_), Some(user)) => Some(user.subject.clone()),
        (_, Some(user)) if row.matched == Match::Subject => Some(user.subject.clone()),
        _ => row.subject.clone(),
    }
}

/// Two records with one e-mail block the sign-in of both (`LOGIN-12`), so none of them is made.
pub(super) fn check_mails(cases: &mut [Case], index: &Index) {
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.creates()) {
        if let Some(mail) = mail_of(case) {
            *wanted.entry(mail.key()).or_default() += 1;
        }
    }
    for case in cases.iter_mut().filter(|case| case.creates()) {
        let Some(mail) = mail_of(case) else {
            continue;
        };
        let sharing = wanted.get(&mail.key()).copied().unwrap_or(1);
        case.skip = match index.mail_owner(mail) {
            Some(user) => Some(Skip::EmailTaken(user.subject.clone())),
            None if sharing > 1 => Some(Skip::SharedMailbox(sharing - 1)),
            None => None,
        };
        if case.skip.is_some() {
            case.license = super::LicenseCase::default();
        }
    }
}

/// People whose seats were to be moved and whom neither subject nor e-mail finds, though a user of
/// their name who is nobody else holds a seat: to be looked at by somebody. The rest are not in Qlik.
pub(super) fn check_names(cases: &mut [Case], index: &Index) {
    let lost = |case: &Case| {
        case.wish.only_moves()
            && case.skip.is_none()
            && case.row.user.is_none()
            && case.row.licenses.is_empty()
    };
    if !cases.iter().any(lost) {
        return;
    }
    let taken: BTreeSet<UserId> = cases
        .iter()
        .filter_map(|case| Some(case.row.user.as_ref()?.id.clone()))
        .collect();
    let mut named: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
    for user in index.users() {
        let free =
            !taken.contains(&user.id) && index.people_with_subject(&user.subject).next().is_none();
        if free && index.seats_of(&user.subject).next().is_some() {
            named
                .entry(user.name.key())
                .or_default()
                .push(user.subject.clone());
        }
    }
    for case in cases.iter_mut().filter(|case| lost(case)) {
        let subjects = case.row.name().and_then(|name| named.get(&name.key()));
        case.skip = subjects.cloned().map(Skip::SameName);
    }
}

/// The primary address of the person behind a case.
fn mail_of(case: &Case) -> Option<&Raw> {
    let mail = case.row.person.as_ref()?.mail.as_ref()?;
    (!mail.is_blank()).then_some(mail)
}

/// A row named for people: the name and what tells it from others of that name.
pub(in crate::planner) fn who(row: &Row) -> Raw {
    let person = row.person.as_ref();
    let sign = person
        .and_then(|person| person.upn.as_ref().or(person.mail.as_ref()))
        .or_else(|| row.user.as_ref().map(|user| user.subject.raw()))
        .or_else(|| row.subject.as_ref().map(Subject::raw));
    match (row.name(), sign, &row.key) {
        (Some(name), Some(sign), _) => Raw::new(format!("{} ({})", name.expose(), sign.expose())),
        (Some(name), None, _) => name.clone(),
        (None, _, RowKey::Seat(subject)) => subject.raw().clone(),
        (None, _, RowKey::User(id)) => id.raw().clone(),
        (None, _, RowKey::Person(id)) => id.raw().clone(),
    }
}
