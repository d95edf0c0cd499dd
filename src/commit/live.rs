//! What to read to learn whether an operation stands, and how to judge the answer: still as
//! before, as wished, or neither. One judgement serves the check before a write and the
//! read-back after an unclear answer.

use std::collections::BTreeMap;

use super::describe;
use crate::domain::{
    Assignee, AutoAssign, Change, Group, GroupId, GroupProvider, LicenseAssignment, LicenseState,
    RolesState, SpaceAssignment, SpaceRole, SpaceSeat, Subject, User, UserDraft, UserId, UserRef,
    UserState, UserStatus,
};
use crate::ports::{Observation, Question};
use crate::text::Raw;

/// The live state of an operation's target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Live {
    /// As the plan's `before` says.
    Before,
    /// As the plan's `after` says, with the id of what stands there.
    After(Option<String>),
    /// Neither; described for a person.
    Other(String),
}

/// Ids of what the run made: users by subject, groups by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) users: BTreeMap<String, UserId>,
    pub(super) groups: BTreeMap<Raw, GroupId>,
}

impl Names {
    /// An assignee that exists; `None` when its id is not known yet.
    pub(super) fn resolve(&self, assignee: &Assignee) -> Option<Assignee> {
        match assignee {
            Assignee::NewUser(subject) => {
                let id = self.users.get(&subject.key())?;
                Some(Assignee::User(id.clone()))
            }
            Assignee::NewGroup(name) => {
                let id = self.groups.get(name)?;
                Some(Assignee::Group(id.clone()))
            }
            known => Some(known.clone()),
        }
    }

    /// Remembers what an operation made.
    pub(super) fn learn(&mut self, change: &Change, id: &str) {
        match change {
            Change::CreateUser { subject, .. } => {
                self.users.insert(subject.key(), UserId::new(id));
            }
            Change::CreateGroup { target, .. } => {
                self.groups.insert(target.clone(), GroupId::new(id));
            }
            _ => {}
        }
    }
}

/// The assignee of a space operation.
pub(super) fn assignee(change: &Change) -> Option<&Assignee> {
    match change {
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => Some(&target.assignee),
        _ => None,
    }
}

/// The question that finds the id of an assignee made earlier.
pub(super) fn whereabouts(assignee: &Assignee) -> Option<Question> {
    match assignee {
        Assignee::NewUser(subject) => Some(Question::UsersBySubject(vec![subject.clone()])),
        Assignee::NewGroup(name) => Some(Question::GroupByName(name.clone())),
        _ => None,
    }
}

/// The id in the answer to [`whereabouts`], when exactly one fits.
pub(super) fn found(assignee: &Assignee, observation: &Observation) -> Option<String> {
    let ids: Vec<&str> = match (assignee, observation) {
        (Assignee::NewUser(subject), Observation::Users(users)) => users
            .iter()
            .filter(|user| user.subject.key() == subject.key())
            .map(|user| user.id.expose())
            .collect(),
        (Assignee::NewGroup(name), Observation::Groups(groups)) => groups
            .iter()
            .filter(|group| group.name == *name && group.provider == GroupProvider::Idp)
            .map(|group| group.id.expose())
            .collect(),
        _ => Vec::new(),
    };
    match ids.as_slice() {
        [id] => Some((*id).to_owned()),
        _ => None,
    }
}

/// Subjects whose seats a license operation touches.
fn license_subjects(change: &Change) -> Vec<Subject> {
    match change {
        Change::AddLicense { after, .. } => vec![after.subject.clone()],
        Change::RemoveLicense { before, .. } => vec![before.subject.clone()],
        Change::ChangeLicense { before, after, .. } | Change::MoveLicense { before, after, .. } => {
            let mut subjects = vec![before.subject.clone()];
            if after.subject.key() != before.subject.key() {
                subjects.push(after.subject.clone());
            }
            subjects
        }
        _ => Vec::new(),
    }
}

/// What to read for these operations: one for any kind, several for licenses only. `None` when an
/// assignee is not known yet.
pub(super) fn question(changes: &[&Change], names: &Names) -> Option<Question> {
    let first = changes.first()?;
    Some(match first {
        Change::CreateUser { subject, .. } => Question::UsersBySubject(vec![subject.clone()]),
        Change::CreateGroup { target, .. } => Question::GroupByName(target.clone()),
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => Question::User(target.id.clone()),
        Change::SetAutoAssign { .. } => Question::AutoAssign,
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => Question::AssignmentOf {
            space: target.space.id.clone(),
            assignee: names.resolve(&target.assignee)?,
        },
        Change::AddLicense { .. }
        | Change::ChangeLicense { .. }
        | Change::MoveLicense { .. }
        | Change::RemoveLicense { .. } => Question::LicensesOf(
            changes
                .iter()
                .flat_map(|change| license_subjects(change))
                .collect(),
        ),
    })
}

