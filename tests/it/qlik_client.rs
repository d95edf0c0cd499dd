//! The Qlik client against the embedded world: requests counted, time measured, faults, and links
//! that point at somebody else's server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::connectors::qlik::{QlikCredential, QlikTenant, Sharer};
use qroll::domain::{
    Assignee, Group, GroupProvider, List, Subject, SubscriptionModel, Tier, UserId,
};
use qroll::host::{RealClock, RealRng};
use qroll::ports::{Kind, Observation, Problem, Question, Secret, Tenant as _};
use qroll::simulator::world::WorldSize;
use qroll::simulator::{Face, Running, SimulatorOptions, start};
use qroll::text::Raw;

use crate::canned::canned;

fn tenant_at(url: &str, credential: QlikCredential) -> QlikTenant {
    let wire = ReqwestWire::new(&WireOptions {
        extra_ca: None,
        no_proxy: true,
    })
    .expect("what the test set up");
    QlikTenant::new(
        Arc::new(wire),
        Arc::new(RealClock::new()),
        Arc::new(RealRng::new().expect("what the test set up")),
        &url.parse().expect("what the test set up"),
        credential,
    )
    .expect("what the test set up")
}

pub(crate) fn by_key(world: &Running) -> QlikTenant {
    let key = Secret::new(world.api_key());
    tenant_at(&world.qlik_url, QlikCredential::ApiKey(key))
}

async fn demo() -> Running {
    start(SimulatorOptions::default())
        .await
        .expect("what the test set up")
}

/// 10,000 users, 8,000 licenses, 200 spaces with 40 assignments or so.
fn large() -> SimulatorOptions {
    SimulatorOptions::sized(WorldSize {
        people: 10_000,
        users: Some(10_000),
        licenses: Some(8_000),
        groups: 300,
        spaces: 200,
        ..WorldSize::default()
    })
}

async fn read_all(tenant: &QlikTenant) -> qroll::domain::TenantSnapshot {
    let mut snapshot = tenant.load(&|_| {}).await.expect("what the test set up");
    let left: Vec<_> = snapshot
        .spaces
        .value
        .iter()
        .map(|space| space.id.clone())
        .filter(|id| !snapshot.assignments.contains_key(id))
        .collect();
    let rows = left.iter().map(|id| tenant.assignments(id));
    let rows = futures_util::future::join_all(rows).await;
    for (id, rows) in left.into_iter().zip(rows) {
        snapshot
            .assignments
            .insert(id, rows.expect("what the test set up"));
    }
    snapshot
}

#[tokio::test(flavor = "multi_thread")]
async fn the_large_world_is_read_at_the_minimum_of_requests_and_a_sixth_of_the_time() {
    let mut options = large();
    options.latency_ms = 50;
    let world = start(options).await.expect("what the test set up");
    let tenant = by_key(&world);
    tenant.identify().await.expect("what the test set up");
    // What one request costs here and now, besides the latency.
    let begun = Instant::now();
    for _ in 0..20 {
        tenant
            .observe(&Question::AutoAssign)
            .await
            .expect("what the test set up");
    }
    let one = begun.elapsed() / 20;
    world.clear_requests();
    let begun = Instant::now();
    let snapshot = read_all(&tenant).await;
    let took = begun.elapsed();
    let counts = world.counts(Face::Qlik);
    let requests: usize = counts.values().sum();
    println!("{requests} requests in {took:?}, one alone takes {one:?}: {counts:#?}");

    let (users, seats, groups, spaces) = world.with_world(|world| {
        let tenant = &world.tenant;
        (
            tenant.users.len(),
            tenant.licenses.len(),
            tenant.groups.len(),
            tenant.spaces.len(),
        )
    });
    assert_eq!(snapshot.users.value.len(), users);
    assert_eq!(snapshot.licensing.value.assignments.len(), seats);
    assert_eq!(snapshot.groups.value.len(), groups);
    assert_eq!(snapshot.spaces.value.len(), spaces);
    assert_eq!(snapshot.assignments.len(), spaces);
    for proof in [
        &snapshot.users.proof,
        &snapshot.licensing.proof,
        &snapshot.groups.proof,
        &snapshot.roles.proof,
        &snapshot.spaces.proof,
        &snapshot.identity_providers.proof,
    ] {
        assert!(proof.is_proven(), "{proof:?}");
    }
    assert!(
        snapshot
            .assignments
            .values()
            .all(|rows| rows.proof.is_proven())
    );

    let pages = |items: usize| items.div_ceil(100).max(1);
    let assignments: usize = snapshot
        .assignments
        .values()
        .map(|rows| pages(rows.value.len()))
        .sum();
    // Groups, roles, providers, overview, switches, and the lists.
    let least = pages(users) + pages(seats) + pages(spaces) + pages(groups) + 4 + assignments;
    assert!(
        requests <= least + 3,
        "{requests} requests, {least} at least"
    );
    let sequential = one * u32::try_from(least).expect("what the test set up");
    // Without optimisation the world's own work outweighs the latency.
    let share = if cfg!(debug_assertions) { 3 } else { 6 };
    assert!(
        took * share <= sequential,
        "{took:?} against {sequential:?}"
    );
}

