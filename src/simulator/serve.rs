//! Starts the world on loopback ports and holds it: the handle for `--demo`, `qroll sim` and tests.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::clock::SimClock;
use super::faults::{Fault, Faults};
use super::graph::{self, Graph, SignIns};
use super::log::{Face, LoggedRequest};
use super::qlik::{self, Qlik};
use super::wire::serve_face;
use super::world::{BuildError, Scenario, ScenarioError, World, WorldSize};

/// Where the world comes from.
#[derive(Debug, Clone)]
pub enum WorldSource {
    /// An embedded scenario, by name.
    Named(String),
    /// A scenario file.
    File(PathBuf),
    /// A scenario made by hand.
    Scenario(Box<Scenario>),
    /// Sizes and a seed.
    Sized(WorldSize),
}

impl Default for WorldSource {
    fn default() -> Self {
        Self::Named("demo".into())
    }
}

/// How to start a world.
#[derive(Debug, Clone, Default)]
pub struct SimulatorOptions {
    /// Where the world comes from; the `demo` scenario by default.
    pub world: WorldSource,
    /// Replaces the scenario's seed.
    pub seed: Option<u64>,
    /// Port of the Qlik Cloud face on 127.0.0.1; 0 picks a free one.
    pub qlik_port: u16,
    /// Port of the Graph face on 127.0.0.1; 0 picks a free one.
    pub graph_port: u16,
    /// Milliseconds added to every answer.
    pub latency_ms: u64,
    /// What shall go wrong.
    pub faults: Vec<Fault>,
    /// How fast limits refill and tokens age; 0 counts as 1.
    pub clock_speed: f64,
    /// Switches the rate limits off.
    pub unlimited: bool,
    /// The moment the world is made; now by default. Fix it to compare two worlds.
    pub epoch: Option<jiff::Timestamp>,
}

impl SimulatorOptions {
    /// Options for an embedded scenario.
    pub fn named(scenario: &str) -> Self {
        Self {
            world: WorldSource::Named(scenario.to_owned()),
            ..Self::default()
        }
    }

    /// Options for a sized world.
    pub fn sized(size: WorldSize) -> Self {
        Self {
            world: WorldSource::Sized(size),
            ..Self::default()
        }
    }

    /// Adds a fault.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

/// Why a world cannot be started.
#[derive(Debug, Error)]
pub enum SimulatorError {
    /// The scenario cannot be read.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The scenario names something it does not define.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A port cannot be had.
    #[error("port {port} on 127.0.0.1 cannot be opened: {source}")]
    Bind {
        /// As asked for; 0 is any.
        port: u16,
        /// The system's error.
        source: std::io::Error,
    },
}

/// Everything the two faces share, behind one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) world: World,
    pub(super) qlik: Qlik,
    pub(super) graph: Graph,
    pub(super) faults: Faults,
    pub(super) log: Vec<LoggedRequest>,
}

/// The state and what does not change.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) latency: Duration,
}

impl Shared {
    /// The state; a test that panicked while holding it does not take the world down.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running world. Dropping it stops the servers; [`Running::stop`] also waits for them.
#[derive(Debug)]
pub struct Running {
    /// Root of the Qlik Cloud tenant, such as `http://127.0.0.1:40001`.
    pub qlik_url: String,
    /// Root of Microsoft Graph; requests go to `{graph_url}/v1.0/...`.
    pub graph_url: String,
    /// Sign-in authority; tokens come from `{login_url}/{directory_tenant}/oauth2/v2.0/token`.
    pub login_url: String,
    /// Entra tenant id, a GUID.
    pub directory_tenant: String,
    /// OAuth client of the Qlik tenant.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// App registration of the directory.
    pub graph_client_id: String,
    /// Its secret.
    pub graph_client_secret: String,
    keys: (&'static str, &'static str, &'static str),
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// API key of the tenant administrator.
    pub fn api_key(&self) -> &'static str {
        self.keys.0
    }

    /// API key that may read everything and write nothing.
    pub fn read_only_key(&self) -> &'static str {
        self.keys.1
    }

    /// API key of somebody without administration rights.
    pub fn no_rights_key(&self) -> &'static str {
        self.keys.2
    }

    /// Reads or changes the world under its lock.
    pub fn with_world<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        work(&mut self.shared.lock().world)
    }

    /// Reads or changes the app registration of the directory and its sign-ins.
    pub fn with_sign_ins<T>(&self, work: impl FnOnce(&mut SignIns) -> T) -> T {
        work(self.shared.lock().graph.sign_ins())
    }

    /// The end state in canonical form; see [`super::world::world_digest`].
    pub fn world_digest(&self) -> Value {
        self.shared.lock().world.digest()
    }

    /// Every request answered so far, oldest first.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().log.clone()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.lock().log.clear();
    }

    /// How often each method and path template was called on a face.
    pub fn counts(&self, face: Face) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for request in self.shared.lock().log.iter().filter(|r| r.face == face) {
            *counts.entry(request.template()).or_default() += 1;
        }
        counts
    }

    /// Adds a fault while the world runs.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.lock().faults.add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Stops both servers and waits until their tasks have ended.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Builds the world and opens both ports on 127.0.0.1.
pub async fn start(options: SimulatorOptions) -> Result<Running, SimulatorError> {
    let mut scenario = match &options.world {
        WorldSource::Named(name) => Scenario::embedded(name)?,
        WorldSource::File(path) => Scenario::load(path)?,
        WorldSource::Scenario(scenario) => (**scenario).clone(),
        WorldSource::Sized(size) => size.scenario(),
    };
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    let clock = SimClock::new(options.clock_speed);
    let world = World::build(&scenario, options.epoch.unwrap_or_else(SimClock::now))?;
    let (qlik_listener, qlik_url) = bind(options.qlik_port).await?;
    let (graph_listener, graph_url) = bind(options.graph_port).await?;
    let state = State {
        qlik: Qlik::new(&qlik_url, clock, !options.unlimited, &world),
        graph: Graph::new(&graph_url, clock),
        faults: Faults::new(&options.faults, scenario.seed),
        log: Vec::new(),
        world,
    };
    let directory_tenant = state.world.directory.tenant_id.clone();
    let shared = Arc::new(Shared {
        state: Mutex::new(state),
        latency: Duration::from_millis(options.latency_ms),
    });
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    for (face, listener) in [(Face::Qlik, qlik_listener), (Face::Graph, graph_listener)] {
        let serving = serve_face(face, listener, shared.clone(), stop.clone(), tasks.clone());
        tasks.spawn(serving);
    }
    Ok(Running {
        login_url: graph_url.clone(),
        qlik_url,
        graph_url,
        directory_tenant,
        client_id: qlik::CLIENT_ID.to_owned(),
        client_secret: qlik::CLIENT_SECRET.to_owned(),
        graph_client_id: graph::CLIENT_ID.to_owned(),
        graph_client_secret: graph::CLIENT_SECRET.to_owned(),
        keys: (qlik::API_KEY, qlik::READ_ONLY_KEY, qlik::NO_RIGHTS_KEY),
        shared,
        stop,
        tasks,
    })
}

async fn bind(port: u16) -> Result<(TcpListener, String), SimulatorError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| SimulatorError::Bind { port, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("http://{local}")))
}