/// Judges an answer to [`question`] for one operation. An answer to another question is `Err`.
pub(super) fn judge(change: &Change, observation: &Observation) -> Result<Live, ()> {
    Ok(match (change, observation) {
        (Change::CreateUser { subject, after, .. }, Observation::Users(users)) => {
            created_user(subject, after, users)
        }
        (Change::CreateGroup { target, .. }, Observation::Groups(groups)) => {
            created_group(target, groups)
        }
        (
            Change::UpdateUser {
                target,
                before,
                after,
            }
            | Change::DisableUser {
                target,
                before,
                after,
            },
            Observation::User(user),
        ) => updated_user(target, before, after, user.as_ref()),
        (Change::DeleteUser { target, before, .. }, Observation::User(user)) => {
            deleted_user(target, before, user.as_ref())
        }
        (
            Change::SetRoles {
                target,
                before,
                after,
            },
            Observation::User(user),
        ) => set_roles(target, before, after, user.as_ref()),
        (
            Change::AddLicense { .. }
            | Change::ChangeLicense { .. }
            | Change::MoveLicense { .. }
            | Change::RemoveLicense { .. },
            Observation::Licenses(held),
        ) => license(change, held),
        (
            Change::AddSpaceAssignment { .. }
            | Change::ChangeSpaceAssignment { .. }
            | Change::RemoveSpaceAssignment { .. },
            Observation::Assignment(row),
        ) => assignment(change, row.as_ref()),
        (Change::SetAutoAssign { before, after }, Observation::AutoAssign(now)) => {
            auto_assign(*before, *after, *now)
        }
        _ => return Err(()),
    })
}

fn created_user(subject: &Subject, draft: &UserDraft, users: &[User]) -> Live {
    let mut same = users
        .iter()
        .filter(|user| user.subject.key() == subject.key());
    let Some(user) = same.next() else {
        return Live::Before;
    };
    if same.next().is_some() {
        return Live::Other("several users have this subject".to_owned());
    }
    let mut differs = Vec::new();
    if user.name.expose().trim() != draft.name.expose().trim() {
        differs.push(format!("name {}", user.name.show()));
    }
    if let (Some(live), Some(wished)) = (&user.email, &draft.email)
        && live.key() != wished.key()
    {
        differs.push(format!("e-mail {}", live.show()));
    }
    if sorted(&user.roles) != sorted(&draft.roles) {
        differs.push(format!("roles {}", describe::roles(&user.roles)));
    }
    if matches!(
        user.status,
        UserStatus::Disabled | UserStatus::Deleted | UserStatus::Other(_)
    ) {
        differs.push(format!("status {}", user.status.word()));
    }
    if differs.is_empty() {
        Live::After(Some(user.id.expose().to_owned()))
    } else {
        Live::Other(format!(
            "user {} has this subject with {}",
            user.id.show(),
            differs.join(", ")
        ))
    }
}

/// After a 409 without a user of that subject: somebody else has the e-mail.
pub(super) fn email_taken(change: &Change, users: &[User]) -> Option<String> {
    let Change::CreateUser { subject, after, .. } = change else {
        return None;
    };
    let email = after.email.as_ref()?.key();
    users
        .iter()
        .filter(|user| user.subject.key() != subject.key())
        .find(|user| user.email.as_ref().is_some_and(|live| live.key() == email))
        .map(|user| {
            format!(
                "user {} with subject {} has this e-mail",
                user.id.show(),
                user.subject.show()
            )
        })
}

fn created_group(name: &Raw, groups: &[Group]) -> Live {
    let mut same = groups
        .iter()
        .filter(|group| group.name == *name && group.provider == GroupProvider::Idp);
    match (same.next(), same.next()) {
        (None, _) => Live::Before,
        (Some(group), None) => Live::After(Some(group.id.expose().to_owned())),
        (Some(_), Some(_)) => Live::Other("several groups have this name".to_owned()),
    }
}

