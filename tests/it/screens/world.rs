//! A small company, in memory: scenario S1 in short.

use jiff::Timestamp;
use qroll::domain::{
    Allotment, Assignee, AssignmentId, AutoAssign, DirectoryGroup, DirectoryGroupId,
    DirectorySnapshot, Enabled, GroupKind, Identity, LicenseAssignment, LicenseType, Licensing,
    Members, Membership, Person, PersonId, PersonKind, Reading, Role, RoleId, RoleLevel,
    SourceKind, Space, SpaceAssignment, SpaceId, SpaceRole, SpaceType, Subject, SubscriptionModel,
    TenantId, TenantInfo, TenantSnapshot, User, UserId, UserStatus, Way,
};
use qroll::text::Raw;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

pub(super) fn person(id: &str, name: &str) -> Person {
    let mut person = Person::new(PersonId::from(id), name);
    let login: String = name
        .to_lowercase()
        .replace(['å', 'á'], "a")
        .replace('ö', "o")
        .replace('é', "e")
        .replace('í', "i")
        .replace([' ', '\''], ".");
    person.mail = Some(Raw::from(format!("{login}@corp.example")));
    person.upn.clone_from(&person.mail);
    person.enabled = Enabled::Yes;
    person
}

pub(super) fn user(
    id: &str,
    subject: &str,
    name: &str,
    mail: &str,
    status: UserStatus,
) -> Arc<User> {
    Arc::new(User {
        id: UserId::from(id),
        subject: Subject::from(subject),
        name: Raw::from(name),
        email: Some(Raw::from(mail)),
        status,
        roles: Vec::new(),
        groups: Vec::new(),
        created: None,
        invite_expiry: None,
        bot: false,
    })
}

fn group(id: &str, name: &str, inside: &[&str], size: u64) -> DirectoryGroup {
    DirectoryGroup {
        id: DirectoryGroupId::from(id),
        name: Raw::from(name),
        description: None,
        kind: GroupKind::Security,
        dynamic: false,
        role_assignable: false,
        subgroups: inside
            .iter()
            .map(|id| DirectoryGroupId::from(*id))
            .collect(),
        size: Some(size),
    }
}

pub(super) fn groups() -> Vec<DirectoryGroup> {
    vec![
        group("g-fin", "Finance_EMEA", &[], 1),
        group("g-ana", "QLIK_ANALYZERS", &["g-fin"], 8),
        group("g-pro", "QLIK_PRO", &[], 1),
        group("g-sales", "Sales", &[], 640),
    ]
}

/// Anna is complete, Björn and Chloé are new, Dmitri comes through a nested group, Giulia is
/// disabled, Håkon has an older subject, Ines is a guest.
pub(super) fn people() -> Vec<Arc<Person>> {
    let mut giulia = person("p-giulia", "Giulia Rossi");
    giulia.enabled = Enabled::No;
    let mut ines = person("p-ines", "Ines García");
    ines.kind = PersonKind::Guest;
    let folk = [
        person("p-anna", "Anna Andersson"),
        person("p-bjorn", "Björn Ivanova"),
        person("p-chloe", "Chloé Dubois"),
        person("p-dmitri", "Dmitri O'Brien"),
        person("p-eva", "Eva Fischer"),
        giulia,
        person("p-hakon", "Håkon Berg"),
        ines,
    ];
    folk.map(Arc::new).into()
}

/// None: a desk that has some is set up so.
pub(super) fn queries() -> BTreeMap<String, String> {
    BTreeMap::new()
}

/// Who fits a filter of the form `startsWith(id,'p-')`.
pub(super) fn fits(filter: &str, folk: &[Arc<Person>]) -> Vec<Arc<Person>> {
    let start = filter.split('\'').nth(1).unwrap_or_default();
    let those = folk.iter().filter(|one| one.id.expose().starts_with(start));
    those.cloned().collect()
}

/// Who of these is in the group.
pub(super) fn members(
    group: &DirectoryGroupId,
    folk: &[Arc<Person>],
) -> Reading<(Members, Vec<Arc<Person>>)> {
    let only = |id: &str| -> Vec<Arc<Person>> {
        let those = folk.iter().filter(|p| p.id.expose().starts_with(id));
        those.cloned().collect()
    };
    let people: Vec<Arc<Person>> = match group.expose() {
        "g-ana" => folk.to_vec(),
        "g-fin" => only("p-dmitri"),
        "g-pro" => only("p-eva"),
        _ => Vec::new(),
    };
    let members = people.iter().map(|person| Membership {
        person: person.id.clone(),
        via: match group.expose() {
            "g-ana" if person.id.expose().starts_with("p-dmitri") => {
                vec![DirectoryGroupId::from("g-fin")]
            }
            _ => Vec::new(),
        },
    });
    Reading::proven((members.collect(), people), "all pages")
}

/// Every group above somebody, the unopened ones too.
pub(super) fn groups_of(person: &PersonId, folk: &[Arc<Person>]) -> Reading<Vec<Way>> {
    let groups = ["g-ana", "g-fin", "g-pro"].map(DirectoryGroupId::from);
    let ways = groups.iter().filter_map(|group| {
        let (members, _) = members(group, folk).value;
        let member = members.into_iter().find(|one| one.person == *person)?;
        Some([std::slice::from_ref(group), &member.via].concat())
    });
    Reading::proven(ways.collect(), "every group above")
}