/// Of which lists the server tells a total, and what a second look at the one without it costs (C2).
#[tokio::test(flavor = "multi_thread")]
async fn licenses_alone_are_read_once_and_a_second_look_costs_their_pages() {
    let world = demo().await;
    let tenant = by_key(&world);
    let snapshot = read_all(&tenant).await;
    for proof in [
        &snapshot.users.proof,
        &snapshot.groups.proof,
        &snapshot.roles.proof,
        &snapshot.spaces.proof,
    ] {
        assert!(!proof.wants_second_look(), "{proof:?}");
    }
    let mut rows = snapshot.assignments.values();
    assert!(rows.all(|rows| !rows.proof.wants_second_look()));
    assert!(snapshot.licensing.proof.wants_second_look());
    world.clear_requests();
    let again = tenant.again(&List::Licenses).await.expect("read");
    let first = snapshot.listing(&List::Licenses).expect("read");
    assert_eq!(again.ids(), first.ids());
    assert!(!again.ids().is_empty());
    let requests: usize = world.counts(Face::Qlik).values().sum();
    let pages = again.ids().len().div_ceil(100);
    assert!(requests <= pages + 2, "{requests} requests, {pages} pages");
    for list in [List::Users, List::Groups, List::Roles] {
        let again = tenant.again(&list).await.expect("read");
        let first = snapshot.listing(&list).expect("read");
        assert_eq!(again.ids(), first.ids(), "{list:?}");
        assert!(!again.ids().is_empty(), "{list:?}");
    }
}

#[tokio::test]
async fn the_demo_tenant_is_who_it_says_it_is() {
    let world = demo().await;
    let tenant = by_key(&world);
    let (info, me) = tenant.identify().await.expect("what the test set up");
    assert_eq!(info.url.expose(), world.qlik_url);
    assert!(!info.name.is_blank() && !me.subject.raw().is_blank());
    let requests = world.requests();
    assert_eq!(requests.len(), 4, "two redirects followed by hand");
    assert!(requests.iter().all(|request| request.authorization_present));
    let snapshot = tenant.load(&|_| {}).await.expect("what the test set up");
    assert_eq!(snapshot.identity, me);
    assert_eq!(snapshot.licensing.value.model, SubscriptionModel::UserBased);
    assert!(snapshot.licensing.value.auto_assign.is_some());
    assert!(
        snapshot.users.proof.is_proven(),
        "{:?}",
        snapshot.users.proof
    );
    let statuses: BTreeMap<&str, usize> =
        snapshot
            .users
            .value
            .iter()
            .fold(BTreeMap::new(), |mut counts, user| {
                *counts.entry(user.status.word()).or_default() += 1;
                counts
            });
    assert!(
        statuses.len() > 1,
        "people who are not active are read too: {statuses:?}"
    );
}

