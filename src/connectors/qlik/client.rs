//! Sends requests to one tenant: token attached by the origin's own guard, paced by tier, at most
//! eight reads under way. Reads are tried again where that may help; writes never are, here.

use bytes::Bytes;
use jiff::SignedDuration;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

use super::credential::{QlikCredential, token_answer, token_body, token_scopes};
use super::pacing::{Bucket, Pacer};
use super::refusal::{Refused, envelope, refusal, wait_in_words};
use super::vouch::Acting;
use crate::connectors::http::{
    Bearer, Fetched, Origin, TokenBook, backoff, retry_after, server_time, unreachable,
};
use crate::ports::{
    Clock, Kind, Method, Problem, Rng, Wire, WireFailure, WireRequest, WireResponse, Work,
};
use crate::text::Raw;

/// Reads under way at once: polite, and enough to reach the limits (dossier 9.6).
pub(super) const PARALLEL: usize = 8;
/// Largest answer accepted (reliability A12).
const BODY_CAP: usize = 16 << 20;
/// What reads renew of a token's time, so that the write behind a check does not have to wait for
/// a new one: the check would grow old meanwhile.
const AHEAD: Duration = Duration::from_secs(15);
/// Longest exchange (reliability A12).
const DEADLINE: Duration = Duration::from_mins(1);
/// Attempts of a read that fails for reasons that may pass.
const ATTEMPTS: u32 = 4;
/// Times that one read is put off by a 429 before it gives up (reliability A2).
const PATIENCE: u32 = 10;
/// A longer wait than this is for the operator to decide (reliability A1).
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// A request below the origin.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: Method,
    /// Path with query, both already encoded.
    pub(super) path: String,
    pub(super) body: Option<Bytes>,
    pub(super) bucket: Bucket,
}

impl Ask {
    /// A read of tier 1.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            body: None,
            bucket: Bucket::Reads,
        }
    }

    /// Method and path without the query, for messages.
    pub(super) fn label(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method.word())
    }
}

/// One tenant and one credential.
pub(super) struct Client {
    wire: Arc<dyn Wire>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
    base: Url,
    pub(super) origin: Origin,
    credential: QlikCredential,
    tokens: TokenBook,
    /// Serial of the token that was fetched because a write was refused with 401.
    replaced: AtomicU64,
    /// Latest token with which a write was not refused for its token.
    written: AtomicU64,
    pub(super) pacer: Pacer,
    pub(super) acting: Acting,
    skew: Mutex<Option<SignedDuration>>,
    /// What the token in use may do, as the tenant told.
    scopes: Mutex<Option<Raw>>,
    slots: Semaphore,
}

