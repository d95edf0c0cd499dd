//! SASL EXTERNAL against a real server: the client certificate says who we are, and the server maps
//! its subject to an account.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use qroll::connectors::ldap::{Bind, LdapDirectory, OwnCertificate};
use qroll::host::RealClock;
use qroll::ports::{Directory as _, Kind, PeopleQuery, Problem};

use super::commands::run;
use super::company::company;
use super::reading::options;
use super::slapd::{BASE, READER, Slapd, ca};
use crate::cli::place::{Place, World, plan};

/// A certificate with its key, signed by itself: `NAME.pem` and `NAME.key`.
pub(crate) fn certificate(place: &Path, name: &str) -> OwnCertificate {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/O=Corp/CN={name}")])
        .args([
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.pem"),
        ])
        .current_dir(place)
        .output()
        .expect("openssl runs");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "openssl: {said}");
    OwnCertificate {
        certificate: fs::read(place.join(format!("{name}.pem"))).expect("a certificate"),
        key: fs::read(place.join(format!("{name}.key"))).expect("a key"),
    }
}

/// A server that takes these certificates only, and knows the first as the reader.
pub(crate) fn server(place: &Path, known: &[&OwnCertificate]) -> Slapd {
    let mut trusted = fs::read(ca()).expect("the CA");
    for own in known {
        trusted.extend_from_slice(&own.certificate);
    }
    let path = place.join("trusted.pem");
    fs::write(&path, trusted).expect("a file");
    let global = format!(
        "TLSCACertificateFile {}\nTLSVerifyClient demand\nauthz-regexp \"cn=qroll,o=corp\" \"{READER}\"",
        path.display()
    );
    Slapd::start_with(&company(30), &global, "")
}

async fn read(server: &Slapd, own: OwnCertificate) -> Result<usize, Problem> {
    let mut options = options(&server.ldaps());
    options.bind = Bind::External(own);
    let directory = LdapDirectory::new(Arc::new(RealClock::new()), options)?;
    let people = directory.people(&PeopleQuery::All).await?;
    assert!(people.proof.is_proven(), "{:?}", people.proof);
    Ok(people.value.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_signs_in_as_the_account_it_is_mapped_to() {
    let place = tempfile::tempdir().expect("a directory");
    let make = |name| certificate(place.path(), name);
    let (own, other, stranger) = (make("qroll"), make("other"), make("stranger"));
    let server = server(place.path(), &[&own, &other]);
    assert_eq!(read(&server, own).await.expect("people"), 30);
    // Signed in, and an account that may read nothing: never an empty company.
    let problem = read(&server, other).await.expect_err("no rights");
    assert_eq!(problem.kind, Kind::Config, "{problem}");
    let hints = problem.hints().join(" ");
    assert!(hints.contains("may not see it"), "{problem} {hints}");
    let problem = read(&server, stranger).await.expect_err("a stranger");
    assert!(
        matches!(problem.kind, Kind::Network | Kind::Auth),
        "{problem}"
    );
    assert!(problem.text().contains("127.0.0.1"), "{problem}");
}

#[test]
fn the_program_signs_in_by_certificate() {
    let (place, world) = (Place::new(), World::scenario("s16"));
    let home = place.path(".");
    let own = certificate(&home, "qroll");
    let server = server(&home, &[&own]);
    let text = format!(
        "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
         [profile.test.directory]\nkind = \"ldap\"\nurl = \"{}\"\nca_file = \"{}\"\n\
         base_dn = \"{BASE}\"\nauth = \"certificate\"\n\
         certificate_file = \"qroll.pem\"\nkey_file = \"qroll.key\"\n\
         [profile.test.identity]\nsubject = \"CORP\\\\{{sam}}\"\n",
        world.text("qlik_url"),
        server.ldaps(),
        ca().display(),
    );
    place.write("config.toml", &text);
    let wish = [
        "plan",
        "--group",
        "analysts",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    run(&place, &world, "", &wish).says(2, &[]);
    assert_eq!(plan(&place.path("plan.json"))["summary"]["people"], 10);
}
