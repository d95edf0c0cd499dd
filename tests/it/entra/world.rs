//! What the tests of Entra share: a directory on the real wire, and the embedded world's settings.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use qroll::connectors::entra::{Credential, EntraConfig, EntraDirectory};
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::host::{RealClock, RealRng};
use qroll::ports::{
    Clock, Instant, Method, Secret, Wire, WireFailure, WireRequest, WireResponse, Work,
};
use qroll::simulator::world::WorldSize;
use qroll::simulator::{Running, SimulatorOptions, start};

/// A directory over real HTTP.
pub(crate) fn directory(config: EntraConfig) -> EntraDirectory {
    timed(config, Arc::new(RealClock::new()))
}

/// The same with a clock of the test.
pub(crate) fn timed(config: EntraConfig, clock: Arc<dyn Clock>) -> EntraDirectory {
    let wire = ReqwestWire::new(&WireOptions {
        extra_ca: None,
        no_proxy: true,
    })
    .expect("what the test set up");
    let rng = Arc::new(RealRng::new().expect("what the test set up"));
    EntraDirectory::new(Arc::new(wire), clock, rng, config).expect("what the test set up")
}

/// The world's app with its secret.
pub(crate) fn config(world: &Running) -> EntraConfig {
    by(
        world,
        Credential::Secret(Secret::new(world.graph_client_secret.clone())),
    )
}

/// The world's app by another way.
pub(crate) fn by(world: &Running, credential: Credential) -> EntraConfig {
    EntraConfig {
        login_url: world.login_url.parse().expect("what the test set up"),
        graph_url: world.graph_url.parse().expect("what the test set up"),
        tenant_id: world.directory_tenant.clone(),
        client_id: world.graph_client_id.clone(),
        credential,
    }
}

/// A world of 2,500 people: three pages.
pub(crate) async fn sized() -> Running {
    start(SimulatorOptions::sized(WorldSize {
        people: 2_500,
        ..WorldSize::default()
    }))
    .await
    .expect("what the test set up")
}

/// A small world.
pub(crate) async fn small() -> Running {
    start(SimulatorOptions::default())
        .await
        .expect("what the test set up")
}

/// A clock of the test: runs so many times as fast as the wall, and can be moved on.
pub(crate) struct Fast {
    real: RealClock,
    speed: u32,
    ahead: Mutex<Duration>,
}

impl Fast {
    pub(crate) fn new(speed: u32) -> Arc<Self> {
        Arc::new(Self {
            real: RealClock::new(),
            speed,
            ahead: Mutex::default(),
        })
    }

    pub(crate) fn advance(&self, span: Duration) {
        *self.ahead.lock().expect("no test panicked") += span;
    }
}

impl Clock for Fast {
    fn now(&self) -> Instant {
        let ahead = *self.ahead.lock().expect("no test panicked");
        Instant(self.real.now().0 * self.speed + ahead)
    }

    fn wall(&self) -> jiff::Timestamp {
        self.real.wall()
    }

    fn sleep(&self, span: Duration) -> Work<'_, ()> {
        self.real.sleep(span / self.speed)
    }
}

/// A world whose tokens and codes age as fast as [`Fast`] runs.
pub(crate) async fn hasty(speed: u32) -> Arc<Running> {
    let options = SimulatorOptions {
        clock_speed: f64::from(speed),
        ..SimulatorOptions::default()
    };
    Arc::new(start(options).await.expect("what the test set up"))
}

type Act = Box<dyn Fn(usize) + Send + Sync>;

/// The real wire; counts requests for tokens, does something before each and keeps how they ended.
pub(crate) struct Watched {
    wire: ReqwestWire,
    act: Act,
    asked: AtomicUsize,
    said: Mutex<Vec<String>>,
}

impl Watched {
    /// `act` is told which request for a token comes, counted from 1.
    pub(crate) fn new(act: impl Fn(usize) + Send + Sync + 'static) -> Arc<Self> {
        let wire = ReqwestWire::new(&WireOptions {
            extra_ca: None,
            no_proxy: true,
        });
        Arc::new(Self {
            wire: wire.expect("what the test set up"),
            act: Box::new(act),
            asked: AtomicUsize::new(0),
            said: Mutex::default(),
        })
    }

    /// A directory over it.
    pub(crate) fn directory(
        self: &Arc<Self>,
        config: EntraConfig,
        clock: Arc<dyn Clock>,
    ) -> EntraDirectory {
        let rng = Arc::new(RealRng::new().expect("what the test set up"));
        EntraDirectory::new(self.clone(), clock, rng, config).expect("what the test set up")
    }

    /// `token`, or the error that was answered, of each request for a token.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().expect("no test panicked").clone()
    }
}

impl Wire for Watched {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        Box::pin(async move {
            let token = request.url.path().ends_with("/token");
            if token {
                (self.act)(self.asked.fetch_add(1, Ordering::SeqCst) + 1);
            }
            let answer = self.wire.send(request).await;
            if token {
                let said = match &answer {
                    Ok(answer) => serde_json::from_slice::<serde_json::Value>(&answer.body)
                        .ok()
                        .and_then(|body| Some(body.get("error")?.as_str()?.to_owned()))
                        .unwrap_or_else(|| "token".to_owned()),
                    Err(_) => "nothing".to_owned(),
                };
                self.said.lock().expect("no test panicked").push(said);
            }
            answer
        })
    }
}

/// GETs an address as a browser would; gives status, where it leads and the body.
pub(crate) async fn browse(address: &str) -> (u16, String, String) {
    let wire = ReqwestWire::new(&WireOptions {
        extra_ca: None,
        no_proxy: true,
    });
    let request = WireRequest {
        method: Method::Get,
        url: address.parse().expect("an address"),
        headers: Vec::new(),
        authorization: None,
        body: None,
        deadline: Duration::from_secs(20),
        body_cap: 1 << 20,
    };
    let answer = wire.expect("what the test set up").send(request).await;
    let answer = answer.expect("an answer");
    let leads = answer.header("location").map(|to| to.expose().to_owned());
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    (answer.status, leads.unwrap_or_default(), body)
}
