//! One case: a tenant, a gateway, a plan, lives until done, and what the journal says of it.

use jiff::{SignedDuration, Timestamp, Unit};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use qroll::commit::{self, ApprovedPlan, CommitPorts, Intent, Record, RunReport, Settings};
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::{
    Change, Guards, Operation, Outcome, Plan, PlanHash, PlanTenant, Summary, TenantSnapshot, Undo,
};
use qroll::host::memory::{MemoryDisk, SeededRng};
use qroll::planner::file;
use qroll::ports::{
    Clock, Instant, Problem, Secret, Tenant as _, Wire, WireFailure, WireRequest, WireResponse,
    Work,
};
use qroll::simulator::world::WorldSize;
use qroll::simulator::{Running, SimulatorOptions, WorldSource, start};
use qroll::text::Raw;

use super::gateway::Gateway;

/// How many seconds of a run pass in one.
const SPEED: u32 = 20;
const STATE: &str = "/state";

/// When these tests began. The tenant's answers carry the date of this day, and a plan of another day
/// would have expired by it.
pub(super) fn morning() -> Timestamp {
    static MORNING: LazyLock<Timestamp> = LazyLock::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the day on which the test runs")]
        let now = Timestamp::now();
        now.round(Unit::Second).expect("a time of these years")
    });
    *MORNING
}

/// So many seconds of the run, as they really pass.
pub(super) fn scaled(seconds: u64) -> Duration {
    Duration::from_secs(seconds) / SPEED
}

/// A clock that runs fast, so that the waits of a run are kept and yet are short.
struct FastClock(std::time::Instant);

impl Clock for FastClock {
    fn now(&self) -> Instant {
        Instant(self.0.elapsed() * SPEED)
    }

    fn wall(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.0.elapsed() * SPEED).expect("short");
        morning() + passed
    }

    fn sleep(&self, span: Duration) -> Work<'_, ()> {
        Box::pin(tokio::time::sleep(span / SPEED))
    }
}

/// Changes what came from a path.
pub(super) type Mutate = Arc<dyn Fn(&str, &mut serde_json::Value) + Send + Sync>;

/// The real wire, whose deadlines pass as fast as the clock, and whose answers may be changed.
struct FastWire(ReqwestWire, Mutate);

impl Wire for FastWire {
    fn send(&self, mut request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        request.deadline /= SPEED;
        let path = request.url.path().to_owned();
        Box::pin(async move {
            let mut response = self.0.send(request).await?;
            if let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(&response.body) {
                let before = body.clone();
                (self.1)(&path, &mut body);
                if body != before {
                    response.body = body.to_string().into();
                }
            }
            Ok(response)
        })
    }
}

/// A small tenant that is the same each time.
pub(super) async fn tenant() -> Running {
    let size = WorldSize {
        people: 14,
        users: Some(14),
        licenses: Some(9),
        groups: 5,
        spaces: 5,
        seed: 3,
    };
    let options = SimulatorOptions {
        world: WorldSource::Sized(size),
        unlimited: true,
        epoch: Some(morning()),
        ..SimulatorOptions::default()
    };
    start(options).await.expect("it starts")
}

pub(super) fn client(url: &str, credential: QlikCredential) -> (QlikTenant, Arc<dyn Clock>) {
    mutated(url, credential, Arc::new(|_, _| {}))
}

pub(super) fn mutated(
    url: &str,
    credential: QlikCredential,
    mutate: Mutate,
) -> (QlikTenant, Arc<dyn Clock>) {
    let options = WireOptions {
        no_proxy: true,
        ..WireOptions::default()
    };
    let wire = FastWire(ReqwestWire::new(&options).expect("a client"), mutate);
    let clock: Arc<dyn Clock> = Arc::new(FastClock(std::time::Instant::now()));
    let tenant = QlikTenant::new(
        Arc::new(wire),
        Arc::clone(&clock),
        Arc::new(SeededRng::new(7)),
        &url.parse().expect("an address"),
        credential,
    );
    (tenant.expect("a tenant"), clock)
}

pub(super) fn key_of(world: &Running) -> QlikCredential {
    QlikCredential::ApiKey(Secret::new(world.api_key()))
}

/// Everything there is, assignments included.
pub(super) async fn snapshot(world: &Running) -> TenantSnapshot {
    let (tenant, _) = client(&world.qlik_url, key_of(world));
    let mut snapshot = tenant.load(&|_| {}).await.expect("it loads");
    for space in snapshot.spaces.value.clone() {
        let rows = tenant.assignments(&space.id).await.expect("rows");
        snapshot.assignments.insert(space.id, rows);
    }
    snapshot
}

