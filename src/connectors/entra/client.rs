//! Sends GETs to Graph. The token goes to the configured Graph root only; next links are followed
//! as they stand, as Graph demands, but only inside that root (reliability 4.4). Since nothing is
//! changed, every request may be tried again; a wait that one request is given holds all.

use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

use super::refusal::graph_refusal;
use super::sign_in::{Attendant, Credential, SignIn};
use crate::connectors::http::{Bearer, Origin, TokenBook, backoff, retry_after, unreachable};
use crate::ports::{
    Clock, Instant, Kind, Method, Problem, Rng, Wire, WireFailure, WireRequest, WireResponse,
};

/// Requests under way at once (directories.md 2.5: 4 to 8).
const PARALLEL: usize = 6;
const BODY_CAP: usize = 16 << 20;
const DEADLINE: Duration = Duration::from_mins(1);
/// Attempts of one request.
pub(super) const ATTEMPTS: u32 = 5;
/// Longest wait that is kept without asking anybody (directories.md 2.9).
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// An app registration and the cloud it lives in.
#[derive(Clone, Debug)]
pub struct EntraConfig {
    /// Sign-in authority, `https://login.microsoftonline.com` or another cloud's.
    pub login_url: Url,
    /// Graph root of the same cloud, `https://graph.microsoft.com` or another.
    pub graph_url: Url,
    /// Tenant id (GUID) or a domain of the tenant; never `common`.
    pub tenant_id: String,
    /// Application (client) id.
    pub client_id: String,
    /// How to sign in.
    pub credential: Credential,
}

/// A failed read: what Graph's code was, where one came.
pub(super) struct Refused {
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) problem: Problem,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self {
            status: None,
            code: None,
            problem,
        }
    }
}

/// Graph, with one app's token.
pub(super) struct Client {
    wire: Arc<dyn Wire>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    graph_url: Url,
    graph: Origin,
    delegated: bool,
    sign_in: SignIn,
    tokens: TokenBook,
    slots: Semaphore,
    /// No request before this: somebody was told to wait.
    hold: Mutex<Instant>,
}

impl Client {
    pub(super) fn new(
        wire: Arc<dyn Wire>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        config: EntraConfig,
    ) -> Result<Self, Problem> {
        let vague = ["", "common", "organizations", "consumers"];
        if vague.contains(&config.tenant_id.as_str()) {
            return Err(Problem::new(
                Kind::Config,
                "The directory tenant must be named: its GUID or one of its domains.",
            ));
        }
        Ok(Self {
            graph: Origin::of(&config.graph_url)?,
            graph_url: config.graph_url.clone(),
            delegated: config.credential.is_delegated(),
            sign_in: SignIn::new(wire.clone(), clock.clone(), rng.clone(), config)?,
            tokens: TokenBook::new(clock.clone()),
            slots: Semaphore::new(PARALLEL),
            hold: Mutex::new(Instant::default()),
            wire,
            clock,
            rng,
        })
    }

    /// Host of the Graph root, for the screen.
    pub(super) fn label(&self) -> String {
        self.graph.label()
    }

    /// Signs a person in; what is held of an earlier sign-in is forgotten.
    pub(super) async fn sign_in(&self, attendant: &dyn Attendant) -> Result<(), Problem> {
        let granted = match self.sign_in.config.credential {
            Credential::DeviceCode => self.sign_in.by_device(attendant).await?,
            Credential::Browser => self.sign_in.by_browser(attendant).await?,
            Credential::Secret(_) | Credential::Certificate(_) => return Ok(()),
        };
        let fetched = self.sign_in.keep(granted);
        let fetched = std::future::ready(Ok(fetched));
        self.tokens.token_for(None, Duration::MAX, fetched).await?;
        Ok(())
    }