impl Client {
    /// A client of the tenant at this origin.
    pub(super) fn new(
        wire: Arc<dyn Wire>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        address: &Url,
        credential: QlikCredential,
    ) -> Result<Self, Problem> {
        let origin = Origin::of(address)?;
        let mut base = address.clone();
        base.set_path("/");
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self {
            wire,
            tokens: TokenBook::new(clock.clone()),
            replaced: AtomicU64::new(0),
            written: AtomicU64::new(0),
            pacer: Pacer::new(clock.clone()),
            acting: Acting::default(),
            skew: Mutex::new(None),
            clock,
            rng,
            base,
            origin,
            credential,
            scopes: Mutex::new(None),
            slots: Semaphore::new(PARALLEL),
        })
    }

    /// The tenant's address with a trailing slash.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// Whether a refused token can be replaced.
    pub(super) fn renewable(&self) -> bool {
        matches!(self.credential, QlikCredential::OAuth { .. })
    }

    /// The token to use, another than the one with the serial `stale`.
    pub(super) async fn bearer(&self, stale: Option<u64>) -> Result<Bearer, Problem> {
        self.bearer_for(stale, Duration::ZERO).await
    }

    /// As [`Client::bearer`], but one that is still to be used after `ahead`.
    async fn bearer_for(&self, stale: Option<u64>, ahead: Duration) -> Result<Bearer, Problem> {
        match &self.credential {
            QlikCredential::ApiKey(secret) => Ok(Bearer {
                secret: secret.clone(),
                serial: 0,
            }),
            QlikCredential::OAuth { client_id, secret } => {
                let fetch = self.fetch_token(token_body(client_id, secret));
                self.tokens.token_for(stale, ahead, fetch).await
            }
        }
    }

    /// A write was answered with 401: whether there is another token now (D1). Not when this one had
    /// been fetched for the same reason and never let a write through.
    pub(super) async fn renew(&self, refused: &Bearer) -> Result<bool, Problem> {
        let serial = refused.serial;
        let again = serial == self.replaced.load(Ordering::SeqCst)
            && serial > self.written.load(Ordering::SeqCst);
        if again || !self.renewable() {
            return Ok(false);
        }
        let fresh = self.bearer(Some(serial)).await?;
        self.replaced.fetch_max(fresh.serial, Ordering::SeqCst);
        Ok(true)
    }

    /// A write was not refused for its token.
    pub(super) fn let_through(&self, bearer: &Bearer) {
        self.written.fetch_max(bearer.serial, Ordering::SeqCst);
    }

    /// Boxed, because a read asks for a token and a token is read.
    fn fetch_token(&self, body: Bytes) -> Work<'_, Result<Fetched, Problem>> {
        let ask = Ask {
            method: Method::Post,
            path: "/oauth/token".to_owned(),
            body: Some(body),
            bucket: Bucket::Writes,
        };
        Box::pin(async move {
            let answer = self.read_with(&ask, false).await.map_err(token_refused)?;
            *self.scopes.lock().unwrap_or_else(PoisonError::into_inner) = token_scopes(&answer);
            token_answer(&answer, self.clock.wall())
        })
    }

    /// One exchange, without pacing and without any second attempt.
    pub(super) async fn once(
        &self,
        ask: &Ask,
        bearer: Option<&Bearer>,
    ) -> Result<Result<WireResponse, WireFailure>, Problem> {
        let mut request = self.request(ask)?;
        if let Some(bearer) = bearer {
            self.origin.authorize(&mut request, &bearer.secret)?;
        }
        let answer = self.wire.send(request).await;
        if let Some(time) = answer.as_ref().ok().and_then(server_time) {
            let skew = time.duration_since(self.clock.wall());
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
        Ok(answer)
    }

    /// What the token in use may do, as the tenant told.
    pub(super) fn scopes(&self) -> Option<Raw> {
        let scopes = self.scopes.lock();
        scopes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How far the tenant's clock is ahead of ours, as its last answer told (D4).
    pub(super) fn skew(&self) -> Option<SignedDuration> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connections there were are not to be trusted any more.
    pub(super) fn reconnect(&self) {
        self.wire.reconnect();
    }

    fn request(&self, ask: &Ask) -> Result<WireRequest, Problem> {
        let url = self
            .base
            .join(&ask.path)
            .ok()
            .filter(|url| self.origin.holds(url))
            .ok_or_else(|| Problem::new(Kind::Internal, "A request path is not a path."))?;
        let mut headers = vec![("accept", "application/json".to_owned())];
        if ask.body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Ok(WireRequest {
            method: ask.method,
            url,
            headers,
            authorization: None,
            body: ask.body.clone(),
            deadline: DEADLINE,
            body_cap: BODY_CAP,
        })
    }

    /// A read: any answer below 300, after as many attempts as make sense.
    pub(super) async fn read(&self, ask: &Ask) -> Result<WireResponse, Refused> {
        self.read_with(ask, true).await
    }

    pub(super) async fn read_with(
        &self,
        ask: &Ask,
        authorized: bool,
    ) -> Result<WireResponse, Refused> {
        let mut attempt = Attempt::default();
        loop {
            let bearer = if authorized {
                Some(self.bearer_for(attempt.stale, AHEAD).await?)
            } else {
                None
            };
            let answer = {
                // Requests without a token are made by somebody who holds a place already.
                let _slot = if authorized {
                    self.slots.acquire().await.ok()
                } else {
                    None
                };
                self.pacer.turn(ask.bucket).await;
                self.once(ask, bearer.as_ref()).await?
            };
            let pause = match answer {
                Ok(response) if response.status < 300 => {
                    self.pacer.passed(ask.bucket);
                    return Ok(response);
                }
                Ok(response) => self.after_refusal(ask, &response, bearer, &mut attempt)?,
                Err(failure) => self.after_failure(failure, &mut attempt)?,
            };
            self.clock.sleep(pause).await;
        }
    }

    /// How long to wait before the next attempt, or why there is none.
    fn after_refusal(
        &self,
        ask: &Ask,
        response: &WireResponse,
        bearer: Option<Bearer>,
        attempt: &mut Attempt,
    ) -> Result<Duration, Refused> {
        let refused = || refusal(response, &ask.label(), &self.origin.label());
        match response.status {
            401 if self.renewable() && attempt.stale.is_none() && bearer.is_some() => {
                attempt.stale = bearer.map(|bearer| bearer.serial);
                Ok(Duration::ZERO)
            }
            429 => {
                let asked = self.asked_to_wait(response);
                attempt.put_off += 1;
                if asked.is_some_and(|wait| wait > LONGEST_WAIT) || attempt.put_off >= PATIENCE {
                    return Err(refused());
                }
                // The pause is the tier's: the next turn waits for it.
                self.pacer.refused(ask.bucket, asked, &*self.rng);
                Ok(Duration::ZERO)
            }
            408 | 500..=599 => {
                attempt.failed += 1;
                if attempt.failed >= ATTEMPTS {
                    return Err(refused());
                }
                let asked = retry_after(response, self.clock.wall());
                let own = backoff(&*self.rng, attempt.failed);
                Ok(asked.map_or(own, |wait| wait.min(Duration::from_mins(1))))
            }
            _ => Err(refused()),
        }
    }

    fn after_failure(
        &self,
        failure: WireFailure,
        attempt: &mut Attempt,
    ) -> Result<Duration, Refused> {
        attempt.failed += 1;
        if attempt.failed >= ATTEMPTS || matches!(failure, WireFailure::Untrusted(_)) {
            return Err(unreachable(&self.origin, failure).into());
        }
        Ok(backoff(&*self.rng, attempt.failed))
    }

    /// What a 429 asks for, in its header or in its sentence.
    pub(super) fn asked_to_wait(&self, response: &WireResponse) -> Option<Duration> {
        retry_after(response, self.clock.wall()).or_else(|| wait_in_words(&envelope(response)))
    }

    /// Reads a `.../me` address: it answers with a redirect to the record (dossier 1.5), which is
    /// followed by hand, once, to the same origin and below `home` only.
    pub(super) async fn read_me(&self, me: &str, home: &str) -> Result<WireResponse, Refused> {
        let ask = Ask::get(me);
        match self.read_redirect(&ask).await? {
            Redirected::No(response) => Ok(response),
            Redirected::To(target) => {
                let target = self
                    .base
                    .join(&target)
                    .ok()
                    .filter(|url| self.origin.holds(url) && url.path().starts_with(home));
                let target = target.ok_or_else(|| {
                    Problem::new(
                        Kind::Guard,
                        format!(
                            "{} redirects out of the tenant; this was not followed.",
                            ask.label()
                        ),
                    )
                })?;
                self.read(&Ask::get(target.path())).await
            }
        }
    }

    async fn read_redirect(&self, ask: &Ask) -> Result<Redirected, Refused> {
        match self.read(ask).await {
            Ok(response) => Ok(Redirected::No(response)),
            Err(Refused {
                location: Some(target),
                ..
            }) => Ok(Redirected::To(target.expose().to_owned())),
            Err(refused) => Err(refused),
        }
    }
}

/// A refused token request, with hints that fit.
fn token_refused(refused: Refused) -> Problem {
    let (status, problem) = (refused.status, refused.problem);
    match status {
        Some(400 | 401) if problem.kind != Kind::Config => Problem::new(Kind::Auth, problem.text())
            .hint("Check the OAuth client id and its secret.")
            .hint("The client must be a Web client with machine-to-machine ticked and consent Trusted."),
        Some(403) => problem.hint("The client's user is disabled, or too many tokens are in use."),
        _ => problem,
    }
}

enum Redirected {
    No(WireResponse),
    To(String),
}

/// What one read went through so far.
#[derive(Default)]
struct Attempt {
    failed: u32,
    put_off: u32,
    stale: Option<u64>,
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
