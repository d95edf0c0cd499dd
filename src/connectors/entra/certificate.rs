//! The certificate of an app and its private key, and the assertions that are signed with it: JWTs by
//! PS256 with `x5t#S256` (Microsoft, *certificate credentials*; RFC 7523). rustls signs; here is only
//! what is signed. Entra takes RSA keys alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{InconsistentKeys, SignatureScheme};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::ports::{Kind, Problem};

/// How long an assertion is good for (Microsoft: five to ten minutes).
const LIFE: Duration = Duration::from_mins(10);

/// A certificate that was uploaded to the app registration, with its private key.
#[derive(Clone)]
pub struct AppCertificate {
    key: Arc<dyn SigningKey>,
    thumbprint: String,
    begins: Timestamp,
    ends: Timestamp,
}

impl fmt::Debug for AppCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AppCertificate({})", self.thumbprint)
    }
}

impl AppCertificate {
    /// Reads both from PEM. Of several certificates the one that belongs to the key is taken.
    ///
    /// # Errors
    /// `Config` when there is none, when the key is encrypted or no RSA key, when they do not belong
    /// together, or when the certificate is not valid at `now`.
    pub fn from_pem(certificate: &[u8], key: &[u8], now: Timestamp) -> Result<Self, Problem> {
        let key = signing_key(key)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain
            .map_err(|error| bad("the certificate file cannot be read as PEM").because(error))?;
        if chain.is_empty() {
            return Err(bad("the certificate file holds no certificate")
                .hint("It must be PEM: -----BEGIN CERTIFICATE-----"));
        }
        let own = chain
            .into_iter()
            .find_map(|certificate| match belong(&certificate, &key) {
                Ok(true) => Some(Ok(certificate)),
                Ok(false) => None,
                Err(problem) => Some(Err(problem)),
            })
            .unwrap_or_else(|| {
                Err(bad("certificate and key do not belong together")
                    .hint("The key must be the one that the certificate was made with."))
            })?;
        let found = Self::of(&own, key)?;
        found.check(now)?;
        Ok(found)
    }

    fn of(certificate: &CertificateDer<'_>, key: Arc<dyn SigningKey>) -> Result<Self, Problem> {
        let unreadable = || bad("the certificate cannot be read");
        let (_, parsed) = X509Certificate::from_der(certificate)
            .map_err(|error| unreadable().because(error.to_string()))?;
        let validity = parsed.validity();
        let time = |seconds: i64| Timestamp::from_second(seconds).map_err(|_| unreadable());
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(certificate)),
            begins: time(validity.not_before.timestamp())?,
            ends: time(validity.not_after.timestamp())?,
        })
    }

    /// When it expires.
    pub fn ends(&self) -> Timestamp {
        self.ends
    }

    fn check(&self, now: Timestamp) -> Result<(), Problem> {
        if now > self.ends {
            let text = format!("the certificate of the app expired on {}", day(self.ends));
            return Err(bad(&text).hint(
                "Make a new one, upload it to the app registration and put its files in place.",
            ));
        }
        if now < self.begins {
            let text = format!(
                "the certificate of the app is valid from {} only",
                day(self.begins)
            );
            return Err(bad(&text).hint("Is the clock of this machine right?"));
        }
        Ok(())
    }

    /// A signed assertion: `client` says so itself, to `audience`, now.
    pub(super) fn assertion(
        &self,
        client: &str,
        audience: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<String, Problem> {
        self.check(now)?;
        let issued = now.as_second();
        let life = i64::try_from(LIFE.as_secs()).unwrap_or_default();
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": audience,
            "iss": client,
            "sub": client,
            "jti": id,
            "nbf": issued,
            "iat": issued,
            "exp": issued + life,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = signer(&*self.key)?
            .sign(signed.as_bytes())
            .map_err(|error| {
                Problem::new(Kind::Internal, "the key refused to sign").because(error)
            })?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

fn signer(key: &dyn SigningKey) -> Result<Box<dyn Signer>, Problem> {
    key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256])
        .ok_or_else(|| {
            bad("the key is no RSA key, and Entra takes no other")
                .hint("openssl req -x509 -newkey rsa:3072 -nodes -keyout key.pem -out cert.pem -days 365 -subj /CN=qroll")
        })
}

fn signing_key(pem: &[u8]) -> Result<Arc<dyn SigningKey>, Problem> {
    let holds = |mark: &[u8]| pem.windows(mark.len()).any(|window| window == mark);
    if holds(b"BEGIN ENCRYPTED PRIVATE KEY") || holds(b"Proc-Type: 4,ENCRYPTED") {
        return Err(
            bad("the private key is encrypted, and qroll asks for no passphrase")
                .hint("Decrypt it into a file that only this user can read:")
                .hint("  (umask 077; openssl pkey -in encrypted.pem -out key.pem)"),
        );
    }
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        bad("the key file holds no private key")
            .hint("It must be PEM: -----BEGIN PRIVATE KEY----- (PKCS#8)")
            .because(error)
    })?;
    let key = any_supported_type(&key)
        .map_err(|error| bad("the private key cannot be used").because(error))?;
    signer(&*key)?;
    Ok(key)
}

fn belong(
    certificate: &CertificateDer<'static>,
    key: &Arc<dyn SigningKey>,
) -> Result<bool, Problem> {
    let pair = CertifiedKey::new(vec![certificate.clone()], Arc::clone(key));
    match pair.keys_match() {
        Ok(()) => Ok(true),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Ok(false),
        Err(error) => Err(bad("the certificate cannot be read").because(error)),
    }
}

fn bad(text: &str) -> Problem {
    Problem::new(Kind::Config, text)
}
