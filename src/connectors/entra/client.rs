//! Sends GETs to Graph. The token goes to the configured Graph root only; next links are followed
//! as they stand, as Graph demands, but only inside that root (reliability 4.4). Since nothing is
//! changed, every request may be tried again; a wait that one request is given holds all.

use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;
use url::form_urlencoded::Serializer;

use super::refusal::{graph_refusal, token_answer, token_refusal};
use crate::connectors::http::{
    Bearer, Fetched, Origin, TokenBook, backoff, retry_after, unreachable,
};
use crate::ports::{
    Clock, Instant, Kind, Method, Problem, Rng, Secret, Wire, WireFailure, WireRequest,
    WireResponse, Work,
};

/// Requests under way at once (directories.md 2.5: 4 to 8).
const PARALLEL: usize = 6;
const BODY_CAP: usize = 16 << 20;
const DEADLINE: Duration = Duration::from_mins(1);
/// Attempts of one request.
const ATTEMPTS: u32 = 5;
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
    /// Client secret.
    pub secret: Secret,
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
    config: EntraConfig,
    graph: Origin,
    login: Origin,
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
            login: Origin::of(&config.login_url)?,
            tokens: TokenBook::new(clock.clone()),
            slots: Semaphore::new(PARALLEL),
            hold: Mutex::new(Instant::default()),
            wire,
            clock,
            rng,
            config,
        })
    }

    /// Host of the Graph root, for the screen.
    pub(super) fn label(&self) -> String {
        self.graph.label()
    }

    /// An address below `/v1.0/`.
    pub(super) fn address(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.config.graph_url.clone();
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
                .push(("client-request-id", self.request_id()));
            self.graph.authorize(&mut request, &bearer.secret)?;
            let answer = self.wire.send(request).await;
            failed += 1;
            match answer {
                Ok(response) if response.status < 300 => return Ok(response),
                Ok(response) if response.status == 401 && stale.is_none() => {
                    stale = Some(bearer.serial);
                }
                Ok(response) => match self.pause_for(&response, failed) {
                    Some(pause) => self.hold_for(pause),
                    None => return Err(graph_refusal(&response, url.path(), needs, &self.label())),
                },
                Err(failure) if failed < ATTEMPTS && !is_final(&failure) => {
                    self.clock.sleep(backoff(&*self.rng, failed)).await;
                }
                Err(failure) => return Err(unreachable(&self.graph, failure).into()),
            }
        }
    }

    /// How long to wait before trying again; `None` when that is of no use.
    fn pause_for(&self, response: &WireResponse, failed: u32) -> Option<Duration> {
        let passing = matches!(response.status, 429 | 408 | 500 | 502 | 503 | 504);
        if !passing || failed >= ATTEMPTS {
            return None;
        }
        // Without a header 2, 4, 8, ... seconds with jitter: twice our usual step, twice over.
        let own = (backoff(&*self.rng, failed) * 4).min(Duration::from_mins(1));
        let wait = retry_after(response, self.clock.wall()).unwrap_or(own);
        (wait <= LONGEST_WAIT).then_some(wait)
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

    async fn bearer(&self, stale: Option<u64>) -> Result<Bearer, Problem> {
        self.tokens.token(stale, self.fetch_token()).await
    }

    fn fetch_token(&self) -> Work<'_, Result<Fetched, Problem>> {
        Box::pin(async move {
            let mut failed = 0;
            loop {
                failed += 1;
                match self.wire.send(self.token_request()).await {
                    Ok(response) if response.status == 200 => return token_answer(&response),
                    Ok(response) => match self.pause_for(&response, failed) {
                        Some(pause) => self.clock.sleep(pause).await,
                        None => return Err(token_refusal(&response, &self.login.label())),
                    },
                    Err(failure) if failed < ATTEMPTS && !is_final(&failure) => {
                        self.clock.sleep(backoff(&*self.rng, failed)).await;
                    }
                    Err(failure) => return Err(unreachable(&self.login, failure)),
                }
            }
        })
    }

    fn token_request(&self) -> WireRequest {
        let mut url = self.config.login_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear()
                .extend([self.config.tenant_id.as_str(), "oauth2", "v2.0", "token"]);
        }
        let root = self.config.graph_url.as_str().trim_end_matches('/');
        let body = Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("client_secret", self.config.secret.expose())
            .append_pair("scope", &format!("{root}/.default"))
            .finish();
        let mut request = request(Method::Post, url);
        let form = "application/x-www-form-urlencoded".to_owned();
        request.headers.push(("content-type", form));
        request.body = Some(Bytes::from(body));
        request
    }

    fn request_id(&self) -> String {
        let bits = (u128::from(self.rng.next()) << 64) | u128::from(self.rng.next());
        uuid::Builder::from_random_bytes(bits.to_be_bytes())
            .into_uuid()
            .to_string()
    }
}

fn request(method: Method, url: Url) -> WireRequest {
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

fn is_final(failure: &WireFailure) -> bool {
    matches!(failure, WireFailure::Untrusted(_))
}
