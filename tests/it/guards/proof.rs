//! T9, the part of the guards: from nobody who is protected anything is taken, in planning or at
//! the send gate; and what was not read whole, or is hard to believe, takes nothing.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use qroll::domain::{
    Allotment, Assignee, AssignmentId, Change, Completeness, DirectoryGroup, DirectoryGroupId,
    DirectorySnapshot, Doubt, Enabled, GroupKind, Guards, Identity, Ladder, LicenseAssignment,
    LicenseType, LicenseWish, Licensing, Losers, Membership, Past, Person, PersonId, Plan, Reading,
    Role, RoleLevel, RowKey, Snapshot, SourceKind, Space, SpaceAssignment, SpaceType, SpaceWish,
    Staging, Subject, Target, TenantInfo, TenantSnapshot, User, UserId, UserStatus, Wish,
};
use qroll::planner::roster::Index;
use qroll::planner::{IdentityRule, PLAN_TTL, PlanInput, Selection, SubjectTemplate, build};

use crate::proof::{Row, seed, sized};

/// A company and what is wished, drawn from one seed.
struct Case {
    snapshot: Snapshot,
    staging: Staging,
    guards: Guards,
    past: Past,
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, of: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % of
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.roll(of) == 0
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let at = self.roll(of.len() as u64);
        &of[usize::try_from(at).expect("a small number")]
    }
}

fn whole<T>(value: T) -> Reading<T> {
    Reading::proven(value, "drawn")
}

fn team(id: &DirectoryGroupId) -> DirectoryGroup {
    DirectoryGroup {
        id: id.clone(),
        name: "TEAM".into(),
        description: None,
        kind: GroupKind::Security,
        dynamic: false,
        role_assignable: false,
        subgroups: Vec::new(),
        size: None,
    }
}

