//! Signing in by a Kerberos ticket (SASL GSSAPI, RFC 4752), in builds with the feature `gssapi`: the
//! Kerberos library of this machine is linked, and it alone knows tickets, keytabs and realms.
//!
//! Only inside TLS, which carries what is read: the Kerberos layer of the LDAP library fails on messages
//! that arrive in pieces.

use crate::ports::{Kind, Problem};

/// Whether this build can.
pub const KERBEROS: bool = cfg!(feature = "gssapi");

/// This build cannot.
pub(super) fn not_built() -> Problem {
    Problem::new(
        Kind::Config,
        "auth = \"kerberos\" of the directory: this build of qroll cannot sign in by Kerberos",
    )
    .hint("A build with Kerberos: cargo build --release --features gssapi (needs libkrb5-dev and clang).")
    .hint("Every build takes bind_dn with a password, or auth = \"certificate\".")
}

/// Without TLS it is not tried.
pub(super) fn without_tls(label: &str) -> Problem {
    Problem::new(
        Kind::Config,
        format!("auth = \"kerberos\" wants TLS with {label}"),
    )
    .hint("Use ldaps://, or start_tls = true.")
}

#[cfg(not(feature = "gssapi"))]
pub(super) use absent::bind;
#[cfg(feature = "gssapi")]
pub(super) use built::bind;

#[cfg(not(feature = "gssapi"))]
mod absent {
    use ldap3::LdapResult;

    use super::super::line::Line;
    use crate::ports::{Clock, Problem};

    /// Nothing is sent.
    pub(in super::super) async fn bind(
        _: Line,
        _: &str,
        _: &dyn Clock,
    ) -> Result<(Line, LdapResult), Problem> {
        Err(super::not_built())
    }
}

#[cfg(feature = "gssapi")]
mod built {
    use ldap3::{LdapError, LdapResult};
    use std::time::Duration;
    use tokio::runtime::Handle;

    use super::super::line::Line;
    use super::super::refusal::{self, Broken};
    use crate::ports::{Clock, Kind, Problem};

    /// For the Kerberos servers and the directory server together.
    const SIGNING_IN: Duration = Duration::from_secs(20);

    /// Signs in. `host` is what the service is called: `ldap/HOST` in the realm.
    ///
    /// The Kerberos library reads files and asks its servers without giving the thread back, so a
    /// thread of its own drives the connection meanwhile, and it is left behind when it takes too long.
    pub(in super::super) async fn bind(
        mut line: Line,
        host: &str,
        clock: &dyn Clock,
    ) -> Result<(Line, LdapResult), Problem> {
        let (label, service) = (line.label().to_owned(), host.to_owned());
        let (own, runtime) = (label.clone(), Handle::current());
        let work = tokio::task::spawn_blocking(move || {
            runtime.block_on(async move {
                let bound = line.with(|mut ldap| async move {
                    ldap.with_timeout(SIGNING_IN);
                    let bound = ldap.sasl_gssapi_bind(&service).await;
                    bound.map_err(|error| failed(&own, error))
                });
                let bound = bound.await?;
                Ok((line, bound))
            })
        });
        tokio::select! {
            done = work => done.unwrap_or_else(|error| {
                Err(Problem::new(Kind::Internal, "signing in by Kerberos ended early").because(error))
            }),
            () = clock.sleep(SIGNING_IN) => Err(silent(&label)),
        }
    }

    fn silent(label: &str) -> Problem {
        let seconds = SIGNING_IN.as_secs();
        let text = format!("signing in to {label} by Kerberos took longer than {seconds} s");
        Problem::new(Kind::Network, text)
            .hint("Can the Kerberos servers (kdc in krb5.conf) be reached from here? Try kinit.")
    }

    /// What the Kerberos library says: no ticket, an unknown service, clocks apart.
    fn failed(label: &str, error: LdapError) -> Broken {
        match error {
            LdapError::GssapiOperationError(said) => {
                Problem::new(Kind::Auth, format!("no Kerberos sign-in to {label}: {said}"))
                    .hint("klist shows whether there is a ticket: get one with kinit, or name a keytab in KRB5_CLIENT_KTNAME.")
                    .hint("Write the server in url as its service is called (ldap/HOST): a host name, no address.")
                    .into()
            }
            LdapError::NoGssapiToken => {
                Problem::new(Kind::Protocol, format!("{label} answered the Kerberos sign-in with nothing"))
                    .into()
            }
            error => refusal::lost(label, error),
        }
    }
}
