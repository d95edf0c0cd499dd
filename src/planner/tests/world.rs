//! A world made by hand: a directory and a tenant, all readings proven.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::*;
use crate::planner::roster::Index;
use crate::planner::{
    IdentityRule, Outlook, PLAN_TTL, PlanInput, Selection, SubjectTemplate, build,
};
use crate::text::Raw;

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) snapshot: Snapshot,
    pub(super) staging: Staging,
    pub(super) guards: Guards,
    pub(super) selection: Selection,
    pub(super) past: Past,
    pub(super) rule: IdentityRule,
}

pub(super) fn proven<T>(value: T) -> Reading<T> {
    Reading::proven(value, "by hand")
}

impl World {
    pub(super) fn new() -> Self {
        let mut directory = DirectorySnapshot::empty(SourceKind::File, "people.csv", now());
        directory.groups = proven(Vec::new());
        directory.people = proven(BTreeMap::new());
        let tenant = TenantSnapshot {
            tenant: TenantInfo {
                id: TenantId::from("t1"),
                name: Raw::from("acme"),
                url: Raw::from("https://acme.example"),
                created_by: None,
            },
            identity: Identity {
                user: UserId::from("u-robot"),
                subject: Subject::from("robot"),
                name: Raw::from("Robot"),
            },
            users: proven(Vec::new()),
            groups: proven(Vec::new()),
            roles: proven(vec![Role {
                id: RoleId::from("r-admin"),
                name: Raw::from("TenantAdmin"),
                level: RoleLevel::Admin,
            }]),
            spaces: proven(Vec::new()),
            licensing: proven(Licensing {
                auto_assign: Some(AutoAssign::default()),
                ..Licensing::default()
            }),
            identity_providers: proven(Vec::new()),
            assignments: BTreeMap::new(),
            others: Vec::new(),
            read_at: now(),
        };
        Self {
            snapshot: Snapshot { tenant, directory },
            staging: Staging::default(),
            guards: Guards::default(),
            selection: Selection::default(),
            past: Past::default(),
            rule: IdentityRule::new(SubjectTemplate::parse("{id}").unwrap()),
        }
    }

    pub(super) fn index(&self) -> Index {
        Index::new(&self.snapshot, &self.rule)
    }

    pub(super) fn plan(&self) -> Plan {
        build(&PlanInput {
            index: &self.index(),
            snapshot: &self.snapshot,
            staging: &self.staging,
            guards: &self.guards,
            selection: &self.selection,
            past: &self.past,
            now: now(),
            ttl: PLAN_TTL,
        })
    }

    pub(super) fn outlook(&self) -> Outlook {
        Outlook::new(&self.index(), &self.snapshot, &self.staging, &self.guards)
    }

    pub(super) fn person(&mut self, id: &str) -> &mut Person {
        let mut person = Person::new(PersonId::from(id), format!("Person {id}"));
        person.enabled = Enabled::Yes;
        person.mail = Some(Raw::new(format!("{id}@corp.example")));
        let people = &mut self.snapshot.directory.people.value;
        people.insert(PersonId::from(id), Arc::new(person));
        people
            .get_mut(&PersonId::from(id))
            .map(Arc::make_mut)
            .unwrap()
    }

    pub(super) fn group(&mut self, id: &str, name: &str, members: &[(&str, &[&str])]) {
        self.snapshot.directory.groups.value.push(DirectoryGroup {
            id: DirectoryGroupId::from(id),
            name: Raw::from(name),
            description: None,
            kind: GroupKind::Security,
            dynamic: false,
            role_assignable: false,
            subgroups: Vec::new(),
            size: None,
        });
        let members = members.iter().map(|(person, via)| Membership {
            person: PersonId::from(*person),
            via: via.iter().map(|id| DirectoryGroupId::from(*id)).collect(),
        });
        let members = proven(members.collect());
        let opened = &mut self.snapshot.directory.members;
        opened.insert(DirectoryGroupId::from(id), members);
    }

