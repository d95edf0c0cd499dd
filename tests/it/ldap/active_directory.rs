//! What only Active Directory does, by a server that answers as its documentation says (MS-ADTS):
//! who it is in the root DSE, members by ranges, primary groups, accounts that are off or expired,
//! members that are nobody. No real one was met.

use std::sync::{Arc, Mutex};

use qroll::connectors::ldap::LdapDirectory;
use qroll::domain::{Completeness, Enabled, GroupKind, PersonKind};
use qroll::host::RealClock;
use qroll::ports::{Directory as _, PeopleQuery};
use qroll::text::Raw;

use super::reading::options;
use super::rogue::{Asked, Caller, Rogue};

/// Members by DN: two full ranges and a rest.
const LISTED: usize = 3_100;
/// Besides, somebody whose primary group it is.
const PRIMARY: usize = 9_000;
const GROUP: &str = "CN=Big\\, all,OU=Groups,DC=x";

fn dn(number: usize) -> String {
    format!("CN=P{number},OU=People,DC=x")
}

fn guid(number: usize) -> [u8; 16] {
    let mut bytes = [0x11; 16];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    bytes
}

fn user(caller: &mut Caller, number: usize) {
    let (sam, upn) = (format!("p{number}"), format!("p{number}@corp.example"));
    // 514 is disabled; an account may have expired without that bit.
    let (control, expires): (&[u8], &[u8]) = match number {
        7 => (b"514", b"0"),
        8 => (b"512", b"116444736010000000"),
        _ => (b"512", b"9223372036854775807"),
    };
    caller.entry(
        &dn(number),
        &[
            ("objectClass", &[b"top", b"person", b"user"]),
            ("objectGUID", &[&guid(number)]),
            ("sAMAccountName", &[sam.as_bytes()]),
            ("userPrincipalName", &[upn.as_bytes()]),
            ("displayName", &[sam.as_bytes()]),
            (
                "proxyAddresses",
                &[
                    b"smtp:second@corp.example",
                    format!("SMTP:{upn}").as_bytes(),
                ],
            ),
            ("userAccountControl", &[control]),
            ("accountExpires", &[expires]),
        ],
    );
}

/// Members that nobody can enroll.
fn nobodies(caller: &mut Caller) {
    let all: [(&str, &[u8]); 3] = [
        ("CN=PC1,CN=Computers,DC=x", b"computer"),
        ("CN=Partner,OU=Contacts,DC=x", b"contact"),
        (
            "CN=S-1-5-21-1,CN=ForeignSecurityPrincipals,DC=x",
            b"foreignSecurityPrincipal",
        ),
    ];
    for (number, (dn, class)) in all.into_iter().enumerate() {
        let id = guid(100_000 + number);
        caller.entry(dn, &[("objectClass", &[class]), ("objectGUID", &[&id])]);
    }
}

fn group(caller: &mut Caller, members: &[String], range: &str) {
    let bytes: Vec<&[u8]> = members.iter().map(String::as_bytes).collect();
    let id = guid(500_000);
    caller.entry(
        GROUP,
        &[
            ("objectClass", &[b"top", b"group"]),
            ("objectGUID", &[&id]),
            ("cn", &[b"Big, all"]),
            ("groupType", &[b"-2147483646"]),
            ("primaryGroupToken", &[b"513"]),
            // Windows sends the plain name as well, and empty.
            ("member", &[]),
            (&format!("member;range={range}"), &bytes),
        ],
    );
}

/// Everything of the group's list: users and who is none.
fn listed() -> Vec<String> {
    let mut all: Vec<String> = (0..LISTED).map(dn).collect();
    all.extend(
        [
            "CN=PC1,CN=Computers,DC=x",
            "CN=Partner,OU=Contacts,DC=x",
            "CN=S-1-5-21-1,CN=ForeignSecurityPrincipals,DC=x",
        ]
        .map(str::to_owned),
    );
    all
}

fn answer(caller: &mut Caller, base: &str) {
    let all = listed();
    let from = caller.wanted.iter().find_map(|name| {
        let (_, range) = name.split_once(";range=")?;
        range.strip_suffix("-*")?.parse::<usize>().ok()
    });
    if base.is_empty() {
        caller.entry(
            "",
            &[("supportedCapabilities", &[b"1.2.840.113556.1.4.800"])],
        );
    } else if let Some(from) = from {
        let rest = &all[from..];
        if rest.len() > 1_500 {
            group(caller, &rest[..1_500], &format!("{from}-{}", from + 1_499));
        } else {
            group(caller, rest, &format!("{from}-*"));
        }
    } else if caller.asks(b"primaryGroupID") {
        user(caller, PRIMARY);
    } else if caller.asks(b"memberOf") {
        (0..LISTED).for_each(|number| user(caller, number));
    } else if caller.asks(b"distinguishedName") {
        nobodies(caller);
    } else if caller.asks(b"groupType") || caller.asks(b"objectCategory") && caller.asks(b"group") {
        group(caller, &all[..1_500], "0-1499");
    } else {
        (0..10).for_each(|number| user(caller, number));
    }
    caller.done(0, "", None);
}