    /// An address below `/v1.0/`.
    pub(super) fn address(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.graph_url.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().push("v1.0").extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// A next link, if it may be followed: inside the Graph root, below `/v1.0/`.
    pub(super) fn next(&self, link: &str) -> Result<Url, Problem> {
        Url::parse(link)
            .ok()
            .filter(|url| self.graph.holds(url) && url.path().starts_with("/v1.0/"))
            .ok_or_else(|| {
                Problem::new(
                    Kind::Guard,
                    format!(
                        "A page of {} continues at another address; it was not followed.",
                        self.graph.label()
                    ),
                )
            })
    }

    /// One GET, with as many attempts as make sense. `needs` names the permission for the hint.
    pub(super) async fn get(&self, url: &Url, needs: &str) -> Result<WireResponse, Refused> {
        let (mut failed, mut stale) = (0, None);
        loop {
            let bearer = self.bearer(stale).await?;
            let _slot = self.slots.acquire().await.ok();
            self.wait_for_hold().await;
            let mut request = request(Method::Get, url.clone());
            request
                .headers
                .push(("consistencylevel", "eventual".to_owned()));
            request
                .headers
                .push(("client-request-id", request_id(&*self.rng)));
            self.graph.authorize(&mut request, &bearer.secret)?;
            let answer = self.wire.send(request).await;
            failed += 1;
            match answer {
                Ok(response) if response.status < 300 => return Ok(response),
                Ok(response) if response.status == 401 && stale.is_none() => {
                    stale = Some(bearer.serial);
                }
                Ok(response) => {
                    let wall = self.clock.wall();
                    match pause_for(&response, failed, &*self.rng, wall) {
                        Some(pause) => self.hold_for(pause),
                        None => return Err(self.refused(&response, url.path(), needs)),
                    }
                }
                Err(failure) if failed < ATTEMPTS && !is_final(&failure) => {
                    self.clock.sleep(backoff(&*self.rng, failed)).await;
                }
                Err(failure) => return Err(unreachable(&self.graph, failure).into()),
            }
        }
    }

    fn refused(&self, response: &WireResponse, path: &str, needs: &str) -> Refused {
        graph_refusal(response, path, &self.permission(needs), &self.label())
    }

    /// A permission as the portal calls it: the one of the app, or of the person who signed in.
    pub(super) fn permission(&self, name: &str) -> String {
        let kind = if self.delegated {
            "delegated"
        } else {
            "application"
        };
        format!("{kind} permission {name}")
    }

    fn hold_for(&self, pause: Duration) {
        let until = self.clock.now().plus(pause);
        let mut hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        *hold = (*hold).max(until);
    }

    async fn wait_for_hold(&self) {
        loop {
            let until = *self.hold.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = until.since(self.clock.now());
            if wait.is_zero() {
                return;
            }
            self.clock.sleep(wait).await;
        }
    }

    pub(super) async fn bearer(&self, stale: Option<u64>) -> Result<Bearer, Problem> {
        self.tokens.token(stale, self.sign_in.fetch()).await
    }
}

/// How long to wait before trying again; `None` when that is of no use.
pub(super) fn pause_for(
    response: &WireResponse,
    failed: u32,
    rng: &dyn Rng,
    wall: Timestamp,
) -> Option<Duration> {
    let passing = matches!(response.status, 429 | 408 | 500 | 502 | 503 | 504);
    if !passing || failed >= ATTEMPTS {
        return None;
    }
    // Without a header 2, 4, 8, ... seconds with jitter: twice our usual step, twice over.
    let own = (backoff(rng, failed) * 4).min(Duration::from_mins(1));
    let wait = retry_after(response, wall).unwrap_or(own);
    (wait <= LONGEST_WAIT).then_some(wait)
}

/// A random GUID.
pub(super) fn request_id(rng: &dyn Rng) -> String {
    let bits = (u128::from(rng.next()) << 64) | u128::from(rng.next());
    uuid::Builder::from_random_bytes(bits.to_be_bytes())
        .into_uuid()
        .to_string()
}

pub(super) fn request(method: Method, url: Url) -> WireRequest {
    WireRequest {
        method,
        url,
        headers: vec![("accept", "application/json".to_owned())],
        authorization: None,
        body: None,
        deadline: DEADLINE,
        body_cap: BODY_CAP,
    }
}

pub(super) fn is_final(failure: &WireFailure) -> bool {
    matches!(failure, WireFailure::Untrusted(_))
}
