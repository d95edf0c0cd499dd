//! One connection to a directory server. It is driven by whoever waits for an answer on it and by
//! nobody else: the library queues without bound what nobody reads, so nothing is read from the
//! socket unless somebody is there to take it.

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapResult, StdStream};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use url::Url;

use super::contained::contained;
use super::kerberos::{self, KERBEROS};
use super::refusal::{self, Broken};
use super::tls::{self, OwnCertificate};
use crate::ports::{Clock, Kind, Problem, Secret};

/// For name, TCP, `StartTLS` and handshake together, and for a bind.
const CONNECT: Duration = Duration::from_secs(15);

/// How we sign in.
#[derive(Clone)]
pub enum Bind {
    /// A DN, `user@domain` or `DOMAIN\user`, and a password.
    Simple {
        /// Who.
        name: String,
        /// The password.
        secret: Secret,
    },
    /// SASL EXTERNAL: the client certificate says who we are (RFC 4513, 5.2.3).
    External(OwnCertificate),
    /// SASL GSSAPI: a Kerberos ticket, or a keytab of ours, says who we are (RFC 4752). Needs a build with the
    /// feature `gssapi`.
    Kerberos,
}

/// Where a server is and how it is spoken to.
pub(super) struct Server {
    url: Url,
    start_tls: bool,
    tls: Arc<rustls::ClientConfig>,
    bind: Bind,
    clock: Arc<dyn Clock>,
    /// The address that answered first: a name may stand for several controllers, and a load must
    /// not be put together from two of them.
    address: Mutex<Option<SocketAddr>>,
}

