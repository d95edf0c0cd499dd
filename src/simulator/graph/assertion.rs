//! A client assertion, checked as Entra checks it: PS256, a certificate that was uploaded and is valid,
//! the signature over header and claims, whom it is for, who says so, when, and that it is new
//! (Microsoft, *certificate credentials*; RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::default_provider;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Longest life of an assertion that is taken, seconds.
const LONGEST: i64 = 600;
/// How far clocks may differ, seconds.
const SKEW: i64 = 300;

/// What the sign-in service holds against an assertion: AADSTS number and text.
pub(super) type Held = (u32, String);

/// Checks an assertion of `client` for `audience`; `used` are the ids seen so far.
pub(super) fn check(
    assertion: &str,
    client: &str,
    audience: &str,
    certificates: &[Vec<u8>],
    used: &mut BTreeSet<String>,
    now: Timestamp,
) -> Result<(), Held> {
    let broken = || (50_027, "JWT token is invalid or malformed.".to_owned());
    let (signed, signature) = assertion.rsplit_once('.').ok_or_else(broken)?;
    let (header, claims) = signed.split_once('.').ok_or_else(broken)?;
    let header = part(header).ok_or_else(broken)?;
    let claims = part(claims).ok_or_else(broken)?;
    if header["alg"] != "PS256" || header["typ"] != "JWT" {
        return Err((
            700_027,
            "The algorithm of the assertion is not accepted.".into(),
        ));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| broken())?;
    signed_by(
        &header,
        signed.as_bytes(),
        &signature,
        certificates,
        now.as_second(),
    )?;
    said(&claims, client, audience)?;
    timely(&claims, now.as_second())?;
    let id = claims["jti"].as_str().filter(|id| !id.is_empty());
    if !used.insert(id.ok_or_else(broken)?.to_owned()) {
        return Err((700_025, "The assertion was used before.".into()));
    }
    Ok(())
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn signed_by(
    header: &Value,
    message: &[u8],
    signature: &[u8],
    certificates: &[Vec<u8>],
    now: i64,
) -> Result<(), Held> {
    let thumbprint = header["x5t#S256"].as_str().unwrap_or_default();
    let unknown = |why: &str| {
        let text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {why}, Thumbprint of key used by client: '{thumbprint}']"
        );
        (700_027, text)
    };
    let certificate = certificates
        .iter()
        .find(|der| URL_SAFE_NO_PAD.encode(Sha256::digest(der)) == thumbprint)
        .ok_or_else(|| unknown("The key was not found."))?;
    let (_, certificate) = X509Certificate::from_der(certificate)
        .map_err(|_| unknown("The certificate is broken."))?;
    let validity = certificate.validity();
    if !(validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now) {
        return Err(unknown("The certificate has expired."));
    }
    let key = &certificate.public_key().subject_public_key.data;
    let provider = default_provider();
    let ways = provider.signature_verification_algorithms.mapping;
    let fits = ways
        .iter()
        .filter(|(scheme, _)| *scheme == SignatureScheme::RSA_PSS_SHA256)
        .flat_map(|(_, ways)| ways.iter())
        .any(|way| way.verify_signature(key, message, signature).is_ok());
    fits.then_some(())
        .ok_or_else(|| unknown("The signature does not fit."))
}

fn said(claims: &Value, client: &str, audience: &str) -> Result<(), Held> {
    if claims["aud"] != audience {
        let text =
            format!("Client assertion audience claim does not match Realm issuer: {audience}.");
        return Err((700_023, text));
    }
    if claims["iss"] != client || claims["sub"] != client {
        let text = "Client assertion contains an invalid issuer or subject.";
        return Err((700_021, text.into()));
    }
    Ok(())
}

fn timely(claims: &Value, now: i64) -> Result<(), Held> {
    let late = || {
        let text = "Client assertion is not within its valid time range.";
        (700_024, text.to_owned())
    };
    let time = |name: &str| claims[name].as_i64().ok_or_else(late);
    let (begins, ends) = (time("nbf")?, time("exp")?);
    let fine = begins <= now + SKEW && now < ends + SKEW && ends - begins <= LONGEST;
    if fine && time("iat")? == begins {
        Ok(())
    } else {
        Err(late())
    }
}
