//! A wire that answers whatever a target wants, in virtual time, and remembers what was asked.

use bytes::Bytes;
use jiff::Timestamp;
use std::sync::{Arc, Mutex};

use qroll::connectors::entra::{Credential, EntraConfig, EntraDirectory};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::host::memory::{SeededRng, VirtualClock};
use qroll::ports::{
    Clock as _, Instant, Secret, Wire, WireFailure, WireRequest, WireResponse, Work,
};

pub(super) const TENANT: &str = "https://acme.eu.qlikcloud.com";
const GRAPH: &str = "https://graph.example";

type Answer = dyn Fn(&WireRequest, usize) -> WireResponse + Send + Sync;

/// Answers by a function of the request and its number.
pub(super) struct Wired {
    clock: VirtualClock,
    answer: Box<Answer>,
    asked: Mutex<Vec<(Instant, WireRequest)>>,
}

impl Wired {
    /// What was asked, and when.
    pub(super) fn asked(&self) -> Vec<(Instant, WireRequest)> {
        self.asked.lock().expect("no test panicked").clone()
    }

    /// I9: everything went to this origin; nothing else is known there.
    pub(super) fn stayed(&self, below: &str) -> Result<(), String> {
        for (_, request) in self.asked() {
            let url = request.url.as_str();
            let origin = below.split('/').take(3).collect::<Vec<_>>().join("/");
            let home = request.url.origin().ascii_serialization() == origin;
            if !home || !url.starts_with(below) || !request.url.username().is_empty() {
                return Err(format!("asked {url}, which is not below {below}"));
            }
        }
        Ok(())
    }
}

impl Wire for Wired {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        Box::pin(async move {
            let number = {
                let mut asked = self.asked.lock().expect("no test panicked");
                asked.push((self.clock.now(), request.clone()));
                asked.len() - 1
            };
            // The sign-in of Graph, which is no target here.
            if request.url.path().ends_with("/oauth2/v2.0/token") {
                let token = br#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;
                return Ok(reply(200, token));
            }
            Ok((self.answer)(&request, number))
        })
    }
}

/// A JSON answer.
pub(super) fn reply(status: u16, body: &[u8]) -> WireResponse {
    WireResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".into())],
        body: Bytes::copy_from_slice(body),
    }
}

fn wired(
    answer: impl Fn(&WireRequest, usize) -> WireResponse + Send + Sync + 'static,
) -> (Arc<Wired>, VirtualClock) {
    let clock = VirtualClock::new(Timestamp::UNIX_EPOCH);
    let wire = Wired {
        clock: clock.clone(),
        answer: Box::new(answer),
        asked: Mutex::default(),
    };
    (Arc::new(wire), clock)
}

/// A tenant behind such a wire.
pub(super) fn tenant(
    answer: impl Fn(&WireRequest, usize) -> WireResponse + Send + Sync + 'static,
) -> (QlikTenant, Arc<Wired>, VirtualClock) {
    let (wire, clock) = wired(answer);
    let tenant = QlikTenant::new(
        wire.clone(),
        Arc::new(clock.clone()),
        Arc::new(SeededRng::new(1)),
        &TENANT.parse().expect("an address"),
        QlikCredential::ApiKey(Secret::new("key")),
    );
    (tenant.expect("a tenant"), wire, clock)
}

/// A directory behind such a wire; the sign-in is on the same host.
pub(super) fn graph(
    answer: impl Fn(&WireRequest, usize) -> WireResponse + Send + Sync + 'static,
) -> (EntraDirectory, Arc<Wired>, VirtualClock) {
    let (wire, clock) = wired(answer);
    let config = EntraConfig {
        login_url: GRAPH.parse().expect("an address"),
        graph_url: GRAPH.parse().expect("an address"),
        tenant_id: "acme.example".to_owned(),
        client_id: "c".to_owned(),
        credential: Credential::Secret(Secret::new("s")),
    };
    let rng = Arc::new(SeededRng::new(1));
    let directory = EntraDirectory::new(wire.clone(), Arc::new(clock.clone()), rng, config);
    (directory.expect("a directory"), wire, clock)
}