impl Server {
    /// A server. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` for an address without host, for an empty password, for certificates that are none.
    pub(super) fn new(
        url: Url,
        start_tls: bool,
        extra_roots: Option<&[u8]>,
        bind: Bind,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Problem> {
        if url.host_str().is_none_or(str::is_empty) || !matches!(url.scheme(), "ldap" | "ldaps") {
            return Err(Problem::new(
                Kind::Config,
                format!("{url} is no address of a directory server"),
            )
            .hint("Write ldaps://HOST or ldap://HOST."));
        }
        let own = match &bind {
            Bind::Simple { secret, .. } if secret.expose().is_empty() => {
                return Err(refusal::empty_password());
            }
            Bind::Kerberos if !KERBEROS => return Err(kerberos::not_built()),
            Bind::Kerberos if url.scheme() == "ldap" && !start_tls => {
                return Err(kerberos::without_tls(&label(&url)));
            }
            Bind::Simple { .. } | Bind::Kerberos => None,
            Bind::External(own) => Some(own),
        };
        Ok(Self {
            tls: Arc::new(tls::config(extra_roots, own)?),
            url,
            start_tls,
            bind,
            clock,
            address: Mutex::new(None),
        })
    }

    /// Host, with the port where it is not the scheme's own.
    pub(super) fn label(&self) -> String {
        label(&self.url)
    }

    /// Time, for whoever works on a line.
    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Connects and signs in.
    ///
    /// # Errors
    /// `Network`, a refused certificate (a dead end), `Auth` for a refused bind, `Config` where the
    /// server wants TLS.
    pub(super) async fn open(&self) -> Result<Line, Problem> {
        let connecting = async {
            let socket = self.socket().await?;
            let settings = LdapConnSettings::new()
                .set_starttls(self.start_tls)
                .set_config(Arc::clone(&self.tls))
                .set_std_stream(StdStream::Tcp(socket));
            let pair = LdapConnAsync::from_url_with_settings(settings, &self.url).await;
            pair.map_err(|error| refusal::connecting(&self.label(), error))
        };
        let connected = tokio::select! {
            connected = contained(connecting) => connected,
            () = self.clock.sleep(CONNECT) => return Err(refusal::silent(&self.label(), CONNECT)),
        };
        let (connection, ldap) = match connected {
            Ok(pair) => pair?,
            Err(panicked) => return Err(refusal::nonsense(&self.label(), panicked)),
        };
        let line = Line {
            label: self.label(),
            ldap,
            drive: Some(Box::pin(async move {
                // Why it ended is told by whoever waits for an answer.
                connection
                    .drive()
                    .await
                    .err()
                    .map(|error| error.to_string())
            })),
        };
        let (line, result) = self.bind(line).await?;
        if result.rc == 0 {
            return Ok(line);
        }
        Err(refusal::bind(&self.label(), &result))
    }

    async fn bind(&self, mut line: Line) -> Result<(Line, LdapResult), Problem> {
        let label = self.label();
        let lost = |error| refusal::lost(&label, error);
        let bound = match &self.bind {
            Bind::Kerberos => {
                let host = self.url.host_str().unwrap_or_default();
                return kerberos::bind(line, host, self.clock()).await;
            }
            Bind::Simple { name, secret } => {
                let bind = |mut ldap: Ldap| async move {
                    ldap.with_timeout(CONNECT);
                    let bound = ldap.simple_bind(name, secret.expose()).await;
                    bound.map_err(lost)
                };
                line.with(bind).await?
            }
            Bind::External(_) => {
                let bind = |mut ldap: Ldap| async move {
                    ldap.with_timeout(CONNECT);
                    ldap.sasl_external_bind().await.map_err(lost)
                };
                line.with(bind).await?
            }
        };
        Ok((line, bound))
    }

    /// A TCP connection without Nagle's delay, which costs 40 ms at every handshake.
    async fn socket(&self) -> Result<std::net::TcpStream, Problem> {
        let unreachable = |error: std::io::Error| refusal::unreachable(&self.label(), error);
        let stream = match self.known() {
            Some(address) => TcpStream::connect(address).await.map_err(unreachable)?,
            None => self.first().await.map_err(unreachable)?,
        };
        stream.set_nodelay(true).map_err(unreachable)?;
        if let Ok(address) = stream.peer_addr()
            && let Ok(mut known) = self.address.lock()
        {
            *known = Some(address);
        }
        stream.into_std().map_err(unreachable)
    }

    fn known(&self) -> Option<SocketAddr> {
        self.address.lock().ok().and_then(|known| *known)
    }

    /// The first of the name's addresses that takes a connection.
    async fn first(&self) -> std::io::Result<TcpStream> {
        let standard = if self.url.scheme() == "ldaps" {
            636
        } else {
            389
        };
        let host = self.url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address");
        for address in lookup_host((host, self.url.port().unwrap_or(standard))).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// Host, with the port where it is not the scheme's own.
fn label(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

type Drive = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// A connection that is signed in.
pub(super) struct Line {
    label: String,
    ldap: Ldap,
    /// `None` once it has ended.
    drive: Option<Drive>,
}

impl Line {
    /// Which server is at the other end.
    #[cfg(feature = "gssapi")]
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Does `work` on the connection, reading from the socket only while `work` waits.
    ///
    /// # Errors
    /// What `work` says, or that the server sent what is no LDAP.
    pub(super) async fn with<T, W>(&mut self, work: impl FnOnce(Ldap) -> W) -> Result<T, Broken>
    where
        W: Future<Output = Result<T, Broken>>,
    {
        let work = work(self.ldap.clone());
        let drive = &mut self.drive;
        let both = async move {
            tokio::pin!(work);
            let mut cause = None;
            loop {
                let Some(driving) = drive else {
                    return work.await.map_err(|broken| broken.because(cause));
                };
                tokio::select! {
                    biased;
                    done = &mut work => return done,
                    ended = driving => {
                        cause = ended;
                        *drive = None;
                    }
                }
            }
        };
        match contained(both).await {
            Ok(done) => done,
            Err(panicked) => {
                self.drive = None;
                Err(Broken::from(refusal::nonsense(&self.label, panicked)))
            }
        }
    }
}
