//! The table of what goes wrong with LDAP (directories.md 3.4 and 3.8, reliability C9 to C13), row by
//! row: what is said, that the list is a part, and that no plan takes anything on the strength of it.
//! What the library panics on, floods and endless pages are in `hostile`.

use std::sync::Arc;
use std::time::Duration;

use qroll::connectors::ldap::{LdapDirectory, Limits};
use qroll::domain::{Completeness, DirectoryGroupId};
use qroll::host::RealClock;
use qroll::ports::{Directory as _, Kind, Problem};

use super::commands::{profile_at, run};
use super::company::company;
use super::reading::options;
use super::rogue::{Asked, Caller, Rogue, result, tlv};
use super::slapd::{PASSWORD, Slapd, certificate};
use crate::cli::place::{Place, World, plan};
use crate::guards::s4::{codes, removals};

/// Three people on the server, who hold professional.
const TENANT: &str = r#"
title = "Three holders"
seed = 9

[tenant]
subject = 'CORP\{sam}'
allotments = [{ name = "professional", units = 60 }, { name = "analyzer", units = 60 }]

[[users]]
count = 3
user = { subject = 'CORP\u{n}', email = "u{n}@corp.example", license = "professional" }

[[users]]
count = 20
user = { subject = 'CORP\x{n}' }
"#;

fn people(asked: &Asked) -> bool {
    matches!(asked, Asked::Search(base) if !base.is_empty())
}

