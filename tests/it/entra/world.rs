//! What the tests of Entra share: a directory on the real wire, and the embedded world's settings.

use std::sync::Arc;

use qroll::connectors::entra::{Credential, EntraConfig, EntraDirectory};
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::host::{RealClock, RealRng};
use qroll::ports::{Clock, Secret};
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
