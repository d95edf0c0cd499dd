//! A directory of 50,000 people in a real OpenLDAP: reading all of them over LDAPS beside
//! `ldapsearch` on the same server in the same run, and a nested group with 20,000 people below it.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use qroll::connectors::ldap::{Bind, LdapDirectory, LdapOptions, Limits, Vendor};
use qroll::host::RealClock;
use qroll::ports::{Directory as _, PeopleQuery, Secret};

use crate::start::peak;
use crate::table::{Table, quantiles, thousands};
use crate::world;

#[path = "../it/ldap/company.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod company;
#[path = "../it/ldap/slapd.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod slapd;

use slapd::{BASE, PASSWORD, READER, Slapd, ca};

const PEOPLE: usize = 50_000;
const BELOW: usize = 20_000;
const ROUNDS: usize = 7;
/// The word that makes this program the reader whose memory is measured.
pub(crate) const CHILD: &str = "directory-child";

/// Both bars.
pub(crate) fn measure(table: &mut Table) {
    let server = Slapd::start(&company::company_with(PEOPLE, BELOW), "");
    let size = "50,000 people, LDAPS, pages of 1,000";
    let (mut ours, mut theirs, mut memory) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (span, peak) = child(&server.ldaps());
        ours.push(span);
        memory = memory.max(peak);
        theirs.push(ldapsearch(&server.ldaps()));
    }
    let (ours, theirs) = (quantiles(ours).0, quantiles(theirs).0);
    table.row(
        "reading everybody",
        size,
        "1.1 x ldapsearch",
        format!(
            "{:.2} s against {:.2} s: {:.2} x",
            ours.as_secs_f64(),
            theirs.as_secs_f64(),
            ours.as_secs_f64() / theirs.as_secs_f64()
        ),
    );
    table.row(
        "peak memory of the reader",
        size,
        "70 MiB",
        format!("{} MiB", memory / 1024),
    );
    nested(table, &server);
}

/// One process of ours from its start to its end: it connects, signs in, reads and counts.
fn child(url: &str) -> (Duration, usize) {
    let begun = Instant::now();
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args([CHILD, url])
        .stderr(Stdio::inherit())
        .output()
        .expect("the reader runs");
    let span = begun.elapsed();
    let said = String::from_utf8_lossy(&output.stdout);
    let mut words = said
        .split_whitespace()
        .map(|word| word.parse::<usize>().expect("a number"));
    assert_eq!(words.next(), Some(PEOPLE), "everybody was read");
    (span, words.next().expect("its memory"))
}

/// What the child does: prints how many were read, and its peak memory in KiB.
pub(crate) fn read(url: &str) {
    let people = world::runtime().block_on(async {
        let reading = directory(url).people(&PeopleQuery::All).await;
        let reading = reading.expect("people");
        assert!(reading.proof.is_proven(), "{:?}", reading.proof);
        reading.value
    });
    println!("{} {}", people.len(), peak(std::process::id()));
}

fn ldapsearch(url: &str) -> Duration {
    let begun = Instant::now();
    let attributes =
        "objectClass uid cn displayName mail employeeNumber departmentNumber title entryUUID";
    let status = Command::new("ldapsearch")
        .env("LDAPTLS_CACERT", ca())
        .args([
            "-x",
            "-LLL",
            "-E",
            "pr=1000/noprompt",
            "-H",
            url,
            "-D",
            READER,
            "-w",
            PASSWORD,
        ])
        .args(["-b", BASE, "(objectClass=inetOrgPerson)"])
        .args(attributes.split(' '))
        .stdout(Stdio::null())
        .status()
        .expect("ldapsearch runs");
    assert!(status.success(), "ldapsearch");
    begun.elapsed()
}

fn nested(table: &mut Table, server: &Slapd) {
    let (span, people) = world::runtime().block_on(async {
        let directory = directory(&server.ldaps());
        let groups = directory.groups(None).await.expect("groups").value;
        let group = groups
            .into_iter()
            .find(|group| group.name.expose() == "above");
        let group = group.expect("the group above").id;
        let begun = Instant::now();
        let members = directory.members(&group).await.expect("members");
        assert!(members.proof.is_proven(), "{:?}", members.proof);
        (begun.elapsed(), members.value.0.len())
    });
    assert_eq!(people, BELOW);
    table.row(
        "resolving a nested group",
        &format!("{} people below it", thousands(BELOW)),
        "-",
        format!("{:.2} s", span.as_secs_f64()),
    );
}

fn directory(url: &str) -> LdapDirectory {
    let options = LdapOptions {
        url: url.parse().expect("an address"),
        start_tls: false,
        extra_roots: Some(std::fs::read(ca()).expect("the CA")),
        bind: Bind::Simple {
            name: READER.to_owned(),
            secret: Secret::new(PASSWORD),
        },
        vendor: Some(Vendor::OpenLdap),
        base: BASE.to_owned(),
        attributes: BTreeMap::new(),
        wanted: Vec::new(),
        limits: Limits::default(),
    };
    LdapDirectory::new(Arc::new(RealClock::new()), options).expect("a directory")
}