fn seat(subject: &str, license: &str) -> LicenseAssignment {
    LicenseAssignment {
        subject: Subject::from(subject),
        license: Some(LicenseType::from(license)),
        excess: false,
        created: None,
    }
}

pub(super) fn space(id: &str, name: &str, kind: SpaceType, roles: &[&str]) -> Space {
    Space {
        id: SpaceId::from(id),
        name: Raw::from(name),
        kind,
        owner: None,
        assignable_roles: roles.iter().map(|role| SpaceRole::from(*role)).collect(),
    }
}

pub(super) fn assignments(space: &SpaceId) -> Reading<Vec<SpaceAssignment>> {
    let rows = match space.expose() {
        "s-fin" => vec![SpaceAssignment {
            id: AssignmentId::from("a-1"),
            assignee: Assignee::User(UserId::from("u-anna")),
            roles: vec![SpaceRole::from("consumer")],
        }],
        _ => Vec::new(),
    };
    Reading::proven(rows, "all pages")
}

fn users() -> Vec<Arc<User>> {
    vec![
        user(
            "u-anna",
            "p-anna",
            "Anna Andersson",
            "anna.andersson@corp.example",
            UserStatus::Active,
        ),
        user(
            "u-eva",
            "p-eva",
            "Eva Fischer",
            "eva.fischer@corp.example",
            UserStatus::Active,
        ),
        user(
            "u-giulia",
            "p-giulia",
            "Giulia Rossi",
            "giulia.rossi@corp.example",
            UserStatus::Active,
        ),
        user(
            "u-hakon",
            "CORP\\hb",
            "Håkon Berg",
            "hakon.berg@corp.example",
            UserStatus::Active,
        ),
        user(
            "u-zoe",
            "p-zoe",
            "Zoe Stranger",
            "zoe@else.example",
            UserStatus::Active,
        ),
    ]
}

fn licensing() -> Licensing {
    let pool = |name: &str, units, used| Allotment {
        name: LicenseType::from(name),
        units,
        used,
        overage: 0,
    };
    Licensing {
        model: SubscriptionModel::UserBased,
        allotments: vec![pool("professional", 200, 182), pool("analyzer", 300, 298)],
        assignments: vec![
            seat("p-anna", "analyzer"),
            seat("p-eva", "analyzer"),
            seat("p-giulia", "analyzer"),
            seat("CORP\\hb", "analyzer"),
            seat("p-zoe", "professional"),
        ],
        auto_assign: Some(AutoAssign {
            professional: false,
            analyzer: true,
        }),
    }
}

pub(super) fn tenant() -> TenantSnapshot {
    TenantSnapshot {
        tenant: TenantInfo {
            id: TenantId::from("t-1"),
            name: Raw::from("Acme"),
            url: Raw::from("https://acme.eu.qlikcloud.com"),
            created_by: None,
        },
        identity: Identity {
            user: UserId::from("u-admin"),
            subject: Subject::from("qlikbot\\1"),
            name: Raw::from("qroll"),
        },
        users: Reading::proven(users(), "all pages"),
        groups: Reading::proven(Vec::new(), "all pages"),
        roles: Reading::proven(
            vec![Role {
                id: RoleId::from("r-dev"),
                name: Raw::from("Developer"),
                level: RoleLevel::User,
            }],
            "all pages",
        ),
        spaces: Reading::proven(
            vec![
                space(
                    "s-fin",
                    "Finance",
                    SpaceType::Managed,
                    &["consumer", "contributor", "facilitator"],
                ),
                space(
                    "s-sal",
                    "Sales",
                    SpaceType::Shared,
                    &["consumer", "producer"],
                ),
            ],
            "all pages",
        ),
        licensing: Reading::proven(licensing(), "all pages"),
        identity_providers: Reading::proven(Vec::new(), "all pages"),
        assignments: BTreeMap::new(),
        others: Vec::new(),
        read_at: now(),
    }
}

/// So many people and half as many users, all in one group called `Everyone`.
pub(super) fn crowd(count: usize) -> (TenantSnapshot, DirectorySnapshot) {
    let mut tenant = tenant();
    let mut directory = DirectorySnapshot::empty(SourceKind::Entra, "graph.example", now());
    tenant.licensing.value.assignments.clear();
    tenant.users.value = (0..count / 2)
        .map(|n| {
            let name = crowd_name(n);
            user(
                &format!("u-{n:06}"),
                &format!("p-{n:06}"),
                &name,
                &format!("m{n}@corp.example"),
                UserStatus::Active,
            )
        })
        .collect();
    let people = (0..count).map(|n| {
        let mut one = person(&format!("p-{n:06}"), &crowd_name(n));
        one.mail = Some(Raw::from(format!("m{n}@corp.example")));
        (one.id.clone(), Arc::new(one))
    });
    directory.people = Reading::proven(people.collect(), "all pages");
    directory.groups = Reading::proven(groups(), "all pages");
    (tenant, directory)
}

fn crowd_name(n: usize) -> String {
    const FIRST: [&str; 10] = [
        "Anna", "Bela", "Chloé", "Dmitri", "Eva", "Farid", "Giulia", "Håkon", "Ines", "Jörg",
    ];
    const LAST: [&str; 7] = [
        "Andersson",
        "Berg",
        "Costa",
        "Dubois",
        "Fischer",
        "García",
        "Ivanova",
    ];
    format!("{} {} {n:06}", FIRST[n % 10], LAST[n / 10 % 7])
}
