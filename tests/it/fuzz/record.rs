//! Writes the corpus anew: what the embedded world really answers to the real clients. Runs only when
//! asked for, since the files it writes are part of the tree.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use qroll::connectors::entra::{Credential, EntraConfig, EntraDirectory};
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::Subject;
use qroll::host::RealClock;
use qroll::host::memory::SeededRng;
use qroll::ports::{
    Directory as _, PeopleQuery, Question, Secret, Tenant as _, Wire, WireFailure, WireRequest,
    WireResponse, Work,
};
use qroll::simulator::world::WorldSize;
use qroll::simulator::{Running, SimulatorOptions, start};

use super::corpus::{folder, name};
use super::writes::{calls, durable};

/// The real wire, with an ear.
struct Recorder {
    wire: ReqwestWire,
    heard: Mutex<BTreeMap<(&'static str, String), Vec<u8>>>,
}

impl Wire for Recorder {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        Box::pin(async move {
            let method = request.method.word();
            let path = request.url.path().to_owned();
            let answer = self.wire.send(request).await?;
            let (folder, name) = place(method, &path, answer.status);
            let mut heard = self.heard.lock().expect("no test panicked");
            let longest = heard.entry((folder, name)).or_default();
            if longest.len() < answer.body.len() {
                *longest = answer.body.to_vec();
            }
            Ok(answer)
        })
    }
}

/// Which folder of the corpus, and a name for the file.
fn place(method: &str, path: &str, status: u16) -> (&'static str, String) {
    let folder = match path {
        _ if path.contains("token") => "none",
        _ if path.starts_with("/v1.0/") => "graph",
        _ if method == "GET" && status == 200 => "tenant",
        _ => "writes",
    };
    (
        folder,
        format!("{}-{}-{status}.json", method.to_lowercase(), name(path)),
    )
}

fn size() -> WorldSize {
    WorldSize {
        people: 12,
        users: Some(8),
        licenses: Some(6),
        groups: 3,
        spaces: 2,
        ..WorldSize::default()
    }
}

async fn ask_everything(world: &Running, wire: &Arc<Recorder>) {
    let clock = Arc::new(RealClock::new());
    let rng = Arc::new(SeededRng::new(1));
    let key = QlikCredential::ApiKey(Secret::new(world.api_key()));
    let url = world.qlik_url.parse().expect("an address");
    let tenant = QlikTenant::new(wire.clone(), clock.clone(), rng.clone(), &url, key);
    let tenant = tenant.expect("a tenant");
    let snapshot = tenant.load(&|_| {}).await.expect("a snapshot");
    let space = snapshot.spaces.value.first().expect("a space").id.clone();
    tenant.assignments(&space).await.expect("assignments");
    let user = snapshot.users.value.first().expect("a user");
    let both = vec![user.subject.clone(), Subject::from("nobody")];
    tenant
        .observe(&Question::UsersBySubject(both))
        .await
        .expect("users");
    let calls = calls();
    for call in calls.iter().chain(calls.first()) {
        let _ = tenant.send(durable(), tenant.prepare(call)).await;
    }
    let config = EntraConfig {
        login_url: world.login_url.parse().expect("an address"),
        graph_url: world.graph_url.parse().expect("an address"),
        tenant_id: world.directory_tenant.clone(),
        client_id: world.graph_client_id.clone(),
        credential: Credential::Secret(Secret::new(world.graph_client_secret.clone())),
    };
    let directory = EntraDirectory::new(wire.clone(), clock, rng, config).expect("a directory");
    let groups = directory.groups(None).await.expect("groups").value;
    directory.members(&groups[0].id).await.expect("members");
    directory.people(&PeopleQuery::All).await.expect("people");
}

#[test]
fn the_corpus_is_written_when_asked_for() {
    if std::env::var("QROLL_FUZZ_RECORD").is_err() {
        return;
    }
    let options = WireOptions {
        extra_ca: None,
        no_proxy: true,
    };
    let wire = Arc::new(Recorder {
        wire: ReqwestWire::new(&options).expect("a wire"),
        heard: Mutex::default(),
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let world = start(SimulatorOptions::sized(size()))
            .await
            .expect("a world");
        ask_everything(&world, &wire).await;
        world.stop().await;
    });
    let heard = wire.heard.lock().expect("no test panicked");
    for ((target, name), body) in heard
        .iter()
        .filter(|((target, _), body)| *target != "none" && !body.is_empty())
    {
        let folder = folder(target);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(name), body).expect("a file");
    }
}
