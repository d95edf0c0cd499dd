//! The tenant as it is now, rolled back operation by operation while a run is walked backwards:
//! two operations on one thing are each compared with what stood between them.

use std::collections::BTreeMap;

use crate::domain::{
    Assignee, AssignmentId, AutoAssign, GroupProvider, LicenseState, LicenseType, SpaceId,
    SpaceRole, Subject, TenantSnapshot, UserId, UserState, UserStatus,
};
use crate::domain::{GroupId, RoleId};
use crate::text::Raw;

/// A user record as far as plans change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) subject: Subject,
    pub(super) state: UserState,
    pub(super) roles: Vec<RoleId>,
}

/// A row of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: AssignmentId,
    pub(super) roles: Vec<SpaceRole>,
}

/// The tenant.
pub(super) struct Model<'a> {
    pub(super) live: &'a TenantSnapshot,
    pub(super) users: BTreeMap<UserId, Account>,
    pub(super) subjects: BTreeMap<String, UserId>,
    pub(super) held: BTreeMap<String, Vec<LicenseType>>,
    pub(super) groups: BTreeMap<Raw, GroupId>,
    pub(super) rows: BTreeMap<(SpaceId, Assignee), Row>,
    pub(super) switches: Option<AutoAssign>,
}

impl<'a> Model<'a> {
    pub(super) fn new(live: &'a TenantSnapshot) -> Self {
        let mut model = Self {
            live,
            users: BTreeMap::new(),
            subjects: BTreeMap::new(),
            held: BTreeMap::new(),
            groups: BTreeMap::new(),
            rows: BTreeMap::new(),
            switches: live.licensing.value.auto_assign,
        };
        let users = live.users.value.iter();
        for user in users.filter(|user| user.status != UserStatus::Deleted) {
            let account = Account {
                subject: user.subject.clone(),
                state: UserState {
                    name: user.name.clone(),
                    status: user.status.clone(),
                },
                roles: sorted(&user.roles),
            };
            model.subjects.insert(user.subject.key(), user.id.clone());
            model.users.insert(user.id.clone(), account);
        }
        for seat in &live.licensing.value.assignments {
            let held = model.held.entry(seat.subject.key()).or_default();
            held.extend(seat.license.clone());
        }
        for group in &live.groups.value {
            if group.provider == GroupProvider::Idp {
                model.groups.insert(group.name.clone(), group.id.clone());
            }
        }
        for (space, reading) in &live.assignments {
            for row in &reading.value {
                let key = (space.clone(), row.assignee.clone());
                let row = Row {
                    id: row.id.clone(),
                    roles: sorted(&row.roles),
                };
                model.rows.insert(key, row);
            }
        }
        model
    }

    /// Types that a subject holds.
    pub(super) fn held(&self, subject: &Subject) -> &[LicenseType] {
        self.held.get(&subject.key()).map_or(&[], Vec::as_slice)
    }

    /// Whether a license is held.
    pub(super) fn has(&self, state: &LicenseState) -> bool {
        self.held(&state.subject).contains(&state.license)
    }

    /// Takes a license away.
    pub(super) fn take(&mut self, state: &LicenseState) {
        if let Some(held) = self.held.get_mut(&state.subject.key()) {
            held.retain(|license| *license != state.license);
        }
    }

    /// Gives a license.
    pub(super) fn give(&mut self, state: &LicenseState) {
        let held = self.held.entry(state.subject.key()).or_default();
        held.push(state.license.clone());
    }

    /// The assignee with its id; `None` when there is no such user or group.
    pub(super) fn resolve(&self, assignee: &Assignee) -> Option<Assignee> {
        match assignee {
            Assignee::NewUser(subject) => {
                let id = self.subjects.get(&subject.key())?;
                Some(Assignee::User(id.clone()))
            }
            Assignee::NewGroup(name) => Some(Assignee::Group(self.groups.get(name)?.clone())),
            known => Some(known.clone()),
        }
    }

    /// Whether everybody of the space was read.
    pub(super) fn space_is_whole(&self, space: &SpaceId) -> bool {
        let reading = self.live.assignments.get(space);
        reading.is_some_and(|reading| reading.proof.is_proven())
    }
}

/// Sorted, each once.
pub(super) fn sorted<T: Ord + Clone>(list: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    list.sort();
    list.dedup();
    list
}