/// How a list breaks off once two of the three people are there.
#[derive(Clone, Copy)]
enum End {
    /// With this result and text.
    Code(u8, &'static str),
    /// With a referral instead of a result.
    Referred,
    /// With a part on another server.
    Elsewhere,
    /// The server says good-bye (RFC 4511, 4.4.1): the sign-in has expired, and hangs up.
    Notice,
    /// The line is cut.
    Cut,
    /// With an entry that nobody can read.
    Mangled,
    /// With a cookie that leads to the same page.
    Again,
}

impl End {
    fn come(self, caller: &mut Caller, other: u16) {
        match self {
            Self::Code(code, text) => caller.done(code, text, None),
            Self::Referred => {
                let to = format!("ldap://127.0.0.1:{other}/dc=x");
                caller.send(&result(0x65, 10, b"", &[&to]));
            }
            Self::Elsewhere => {
                let to = format!("ldap://127.0.0.1:{other}/ou=y,dc=x");
                caller.send(&tlv(0x73, &tlv(4, to.as_bytes())));
                caller.done(0, "", None);
            }
            Self::Notice => {
                let mut notice = result(0x78, 8, b"the sign-in has expired", &[]);
                let name = tlv(0x8a, b"1.3.6.1.4.1.1466.20036");
                notice[1] += u8::try_from(name.len()).expect("a short name");
                notice.extend(name);
                caller.raw(&tlv(0x30, &[tlv(2, &[0]), notice].concat()));
                caller.hang_up();
            }
            Self::Cut => caller.hang_up(),
            Self::Mangled => {
                let body = [tlv(4, b"uid=\xff\xfe,dc=x"), tlv(0x30, b"")];
                caller.send(&tlv(0x64, &body.concat()));
                caller.done(0, "", None);
            }
            Self::Again => caller.done(0, "", Some(b"again")),
        }
    }
}

/// Each row, and what is said of it.
const ROWS: [(&str, End, &str); 15] = [
    (
        "time limit",
        End::Code(3, ""),
        "the server's time limit ended the search",
    ),
    (
        "size limit",
        End::Code(4, ""),
        "the server's size limit ended the search",
    ),
    (
        "administrative limit",
        End::Code(11, ""),
        "an administrative limit of the server",
    ),
    (
        "busy",
        End::Code(51, "later"),
        "the server is busy (busy, 51: later)",
    ),
    (
        "unavailable",
        End::Code(52, ""),
        "the server is shutting down",
    ),
    ("given up", End::Code(88, ""), "the search was given up"),
    ("unwilling", End::Code(53, ""), "unwillingToPerform, 53"),
    (
        "critical control",
        End::Code(12, ""),
        "unavailableCriticalExtension, 12",
    ),
    (
        "the sign-in is gone",
        End::Code(1, "000004DC: a successful bind must be completed\0"),
        "operationsError, 1: 000004DC",
    ),
    (
        "no right any more",
        End::Code(50, ""),
        "insufficientAccessRights, 50",
    ),
    ("a referral", End::Referred, "which is not followed"),
    (
        "a part elsewhere",
        End::Elsewhere,
        "a part lies on another server",
    ),
    (
        "notice of disconnection",
        End::Notice,
        "closed the connection",
    ),
    ("a cut line", End::Cut, "closed the connection"),
    (
        "an entry nobody can read",
        End::Mangled,
        "1 entries cannot be read",
    ),
];

/// A server that breaks off so, each time it is asked for people; nobody ever comes to the other one.
fn breaking(end: End) -> (Rogue, Rogue) {
    let other = Rogue::start(|_, _| false);
    let to = other.port;
    let rogue = Rogue::start(move |caller, asked| {
        people(asked) && {
            // Who lists groups finds none, and all of them.
            if caller.asks(b"groupOfNames") {
                caller.done(0, "", None);
            } else {
                // The page that comes again is empty then.
                if caller.searches == 0 {
                    caller.person(1);
                    caller.person(2);
                }
                end.come(caller, to);
            }
            true
        }
    });
    (rogue, other)
}

#[test]
fn whatever_breaks_off_takes_nothing_from_anybody() {
    let place = Place::new();
    let scenario = place.write("three.toml", TENANT);
    let world = World::start(&["--scenario", &scenario.to_string_lossy()]);
    let wish = [
        "plan",
        "--query",
        "(uid=u*)",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    let guards = "[profile.test.guards]\nremovals_stop = \"100%\"\n";

    let whole = Rogue::start(|caller, asked| {
        people(asked) && !caller.asks(b"groupOfNames") && {
            (1..=3).for_each(|number| caller.person(number));
            caller.done(0, "", None);
            true
        }
    });
    profile_at(
        &place,
        &world,
        &format!("ldap://127.0.0.1:{}", whole.port),
        guards,
    );
    run(&place, &world, PASSWORD, &wish).says(2, &[]);
    assert_eq!(
        removals(&plan(&place.path("plan.json"))),
        3,
        "else it demotes"
    );

    let again = ("the same page", End::Again, "the same page again and again");
    for (row, end, words) in ROWS.into_iter().chain([again]) {
        let (rogue, other) = breaking(end);
        profile_at(
            &place,
            &world,
            &format!("ldap://127.0.0.1:{}", rogue.port),
            guards,
        );
        let made = run(&place, &world, PASSWORD, &wish);
        made.says(1, &["directory", "is not proven whole", words]);
        let file = plan(&place.path("plan.json"));
        assert_eq!(removals(&file), 0, "{row}");
        assert_eq!(file["sources"][1]["complete"], false, "{row}");
        assert!(!codes(&file, "incomplete-source").is_empty(), "{row}");
        assert_eq!(
            other.connections(),
            0,
            "{row}: no sign-in goes to another server"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_off_below_a_group_leaves_a_gap() {
    for (row, end, words) in ROWS {
        let other = Rogue::start(|_, _| false);
        let to = other.port;
        let rogue = Rogue::start(move |caller, asked| {
            people(asked) && {
                if caller.asks(b"groupOfNames") {
                    let members: [&[u8]; 3] = [b"uid=u1,dc=x", b"uid=u2,dc=x", b"uid=u3,dc=x"];
                    let group: [(&str, &[&[u8]]); 4] = [
                        ("objectClass", &[b"groupOfNames"]),
                        ("cn", &[b"staff"]),
                        ("entryUUID", &[b"g-1"]),
                        ("member", &members),
                    ];
                    caller.entry("cn=staff,dc=x", &group);
                    caller.done(0, "", None);
                } else {
                    caller.person(1);
                    caller.person(2);
                    end.come(caller, to);
                }
                true
            }
        });
        let directory = directory(&rogue);
        let reading = directory.members(&DirectoryGroupId::new("g-1")).await;
        // A line that goes away in mid-walk goes away again: nothing was read then.
        let (cause, found) = match reading {
            Ok(reading) => match &reading.proof {
                Completeness::Incomplete(cause) => (cause.clone(), reading.value.0.len()),
                other => panic!("{row}: {other:?}"),
            },
            Err(problem) => (problem.to_string(), 2),
        };
        assert!(cause.contains(words), "{row}: {cause}");
        assert_eq!(found, 2, "{row}: what could be read is there");
        assert_eq!(other.connections(), 0, "{row}");
    }
}

fn directory(rogue: &Rogue) -> LdapDirectory {
    let mut options = options(&format!("ldap://127.0.0.1:{}", rogue.port));
    options.limits = Limits {
        silence: Duration::from_millis(400),
        ..Limits::default()
    };
    LdapDirectory::new(Arc::new(RealClock::new()), options).expect("a directory")
}

/// A server that answers the sign-in so.
async fn signing_in(script: impl Fn(&mut Caller) + Send + Sync + 'static) -> Problem {
    let rogue = Rogue::start(move |caller, asked| {
        *asked == Asked::Bind && {
            script(caller);
            true
        }
    });
    directory(&rogue).groups(None).await.expect_err("a refusal")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_fails_says_what_and_what_to_do() {
    for (code, said, kind, words, hint) in [
        (
            8,
            "Transport encryption required",
            Kind::Config,
            "over TLS only",
            "start_tls",
        ),
        (
            7,
            "",
            Kind::Auth,
            "does not offer this way to sign in",
            "bind_dn",
        ),
        (
            34,
            "",
            Kind::Config,
            "bind_dn is not understood",
            "user@domain",
        ),
        (
            49,
            "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 532, v4563\0",
            Kind::Auth,
            "refuses the sign-in",
            "The password has expired.",
        ),
        (
            49,
            "",
            Kind::Auth,
            "invalidCredentials, 49",
            "password of the directory",
        ),
        (51, "", Kind::Network, "is not ready", ""),
        (53, "", Kind::Network, "is not ready", ""),
    ] {
        let problem = signing_in(move |caller| {
            caller.send(&result(0x61, code, said.as_bytes(), &[]));
        });
        let problem = problem.await;
        let hints = problem.hints().join(" ");
        assert_eq!(problem.kind, kind, "{code}: {problem}");
        assert!(problem.text().contains(words), "{code}: {problem}");
        assert!(hints.contains(hint), "{code}: {hints}");
        assert!(!problem.text().contains('\0'), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_leads_nowhere_says_so() {
    let server = Slapd::start(&company(5), "");
    let (other, key) = (certificate("elsewhere.pem"), certificate("elsewhere.key"));
    let (other, key) = (other.display(), key.display());
    let names = format!("TLSCertificateFile {other}\nTLSCertificateKeyFile {key}");
    let misnamed = Slapd::start_with(&company(5), &names, "");
    for (url, words) in [
        (
            "ldaps://no-such-host.invalid".to_owned(),
            "cannot be reached",
        ),
        // Without TLS to the port with TLS: it hangs up.
        (
            format!("ldap://127.0.0.1:{}", server.tls),
            "closed the connection",
        ),
        (misnamed.ldaps(), "not accepted: NotValidForName"),
    ] {
        let directory = LdapDirectory::new(Arc::new(RealClock::new()), options(&url));
        let problem = directory.expect("a directory").groups(None).await;
        let problem = problem.expect_err(&url);
        assert_eq!(problem.kind, Kind::Network, "{problem}");
        assert!(problem.text().contains(words), "{url}: {problem}");
    }
    // A length that nobody means: the library waits for the rest, and we do not.
    let rogue = Rogue::start(|caller, asked| {
        people(asked) && {
            caller.raw(&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]);
            true
        }
    });
    let problem = directory(&rogue).groups(None).await.expect_err("a length");
    assert!(problem.text().contains("stopped answering"), "{problem}");
    // StartTLS refused: no password goes over a line without it.
    let rogue = Rogue::start(|caller, asked| {
        *asked == Asked::Other && {
            caller.send(&result(0x78, 2, b"no", &[]));
            true
        }
    });
    let mut plain = options(&format!("ldap://127.0.0.1:{}", rogue.port));
    plain.start_tls = true;
    let directory = LdapDirectory::new(Arc::new(RealClock::new()), plain).expect("a directory");
    let problem = directory.groups(None).await.expect_err("no TLS");
    assert_eq!(problem.kind, Kind::Config, "{problem}");
    assert!(problem.text().contains("refuses StartTLS"), "{problem}");
}
