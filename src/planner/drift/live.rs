//! Look-ups in a live reading, prepared once for all operations.

use std::collections::BTreeMap;

use crate::domain::{
    Assignee, Group, GroupProvider, LicenseType, Reading, SpaceAssignment, SpaceId, Subject,
    TenantSnapshot, User, UserId, UserStatus,
};
use crate::text::Raw;

/// A live reading.
pub(super) struct Live<'a> {
    pub(super) tenant: &'a TenantSnapshot,
    users: BTreeMap<&'a UserId, &'a User>,
    by_subject: BTreeMap<String, &'a User>,
    by_mail: BTreeMap<String, &'a User>,
    seats: BTreeMap<String, Vec<&'a LicenseType>>,
}

impl<'a> Live<'a> {
    pub(super) fn new(tenant: &'a TenantSnapshot) -> Self {
        let users = || {
            let all = tenant.users.value.iter().map(AsRef::as_ref);
            all.filter(|user: &&User| user.status != UserStatus::Deleted)
        };
        let mut seats: BTreeMap<String, Vec<&LicenseType>> = BTreeMap::new();
        for seat in &tenant.licensing.value.assignments {
            let held = seats.entry(seat.subject.key()).or_default();
            held.extend(&seat.license);
        }
        Self {
            tenant,
            users: users().map(|user| (&user.id, user)).collect(),
            by_subject: users().map(|user| (user.subject.key(), user)).collect(),
            by_mail: users()
                .filter_map(|user| Some((user.email.as_ref()?.key(), user)))
                .collect(),
            seats,
        }
    }

    pub(super) fn user(&self, id: &UserId) -> Option<&'a User> {
        self.users.get(id).copied()
    }

    pub(super) fn subject(&self, subject: &Subject) -> Option<&'a User> {
        self.by_subject.get(&subject.key()).copied()
    }

    pub(super) fn mail(&self, mail: &Raw) -> Option<&'a User> {
        self.by_mail.get(&mail.key()).copied()
    }

    pub(super) fn group(&self, name: &Raw) -> Option<&'a Group> {
        let mut all = self.tenant.groups.value.iter();
        all.find(|group| group.name == *name && group.provider == GroupProvider::Idp)
    }

    /// License types that a subject holds.
    pub(super) fn held(&self, subject: &Subject) -> &[&'a LicenseType] {
        self.seats
            .get(&subject.key())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The assignments of a space, when they were read completely.
    pub(super) fn space(&self, id: &SpaceId) -> Option<&'a [SpaceAssignment]> {
        let reading: &Reading<Vec<SpaceAssignment>> = self.tenant.assignments.get(id)?;
        reading
            .proof
            .is_proven()
            .then_some(reading.value.as_slice())
    }

    /// The assignee as it is known now: what the plan meant to make may be there already.
    pub(super) fn assignee(&self, assignee: &Assignee) -> Option<Assignee> {
        match assignee {
            Assignee::NewUser(subject) => Some(Assignee::User(self.subject(subject)?.id.clone())),
            Assignee::NewGroup(name) => Some(Assignee::Group(self.group(name)?.id.clone())),
            known => Some(known.clone()),
        }
    }
}