    pub(super) fn user(&mut self, id: &str, subject: &str, email: Option<&str>) -> &mut User {
        let user = User {
            id: UserId::from(id),
            subject: Subject::from(subject),
            name: Raw::new(format!("Person {subject}")),
            email: email.map(Raw::from),
            status: UserStatus::Active,
            roles: Vec::new(),
            groups: Vec::new(),
            created: None,
            invite_expiry: None,
            bot: false,
        };
        let users = &mut self.snapshot.tenant.users.value;
        users.push(Arc::new(user));
        users.last_mut().map(Arc::make_mut).unwrap()
    }

    pub(super) fn pool(&mut self, name: &str, units: i64, used: i64) {
        self.snapshot
            .tenant
            .licensing
            .value
            .allotments
            .push(Allotment {
                name: LicenseType::from(name),
                units,
                used,
                overage: 0,
            });
    }

    pub(super) fn seat(&mut self, subject: &str, license: &str) {
        self.snapshot
            .tenant
            .licensing
            .value
            .assignments
            .push(LicenseAssignment {
                subject: Subject::from(subject),
                license: Some(LicenseType::from(license)),
                excess: false,
                created: None,
            });
    }

    pub(super) fn space(&mut self, id: &str, kind: SpaceType) {
        let roles: &[&str] = match kind {
            SpaceType::Shared => &["consumer", "dataconsumer", "facilitator", "producer"],
            SpaceType::Managed => &[
                "basicconsumer",
                "consumer",
                "contributor",
                "facilitator",
                "publisher",
            ],
            _ => &[
                "consumer",
                "datapreview",
                "facilitator",
                "producer",
                "publisher",
            ],
        };
        self.snapshot.tenant.spaces.value.push(Space {
            id: SpaceId::from(id),
            name: Raw::new(format!("Space {id}")),
            kind,
            owner: None,
            assignable_roles: roles.iter().map(|role| SpaceRole::from(*role)).collect(),
        });
        let all = &mut self.snapshot.tenant.assignments;
        all.insert(SpaceId::from(id), proven(Vec::new()));
    }

    pub(super) fn assign(&mut self, space: &str, assignee: Assignee, roles: &[&str]) {
        let all = self
            .snapshot
            .tenant
            .assignments
            .entry(SpaceId::from(space))
            .or_default();
        let id = format!("{space}-a{}", all.value.len());
        all.value.push(SpaceAssignment {
            id: AssignmentId::new(id),
            assignee,
            roles: roles.iter().map(|role| SpaceRole::from(*role)).collect(),
        });
    }

    pub(super) fn known_group(&mut self, id: &str, name: &str) {
        self.snapshot.tenant.groups.value.push(Group {
            id: GroupId::from(id),
            name: Raw::from(name),
            provider: GroupProvider::Idp,
            roles: Vec::new(),
        });
    }

    pub(super) fn wish(&mut self, target: Target, wish: Wish) {
        self.staging.wishes.insert(target, wish);
    }
}

pub(super) fn row(id: &str) -> Target {
    Target::Row(RowKey::Person(PersonId::from(id)))
}

pub(super) fn user_row(id: &str) -> Target {
    Target::Row(RowKey::User(UserId::from(id)))
}

pub(super) fn group(id: &str) -> Target {
    Target::Group(DirectoryGroupId::from(id))
}

pub(super) fn license(name: &str) -> Wish {
    Wish {
        license: Some(LicenseWish::Hold(LicenseType::from(name))),
        ..Wish::default()
    }
}

pub(super) fn in_space(mut wish: Wish, space: &str, roles: &[&str]) -> Wish {
    let roles: BTreeSet<SpaceRole> = roles.iter().map(|role| SpaceRole::from(*role)).collect();
    wish.spaces
        .insert(SpaceId::from(space), SpaceWish::Add(roles));
    wish
}

pub(super) fn ladder(ladder: Ladder) -> Wish {
    Wish {
        ladder: Some(ladder),
        ..Wish::default()
    }
}

pub(super) fn kinds(plan: &Plan) -> Vec<(&'static str, u64)> {
    let kinds = plan.summary.kinds.iter();
    kinds.map(|(kind, count)| (kind.word(), *count)).collect()
}

pub(super) fn found(plan: &Plan, code: FindingCode) -> Vec<&Finding> {
    plan.findings
        .iter()
        .filter(|finding| finding.code == code)
        .collect()
}