type Filters = Arc<Mutex<Vec<Vec<u8>>>>;

fn controller() -> (Rogue, LdapDirectory, Filters) {
    let filters = Filters::default();
    let kept = Arc::clone(&filters);
    let rogue = Rogue::start(move |caller, asked| {
        let Asked::Search(base) = asked else {
            return false;
        };
        kept.lock()
            .expect("no test panicked")
            .push(caller.filter.clone());
        answer(caller, base);
        true
    });
    let options = options(&format!("ldap://127.0.0.1:{}", rogue.port));
    let directory = LdapDirectory::new(Arc::new(RealClock::new()), options);
    (rogue, directory.expect("a directory"), filters)
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_by_ranges_and_by_primary_group() {
    let (_rogue, directory, filters) = controller();
    let groups = directory.groups(None).await.expect("groups");
    let [big] = groups.value.as_slice() else {
        panic!("{:?}", groups.value);
    };
    assert_eq!(big.name, Raw::from("Big, all"));
    assert_eq!(big.kind, GroupKind::Security);
    assert_eq!(big.id.expose(), text_of(500_000));
    let members = directory.members(&big.id).await.expect("members");
    let Completeness::Proven(proof) = &members.proof else {
        panic!("{:?}", members.proof);
    };
    assert!(proof.contains("3 members are no people"), "{proof}");
    assert_eq!(
        members.value.0.len(),
        LISTED + 1,
        "three ranges and the primary members"
    );
    let primary = format!("p{PRIMARY}");
    let is_there = |sam: &str| {
        members
            .value
            .1
            .iter()
            .any(|one| one.sam == Some(sam.into()))
    };
    assert!(is_there(&primary) && is_there("p0") && is_there("p3099"));
    let asked = filters.lock().expect("no test panicked");
    let in_chain = b"1.2.840.113556.1.4.1941";
    let chained = asked
        .iter()
        .any(|one| one.windows(in_chain.len()).any(|part| part == in_chain));
    assert!(
        !chained,
        "walked, not asked of the server: it is slow and leaves primary members out"
    );
}

/// An id as text: its first three parts are little-endian.
fn text_of(number: usize) -> String {
    uuid::Uuid::from_bytes_le(guid(number)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_read_as_active_directory_holds_them() {
    let (_rogue, directory, filters) = controller();
    let people = directory.people(&PeopleQuery::All).await.expect("people");
    assert!(people.proof.is_proven(), "{:?}", people.proof);
    let by = |sam: &str| {
        let found = people.value.iter().find(|one| one.sam == Some(sam.into()));
        found.expect(sam).clone()
    };
    let one = by("p1");
    assert_eq!(one.id.expose(), text_of(1));
    assert_eq!(
        one.mail,
        Some("p1@corp.example".into()),
        "the primary proxy address"
    );
    assert_eq!(one.other_mails, [Raw::from("second@corp.example")]);
    assert_eq!((one.enabled, one.kind), (Enabled::Yes, PersonKind::Member));
    assert_eq!(by("p7").enabled, Enabled::No, "bit 2");
    assert_eq!(by("p8").enabled, Enabled::No, "expired");
    // Neither contacts nor computers nor built-in accounts are asked for.
    let asked = filters.lock().expect("no test panicked");
    let last = String::from_utf8_lossy(asked.last().expect("a search")).into_owned();
    for part in ["objectCategory", "objectClass", "isCriticalSystemObject"] {
        assert!(last.contains(part), "{last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_exactly_so_many_without_a_mark_is_suspicious() {
    let rogue = Rogue::start(|caller, asked| {
        let Asked::Search(base) = asked else {
            return false;
        };
        let all = listed();
        if !base.is_empty() && caller.asks(b"objectCategory") && !caller.asks(b"person") {
            let bytes: Vec<&[u8]> = all[..1_500].iter().map(String::as_bytes).collect();
            let id = guid(500_000);
            let group: [(&str, &[&[u8]]); 3] = [
                ("objectClass", &[b"group"]),
                ("objectGUID", &[&id]),
                ("member", &bytes),
            ];
            caller.entry(GROUP, &group);
            caller.done(0, "", None);
        } else if base.is_empty() {
            answer(caller, base);
        } else {
            (0..1_500).for_each(|number| user(caller, number));
            caller.done(0, "", None);
        }
        true
    });
    let options = options(&format!("ldap://127.0.0.1:{}", rogue.port));
    let directory = LdapDirectory::new(Arc::new(RealClock::new()), options).expect("a directory");
    let group = directory.groups(None).await.expect("groups").value[0]
        .id
        .clone();
    let members = directory.members(&group).await.expect("members");
    let Completeness::Incomplete(cause) = &members.proof else {
        panic!("{:?}", members.proof);
    };
    assert!(cause.contains("exactly 1500 members"), "{cause}");
    assert_eq!(members.value.0.len(), 1_500);
}