pub(super) fn plan(tenant: &TenantSnapshot, changes: Vec<Change>) -> Plan {
    let operation = |(at, change)| Operation {
        id: format!("op-{at:04}").as_str().into(),
        change,
        name: None,
        mail: None,
        why: Raw::from("a test"),
        undo: Undo::Lossy,
        needs: Vec::new(),
    };
    file::seal(Plan {
        version: 1,
        hash: PlanHash::default(),
        created: morning(),
        expires: morning() + SignedDuration::from_hours(24),
        tenant: PlanTenant {
            id: tenant.tenant.id.clone(),
            url: tenant.tenant.url.clone(),
        },
        identity: tenant.identity.clone(),
        reverts: None,
        orphans: std::collections::BTreeSet::new(),
        roles: std::collections::BTreeMap::new(),
        sources: Vec::new(),
        summary: Summary::default(),
        operations: changes.into_iter().enumerate().map(operation).collect(),
        findings: Vec::new(),
    })
}

/// One admin's machine.
pub(super) struct Desk {
    disk: MemoryDisk,
    plan: Plan,
    settings: Settings,
    mutate: Mutate,
}

impl Desk {
    pub(super) fn new(plan: Plan, batch: usize) -> Self {
        Self {
            disk: MemoryDisk::new(),
            plan,
            mutate: Arc::new(|_, _| {}),
            settings: Settings {
                batch,
                guards: Guards {
                    allow_delete: true,
                    ..Guards::default()
                },
                ..Settings::default()
            },
        }
    }

    /// The same before a tenant that speaks a later version.
    pub(super) fn mutating(mut self, mutate: Mutate) -> Self {
        self.mutate = mutate;
        self
    }

    fn ports(&self, gateway: &Gateway, credential: QlikCredential) -> CommitPorts {
        let (tenant, clock) = mutated(&gateway.url, credential, Arc::clone(&self.mutate));
        CommitPorts {
            tenant: Arc::new(tenant),
            disk: Arc::new(self.disk.clone()),
            clock,
            rng: Arc::new(SeededRng::new(11)),
            owner: "process 1 of a test".to_owned(),
        }
    }

    /// Applies; the report, or why nothing began.
    pub(super) async fn apply(
        &self,
        gateway: &Gateway,
        credential: QlikCredential,
    ) -> Result<RunReport, Problem> {
        let ports = self.ports(gateway, credential);
        let approved = ApprovedPlan::new(self.plan.clone(), morning())?;
        let settings = self.settings.clone();
        let cancel = CancellationToken::new();
        commit::run(ports, approved, settings, Path::new(STATE), |_| {}, cancel).await
    }

    pub(super) async fn resume(
        &self,
        gateway: &Gateway,
        credential: QlikCredential,
    ) -> Result<RunReport, Problem> {
        let ports = self.ports(gateway, credential);
        let settings = self.settings.clone();
        let cancel = CancellationToken::new();
        commit::resume(ports, None, settings, Path::new(STATE), |_| {}, cancel).await
    }

    pub(super) fn operations(&self) -> &[Operation] {
        &self.plan.operations
    }

    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let runs = commit::runs(&self.disk, Path::new(STATE)).expect("a list");
        let run = runs.first().expect("a run");
        commit::outcomes(&self.disk, Path::new(STATE), &run.run)
            .expect("outcomes")
            .1
    }

    /// The intents of the journal that left this machine.
    pub(super) fn sent(&self) -> Vec<Intent> {
        let mut sent = std::collections::BTreeMap::new();
        for (seq, record) in self.records() {
            match record {
                Record::Intent(intent) => {
                    sent.insert(seq, intent);
                }
                Record::Outcome(answer) if answer.class == commit::ReplyClass::NotSent => {
                    sent.remove(&answer.intent);
                }
                _ => {}
            }
        }
        sent.into_values().collect()
    }

    fn records(&self) -> Vec<(u64, Record)> {
        let files = self.disk.files();
        let journal = files
            .iter()
            .find(|path| path.extension().is_some_and(|kind| kind == "journal"))
            .unwrap_or_else(|| panic!("a journal among {files:?}"));
        let bytes = self.disk.synced(journal).expect("it is synced");
        commit::read(&bytes).records
    }
}