fn updated_user(
    target: &UserRef,
    before: &UserState,
    after: &UserState,
    user: Option<&User>,
) -> Live {
    let Some(user) = user else {
        return Live::Other("there is no such user any more".to_owned());
    };
    if user.subject.key() != target.subject.key() {
        return Live::Other(format!("its subject is now {}", user.subject.show()));
    }
    if user.name == after.name && user.status == after.status {
        Live::After(Some(user.id.expose().to_owned()))
    } else if user.name == before.name && user.status == before.status {
        Live::Before
    } else {
        Live::Other(describe::user(&user.name, &user.status))
    }
}

fn deleted_user(target: &UserRef, before: &UserState, user: Option<&User>) -> Live {
    match user {
        None => Live::After(None),
        Some(user) if user.status == UserStatus::Deleted => Live::After(None),
        Some(user) if user.subject.key() != target.subject.key() => {
            Live::Other(format!("its subject is now {}", user.subject.show()))
        }
        Some(user) if user.name == before.name && user.status == before.status => Live::Before,
        Some(user) => Live::Other(describe::user(&user.name, &user.status)),
    }
}

fn set_roles(
    target: &UserRef,
    before: &RolesState,
    after: &RolesState,
    user: Option<&User>,
) -> Live {
    let Some(user) = user else {
        return Live::Other("there is no such user any more".to_owned());
    };
    if user.subject.key() != target.subject.key() {
        return Live::Other(format!("its subject is now {}", user.subject.show()));
    }
    let live = sorted(&user.roles);
    if live == sorted(&after.roles) {
        Live::After(None)
    } else if live == sorted(&before.roles) {
        Live::Before
    } else {
        Live::Other(describe::roles(&user.roles))
    }
}

/// Types held by a subject, compared by its key.
fn held_by<'a>(subject: &Subject, held: &'a [LicenseAssignment]) -> Vec<&'a str> {
    held.iter()
        .filter(|seat| seat.subject.key() == subject.key())
        .map(|seat| {
            seat.license
                .as_ref()
                .map_or("?", |license| license.expose())
        })
        .collect()
}

fn license(change: &Change, held: &[LicenseAssignment]) -> Live {
    let has =
        |state: &LicenseState| held_by(&state.subject, held).contains(&state.license.expose());
    let live = |subject: &Subject| Live::Other(describe::seats(&held_by(subject, held)));
    match change {
        Change::AddLicense { after, .. } => {
            if has(after) {
                Live::After(None)
            } else if held_by(&after.subject, held).is_empty() {
                Live::Before
            } else {
                live(&after.subject)
            }
        }
        Change::RemoveLicense { before, .. } => {
            if has(before) {
                Live::Before
            } else if held_by(&before.subject, held).is_empty() {
                Live::After(None)
            } else {
                live(&before.subject)
            }
        }
        Change::ChangeLicense { before, after, .. } => match (has(before), has(after)) {
            (true, false) => Live::Before,
            (false, true) => Live::After(None),
            _ => live(&before.subject),
        },
        Change::MoveLicense { before, after, .. } => {
            let there = held_by(&after.subject, held);
            match (has(before), has(after)) {
                (true, false) if there.is_empty() => Live::Before,
                (false, true) => Live::After(None),
                _ => Live::Other(format!(
                    "{} has {}, {} has {}",
                    before.subject.show(),
                    describe::seats(&held_by(&before.subject, held)),
                    after.subject.show(),
                    describe::seats(&there)
                )),
            }
        }
        _ => Live::Before,
    }
}

fn assignment(change: &Change, row: Option<&SpaceAssignment>) -> Live {
    let foreign = |target: &SpaceSeat, row: &SpaceAssignment| {
        (target.assignment.as_ref() != Some(&row.id)).then(|| {
            format!(
                "another row, {}, with {}",
                row.id.show(),
                describe::space_roles(&row.roles)
            )
        })
    };
    let same = |row: &SpaceAssignment, roles: &[SpaceRole]| sorted(&row.roles) == sorted(roles);
    match (change, row) {
        (Change::AddSpaceAssignment { after, .. }, Some(row)) if same(row, after) => {
            Live::After(Some(row.id.expose().to_owned()))
        }
        (Change::RemoveSpaceAssignment { .. }, None) => Live::After(None),
        (Change::ChangeSpaceAssignment { .. }, None) => {
            Live::Other("there is no such assignment any more".to_owned())
        }
        (
            Change::ChangeSpaceAssignment {
                target,
                before,
                after,
            },
            Some(row),
        ) => match foreign(target, row) {
            Some(text) => Live::Other(text),
            None if same(row, after) => Live::After(Some(row.id.expose().to_owned())),
            None if same(row, before) => Live::Before,
            None => Live::Other(describe::space_roles(&row.roles)),
        },
        (Change::RemoveSpaceAssignment { target, before, .. }, Some(row)) => {
            match foreign(target, row) {
                Some(text) => Live::Other(text),
                None if same(row, before) => Live::Before,
                None => Live::Other(describe::space_roles(&row.roles)),
            }
        }
        (_, Some(row)) => Live::Other(describe::space_roles(&row.roles)),
        (_, None) => Live::Before,
    }
}

