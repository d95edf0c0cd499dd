//! What to read to learn whether an operation stands, and how to judge the answer: still as
//! before, as wished, or neither. One judgement serves the check before a write and the
//! read-back after an unclear answer.

use std::collections::BTreeMap;

use super::states;
use crate::domain::{Assignee, Change, GroupId, GroupProvider, Subject, UserId};
use crate::ports::{Bug, Observation, Question, planted};
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
        Change::DeleteUser { target, .. } if planted(Bug::DeleteBySubject) => {
            Question::UsersBySubject(vec![target.subject.clone()])
        }
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
        (Change::DeleteUser { target, before, .. }, Observation::Users(users))
            if planted(Bug::DeleteBySubject) =>
        {
            states::deleted_user(target, before, users.first())
        }
        (Change::CreateUser { subject, after, .. }, Observation::Users(users)) => {
            states::created_user(subject, after, users)
        }
        (Change::CreateGroup { target, .. }, Observation::Groups(groups)) => {
            states::created_group(target, groups)
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
        ) => states::updated_user(target, before, after, user.as_ref()),
        (Change::DeleteUser { target, before, .. }, Observation::User(user)) => {
            states::deleted_user(target, before, user.as_ref())
        }
        (
            Change::SetRoles {
                target,
                before,
                after,
            },
            Observation::User(user),
        ) => states::set_roles(target, before, after, user.as_ref()),
        (
            Change::AddLicense { .. }
            | Change::ChangeLicense { .. }
            | Change::MoveLicense { .. }
            | Change::RemoveLicense { .. },
            Observation::Licenses(held),
        ) => states::license(change, held),
        (
            Change::AddSpaceAssignment { .. }
            | Change::ChangeSpaceAssignment { .. }
            | Change::RemoveSpaceAssignment { .. },
            Observation::Assignment(row),
        ) => states::assignment(change, row.as_ref()),
        (Change::SetAutoAssign { before, after }, Observation::AutoAssign(now)) => {
            states::auto_assign(*before, *after, *now)
        }
        _ => return Err(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        AssignmentId, AutoAssign, LicenseAssignment, LicenseState, LicenseType, SpaceAssignment,
        SpaceRef, SpaceSeat, SpaceType,
    };

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
