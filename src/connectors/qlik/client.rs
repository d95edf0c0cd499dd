//! Sends requests to one tenant: token attached by the origin's own guard, paced by tier, at most
//! eight reads under way. Reads are tried again where that may help; writes never are, here.

use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

use super::credential::{QlikCredential, token_answer, token_body};
use super::pacing::{Bucket, Pacer};
use super::refusal::{Refused, envelope, refusal, wait_in_words};
use crate::connectors::http::{
    Bearer, Fetched, Origin, TokenBook, backoff, retry_after, unreachable,
};
use crate::ports::{
    Clock, Kind, Method, Problem, Rng, Wire, WireFailure, WireRequest, WireResponse, Work,
};

/// Reads under way at once: polite, and enough to reach the limits (dossier 9.6).
pub(super) const PARALLEL: usize = 8;
/// Largest answer accepted (reliability A12).
const BODY_CAP: usize = 16 << 20;
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
    pub(super) pacer: Pacer,
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
            pacer: Pacer::new(clock.clone()),
            clock,
            rng,
            base,
            origin,
            credential,
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
        match &self.credential {
            QlikCredential::ApiKey(secret) => Ok(Bearer {
                secret: secret.clone(),
                serial: 0,
            }),
            QlikCredential::OAuth { client_id, secret } => {
                let fetch = self.fetch_token(token_body(client_id, secret));
                self.tokens.token(stale, fetch).await
            }
        }
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
            let answer = self.read_with(&ask, false).await;
            token_answer(&answer.map_err(token_refused)?, self.clock.wall())
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
        Ok(self.wire.send(request).await)
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

    async fn read_with(&self, ask: &Ask, authorized: bool) -> Result<WireResponse, Refused> {
        let mut attempt = Attempt::default();
        loop {
            let bearer = if authorized {
                Some(self.bearer(attempt.stale).await?)
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
mod tests {
    use super::*;
    use crate::connectors::testing::{Dice, ScriptedWire, VirtualClock, reply};
    use crate::ports::Secret;

    type Answer = Result<WireResponse, WireFailure>;

    fn client(answers: Vec<Answer>, oauth: bool) -> (Arc<ScriptedWire>, Arc<VirtualClock>, Client) {
        let wire = ScriptedWire::new(answers);
        let clock = VirtualClock::shared();
        let credential = if oauth {
            QlikCredential::OAuth {
                client_id: "c".into(),
                secret: Secret::new("s"),
            }
        } else {
            QlikCredential::ApiKey(Secret::new("key"))
        };
        let address = "https://acme.eu.qlikcloud.com".parse().unwrap();
        let dice = Arc::new(Dice::new(5));
        let client = Client::new(wire.clone(), clock.clone(), dice, &address, credential).unwrap();
        (wire, clock, client)
    }

    #[expect(clippy::unnecessary_wraps, reason = "a script holds failures too")]
    fn token(value: &str) -> Answer {
        let body = format!(r#"{{"access_token":"{value}","expires_in":21600}}"#);
        Ok(reply(200, &body))
    }

    #[expect(clippy::unnecessary_wraps, reason = "a script holds failures too")]
    fn with(status: u16, header: &str, value: &str) -> Answer {
        let mut response = reply(status, "{}");
        response.headers.push((header.into(), value.into()));
        Ok(response)
    }

    #[tokio::test]
    async fn a_refused_token_is_renewed_once() {
        let answers = vec![
            token("a"),
            Ok(reply(401, "{}")),
            token("b"),
            Ok(reply(200, "{}")),
        ];
        let (wire, _, client) = client(answers, true);
        client.read(&Ask::get("/api/v1/users")).await.unwrap();
        let sent: Vec<Option<String>> = wire
            .asked()
            .iter()
            .map(|request| Some(request.authorization.as_ref()?.expose().to_owned()))
            .collect();
        let bearer = |token: &str| Some(format!("Bearer {token}"));
        assert_eq!(sent, [None, bearer("a"), None, bearer("b")]);
    }

    #[tokio::test]
    async fn a_second_401_stops_and_so_does_the_first_of_an_api_key() {
        let answers = vec![
            token("a"),
            Ok(reply(401, "{}")),
            token("b"),
            Ok(reply(401, "{}")),
        ];
        let (wire, _, oauth) = client(answers, true);
        let refused = oauth.read(&Ask::get("/x")).await.unwrap_err();
        assert_eq!(refused.problem.kind, Kind::Auth);
        assert_eq!(wire.asked().len(), 4);
        let (wire, _, key) = client(vec![Ok(reply(401, "{}"))], false);
        assert_eq!(
            key.read(&Ask::get("/x")).await.unwrap_err().status,
            Some(401)
        );
        assert_eq!(wire.asked().len(), 1);
    }

    #[tokio::test]
    async fn a_wrong_secret_is_an_auth_problem_in_both_shapes() {
        for body in [
            r#"{"error":"invalid_client","error_description":"no"}"#,
            r#"{"errors":[{"code":"OAUTH-1","title":"no"}]}"#,
        ] {
            let (_, _, client) = client(vec![Ok(reply(401, body))], true);
            let problem = client.read(&Ask::get("/x")).await.unwrap_err().problem;
            assert_eq!(problem.kind, Kind::Auth);
            assert!(
                problem
                    .hints()
                    .iter()
                    .any(|hint| hint.contains("client id"))
            );
        }
    }

    #[tokio::test]
    async fn a_429_waits_as_asked_and_reads_go_on() {
        let answers = vec![with(429, "retry-after", "13"), Ok(reply(200, "{}"))];
        let (_, clock, client) = client(answers, false);
        client.read(&Ask::get("/x")).await.unwrap();
        assert!(clock.now().0 >= Duration::from_secs(13));
        assert!(clock.now().0 < Duration::from_secs(15));
    }

    #[tokio::test]
    async fn a_wait_of_more_than_five_minutes_is_for_the_operator() {
        let (wire, clock, client) = client(vec![with(429, "retry-after", "301")], false);
        let refused = client.read(&Ask::get("/x")).await.unwrap_err();
        assert_eq!(refused.problem.kind, Kind::Throttled);
        assert_eq!((wire.asked().len(), clock.now().0), (1, Duration::ZERO));
    }

    #[tokio::test]
    async fn passing_troubles_are_tried_four_times() {
        let trouble = || {
            vec![
                Ok(reply(503, "")),
                Err(WireFailure::Ambiguous("reset".into())),
                Err(WireFailure::NotSent("dns".into())),
            ]
        };
        let mut answers = trouble();
        answers.push(Ok(reply(200, "{}")));
        let (_, _, fine) = client(answers, false);
        fine.read(&Ask::get("/x")).await.unwrap();
        let mut answers = trouble();
        answers.push(Ok(reply(502, "")));
        let (wire, _, dead) = client(answers, false);
        let refused = dead.read(&Ask::get("/x")).await.unwrap_err();
        assert!(refused.problem.is_transient());
        assert_eq!(wire.asked().len(), 4);
    }

    #[tokio::test]
    async fn a_refused_certificate_is_final() {
        let (wire, _, client) = client(vec![Err(WireFailure::Untrusted("issuer".into()))], false);
        let problem = client.read(&Ask::get("/x")).await.unwrap_err().problem;
        assert!(
            problem
                .hints()
                .iter()
                .any(|hint| hint.contains("--ca-file"))
        );
        assert_eq!(wire.asked().len(), 1);
    }

    #[tokio::test]
    async fn me_is_followed_inside_the_tenant_only() {
        let home = [
            "/api/v1/users/u1",
            "https://acme.eu.qlikcloud.com/api/v1/users/u1",
        ];
        for target in home {
            let answers = vec![with(301, "location", target), Ok(reply(200, "{}"))];
            let (wire, _, client) = client(answers, false);
            client
                .read_me("/api/v1/users/me", "/api/v1/users/")
                .await
                .unwrap();
            assert_eq!(wire.asked()[1].url.path(), "/api/v1/users/u1");
        }
        for target in [
            "https://evil.example/api/v1/users/u1",
            "//evil.example/api/v1/users/u1",
            "http://acme.eu.qlikcloud.com/api/v1/users/u1",
            "/login",
            "/api/v1/users/../../evil",
        ] {
            let (wire, _, client) = client(vec![with(301, "location", target)], false);
            let refused = client.read_me("/api/v1/users/me", "/api/v1/users/").await;
            assert_eq!(refused.unwrap_err().problem.kind, Kind::Guard, "{target}");
            assert_eq!(wire.asked().len(), 1, "{target}");
        }
    }
}