#[tokio::test]
async fn an_oauth_client_asks_for_one_token_and_for_another_when_it_is_refused() {
    let world = demo().await;
    let credential = QlikCredential::OAuth {
        client_id: world.client_id.clone(),
        secret: Secret::new(world.client_secret.clone()),
    };
    let tenant = tenant_at(&world.qlik_url, credential);
    tenant.load(&|_| {}).await.expect("what the test set up");
    let tokens = || world.counts(Face::Qlik).get("POST /oauth/token").copied();
    assert_eq!(tokens(), Some(1));
    world.add_fault(
        "expire-token@GET:/roles#1"
            .parse()
            .expect("what the test set up"),
    );
    tenant.load(&|_| {}).await.expect("what the test set up");
    assert_eq!(tokens(), Some(2));
    assert_eq!(
        tenant.window(Tier::Two).0,
        2,
        "tokens count against the write rate"
    );
}

#[tokio::test]
async fn bad_credentials_and_missing_rights_are_named() {
    let world = demo().await;
    let key = |key: &str| QlikCredential::ApiKey(Secret::new(key));
    let problem = |credential| {
        let tenant = tenant_at(&world.qlik_url, credential);
        async move { tenant.load(&|_| {}).await.unwrap_err() }
    };
    let wrong = problem(key("wrong")).await;
    assert_eq!(wrong.kind, Kind::Auth, "{wrong}");
    assert!(!wrong.hints().is_empty());
    let secret = problem(QlikCredential::OAuth {
        client_id: world.client_id.clone(),
        secret: Secret::new("wrong"),
    })
    .await;
    assert_eq!(secret.kind, Kind::Auth, "{secret}");
    let tenant = tenant_at(&world.qlik_url, key(world.no_rights_key()));
    match tenant.load(&|_| {}).await {
        Ok(snapshot) => assert!(!snapshot.users.proof.is_proven()),
        Err(problem) => assert_eq!(problem.kind, Kind::Denied, "{problem}"),
    }
}

/// North beside South, whose credential may only read.
async fn shared() -> (Running, Running, QlikTenant) {
    let start = |name| async move {
        let world = start(SimulatorOptions::named(name)).await;
        world.expect("what the test set up")
    };
    let (north, south) = (start("s12").await, start("s12-south").await);
    let key = Secret::new(south.read_only_key());
    let other = tenant_at(&south.qlik_url, QlikCredential::ApiKey(key));
    let sharers = vec![Sharer {
        name: "south".to_owned(),
        tenant: Ok(Arc::new(other)),
    }];
    let tenant = by_key(&north).sharing(sharers);
    (north, south, tenant)
}

#[tokio::test]
async fn another_tenant_on_the_license_tells_its_users_of_every_status_and_nothing_else() {
    let (_north, south, tenant) = shared().await;
    let snapshot = tenant.load(&|_| {}).await.expect("what the test set up");
    let [other] = snapshot.others.as_slice() else {
        panic!("{:?}", snapshot.others);
    };
    let subjects = &other.subjects;
    assert!(subjects.proof.is_proven(), "{:?}", subjects.proof);
    for subject in ["south\\u70", "south\\off5", "south\\new5"] {
        assert!(subjects.value.contains(subject), "{subject}");
    }
    let orphans = snapshot.licensing.value.assignments.iter();
    let there = orphans.filter(|seat| snapshot.used_in(&seat.subject) == Some("south"));
    assert_eq!(there.count(), 80);
    let asked = south.counts(Face::Qlik);
    let expected = |path: &String| {
        let parts = ["GET /api/v1/users", "GET /api/v1/tenants"];
        parts.iter().any(|part| path.starts_with(part))
    };
    assert!(asked.keys().all(expected), "{asked:?}");
}

