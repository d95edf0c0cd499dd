//! Plans for the tests, built with the world they were made against.

use jiff::{SignedDuration, Timestamp};
use qroll::domain::{
    Assignee, AutoAssign, Change, LicenseState, Operation, Plan, PlanHash, PlanTenant, RolesState,
    SpaceAssignment, SpaceRef, SpaceSeat, SpaceType, Summary, Undo, UserDraft, UserRef, UserState,
    UserStatus,
};
use qroll::planner::file;
use qroll::text::Raw;
use std::collections::BTreeSet;

use super::tenant::identity;
use super::world::World;

/// When the tests happen.
pub(super) fn morning() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().expect("a time")
}

/// A plan under construction beside its world.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub(super) world: World,
    pub(super) operations: Vec<Operation>,
}

impl Draft {
    pub(super) fn add(&mut self, change: Change, needs: &[&str]) -> String {
        let id = format!("op-{:04}", self.operations.len() + 1);
        self.operations.push(Operation {
            id: id.as_str().into(),
            change,
            name: None,
            mail: None,
            why: Raw::from("a test"),
            undo: Undo::Lossy,
            needs: needs.iter().map(|need| (*need).into()).collect(),
        });
        id
    }

    pub(super) fn create_user(&mut self, subject: &str) -> String {
        self.add(
            Change::CreateUser {
                subject: subject.into(),
                before: (),
                after: UserDraft {
                    name: Raw::from(format!("Name of {subject}")),
                    email: Some(Raw::from(format!("{subject}@corp.example"))),
                    roles: Vec::new(),
                    person: subject.into(),
                },
            },
            &[],
        )
    }

    pub(super) fn add_license(&mut self, subject: &str, license: &str, needs: &[&str]) -> String {
        self.add(
            Change::AddLicense {
                subject: subject.into(),
                before: (),
                after: state(subject, license),
            },
            needs,
        )
    }

    pub(super) fn add_row(&mut self, space: &str, assignee: Assignee, needs: &[&str]) -> String {
        self.add(
            Change::AddSpaceAssignment {
                target: place(space, assignee, None),
                before: (),
                after: vec!["consumer".into()],
            },
            needs,
        )
    }

    pub(super) fn existing_user(&mut self, subject: &str) -> UserRef {
        let id = format!("id-{subject}");
        self.world
            .add_user(&id, subject, Some(&format!("{subject}@corp.example")));
        UserRef {
            id: id.as_str().into(),
            subject: subject.into(),
            name: Raw::from(subject),
        }
    }

    pub(super) fn existing_row(&mut self, space: &str, user: &UserRef) -> SpaceSeat {
        let id = format!("old-row-{space}-{}", user.id.expose());
        let assignee = Assignee::User(user.id.clone());
        let row = SpaceAssignment {
            id: id.as_str().into(),
            assignee: assignee.clone(),
            roles: vec!["consumer".into()],
        };
        self.world
            .rows
            .insert((space.into(), assignee.clone()), row);
        place(space, assignee, Some(&id))
    }

    pub(super) fn plan(&self) -> Plan {
        let (tenant, identity) = identity();
        file::seal(Plan {
            version: 1,
            hash: PlanHash::default(),
            created: morning(),
            expires: morning() + SignedDuration::from_hours(24),
            tenant: PlanTenant {
                id: tenant.id,
                url: tenant.url,
            },
            identity,
            reverts: None,
            orphans: BTreeSet::new(),
            roles: std::collections::BTreeMap::new(),
            sources: Vec::new(),
            summary: Summary::default(),
            operations: self.operations.clone(),
            findings: Vec::new(),
        })
    }

    /// Names of every effect the plan may have, as the tenant logs them.
    pub(super) fn planned(&self) -> BTreeSet<String> {
        self.operations
            .iter()
            .map(|operation| effect_of(&operation.change))
            .collect()
    }
}

pub(super) fn state(subject: &str, license: &str) -> LicenseState {
    LicenseState {
        subject: subject.into(),
        license: license.into(),
    }
}

pub(super) fn place(space: &str, assignee: Assignee, row: Option<&str>) -> SpaceSeat {
    SpaceSeat {
        space: SpaceRef {
            id: space.into(),
            name: Raw::from(space),
            kind: SpaceType::Shared,
        },
        assignee,
        name: Raw::from("somebody"),
        assignment: row.map(Into::into),
    }
}

