//! Per kind of change: does the live state equal the plan's `before`, its `after`, or neither?

use super::describe;
use super::live::Live;
use crate::domain::{
    AutoAssign, Change, Group, GroupProvider, LicenseAssignment, LicenseState, RolesState,
    SpaceAssignment, SpaceRole, SpaceSeat, Subject, User, UserDraft, UserRef, UserState,
    UserStatus,
};
use crate::text::Raw;

pub(super) fn created_user(subject: &Subject, draft: &UserDraft, users: &[User]) -> Live {
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

pub(super) fn created_group(name: &Raw, groups: &[Group]) -> Live {
    let mut same = groups
        .iter()
        .filter(|group| group.name == *name && group.provider == GroupProvider::Idp);
    match (same.next(), same.next()) {
        (None, _) => Live::Before,
        (Some(group), None) => Live::After(Some(group.id.expose().to_owned())),
        (Some(_), Some(_)) => Live::Other("several groups have this name".to_owned()),
    }
}

pub(super) fn updated_user(
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

pub(super) fn deleted_user(target: &UserRef, before: &UserState, user: Option<&User>) -> Live {
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

pub(super) fn set_roles(
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

pub(super) fn license(change: &Change, held: &[LicenseAssignment]) -> Live {
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

pub(super) fn assignment(change: &Change, row: Option<&SpaceAssignment>) -> Live {
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

pub(super) fn auto_assign(before: AutoAssign, after: AutoAssign, now: AutoAssign) -> Live {
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
