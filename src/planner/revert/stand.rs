//! Does the tenant still hold what an operation left? Compared with the operation's own before and
//! after; whatever was read only in part is neither.

use super::model::{Account, Model, Row, sorted};
use crate::domain::{
    AssignmentId, AutoAssign, Change, Done, LicenseState, LicenseType, RoleId, SpaceRole,
    SpaceSeat, Subject, UserDraft, UserId, UserState, UserStatus,
};

/// How a thing stands that a run changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// As the run left it.
    Ours,
    /// As it was before the run.
    Before,
    /// Somebody made something else of it since.
    Changed,
    /// It was not read, or not completely.
    Unread,
}

/// Standing, and what is there now in words (not yet safe to show).
pub(super) type Found = (Standing, String);

pub(super) fn stand(change: &Change, done: &Done, model: &Model<'_>) -> Found {
    match change {
        Change::CreateUser { subject, after, .. } => created(subject, after, done, model),
        Change::UpdateUser {
            target,
            before,
            after,
        }
        | Change::DisableUser {
            target,
            before,
            after,
        } => updated(&target.id, before, Some(after), model),
        Change::DeleteUser { target, before, .. } => updated(&target.id, before, None, model),
        Change::SetRoles {
            target,
            before,
            after,
        } => roles(&target.id, &before.roles, &after.roles, model),
        Change::AddLicense { .. }
        | Change::ChangeLicense { .. }
        | Change::MoveLicense { .. }
        | Change::RemoveLicense { .. } => license(change, model),
        Change::CreateGroup { target, .. } => match model.groups.get(target) {
            Some(_) => (Standing::Ours, "known to Qlik".to_owned()),
            None => absent(model.live.groups.proof.is_proven(), "unknown to Qlik"),
        },
        Change::AddSpaceAssignment { target, after, .. } => {
            let id = done.id.as_deref();
            seat(target, id, &[], after, model)
        }
        Change::ChangeSpaceAssignment {
            target,
            before,
            after,
        } => seat(target, row_id(target), before, after, model),
        Change::RemoveSpaceAssignment { target, before, .. } => {
            seat(target, row_id(target), before, &[], model)
        }
        Change::SetAutoAssign { before, after } => switches(*before, *after, model),
    }
}

/// Puts the model back to what stood before a change that stands.
pub(super) fn roll_back(change: &Change, model: &mut Model<'_>) {
    match change {
        Change::UpdateUser { target, before, .. } | Change::DisableUser { target, before, .. } => {
            if let Some(account) = model.users.get_mut(&target.id) {
                account.state = before.clone();
            }
        }
        Change::SetRoles { target, before, .. } => {
            if let Some(account) = model.users.get_mut(&target.id) {
                account.roles = sorted(&before.roles);
            }
        }
        Change::AddLicense { after, .. } => model.take(after),
        Change::ChangeLicense { before, after, .. } | Change::MoveLicense { before, after, .. } => {
            model.take(after);
            model.give(before);
        }
        Change::RemoveLicense { before, .. } => model.give(before),
        Change::AddSpaceAssignment { target, .. } => put(target, None, &[], model),
        Change::ChangeSpaceAssignment { target, before, .. }
        | Change::RemoveSpaceAssignment { target, before, .. } => {
            put(target, row_id(target), before, model);
        }
        Change::SetAutoAssign { before, .. } => model.switches = Some(*before),
        // The record, the group and what was deleted stay as they are.
        Change::CreateUser { .. } | Change::CreateGroup { .. } | Change::DeleteUser { .. } => {}
    }
}

fn put(target: &SpaceSeat, id: Option<&str>, roles: &[SpaceRole], model: &mut Model<'_>) {
    let Some(assignee) = model.resolve(&target.assignee) else {
        return;
    };
    let key = (target.space.id.clone(), assignee);
    if roles.is_empty() {
        model.rows.remove(&key);
        return;
    }
    let row = Row {
        id: AssignmentId::new(id.unwrap_or_default()),
        roles: sorted(roles),
    };
    model.rows.insert(key, row);
}

fn row_id(target: &SpaceSeat) -> Option<&str> {
    target.assignment.as_ref().map(AssignmentId::expose)
}

fn absent(whole: bool, words: &str) -> Found {
    if whole {
        (Standing::Before, words.to_owned())
    } else {
        (Standing::Unread, "not read completely".to_owned())
    }
}

/// The record that a run made. What signing in changes of it (status, name) is no change of ours.
fn created(subject: &Subject, draft: &UserDraft, done: &Done, model: &Model<'_>) -> Found {
    let Some(id) = model.subjects.get(&subject.key()) else {
        return absent(model.live.users.proof.is_proven(), "no record");
    };
    let anew = done.id.as_deref().is_some_and(|made| made != id.expose());
    let account = model.users.get(id);
    let roles = account.map(|account| account.roles.as_slice());
    match account {
        _ if anew => (Standing::Changed, "another record".to_owned()),
        Some(account) if account.state.status == UserStatus::Disabled => {
            (Standing::Changed, "disabled".to_owned())
        }
        Some(account) if roles != Some(&sorted(&draft.roles)) => {
            (Standing::Changed, role_words(&account.roles))
        }
        _ => (Standing::Ours, "there".to_owned()),
    }
}

fn updated(id: &UserId, before: &UserState, after: Option<&UserState>, model: &Model<'_>) -> Found {
    let whole = model.live.users.proof.is_proven();
    match (model.users.get(id), after) {
        (None, None) if whole => (Standing::Ours, "no record".to_owned()),
        (None, Some(_)) if whole => (Standing::Changed, "no record".to_owned()),
        (None, _) => absent(false, ""),
        (Some(account), after) => {
            let words = state_words(account);
            let standing = if after == Some(&account.state) {
                Standing::Ours
            } else if account.state == *before {
                Standing::Before
            } else {
                Standing::Changed
            };
            (standing, words)
        }
    }
}

