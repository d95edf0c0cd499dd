//! Tokens for Graph by each way of signing in (directories.md 2.2). An app asks again whenever it
//! needs one; after a person has signed in, the refresh token renews. It lives in memory only and is
//! overwritten by each answer that brings another.

use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;

use super::certificate::AppCertificate;
use super::client::{ATTEMPTS, EntraConfig, is_final, pause_for, request, request_id};
use super::refusal::{Granted, token_answer, token_error, token_refusal};
use crate::connectors::http::{Fetched, Origin, backoff, unreachable};
use crate::ports::{
    Clock, Kind, Method, Problem, Rng, Secret, Wire, WireFailure, WireRequest, WireResponse, Work,
};
use crate::text::Raw;

/// Of RFC 7523, as Microsoft wants it named.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How qroll signs in to Entra.
#[derive(Clone, Debug)]
pub enum Credential {
    /// As the app, with a client secret.
    Secret(Secret),
    /// As the app, with a certificate.
    Certificate(AppCertificate),
    /// As a person who types a code into a browser anywhere ([`super::EntraDirectory::sign_in`]).
    DeviceCode,
    /// As a person who pastes back the address that the browser ends at.
    Browser,
}

impl Credential {
    /// Whether a person signs in, so that delegated permissions count.
    pub fn is_delegated(&self) -> bool {
        matches!(self, Self::DeviceCode | Self::Browser)
    }
}

/// A code for a person to type in.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    /// Where to type it.
    pub address: Raw,
    /// What to type.
    pub code: Raw,
    /// For how long it is good.
    pub life: Duration,
}

/// Whoever sits at the terminal while a person signs in.
pub trait Attendant: Send + Sync {
    /// Shows a code and where to type it.
    fn show(&self, code: &DeviceCode);

    /// Shows an address to open; gives back the address that the browser ended at, `None` when the
    /// person left.
    fn paste<'a>(&'a self, address: &'a Url) -> Work<'a, Result<Option<Secret>, Problem>>;

    /// Says why what was pasted is of no use; it is asked for again.
    fn refused(&self, problem: &Problem);
}

/// Asks the sign-in service.
pub(super) struct SignIn {
    pub(super) wire: Arc<dyn Wire>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
    pub(super) config: EntraConfig,
    pub(super) origin: Origin,
    refresh: Mutex<Option<Secret>>,
}

impl SignIn {
    pub(super) fn new(
        wire: Arc<dyn Wire>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        config: EntraConfig,
    ) -> Result<Self, Problem> {
        Ok(Self {
            origin: Origin::of(&config.login_url)?,
            wire,
            clock,
            rng,
            config,
            refresh: Mutex::new(None),
        })
    }

    /// A token, without asking anybody.
    pub(super) fn fetch(&self) -> Work<'_, Result<Fetched, Problem>> {
        Box::pin(async move {
            let id = self.config.client_id.as_str();
            match &self.config.credential {
                Credential::Secret(secret) => {
                    let scope = format!("{}/.default", self.root());
                    self.token(&[
                        ("grant_type", "client_credentials"),
                        ("client_id", id),
                        ("client_secret", secret.expose()),
                        ("scope", &scope),
                    ])
                    .await
                }
                Credential::Certificate(certificate) => {
                    let scope = format!("{}/.default", self.root());
                    let assertion = certificate.assertion(
                        id,
                        self.address("token").as_str(),
                        &request_id(&*self.rng),
                        self.clock.wall(),
                    )?;
                    self.token(&[
                        ("grant_type", "client_credentials"),
                        ("client_id", id),
                        ("client_assertion_type", ASSERTION),
                        ("client_assertion", &assertion),
                        ("scope", &scope),
                    ])
                    .await
                }
                Credential::DeviceCode | Credential::Browser => self.renew().await,
            }
        })
    }

    /// A token by the refresh token.
    async fn renew(&self) -> Result<Fetched, Problem> {
        let held = self.held().clone();
        let again = "Sign in again: start qroll anew.";
        let Some(refresh) = held else {
            return Err(
                Problem::new(Kind::Auth, "Nobody is signed in to the directory.").hint(again),
            );
        };
        let scope = self.scope();
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", self.config.client_id.as_str()),
            ("scope", &scope),
            ("refresh_token", refresh.expose()),
        ];
        let response = self.post("token", &fields).await?;
        if response.status == 200 {
            return Ok(self.keep(token_answer(&response)?));
        }
        let problem = token_refusal(&response, &self.origin.label());
        let over = ["invalid_grant", "interaction_required"];
        if !over.contains(&token_error(&response).code()) {
            return Err(problem);
        }
        *self.held() = None;
        Err(problem.hint(again))
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Result<Fetched, Problem> {
        let response = self.post("token", fields).await?;
        match response.status {
            200 => Ok(self.keep(token_answer(&response)?)),
            _ => Err(token_refusal(&response, &self.origin.label())),
        }
    }

    /// Keeps the refresh token of an answer; without one the last stays.
    pub(super) fn keep(&self, granted: Granted) -> Fetched {
        if granted.refresh.is_some() {
            *self.held() = granted.refresh;
        }
        granted.access
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a form until an answer comes that waiting would not change.
    pub(super) async fn post(
        &self,
        endpoint: &str,
        fields: &[(&str, &str)],
    ) -> Result<WireResponse, Problem> {
        let mut failed = 0;
        loop {
            failed += 1;
            match self.wire.send(self.form(endpoint, fields)).await {
                Ok(response) => {
                    let pause = pause_for(&response, failed, &*self.rng, self.clock.wall());
                    match pause {
                        Some(pause) => self.clock.sleep(pause).await,
                        None => return Ok(response),
                    }
                }
                Err(failure) if failed < ATTEMPTS && !is_final(&failure) => {
                    self.clock.sleep(backoff(&*self.rng, failed)).await;
                }
                Err(failure) => return Err(self.unreachable(failure)),
            }
        }
    }

    pub(super) fn unreachable(&self, failure: WireFailure) -> Problem {
        unreachable(&self.origin, failure)
    }

    pub(super) fn form(&self, endpoint: &str, fields: &[(&str, &str)]) -> WireRequest {
        let mut request = request(Method::Post, self.address(endpoint));
        let form = "application/x-www-form-urlencoded".to_owned();
        request.headers.push(("content-type", form));
        let mut body = Serializer::new(String::new());
        body.extend_pairs(fields);
        request.body = Some(Bytes::from(body.finish()));
        request
    }

    /// An endpoint of the tenant: `token`, `devicecode`, `authorize`.
    pub(super) fn address(&self, endpoint: &str) -> Url {
        let mut url = self.config.login_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear()
                .extend([self.config.tenant_id.as_str(), "oauth2", "v2.0", endpoint]);
        }
        url
    }

    fn root(&self) -> &str {
        self.config.graph_url.as_str().trim_end_matches('/')
    }

    /// What a person is asked to allow: the two permissions, and that it lasts.
    pub(super) fn scope(&self) -> String {
        let root = self.root();
        format!("{root}/User.Read.All {root}/GroupMember.Read.All offline_access")
    }
}
