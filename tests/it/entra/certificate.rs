//! Signing in with a certificate: what Entra would check is checked by the embedded world, and the
//! signature by the openssl tool as well.

use bytes::Bytes;
use jiff::Timestamp;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use super::world::{by, directory, small};
use qroll::connectors::entra::{AppCertificate, Credential, EntraDirectory};
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::host::{RealClock, RealRng};
use qroll::ports::{
    Clock as _, Directory as _, Kind, PeopleQuery, Problem, Wire, WireFailure, WireRequest,
    WireResponse, Work,
};
use qroll::simulator::Running;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

pub(crate) fn pem(name: &str) -> Vec<u8> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/entra/keys");
    fs::read(place.join(name)).expect("what the tests bring")
}

fn read(certificate: &str, key: &str, now: Timestamp) -> Result<AppCertificate, Problem> {
    AppCertificate::from_pem(&pem(certificate), &pem(key), now)
}

fn own() -> Credential {
    let now = RealClock::new().wall();
    Credential::Certificate(read("app.pem", "app.key", now).expect("what the tests bring"))
}

pub(crate) fn upload(world: &Running, name: &str) {
    let der = CertificateDer::from_pem_slice(&pem(name)).expect("what the tests bring");
    world.with_sign_ins(|ins| ins.upload_certificate(der.as_ref()));
}

#[tokio::test]
async fn a_certificate_signs_in() {
    let world = small().await;
    upload(&world, "other.pem");
    upload(&world, "app.pem");
    let directory = directory(by(&world, own()));
    let people = directory.people(&PeopleQuery::All).await.expect("people");
    assert!(people.proof.is_proven() && !people.value.is_empty());
    // Each assertion is a new one: the world takes none twice.
    world.add_fault("401@graph:GET:/groups#1".parse().expect("a fault"));
    let groups = directory.groups(None).await.expect("groups");
    assert!(groups.proof.is_proven());
    let tokens = world
        .requests()
        .iter()
        .filter(|request| request.template().ends_with("/token"))
        .count();
    assert_eq!(tokens, 2);
}

#[tokio::test]
async fn a_certificate_that_is_not_uploaded_is_named() {
    let world = small().await;
    upload(&world, "other.pem");
    let directory = directory(by(&world, own()));
    let problem = directory.people(&PeopleQuery::All).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Auth, "{problem}");
    assert!(problem.text().contains("AADSTS700027"), "{problem}");
    let hint = problem.hints().first().expect("a hint");
    assert!(hint.contains("upload it to the app registration"), "{hint}");
}

#[test]
fn files_that_are_of_no_use_say_why() {
    let now = RealClock::new().wall();
    let said = |certificate: &str, key: &str, now: Timestamp| {
        let problem = read(certificate, key, now).unwrap_err();
        assert_eq!(problem.kind, Kind::Config, "{problem}");
        format!("{problem} {}", problem.hints().join(" "))
    };
    for (certificate, key, words) in [
        ("app.pem", "encrypted.key", "the private key is encrypted"),
        ("app.pem", "encrypted.key", "openssl pkey"),
        (
            "app.pem",
            "other.key",
            "certificate and key do not belong together",
        ),
        ("app.pem", "curve.key", "no RSA key"),
        ("app.pem", "app.pem", "holds no private key"),
        ("app.key", "app.key", "holds no certificate"),
    ] {
        let said = said(certificate, key, now);
        assert!(said.contains(words), "{certificate} {key}: {said}");
    }
    let late: Timestamp = "2190-01-01T00:00:00Z".parse().expect("a time");
    let text = said("app.pem", "app.key", late);
    assert!(text.contains("expired on 2126-"), "{text}");
    let early: Timestamp = "2020-01-01T00:00:00Z".parse().expect("a time");
    let text = said("app.pem", "app.key", early);
    assert!(text.contains("valid from 2026-11-24 only"), "{text}");
}

#[test]
fn of_several_certificates_the_one_of_the_key_is_taken() {
    let both = [pem("other.pem"), pem("app.pem")].concat();
    let now = RealClock::new().wall();
    assert!(AppCertificate::from_pem(&both, &pem("app.key"), now).is_ok());
    let found = AppCertificate::from_pem(&both, &pem("app.key"), now).expect("a certificate");
    let shown = format!("{found:?}");
    assert!(!shown.contains("PRIVATE") && shown.len() < 100, "{shown}");
}

/// Keeps the forms that were sent.
struct Tap(ReqwestWire, Mutex<Vec<Bytes>>);

impl Wire for Tap {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        let mut seen = self.1.lock().expect("no test panicked");
        seen.extend(request.body.clone());
        self.0.send(request)
    }
}

#[tokio::test]
async fn the_openssl_tool_finds_the_signature_good() {
    let world = small().await;
    upload(&world, "app.pem");
    let options = WireOptions {
        extra_ca: None,
        no_proxy: true,
    };
    let wire = ReqwestWire::new(&options).expect("a wire");
    let tap = Arc::new(Tap(wire, Mutex::default()));
    let rng = Arc::new(RealRng::new().expect("randomness"));
    let clock = Arc::new(RealClock::new());
    let config = by(&world, own());
    let directory = EntraDirectory::new(tap.clone(), clock, rng, config).expect("a directory");
    directory.groups(None).await.expect("groups");
    let body = tap.1.lock().expect("no test panicked")[0].clone();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let assertion = &form
        .iter()
        .find(|(name, _)| name == "client_assertion")
        .expect("an assertion")
        .1;
    assert!(form.iter().all(|(name, _)| name != "client_secret"));
    let (signed, signature) = assertion.rsplit_once('.').expect("three parts");
    let place = tempfile::tempdir().expect("a directory");
    let file = |name: &str, bytes: &[u8]| {
        let path = place.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    let public = Command::new("openssl")
        .args(["x509", "-pubkey", "-noout", "-in"])
        .arg(file("app.pem", &pem("app.pem")))
        .output()
        .expect("openssl runs");
    let verify = |message: &[u8]| {
        Command::new("openssl")
            .args(["dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss"])
            .args(["-sigopt", "rsa_pss_saltlen:32", "-verify"])
            .arg(file("public.pem", &public.stdout))
            .arg("-signature")
            .arg(file("signature", &decode(signature)))
            .arg(file("message", message))
            .output()
            .expect("openssl runs")
            .status
            .success()
    };
    assert!(verify(signed.as_bytes()));
    assert!(!verify(format!("{signed}x").as_bytes()));
    let (header, claims) = signed.split_once('.').expect("two parts");
    let json =
        |part: &str| -> serde_json::Value { serde_json::from_slice(&decode(part)).expect("JSON") };
    assert_eq!(json(header)["alg"], "PS256");
    let claims = json(claims);
    let tenant = &world.directory_tenant;
    let audience = format!("{}/{tenant}/oauth2/v2.0/token", world.login_url);
    assert_eq!(claims["aud"], audience.as_str());
    assert_eq!(claims["iss"], claims["sub"]);
    let time = |name: &str| claims[name].as_i64().expect("a time");
    assert_eq!(time("exp") - time("nbf"), 600);
    let id = claims["jti"].as_str().expect("an id");
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
}

fn decode(part: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .expect("base64url")
}
