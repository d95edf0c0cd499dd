//! The commit of a thousand people over real HTTP: the real client against the embedded world, both
//! with clocks that run twenty times as fast, so that the published window passes in seconds.
//! `QROLL_PROOF=full cargo test --release --test it -- proof_t7_a_thousand_people_over_http
//! --nocapture` prints the figure of the README.

#![expect(
    clippy::disallowed_methods,
    reason = "a clock that runs fast is made of a real one"
)]

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use qroll::commit::{self, ApprovedPlan, CommitPorts, Settings};
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::{Plan, PlanTenant};
use qroll::host::memory::{MemoryDisk, SeededRng};
use qroll::planner::file;
use qroll::ports::{Clock, Instant, Secret, Tenant as _, Work};
use qroll::simulator::world::Scenario;
use qroll::simulator::{Face, Running, SimulatorOptions, WorldSource, start};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::storms::by_group;
use super::stormy::fair_ideal;
use crate::proof;

const SPEED: u32 = 20;

const WORLD: &str = r#"
title = "A thousand"
seed = 7
[tenant]
allotments = [{ name = "analyzer", units = 5000 }]
[[groups]]
name = "QLIK_OTHER"
[[people]]
count = 3
groups = ["QLIK_OTHER"]
[[spaces]]
name = "Finance"
type = "managed"
[[spaces]]
name = "Sales"
type = "shared"
"#;

/// Real time, faster.
#[derive(Clone)]
struct FastClock {
    start: std::time::Instant,
    wall: Timestamp,
}

impl Clock for FastClock {
    fn now(&self) -> Instant {
        Instant(self.start.elapsed() * SPEED)
    }

    fn wall(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.now().0).unwrap_or(SignedDuration::MAX);
        self.wall.checked_add(passed).unwrap_or(Timestamp::MAX)
    }

    fn sleep(&self, span: Duration) -> Work<'_, ()> {
        tokio::time::sleep(span / SPEED).boxed()
    }
}

async fn world() -> Running {
    let scenario = Scenario::parse("thousand", WORLD).expect("a scenario");
    let options = SimulatorOptions {
        world: WorldSource::Scenario(Box::new(scenario)),
        clock_speed: f64::from(SPEED),
        ..SimulatorOptions::default()
    };
    start(options).await.expect("a world")
}

/// The plan for the tenant as it is, made now.
async fn plan(tenant: &QlikTenant, people: usize) -> Plan {
    let (info, identity) = tenant.identify().await.expect("an identity");
    let live = tenant.load(&|_| {}).await.expect("a snapshot");
    let spaces: Vec<&str> = live
        .spaces
        .value
        .iter()
        .map(|space| space.id.expose())
        .take(2)
        .collect();
    assert_eq!(spaces.len(), 2);
    let now = Timestamp::now();
    file::seal(Plan {
        created: now,
        expires: now + SignedDuration::from_hours(24),
        tenant: PlanTenant {
            id: info.id,
            url: info.url,
        },
        identity,
        ..by_group(people, &spaces).plan()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proof_t7_a_thousand_people_over_http() {
    let row = proof::Row::begin(
        "T7",
        "the same over real HTTP, both clocks 20 times as fast",
    );
    let people = usize::try_from(proof::sized(150, 1_000)).expect("small");
    let world = world().await;
    let clock = FastClock {
        start: std::time::Instant::now(),
        wall: Timestamp::now(),
    };
    let wire = ReqwestWire::new(&WireOptions {
        extra_ca: None,
        no_proxy: true,
    });
    let tenant = QlikTenant::new(
        Arc::new(wire.expect("a wire")),
        Arc::new(clock.clone()),
        Arc::new(SeededRng::new(1)),
        &world.qlik_url.parse().expect("an address"),
        QlikCredential::ApiKey(Secret::new(world.api_key())),
    );
    let tenant = Arc::new(tenant.expect("a tenant"));
    let plan = plan(&tenant, people).await;
    let operations = plan.operations.len() as u64;
    world.clear_requests();
    let began = clock.now();
    let ports = CommitPorts {
        tenant,
        disk: Arc::new(MemoryDisk::new()),
        clock: Arc::new(clock.clone()),
        rng: Arc::new(SeededRng::new(1)),
        owner: "process 1 of a test".to_owned(),
    };
    let approved = ApprovedPlan::new(plan, Timestamp::now()).expect("approved");
    let (path, settings) = (Path::new("/state"), Settings::default());
    let work = commit::run(
        ports,
        approved,
        settings,
        path,
        |_| {},
        CancellationToken::new(),
    );
    let report = work.await.expect("begun");
    let took = clock.now().since(began);
    assert_eq!((report.counts.applied, report.exit_code), (operations, 0));
    let requests = world.requests();
    let ours = requests.iter().filter(|one| one.face == Face::Qlik);
    let writes = ours.clone().filter(|one| one.method != "GET").count();
    let refused = ours.filter(|one| one.status == 429).count();
    assert_eq!((writes, refused), (people + people.div_ceil(50) + 3, 0));
    let ideal = fair_ideal(writes);
    row.end(
        &format!(
            "{people} people, {writes} writes in {:.0} s, ideal {:.0} s, {refused} refused",
            took.as_secs_f64(),
            ideal.as_secs_f64()
        ),
        0,
    );
    world.stop().await;
}
