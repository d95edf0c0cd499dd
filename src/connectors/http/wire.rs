//! The real wire: reqwest over rustls with everything switched off that would send, follow or
//! decode behind our back. Redirects and library retries are off (reliability, fact 2), bodies are
//! capped after decoding, and nothing but https leaves the machine.

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use url::{Host, Url};

use super::failure::classify;
use crate::ports::{Kind, Method, Problem, Wire, WireFailure, WireRequest, WireResponse, Work};
use crate::text::Raw;

/// Longest time without a byte from the other side (reliability A12).
const IDLE: Duration = Duration::from_secs(30);
/// Longest time for name resolution, connection and TLS together.
const CONNECT: Duration = Duration::from_secs(10);
/// Idle connections are dropped before servers usually drop them: a write on a connection that is
/// just being closed would be ambiguous.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// How to reach the outside.
#[derive(Clone, Debug, Default)]
pub struct WireOptions {
    /// PEM certificates that are trusted besides those of the platform (`--ca-file`).
    pub extra_ca: Option<Vec<u8>>,
    /// Ignore the proxy of the environment (`--no-proxy`).
    pub no_proxy: bool,
}

/// [`Wire`] over reqwest.
#[derive(Clone, Debug)]
pub struct ReqwestWire {
    options: WireOptions,
    idle: Duration,
    /// Replaced as a whole, with its connections.
    client: Arc<RwLock<reqwest::Client>>,
}

impl ReqwestWire {
    /// Builds the client.
    ///
    /// # Errors
    /// `Config` when the extra certificates cannot be read, `Host` when TLS cannot be set up.
    pub fn new(options: &WireOptions) -> Result<Self, Problem> {
        Self::with_idle(options, IDLE)
    }

    /// The same with another longest time without a byte, for tests that cannot wait so long.
    ///
    /// # Errors
    /// As [`ReqwestWire::new`].
    pub fn with_idle(options: &WireOptions, idle: Duration) -> Result<Self, Problem> {
        Ok(Self {
            options: options.clone(),
            idle,
            client: Arc::new(RwLock::new(client(options, idle)?)),
        })
    }

    fn client(&self) -> reqwest::Client {
        let client = self.client.read();
        client.unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn exchange(&self, request: WireRequest) -> Result<WireResponse, WireFailure> {
        if !may_leave(&request.url) {
            return Err(WireFailure::NotSent(format!(
                "only https addresses are contacted, not {}://",
                request.url.scheme()
            )));
        }
        let cap = request.body_cap;
        let prepared = self.prepare(request)?;
        let mut response = self.client().execute(prepared).await.map_err(classify)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str().to_owned(), Raw::new(value.into_owned()))
            })
            .collect();
        let body = read_body(&mut response, cap).await?;
        Ok(WireResponse {
            status,
            headers,
            body,
        })
    }

    fn prepare(&self, request: WireRequest) -> Result<reqwest::Request, WireFailure> {
        let mut builder = self
            .client()
            .request(method(request.method), request.url)
            .timeout(request.deadline);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some(secret) = request.authorization {
            let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| {
                // The value itself must not appear in the message.
                WireFailure::NotSent("the credential holds characters no header may hold".into())
            })?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        builder
            .build()
            .map_err(|error| WireFailure::NotSent(error.without_url().to_string()))
    }
}

impl Wire for ReqwestWire {
    fn reconnect(&self) {
        // It was built from the same before, so it is built again.
        if let Ok(fresh) = client(&self.options, self.idle) {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        Box::pin(self.exchange(request))
    }
}

fn client(options: &WireOptions, idle: Duration) -> Result<reqwest::Client, Problem> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("qroll/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(CONNECT)
        .read_timeout(idle)
        .pool_idle_timeout(POOL_IDLE);
    if options.no_proxy {
        builder = builder.no_proxy();
    }
    if let Some(pem) = &options.extra_ca {
        builder = builder.tls_certs_merge(certificates(pem)?);
    }
    builder.build().map_err(|error| {
        Problem::new(Kind::Host, "The HTTPS client could not be set up.").because(error)
    })
}

async fn read_body(response: &mut reqwest::Response, cap: usize) -> Result<Bytes, WireFailure> {
    let mut body = BytesMut::new();
    // Chunks come decoded, so a small gzip that unpacks to gigabytes is met chunk by chunk.
    while let Some(chunk) = response.chunk().await.map_err(|error| {
        WireFailure::Ambiguous(format!(
            "the answer broke off: {}",
            super::failure::chain(&error.without_url())
        ))
    })? {
        if body.len() + chunk.len() > cap {
            return Err(WireFailure::Ambiguous(format!(
                "the answer is larger than {cap} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, Problem> {
    let bad = |text: &str| {
        Problem::new(Kind::Config, text)
            .hint("The file must hold certificates in PEM form (-----BEGIN CERTIFICATE-----).")
    };
    let found = reqwest::Certificate::from_pem_bundle(pem)
        .map_err(|error| bad("The CA file cannot be read.").because(error))?;
    if found.is_empty() {
        return Err(bad("The CA file holds no certificate."));
    }
    Ok(found)
}

/// https anywhere; http on loopback only, where the embedded world lives.
fn may_leave(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        },
        _ => false,
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_http_stays_on_loopback() {
        for (address, allowed) in [
            ("https://acme.eu.qlikcloud.com/", true),
            ("http://127.0.0.1:8080/", true),
            ("http://[::1]:8080/", true),
            ("http://localhost/", true),
            ("http://license/v1/licenses", false),
            ("http://127.0.0.1.example.org/", false),
            ("ftp://127.0.0.1/", false),
        ] {
            assert_eq!(may_leave(&address.parse().unwrap()), allowed, "{address}");
        }
    }

    #[test]
    fn a_ca_file_without_certificates_is_refused() {
        for pem in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n",
        ] {
            let problem = ReqwestWire::new(&WireOptions {
                extra_ca: Some(pem.as_bytes().to_vec()),
                no_proxy: true,
            })
            .unwrap_err();
            assert_eq!(problem.kind, Kind::Config, "{pem}");
        }
    }
}