fn state_words(account: &Account) -> String {
    format!(
        "{} ({})",
        account.state.name.expose(),
        account.state.status.word()
    )
}

fn roles(id: &UserId, before: &[RoleId], after: &[RoleId], model: &Model<'_>) -> Found {
    match model.users.get(id) {
        None if model.live.users.proof.is_proven() => (Standing::Changed, "no record".to_owned()),
        None => absent(false, ""),
        Some(account) => (
            judge(&account.roles, &sorted(before), &sorted(after)),
            role_words(&account.roles),
        ),
    }
}

fn role_words(roles: &[RoleId]) -> String {
    let all: Vec<&str> = roles.iter().map(RoleId::expose).collect();
    if all.is_empty() {
        "no tenant role".to_owned()
    } else {
        format!("tenant roles {}", all.join(", "))
    }
}

fn judge<T: PartialEq>(now: &T, before: &T, after: &T) -> Standing {
    if now == after {
        Standing::Ours
    } else if now == before {
        Standing::Before
    } else {
        Standing::Changed
    }
}

fn license(change: &Change, model: &Model<'_>) -> Found {
    let whole = model.live.licensing.proof.is_proven();
    let has = |state: &LicenseState| model.has(state);
    let bare = |subject: &Subject| model.held(subject).is_empty();
    let (subject, ours, before) = match change {
        Change::AddLicense { after, .. } => (&after.subject, has(after), bare(&after.subject)),
        Change::RemoveLicense { before, .. } => {
            (&before.subject, bare(&before.subject), has(before))
        }
        Change::ChangeLicense { before, after, .. } | Change::MoveLicense { before, after, .. } => {
            let (was, is) = (has(before), has(after));
            (&after.subject, is && !was, was && !is)
        }
        _ => return absent(false, ""),
    };
    let words = license_words(model.held(subject));
    // Absence from a list that is not whole says nothing, neither way.
    if !whole && bare(subject) {
        return absent(false, "");
    }
    let standing = match (ours, before) {
        (true, _) => Standing::Ours,
        (false, true) => Standing::Before,
        (false, false) => Standing::Changed,
    };
    (standing, words)
}

/// Licenses in words.
pub(super) fn license_words(held: &[LicenseType]) -> String {
    let all: Vec<&str> = held.iter().map(LicenseType::expose).collect();
    if all.is_empty() {
        "no license".to_owned()
    } else {
        format!("license {}", all.join(", "))
    }
}

fn seat(
    target: &SpaceSeat,
    id: Option<&str>,
    before: &[SpaceRole],
    after: &[SpaceRole],
    model: &Model<'_>,
) -> Found {
    if !model.space_is_whole(&target.space.id) {
        return absent(false, "");
    }
    let row = model
        .resolve(&target.assignee)
        .and_then(|assignee| model.rows.get(&(target.space.id.clone(), assignee)));
    let Some(row) = row else {
        let standing = match (before.is_empty(), after.is_empty()) {
            (_, true) => Standing::Ours,
            (true, false) => Standing::Before,
            (false, false) => Standing::Changed,
        };
        return (standing, "no role there".to_owned());
    };
    let words = space_words(&row.roles);
    // A row made anew is somebody else's, whatever it says.
    if id.is_some_and(|id| id != row.id.expose()) {
        return (Standing::Changed, format!("another row: {words}"));
    }
    (judge(&row.roles, &sorted(before), &sorted(after)), words)
}

/// Roles of a space in words.
pub(super) fn space_words(roles: &[SpaceRole]) -> String {
    let all: Vec<&str> = roles.iter().map(SpaceRole::expose).collect();
    if all.is_empty() {
        "no role there".to_owned()
    } else {
        all.join(" + ")
    }
}

fn switches(before: AutoAssign, after: AutoAssign, model: &Model<'_>) -> Found {
    match model.switches {
        None => absent(false, ""),
        Some(now) => (judge(&now, &before, &after), switch_words(now)),
    }
}

/// The switches in words.
pub(super) fn switch_words(now: AutoAssign) -> String {
    let word = |on| if on { "on" } else { "off" };
    format!(
        "professional {}, analyzer {}",
        word(now.professional),
        word(now.analyzer)
    )
}

/// What a change left, in words (not yet safe to show).
pub(super) fn left(change: &Change) -> String {
    match change {
        Change::CreateUser { .. } => "user record".to_owned(),
        Change::UpdateUser { after, .. } | Change::DisableUser { after, .. } => {
            format!("{} ({})", after.name.expose(), after.status.word())
        }
        Change::DeleteUser { .. } => "no record".to_owned(),
        Change::AddLicense { after, .. }
        | Change::ChangeLicense { after, .. }
        | Change::MoveLicense { after, .. } => license_words(std::slice::from_ref(&after.license)),
        Change::RemoveLicense { .. } => license_words(&[]),
        Change::CreateGroup { .. } => "known to Qlik".to_owned(),
        Change::AddSpaceAssignment { after, .. } | Change::ChangeSpaceAssignment { after, .. } => {
            space_words(after)
        }
        Change::RemoveSpaceAssignment { .. } => space_words(&[]),
        Change::SetRoles { after, .. } => role_words(&after.roles),
        Change::SetAutoAssign { after, .. } => switch_words(*after),
    }
}