fn auto_assign(before: AutoAssign, after: AutoAssign, now: AutoAssign) -> Live {
    if now == after {
        Live::After(None)
    } else if now == before {
        Live::Before
    } else {
        Live::Other(describe::auto_assign(now))
    }
}

fn sorted<T: Ord + Clone>(list: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    list.sort();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AssignmentId, LicenseType, SpaceRef, SpaceType};

    fn seat(subject: &str, license: &str) -> LicenseAssignment {
        LicenseAssignment {
            subject: Subject::from(subject),
            license: Some(LicenseType::from(license)),
            excess: false,
            created: None,
        }
    }

    fn state(subject: &str, license: &str) -> LicenseState {
        LicenseState {
            subject: Subject::from(subject),
            license: LicenseType::from(license),
        }
    }

    #[test]
    fn a_seat_of_the_same_type_is_already_and_of_another_is_drift() {
        let change = Change::AddLicense {
            subject: Subject::from("a"),
            before: (),
            after: state("a", "analyzer"),
        };
        let live = |held: &[LicenseAssignment]| {
            judge(&change, &Observation::Licenses(held.to_vec())).unwrap()
        };
        assert_eq!(live(&[]), Live::Before);
        assert_eq!(live(&[seat("b", "analyzer")]), Live::Before);
        assert_eq!(live(&[seat("A", "analyzer")]), Live::After(None));
        assert!(
            matches!(live(&[seat("a", "professional")]), Live::Other(text) if text.contains("professional"))
        );
    }

    #[test]
    fn a_move_needs_the_seat_at_its_source_and_none_at_its_goal() {
        let change = Change::MoveLicense {
            subject: Subject::from("new"),
            before: state("old", "analyzer"),
            after: state("new", "analyzer"),
        };
        let live = |held: &[LicenseAssignment]| {
            judge(&change, &Observation::Licenses(held.to_vec())).unwrap()
        };
        assert_eq!(live(&[seat("old", "analyzer")]), Live::Before);
        assert_eq!(live(&[seat("new", "analyzer")]), Live::After(None));
        assert!(matches!(
            live(&[seat("old", "analyzer"), seat("new", "analyzer")]),
            Live::Other(_)
        ));
        assert!(matches!(live(&[]), Live::Other(_)));
    }

    #[test]
    fn a_row_made_anew_is_not_ours_to_remove() {
        let change = Change::RemoveSpaceAssignment {
            target: SpaceSeat {
                space: SpaceRef {
                    id: "s".into(),
                    name: Raw::from("Finance"),
                    kind: SpaceType::Managed,
                },
                assignee: Assignee::User(UserId::from("u")),
                name: Raw::from("U"),
                assignment: Some(AssignmentId::from("row-1")),
            },
            before: vec!["consumer".into()],
            after: (),
        };
        let row = |id: &str, role: &str| SpaceAssignment {
            id: id.into(),
            assignee: Assignee::User(UserId::from("u")),
            roles: vec![role.into()],
        };
        let live = |row| judge(&change, &Observation::Assignment(row)).unwrap();
        assert_eq!(live(Some(row("row-1", "consumer"))), Live::Before);
        assert_eq!(live(None), Live::After(None));
        assert!(matches!(
            live(Some(row("row-2", "consumer"))),
            Live::Other(_)
        ));
        assert!(matches!(
            live(Some(row("row-1", "publisher"))),
            Live::Other(_)
        ));
    }

    #[test]
    fn an_answer_to_another_question_is_not_judged() {
        let change = Change::SetAutoAssign {
            before: AutoAssign::default(),
            after: AutoAssign::default(),
        };
        assert_eq!(judge(&change, &Observation::User(None)), Err(()));
    }
}