#[tokio::test]
async fn another_tenant_that_is_not_read_whole_says_why_and_holds_nothing_up() {
    for (fault, cause) in [
        ("500@GET:/users", "500"),
        ("403@GET:/users", "403"),
        ("401@GET:/tenants/**", "401"),
    ] {
        let (_north, south, tenant) = shared().await;
        south.add_fault(fault.parse().expect("what the test set up"));
        let snapshot = tenant.load(&|_| {}).await.expect("North is there");
        assert!(snapshot.users.proof.is_proven());
        let gap = snapshot.others[0].gap().expect(fault);
        assert!(
            gap.starts_with("users of south: ") && gap.contains(cause),
            "{fault}: {gap}"
        );
    }
    // One that is gone is not waited for.
    let (_north, south, tenant) = shared().await;
    south.stop().await;
    let began = Instant::now();
    let snapshot = tenant.load(&|_| {}).await.expect("North is there");
    assert!(snapshot.others[0].gap().is_some());
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_part_that_fails_is_incomplete_and_the_rest_is_there() {
    let world = demo().await;
    world.add_fault("500@GET:/groups".parse().expect("what the test set up"));
    let tenant = by_key(&world);
    let snapshot = tenant.load(&|_| {}).await.expect("what the test set up");
    assert!(!snapshot.groups.proof.is_proven());
    assert!(snapshot.users.proof.is_proven());
    assert!(snapshot.roles.proof.is_proven());
    let asked = world.counts(Face::Qlik).get("GET /api/v1/groups").copied();
    assert_eq!(asked, Some(4), "four attempts");
}

#[tokio::test]
async fn passing_faults_are_survived() {
    for fault in [
        "503@GET:/users#2",
        "drop-before@GET:/users#1",
        "cut-body@GET:/licenses/assignments#1",
        "malformed@GET:/nothing",
        "expire-cursor@GET:/users#3",
    ] {
        let world = start(large()).await.expect("what the test set up");
        world.add_fault(fault.parse().expect("what the test set up"));
        let snapshot = by_key(&world)
            .load(&|_| {})
            .await
            .expect("what the test set up");
        assert!(
            snapshot.users.proof.is_proven(),
            "{fault}: {:?}",
            snapshot.users.proof
        );
        assert!(
            snapshot.licensing.proof.is_proven(),
            "{fault}: {:?}",
            snapshot.licensing.proof
        );
    }
}

#[tokio::test]
async fn a_throttled_load_waits_and_goes_on() {
    let world = demo().await;
    world.add_fault("429=1@GET:/spaces#1".parse().expect("what the test set up"));
    let begun = Instant::now();
    let snapshot = by_key(&world)
        .load(&|_| {})
        .await
        .expect("what the test set up");
    assert!(snapshot.spaces.proof.is_proven());
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn questions_are_answered_exactly() {
    let world = demo().await;
    let tenant = by_key(&world);
    let snapshot = tenant.load(&|_| {}).await.expect("what the test set up");
    let user = snapshot
        .users
        .value
        .iter()
        .find(|user| user.email.is_some())
        .expect("what the test set up");
    let shouted = Subject::new(user.subject.expose().to_uppercase());
    let ask = async |question: Question| {
        tenant
            .observe(&question)
            .await
            .expect("what the test set up")
    };

    let Observation::Users(found) = ask(Question::UsersBySubject(vec![shouted.clone()])).await
    else {
        panic!("users");
    };
    assert_eq!(found, [(**user).clone()]);
    let many: Vec<Subject> = snapshot
        .users
        .value
        .iter()
        .map(|user| user.subject.clone())
        .collect();
    let Observation::Users(found) = ask(Question::UsersBySubject(many.clone())).await else {
        panic!("users");
    };
    assert_eq!(found.len(), many.len());
    let nobody = Subject::from("ACME\\\" or subject eq \"x");
    assert_eq!(
        ask(Question::UsersBySubject(vec![nobody])).await,
        Observation::Users(vec![])
    );
    let email = user.email.clone().expect("what the test set up");
    let Observation::Users(found) = ask(Question::UsersByEmail(vec![email])).await else {
        panic!("users");
    };
    assert!(found.iter().any(|found| found.id == user.id));
    let same = ask(Question::User(user.id.clone())).await;
    assert_eq!(same, Observation::User(Some((**user).clone())));
    let missing = Question::User(UserId::from("000000000000000000000000"));
    assert_eq!(ask(missing).await, Observation::User(None));
}

#[tokio::test]
async fn questions_about_groups_seats_and_rows_are_answered_exactly() {
    let world = demo().await;
    let tenant = by_key(&world);
    let snapshot = tenant.load(&|_| {}).await.expect("what the test set up");
    let ask = async |question: Question| {
        tenant
            .observe(&question)
            .await
            .expect("what the test set up")
    };
    let idp = |group: &&Group| group.provider == GroupProvider::Idp;
    let group = snapshot
        .groups
        .value
        .iter()
        .find(idp)
        .expect("what the test set up");
    let Observation::Groups(found) = ask(Question::GroupByName(group.name.clone())).await else {
        panic!("groups");
    };
    assert_eq!(found, std::slice::from_ref(group));
    let other_case = Raw::new(group.name.expose().to_lowercase());
    assert_eq!(
        ask(Question::GroupByName(other_case)).await,
        Observation::Groups(vec![])
    );

    let seat = snapshot
        .licensing
        .value
        .assignments
        .first()
        .expect("what the test set up");
    let Observation::Licenses(found) = ask(Question::LicensesOf(vec![seat.subject.clone()])).await
    else {
        panic!("licenses");
    };
    assert_eq!(found, std::slice::from_ref(seat));
    let (space, rows) = snapshot
        .assignments
        .iter()
        .find(|(_, rows)| !rows.value.is_empty())
        .expect("what the test set up");
    let row = rows.value.first().expect("what the test set up");
    let question = |assignee| Question::AssignmentOf {
        space: space.clone(),
        assignee,
    };
    let Observation::Assignment(found) = ask(question(row.assignee.clone())).await else {
        panic!("an assignment");
    };
    assert_eq!(found.as_ref(), Some(row));
    let stranger = Assignee::User(UserId::from("000000000000000000000000"));
    assert_eq!(ask(question(stranger)).await, Observation::Assignment(None));
    assert!(matches!(
        ask(Question::AutoAssign).await,
        Observation::AutoAssign(_)
    ));
}

/// Plays a tenant whose next links point at `victim`; counts what arrives there.
async fn hostile(next: impl Fn(u16) -> String) -> (String, Arc<AtomicUsize>) {
    let (victim, reached) = canned(|_| "{}".to_owned()).await;
    let link = next(victim);
    let (tenant, _) = canned(move |path| {
        if path.contains("next=") || path.contains("page=") {
            return r#"{"data":[],"links":{}}"#.to_owned();
        }
        format!(r#"{{"data":[],"links":{{"next":{{"href":"{link}"}}}}}}"#)
    })
    .await;
    (format!("http://127.0.0.1:{tenant}"), reached)
}

async fn open_space(url: &str) -> Result<bool, Problem> {
    let tenant = tenant_at(url, QlikCredential::ApiKey(Secret::new("key")));
    let rows = tenant.assignments(&"s1".into()).await?;
    Ok(rows.proof.is_proven())
}

#[tokio::test]
async fn a_next_link_to_another_server_never_gets_a_request() {
    let (url, reached) = hostile(|victim| format!("http://127.0.0.1:{victim}/api?next=abc")).await;
    assert!(
        open_space(&url).await.expect("what the test set up"),
        "the cursor is used on our own origin"
    );
    assert_eq!(reached.load(Ordering::SeqCst), 0);
    let (url, reached) = hostile(|_| "http://license/v1/licenses?limit=2&page=x%3D".into()).await;
    assert!(open_space(&url).await.expect("what the test set up"));
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn links_without_cursor_and_loops_make_the_list_incomplete() {
    let (url, reached) = hostile(|victim| format!("//127.0.0.1:{victim}/api/v1/spaces")).await;
    assert!(!open_space(&url).await.expect("what the test set up"));
    assert_eq!(reached.load(Ordering::SeqCst), 0);
    let (port, requests) =
        canned(|_| r#"{"data":[],"links":{"next":{"href":"?next=a"}}}"#.into()).await;
    assert!(
        !open_space(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("what the test set up")
    );
    assert_eq!(
        requests.load(Ordering::SeqCst),
        2,
        "a cursor that comes back is met at once"
    );
}

#[tokio::test]
async fn a_wrong_count_is_not_a_whole_list() {
    let (port, _) = canned(|_| r#"{"data":[],"meta":{"count":3},"links":{}}"#.into()).await;
    assert!(
        !open_space(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("what the test set up")
    );
    let (port, _) = canned(|_| r#"{"data":[],"meta":{"count":0},"links":{}}"#.into()).await;
    assert!(
        open_space(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("what the test set up")
    );
}