fn draw(seed: u64) -> Case {
    let mut dice = Dice(seed);
    let people = 4 + dice.roll(9);
    let mut directory =
        DirectorySnapshot::empty(SourceKind::Entra, "corp.example", Timestamp::UNIX_EPOCH);
    let (mut users, mut seats, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = BTreeMap::new();
    for number in 0..people {
        let id = format!("p{number}");
        if !dice.one_in(8) {
            let mut person = Person::new(PersonId::new(id.clone()), format!("Person {number}"));
            person.enabled = Enabled::Yes;
            person.mail = Some(format!("{id}@corp.example").into());
            known.insert(PersonId::new(id.clone()), Arc::new(person));
        }
        let role = dice.one_in(3).then(|| "r-admin".into());
        if !dice.one_in(4) {
            users.push(Arc::new(User {
                id: UserId::new(format!("u{number}")),
                subject: Subject::new(id.clone()),
                name: format!("Person {number}").into(),
                email: Some(format!("{id}@corp.example").into()),
                status: if dice.one_in(9) {
                    UserStatus::Disabled
                } else {
                    UserStatus::Active
                },
                roles: role.into_iter().collect(),
                groups: Vec::new(),
                created: None,
                invite_expiry: None,
                bot: dice.one_in(12),
            }));
            if dice.one_in(2) {
                rows.push(SpaceAssignment {
                    id: AssignmentId::new(format!("a{number}")),
                    assignee: Assignee::User(UserId::new(format!("u{number}"))),
                    roles: vec!["consumer".into()],
                });
            }
        }
        if dice.one_in(2) {
            seats.push(LicenseAssignment {
                subject: Subject::new(id.clone()),
                license: Some(LicenseType::from(*dice.pick(&["professional", "analyzer"]))),
                excess: false,
                created: None,
            });
        }
    }
    directory.people = whole(known);
    let group = DirectoryGroupId::from("g");
    directory.groups = whole(vec![team(&group)]);
    let members: Vec<Membership> = directory
        .people
        .value
        .keys()
        .filter(|_| dice.one_in(2))
        .map(|person| Membership {
            person: person.clone(),
            via: Vec::new(),
        })
        .collect();
    directory.members.insert(group.clone(), whole(members));
    let staging = staging(&mut dice, people, group);
    let guards = guards(&mut dice, people);
    let tenant = tenant(users, seats, rows, dice.roll(people));
    Case {
        snapshot: Snapshot { tenant, directory },
        staging,
        guards,
        past: Past::default(),
    }
}

fn guards(dice: &mut Dice, people: u64) -> Guards {
    let mut guards = Guards {
        stop_percent: 100,
        allow_delete: dice.one_in(2),
        ..Guards::default()
    };
    for number in 0..people {
        if dice.one_in(5) {
            let signs = [
                format!("P{number}"),
                format!("u{number}"),
                format!("p{number}@corp.example"),
            ];
            guards.protected.push(dice.pick(&signs).as_str().into());
        }
        if dice.one_in(3) {
            guards.allow_admins.push(format!("p{number}").into());
        }
    }
    guards
}

fn staging(dice: &mut Dice, people: u64, group: DirectoryGroupId) -> Staging {
    let mut staging = Staging::default();
    let wish = |dice: &mut Dice| {
        let mut wish = Wish::default();
        match dice.roll(4) {
            0 => wish.license = Some(LicenseWish::TakeBack),
            1 => wish.license = Some(LicenseWish::Hold("analyzer".into())),
            2 => {
                wish.spaces.insert("s".into(), SpaceWish::Remove);
            }
            _ => {
                let rungs = [
                    Ladder::TakeLicense,
                    Ladder::StripSpaces,
                    Ladder::Disable,
                    Ladder::Delete,
                ];
                wish.ladder = Some(*dice.pick(&rungs));
            }
        }
        wish
    };
    if dice.one_in(2) {
        staging.wishes.insert(Target::Group(group), wish(dice));
    }
    if dice.one_in(4) {
        staging.wishes.insert(Target::AllPeople, wish(dice));
    }
    for number in 0..people {
        if dice.one_in(3) {
            let key = if dice.one_in(2) {
                RowKey::Person(PersonId::new(format!("p{number}")))
            } else {
                RowKey::User(UserId::new(format!("u{number}")))
            };
            staging.wishes.insert(Target::Row(key), wish(dice));
        }
    }
    staging
}

fn tenant(
    users: Vec<Arc<User>>,
    seats: Vec<LicenseAssignment>,
    rows: Vec<SpaceAssignment>,
    own: u64,
) -> TenantSnapshot {
    let pool = |name: &str| Allotment {
        name: name.into(),
        units: 100,
        used: 10,
        overage: 0,
    };
    TenantSnapshot {
        tenant: TenantInfo {
            id: "t".into(),
            name: "T".into(),
            url: "https://acme.example".into(),
            created_by: None,
        },
        identity: Identity {
            user: UserId::new(format!("u{own}")),
            subject: Subject::new(format!("p{own}")),
            name: "Own".into(),
        },
        users: whole(users),
        groups: whole(Vec::new()),
        roles: whole(vec![Role {
            id: "r-admin".into(),
            name: "TenantAdmin".into(),
            level: RoleLevel::Admin,
        }]),
        spaces: whole(vec![Space {
            id: "s".into(),
            name: "Space".into(),
            kind: SpaceType::Shared,
            owner: None,
            assignable_roles: vec!["consumer".into()],
        }]),
        licensing: whole(Licensing {
            allotments: vec![pool("professional"), pool("analyzer")],
            assignments: seats,
            ..Licensing::default()
        }),
        identity_providers: whole(Vec::new()),
        assignments: [("s".into(), whole(rows))].into(),
        others: Vec::new(),
        read_at: Timestamp::UNIX_EPOCH,
    }
}

fn plan(case: &Case) -> Plan {
    let rule = IdentityRule::new(SubjectTemplate::parse("{id}").expect("a template"));
    build(&PlanInput {
        index: &Index::new(&case.snapshot, &rule),
        snapshot: &case.snapshot,
        staging: &case.staging,
        guards: &case.guards,
        selection: &Selection::default(),
        past: &case.past,
        now: Timestamp::UNIX_EPOCH,
        ttl: PLAN_TTL,
    })
}

/// Whoever may lose nothing, judged afresh and in the plainest way.
fn untouchable(case: &Case, user: &User) -> bool {
    let tenant = &case.snapshot.tenant;
    let is_admin =
        |user: &User| user.status == UserStatus::Active && !user.roles.is_empty() && !user.bot;
    let admins = tenant
        .users
        .value
        .iter()
        .filter(|user| is_admin(user))
        .count();
    let signs = [
        user.id.key(),
        user.subject.key(),
        format!("{}@corp.example", user.subject.key()),
    ];
    let among = |list: &[qroll::text::Raw]| list.iter().any(|one| signs.contains(&one.key()));
    user.bot
        || user.id == tenant.identity.user
        || among(&case.guards.protected)
        || (is_admin(user) && (admins <= 2 || !among(&case.guards.allow_admins)))
}

/// Ids and subjects that a change takes something from.
fn taken(change: &Change) -> BTreeSet<String> {
    match change {
        _ if !change.is_removal() => BTreeSet::new(),
        Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => [target.id.key(), target.subject.key()].into(),
        Change::RemoveLicense { before, .. } | Change::ChangeLicense { before, .. } => {
            [before.subject.key()].into()
        }
        Change::RemoveSpaceAssignment { target, .. } => match &target.assignee {
            Assignee::User(id) => [id.key()].into(),
            _ => BTreeSet::new(),
        },
        _ => BTreeSet::new(),
    }
}

/// Protected people whom the plan takes something from, and administrators left too few.
fn touched(case: &Case, plan: &Plan) -> Vec<String> {
    let users = &case.snapshot.tenant.users.value;
    let gate = case
        .guards
        .resolved(&case.snapshot.tenant, &plan.operations);
    let gate: BTreeSet<String> = gate.protected.iter().map(qroll::text::Raw::key).collect();
    let mut wrong = Vec::new();
    for operation in &plan.operations {
        let taken = taken(&operation.change);
        for user in users.iter().filter(|user| untouchable(case, user)) {
            if taken.contains(&user.id.key()) || taken.contains(&user.subject.key()) {
                wrong.push(format!("{:?} takes from {:?}", operation.change, user.id));
            }
        }
        if !taken.is_disjoint(&gate) {
            wrong.push(format!("the gate forbids {:?}", operation.change));
        }
    }
    for user in users.iter().filter(|user| untouchable(case, user)) {
        if !gate.contains(&user.id.key()) || !gate.contains(&user.subject.key()) {
            wrong.push(format!("the gate lets {:?} through", user.id));
        }
    }
    let is_admin = |user: &&Arc<User>| {
        user.status == UserStatus::Active && !user.roles.is_empty() && !user.bot
    };
    let before = users.iter().filter(is_admin).count();
    let left = users.iter().filter(is_admin).filter(|user| {
        !plan.operations.iter().any(|one| match &one.change {
            Change::DisableUser { target, .. } | Change::DeleteUser { target, .. } => {
                target.id == user.id
            }
            _ => false,
        })
    });
    if left.count() < before.min(2) {
        wrong.push("fewer than two administrators are left".to_owned());
    }
    wrong
}

/// Seeds to run: the one to replay, or so many.
fn seeds(count: u64) -> std::ops::Range<u64> {
    seed().map_or(0..count, |seed| seed..seed + 1)
}

/// Stops with the seeds that replay what is wrong.
fn report(wrong: &[(u64, String)]) {
    let lines = wrong.iter().take(5);
    let lines: Vec<String> = lines
        .map(|(seed, what)| format!("QROLL_SEED={seed}: {what}"))
        .collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn proof_t9_guards_protected_lose_nothing() {
    let row = Row::begin(
        "T9",
        "protected and removals have nobody in common, planning and gate",
    );
    let (mut wrong, mut removals) = (Vec::new(), 0);
    let seeds = seeds(sized(2_000, 1_000_000));
    let size = seeds.end - seeds.start;
    for seed in seeds {
        let case = draw(seed);
        let plan = plan(&case);
        removals += plan.summary.removals;
        wrong.extend(touched(&case, &plan).into_iter().map(|what| (seed, what)));
    }
    report(&wrong);
    assert!(
        removals > size / 2 || size == 1,
        "removals were planned: {removals}"
    );
    row.end(&format!("{size} cases, {removals} removals"), wrong.len());
}

/// Breaks one of the readings that removals rest on.
fn broken(mut case: Case, dice: &mut Dice) -> Case {
    let cut = Completeness::Incomplete("page 3 of 5 did not come".to_owned());
    let (tenant, directory) = (&mut case.snapshot.tenant, &mut case.snapshot.directory);
    match dice.roll(6) {
        0 => tenant.users.proof = cut,
        // Nobody looked twice (C2), or it was changing (C1).
        4 => tenant.users.proof = Completeness::Once("the last page".to_owned()),
        5 => tenant.users.proof = Completeness::Moving("a count".to_owned()),
        3 => tenant.roles.proof = cut,
        1 => {
            case.past.doubts.push(Doubt {
                what: "TEAM".into(),
                cause: "held 40 and holds 0 now".to_owned(),
                count: Some(0),
                of_tenant: false,
            });
        }
        _ => {
            directory.people.proof = cut.clone();
            for members in directory.members.values_mut() {
                members.proof = cut.clone();
            }
            // Somebody named by hand is not taken for gone because of a reading.
            case.staging
                .wishes
                .retain(|target, _| !matches!(target, Target::Row(_)));
        }
    }
    case
}

#[test]
fn proof_t9_guards_an_incomplete_source_takes_nothing() {
    let row = Row::begin("T9", "a source that is incomplete or doubted: 0 removals");
    let (mut wrong, mut whole) = (Vec::new(), 0);
    let seeds = seeds(sized(2_000, 1_000_000));
    let size = seeds.end - seeds.start;
    for seed in seeds {
        let mut dice = Dice(!seed);
        let case = draw(seed);
        whole += plan(&case).summary.removals;
        let plan = plan(&broken(case, &mut dice));
        let mut losers = Losers::default();
        for operation in &plan.operations {
            losers.take(&operation.change);
        }
        if plan.summary.removals + losers.at_least() > 0 {
            wrong.push((seed, format!("{:?}", plan.summary)));
        }
    }
    report(&wrong);
    row.end(
        &format!("{size} cases, {whole} removals when whole"),
        wrong.len(),
    );
}
