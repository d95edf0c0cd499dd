//! TLS towards a directory server: the roots of this machine, further ones from a PEM file, and a
//! certificate of our own where the bind is by certificate. There is no way to skip the check.

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error as StdError;
use std::sync::Arc;

use crate::ports::{Kind, Problem};

/// A certificate of our own with its key, both PEM.
#[derive(Clone)]
pub struct OwnCertificate {
    /// The chain.
    pub certificate: Vec<u8>,
    /// The key.
    pub key: Vec<u8>,
}

/// The configuration of a connection.
///
/// # Errors
/// `Config` when a PEM holds no certificate or key.
pub(super) fn config(
    extra_roots: Option<&[u8]>,
    own: Option<&OwnCertificate>,
) -> Result<ClientConfig, Problem> {
    let provider = Arc::new(default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(Kind::Internal, "TLS cannot be set up", error))?
        .with_root_certificates(roots(extra_roots)?);
    let Some(own) = own else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates(&own.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&own.key).map_err(|error| {
        bad(
            Kind::Config,
            "the key file of the directory holds no key",
            error,
        )
    })?;
    builder.with_client_auth_cert(chain, key).map_err(|error| {
        bad(
            Kind::Config,
            "certificate and key of the directory do not belong together",
            error,
        )
    })
}

/// The roots of this machine and the further ones. What cannot be read among the machine's is left
/// out, as browsers do; without any root no server would be accepted.
fn roots(extra: Option<&[u8]>) -> Result<RootCertStore, Problem> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for root in extra.map(certificates).transpose()?.unwrap_or_default() {
        store
            .add(root)
            .map_err(|error| bad(Kind::Config, "a CA of the directory is no root", error))?;
    }
    Ok(store)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(Problem::new(
            Kind::Config,
            "the CA file of the directory holds no certificate",
        )
        .hint("It must be PEM: -----BEGIN CERTIFICATE-----")),
        Err(error) => Err(bad(
            Kind::Config,
            "the CA file of the directory cannot be read as PEM",
            error,
        )),
    }
}

fn bad(kind: Kind, text: &str, error: impl StdError + Send + Sync + 'static) -> Problem {
    Problem::new(kind, format!("{text}: {error}")).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_named() {
        for pem in [
            &b""[..],
            b"no pem",
            b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----",
        ] {
            let problem = config(Some(pem), None).expect_err("no certificate");
            assert_eq!(problem.kind, Kind::Config);
            assert!(problem.text().contains("CA file"), "{}", problem.text());
        }
    }
}
