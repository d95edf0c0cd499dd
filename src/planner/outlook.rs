//! What the staging would do, row by row, for the roster's colours and the seat meter.
//! Cheap enough to be made anew on each staging change.

use std::collections::BTreeMap;

use super::desk::{Case, Desk, Fate, SeatMeter};
use super::roster::Index;
use super::wishes::GroupRoles;
use crate::domain::{
    Assignee, DirectoryGroupId, FindingCode, Guards, Ladder, LicenseType, RowKey, Snapshot,
    SpaceId, Staging, Subject, UserStatus,
};

/// What will happen to one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Why the row gets nothing of what is wished.
    pub skipped: Option<FindingCode>,
    /// The user record.
    pub user: Option<UserChange>,
    /// The license.
    pub license: Option<LicenseChange>,
    /// Spaces that the person will reach and does not yet hold directly.
    pub spaces_added: usize,
    /// Spaces in which the person holds roles directly and gets others in their place.
    pub spaces_changed: usize,
    /// Spaces that are taken.
    pub spaces_removed: usize,
    /// Tenant roles that are added.
    pub roles_added: usize,
}

/// What happens to a user record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserChange {
    /// It is made.
    Create,
    /// It is enabled again.
    Enable,
    /// It is disabled.
    Disable,
    /// It is deleted.
    Delete,
}

/// What happens to a license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenseChange {
    /// A new seat.
    Add(LicenseType),
    /// Another type.
    Change(LicenseType, LicenseType),
    /// The seat goes from this subject to the expected one; no seat is used.
    Move(Subject, LicenseType),
    /// Taken back.
    TakeBack(LicenseType),
    /// The wished type has no room; this one instead.
    FellBack(LicenseType),
    /// In line for a seat, as the nth.
    Waits(LicenseType, usize),
    /// No seat, hence left out of the plan.
    LeftOut(LicenseType),
}

/// The staging against a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    rows: BTreeMap<RowKey, Pending>,
    meters: Vec<SeatMeter>,
}

impl Outlook {
    /// Judges the staging.
    pub fn new(index: &Index, snapshot: &Snapshot, staging: &Staging, guards: &Guards) -> Self {
        let desk = Desk::new(index, snapshot, staging, guards);
        Self {
            rows: desk
                .cases
                .iter()
                .map(|case| (case.row.key.clone(), pending(case, &desk)))
                .collect(),
            meters: desk.meters,
        }
    }

    /// What will happen to a row; `None` when nothing is staged for it.
    pub fn of(&self, key: &RowKey) -> Option<&Pending> {
        self.rows.get(key)
    }

    /// Rows with something staged.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing is staged for any row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The pools, dearest first.
    pub fn meters(&self) -> &[SeatMeter] {
        &self.meters
    }
}

/// The pools alone.
pub fn seats(
    index: &Index,
    snapshot: &Snapshot,
    staging: &Staging,
    guards: &Guards,
) -> Vec<SeatMeter> {
    Desk::new(index, snapshot, staging, guards).meters
}

fn pending(case: &Case, desk: &Desk<'_>) -> Pending {
    let mut pending = Pending {
        skipped: case.skip.as_ref().map(super::desk::Skip::code),
        user: user(case, desk),
        license: license(case),
        ..Pending::default()
    };
    let held = |space: &SpaceId| {
        let user = Assignee::User(case.user.as_ref()?.id.clone());
        desk.view.assignment(space, &user)
    };
    for (space, wish) in &case.wish.spaces {
        let wished = || {
            let groups = wish.by_group.iter();
            let open = groups.filter(|(group, given)| !reached(desk, space, group, given));
            wish.own
                .iter()
                .chain(open.flat_map(|(_, given)| &given.roles))
        };
        let has = held(space);
        if wish.remove {
            pending.spaces_removed += usize::from(has.is_some());
        } else if let Some(exact) = &wish.exact {
            match has {
                Some(has) if !has.roles.iter().eq(exact) => pending.spaces_changed += 1,
                Some(_) => {}
                None => pending.spaces_added += usize::from(case.user.is_some()),
            }
        } else if case.served() {
            let all = wished().all(|role| has.is_some_and(|has| has.roles.contains(role)));
            pending.spaces_added += usize::from(!all);
        }
    }
    if case.wish.ladder >= Some(Ladder::StripSpaces) {
        pending.spaces_removed = desk
            .view
            .spaces()
            .filter(|one| held(&one.id).is_some())
            .count();
    }
    if case.served() {
        let has = |role| {
            case.user
                .as_ref()
                .is_some_and(|user| user.roles.contains(role))
        };
        pending.roles_added = case.wish.roles.iter().filter(|role| !has(role)).count();
    }
    pending
}

/// Whether a direct member of a group has these roles by the group's own assignment already.
fn reached(desk: &Desk<'_>, space: &SpaceId, group: &DirectoryGroupId, given: &GroupRoles) -> bool {
    let known = desk
        .view
        .claim(group)
        .and_then(|claim| desk.view.group(claim));
    let row = known.and_then(|known| {
        let assignee = Assignee::Group(known.id.clone());
        desk.view.assignment(space, &assignee)
    });
    given.via.is_empty()
        && row.is_some_and(|row| given.roles.iter().all(|role| row.roles.contains(role)))
}

fn user(case: &Case, desk: &Desk<'_>) -> Option<UserChange> {
    if case.creates() {
        return Some(UserChange::Create);
    }
    if case.enables() {
        return Some(UserChange::Enable);
    }
    let user = case.user.as_ref()?;
    let ladder = case.wish.ladder?;
    if case.wish.unproven.is_some() || desk.protection.why(&case.row).is_some() {
        return None;
    }
    match ladder {
        Ladder::Delete if desk.guards.allow_delete => Some(UserChange::Delete),
        Ladder::Disable | Ladder::Delete if user.status != UserStatus::Disabled => {
            Some(UserChange::Disable)
        }
        _ => None,
    }
}

fn license(case: &Case) -> Option<LicenseChange> {
    let license = &case.license;
    if let Some(seat) = license.removals.first() {
        return Some(LicenseChange::TakeBack(seat.license.clone()));
    }
    if let Some(want) = &license.want {
        return match (&license.fate, &license.from) {
            (Fate::Given, None) => Some(LicenseChange::Add(want.clone())),
            (Fate::Given, Some(from)) => Some(LicenseChange::Change(from.clone(), want.clone())),
            (Fate::FellBack(other), _) => Some(LicenseChange::FellBack(other.clone())),
            (Fate::Waits { position, .. }, _) => {
                Some(LicenseChange::Waits(want.clone(), *position))
            }
            (Fate::LeftOut, _) => Some(LicenseChange::LeftOut(want.clone())),
            (Fate::Keeps(_) | Fate::Nothing, _) => None,
        };
    }
    let (before, _) = license.moves.as_ref()?;
    Some(LicenseChange::Move(
        before.subject.clone(),
        before.license.clone(),
    ))
}
