//! The write endpoints, and three operations for each out of what the tenant holds.

use qroll::domain::{
    Assignee, AutoAssign, Change, LicenseState, SpaceAssignment, SpaceRef, SpaceSeat,
    TenantSnapshot, User, UserDraft, UserRef, UserState, UserStatus,
};
use qroll::text::Raw;

/// A method and a path of the published API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Endpoint {
    CreateUser,
    PatchUser,
    DeleteUser,
    CreateGroup,
    AddSeat,
    UpdateSeat,
    RemoveSeat,
    AddRow,
    ChangeRow,
    RemoveRow,
    Switches,
}

impl Endpoint {
    pub(super) const ALL: [Self; 11] = [
        Self::CreateUser,
        Self::PatchUser,
        Self::DeleteUser,
        Self::CreateGroup,
        Self::AddSeat,
        Self::UpdateSeat,
        Self::RemoveSeat,
        Self::AddRow,
        Self::ChangeRow,
        Self::RemoveRow,
        Self::Switches,
    ];

    pub(super) fn is_batch(self) -> bool {
        matches!(self, Self::AddSeat | Self::UpdateSeat | Self::RemoveSeat)
    }

    /// Three operations, or the only one there can be.
    pub(super) fn changes(self, tenant: &TenantSnapshot) -> Vec<Change> {
        let changes: Vec<Change> = match self {
            Self::CreateUser => (1..=3).map(create).collect(),
            Self::PatchUser => people(tenant).take(3).map(disable).collect(),
            Self::DeleteUser => people(tenant).take(3).map(delete).collect(),
            Self::CreateGroup => (1..=3).map(group).collect(),
            Self::AddSeat => (1..=3).map(add_seat).collect(),
            Self::UpdateSeat => seats(tenant).take(3).map(promote).collect(),
            Self::RemoveSeat => seats(tenant).take(3).map(remove_seat).collect(),
            Self::AddRow => add_rows(tenant),
            Self::ChangeRow => rows(tenant).map(change_row).collect(),
            Self::RemoveRow => rows(tenant).map(remove_row).collect(),
            Self::Switches => vec![switches(tenant)],
        };
        let wanted = if self == Self::Switches { 1 } else { 3 };
        assert_eq!(changes.len(), wanted, "{self:?}: the world is too small");
        changes
    }
}

fn create(number: u32) -> Change {
    Change::CreateUser {
        subject: format!("corp\\new{number}").as_str().into(),
        before: (),
        after: UserDraft {
            name: Raw::from(format!("New {number}")),
            email: Some(Raw::from(format!("new{number}@corp.example"))),
            roles: Vec::new(),
            person: format!("new{number}").as_str().into(),
        },
    }
}

fn people(tenant: &TenantSnapshot) -> impl Iterator<Item = &User> {
    let plain = |user: &&User| {
        user.status == UserStatus::Active
            && !user.bot
            && user.roles.is_empty()
            && user.id != tenant.identity.user
    };
    let owns = |user: &&User| {
        let mut spaces = tenant.spaces.value.iter();
        spaces.any(|space| space.owner.as_ref() == Some(&user.id))
    };
    let users = tenant.users.value.iter().map(AsRef::as_ref);
    users.filter(plain).filter(move |user| !owns(user))
}

fn user_ref(user: &User) -> UserRef {
    UserRef {
        id: user.id.clone(),
        subject: user.subject.clone(),
        name: user.name.clone(),
    }
}

fn state(user: &User) -> UserState {
    UserState {
        name: user.name.clone(),
        status: user.status.clone(),
    }
}

fn disable(user: &User) -> Change {
    Change::DisableUser {
        target: user_ref(user),
        before: state(user),
        after: UserState {
            status: UserStatus::Disabled,
            ..state(user)
        },
    }
}

fn delete(user: &User) -> Change {
    Change::DeleteUser {
        target: user_ref(user),
        before: state(user),
        after: (),
    }
}

fn group(number: u32) -> Change {
    let name = Raw::from(format!("QLIK_NEW_{number}"));
    Change::CreateGroup {
        target: name.clone(),
        before: (),
        after: name,
    }
}

fn seat(subject: &str, license: &str) -> LicenseState {
    LicenseState {
        subject: subject.into(),
        license: license.into(),
    }
}

fn add_seat(number: u32) -> Change {
    let subject = format!("corp\\seat{number}");
    Change::AddLicense {
        subject: subject.as_str().into(),
        before: (),
        after: seat(&subject, "analyzer"),
    }
}

fn seats(tenant: &TenantSnapshot) -> impl Iterator<Item = LicenseState> {
    let held = tenant.licensing.value.assignments.iter();
    let analyzers = held.filter(|one| {
        one.license
            .as_ref()
            .is_some_and(|l| l.expose() == "analyzer")
    });
    analyzers.map(|one| seat(one.subject.expose(), "analyzer"))
}

fn promote(held: LicenseState) -> Change {
    Change::ChangeLicense {
        subject: held.subject.clone(),
        after: seat(held.subject.expose(), "professional"),
        before: held,
    }
}

fn remove_seat(held: LicenseState) -> Change {
    Change::RemoveLicense {
        subject: held.subject.clone(),
        before: held,
        after: (),
    }
}

fn places(tenant: &TenantSnapshot) -> impl Iterator<Item = (SpaceRef, &[SpaceAssignment])> {
    tenant.spaces.value.iter().filter_map(|space| {
        let rows = tenant.assignments.get(&space.id)?;
        let place = SpaceRef {
            id: space.id.clone(),
            name: space.name.clone(),
            kind: space.kind.clone(),
        };
        Some((place, rows.value.as_slice()))
    })
}

fn in_space(space: SpaceRef, row: Option<&SpaceAssignment>, assignee: Assignee) -> SpaceSeat {
    SpaceSeat {
        space,
        assignee,
        name: Raw::from("somebody"),
        assignment: row.map(|row| row.id.clone()),
    }
}

fn add_rows(tenant: &TenantSnapshot) -> Vec<Change> {
    let user = people(tenant).last().expect("somebody");
    let assignee = Assignee::User(user.id.clone());
    places(tenant)
        .filter(|(_, rows)| rows.iter().all(|row| row.assignee != assignee))
        .take(3)
        .map(|(space, _)| Change::AddSpaceAssignment {
            target: in_space(space, None, assignee.clone()),
            before: (),
            after: vec!["consumer".into()],
        })
        .collect()
}

/// One row in each of three spaces, since a space that refuses is left alone.
fn rows(tenant: &TenantSnapshot) -> impl Iterator<Item = (SpaceSeat, &SpaceAssignment)> {
    places(tenant)
        .filter_map(|(space, rows)| {
            let row = rows.first()?;
            Some((in_space(space, Some(row), row.assignee.clone()), row))
        })
        .take(3)
}

fn change_row((target, row): (SpaceSeat, &SpaceAssignment)) -> Change {
    let other = if row.roles == ["consumer".into()] {
        "dataconsumer"
    } else {
        "consumer"
    };
    Change::ChangeSpaceAssignment {
        target,
        before: row.roles.clone(),
        after: vec![other.into()],
    }
}

fn remove_row((target, row): (SpaceSeat, &SpaceAssignment)) -> Change {
    Change::RemoveSpaceAssignment {
        target,
        before: row.roles.clone(),
        after: (),
    }
}

fn switches(tenant: &TenantSnapshot) -> Change {
    let before = tenant.licensing.value.auto_assign.expect("the switches");
    Change::SetAutoAssign {
        before,
        after: AutoAssign {
            professional: !before.professional,
            analyzer: !before.analyzer,
        },
    }
}