/// The name of a change's effect in the tenant's log.
pub(super) fn effect_of(change: &Change) -> String {
    let seat = |verb: &str, state: &LicenseState| {
        format!(
            "{verb} {} {}",
            state.subject.expose(),
            state.license.expose()
        )
    };
    let row = |verb: &str, place: &SpaceSeat| {
        let row = place.assignment.as_ref().expect("a row");
        format!("{verb} {}", row.expose())
    };
    match change {
        Change::CreateUser { subject, .. } => format!("create_user {}", subject.expose()),
        Change::UpdateUser { target, after, .. } | Change::DisableUser { target, after, .. } => {
            format!("user {} {}", target.id.expose(), after.status.word())
        }
        Change::DeleteUser { target, .. } => format!("delete {}", target.id.expose()),
        Change::SetRoles { target, .. } => format!("roles {}", target.id.expose()),
        Change::CreateGroup { target, .. } => format!("create_group {}", target.expose()),
        Change::AddLicense { after, .. } => seat("add", after),
        Change::ChangeLicense { after, .. } | Change::MoveLicense { after, .. } => {
            seat("update", after)
        }
        Change::RemoveLicense { before, .. } => seat("remove", before),
        Change::AddSpaceAssignment { target, .. } => {
            format!("add_row {}", target.space.id.expose())
        }
        Change::ChangeSpaceAssignment { target, .. } => row("change_row", target),
        Change::RemoveSpaceAssignment { target, .. } => row("remove_row", target),
        Change::SetAutoAssign { .. } => "auto_assign".to_owned(),
    }
}

/// Forty operations of every kind, dependants included.
pub(super) fn forty() -> Draft {
    let mut draft = Draft::default();
    draft.world.auto_assign = AutoAssign {
        professional: false,
        analyzer: true,
    };
    draft.add(
        Change::SetAutoAssign {
            before: draft.world.auto_assign,
            after: AutoAssign::default(),
        },
        &[],
    );
    for name in ["QLIK_A", "QLIK_B"] {
        let group = draft.add(
            Change::CreateGroup {
                target: Raw::from(name),
                before: (),
                after: Raw::from(name),
            },
            &[],
        );
        let who = Assignee::NewGroup(Raw::from(name));
        draft.add_row(&format!("s-{name}"), who, &[&group]);
    }
    leavers(&mut draft);
    let joiners: Vec<String> = (1..=9).map(|number| format!("new{number}")).collect();
    let created: Vec<String> = joiners.iter().map(|who| draft.create_user(who)).collect();
    for (who, made) in joiners.iter().zip(&created) {
        draft.add_license(who, "analyzer", &[made]);
    }
    for (who, made) in joiners.iter().zip(&created).take(3) {
        let space = format!("s-{who}");
        draft.add_row(&space, Assignee::NewUser(who.as_str().into()), &[made]);
    }
    staff(&mut draft);
    draft
}

/// People who lose something, first, so that their seats are free.
fn leavers(draft: &mut Draft) {
    for number in 1..=3 {
        let subject = format!("leaver{number}");
        draft.existing_user(&subject);
        draft.world.add_seat(&subject, "analyzer");
        draft.add(
            Change::RemoveLicense {
                subject: subject.as_str().into(),
                before: state(&subject, "analyzer"),
                after: (),
            },
            &[],
        );
    }
}

/// People who stay and change.
fn staff(draft: &mut Draft) {
    for number in 1..=2 {
        let subject = format!("mover{number}");
        let old = format!("old-{subject}");
        draft.world.add_seat(&old, "professional");
        draft.add(
            Change::MoveLicense {
                subject: subject.as_str().into(),
                before: state(&old, "professional"),
                after: state(&subject, "professional"),
            },
            &[],
        );
    }
    for number in 1..=2 {
        let subject = format!("riser{number}");
        draft.world.add_seat(&subject, "analyzer");
        draft.add(
            Change::ChangeLicense {
                subject: subject.as_str().into(),
                before: state(&subject, "analyzer"),
                after: state(&subject, "professional"),
            },
            &[],
        );
    }
    rights(draft);
}

/// Roles, rows and records of people who are there.
fn rights(draft: &mut Draft) {
    let user = draft.existing_user("staff1");
    draft.add(
        Change::SetRoles {
            target: user.clone(),
            before: RolesState { roles: Vec::new() },
            after: RolesState {
                roles: vec!["role-1".into()],
            },
        },
        &[],
    );
    let target = draft.existing_row("s-old", &user);
    draft.add(
        Change::ChangeSpaceAssignment {
            target,
            before: vec!["consumer".into()],
            after: vec!["consumer".into(), "producer".into()],
        },
        &[],
    );
    for number in 2..=3 {
        let user = draft.existing_user(&format!("staff{number}"));
        let target = draft.existing_row("s-old", &user);
        let stripped = draft.add(
            Change::RemoveSpaceAssignment {
                target,
                before: vec!["consumer".into()],
                after: (),
            },
            &[],
        );
        let before = UserState {
            name: user.name.clone(),
            status: UserStatus::Active,
        };
        let after = UserState {
            status: UserStatus::Disabled,
            ..before.clone()
        };
        draft.add(
            Change::DisableUser {
                target: user,
                before,
                after,
            },
            &[&stripped],
        );
    }
    let user = draft.existing_user("gone");
    let before = UserState {
        name: user.name.clone(),
        status: UserStatus::Active,
    };
    draft.add(
        Change::DeleteUser {
            target: user,
            before,
            after: (),
        },
        &[],
    );
}
