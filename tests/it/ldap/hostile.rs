//! What a broken or hostile server can do to a reading: nothing but make it a part, with the cause.
//! Each case of the LDAP table (reliability C9 to C11) and each panic of the library.

use std::sync::Arc;
use std::time::Duration;

use qroll::connectors::ldap::{LdapDirectory, Limits};
use qroll::domain::{Completeness, Person, Reading};
use qroll::host::RealClock;
use qroll::ports::{Directory as _, Kind, PeopleQuery, Problem};

use super::reading::options;
use super::rogue::{Asked, Caller, Rogue, attribute, result, tlv};

type Script = fn(&mut Caller, &Asked) -> bool;

fn limits() -> Limits {
    Limits {
        silence: Duration::from_millis(400),
        search: Duration::from_secs(20),
        entries: 5_000,
        bytes: 4 * 1024 * 1024,
        pages: 50,
    }
}

async fn read(rogue: &Rogue) -> Result<Reading<Vec<Arc<Person>>>, Problem> {
    let mut options = options(&format!("ldap://127.0.0.1:{}", rogue.port));
    options.limits = limits();
    let directory = LdapDirectory::new(Arc::new(RealClock::new()), options).expect("a directory");
    directory.people(&PeopleQuery::All).await
}

/// Whether this is the search for people, not for the root.
fn people(asked: &Asked) -> bool {
    matches!(asked, Asked::Search(base) if !base.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_a_search_early_makes_a_part() {
    let cases: [(&str, Script, usize); 10] = [
        ("time limit", |caller, asked| ended(caller, asked, 3), 2),
        ("size limit", |caller, asked| ended(caller, asked, 4), 2),
        (
            "administrative limit",
            |caller, asked| ended(caller, asked, 11),
            2,
        ),
        ("busy", |caller, asked| ended(caller, asked, 51), 2),
        ("other, 80", |caller, asked| ended(caller, asked, 80), 2),
        ("unknown, 123", |caller, asked| ended(caller, asked, 123), 2),
        (
            "refers to ldap://other.example/dc=x",
            |caller, asked| {
                people(asked) && {
                    caller.send(&result(0x65, 10, b"", &["ldap://other.example/dc=x"]));
                    true
                }
            },
            0,
        ),
        (
            "on another server, which is not followed: ldap://other.example/ou=y",
            |caller, asked| {
                people(asked) && {
                    caller.person(1);
                    caller.send(&tlv(0x73, &tlv(4, b"ldap://other.example/ou=y")));
                    caller.done(0, "", None);
                    true
                }
            },
            1,
        ),
        (
            "1 entries cannot be read",
            |caller, asked| {
                people(asked) && {
                    caller.person(1);
                    let body = [
                        tlv(4, b"uid=\xff\xfe,dc=x"),
                        tlv(0x30, &attribute(b"uid", &[b"a"])),
                    ];
                    caller.send(&tlv(0x64, &body.concat()));
                    caller.done(0, "", None);
                    true
                }
            },
            1,
        ),
        (
            "same page again",
            |caller, asked| {
                people(asked) && {
                    if caller.searches < 2 {
                        caller.person(1);
                    }
                    caller.done(0, "", Some(b"again"));
                    true
                }
            },
            1,
        ),
    ];
    for (cause, script, count) in cases {
        let rogue = Rogue::start(script);
        let part = read(&rogue)
            .await
            .unwrap_or_else(|problem| panic!("{cause}: {problem}"));
        let Completeness::Incomplete(said) = &part.proof else {
            panic!("{cause}: {:?}", part.proof)
        };
        assert!(said.contains(cause), "{said} should say {cause}");
        assert_eq!(part.value.len(), count, "{cause}");
    }
}

/// Two people, then this code.
fn ended(caller: &mut Caller, asked: &Asked, code: u8) -> bool {
    people(asked) && {
        caller.person(1);
        caller.person(2);
        caller.done(code, "", None);
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_end_end() {
    let rogue = Rogue::start(|caller, asked| {
        people(asked) && {
            let cookie = caller.searches.to_string();
            caller.done(0, "", Some(cookie.as_bytes()));
            true
        }
    });
    let part = read(&rogue).await.expect("a part");
    assert!(
        format!("{:?}", part.proof).contains("more than 50 pages"),
        "{:?}",
        part.proof
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_cut_off() {
    let rogue = Rogue::start(|caller, asked| {
        people(asked) && {
            // It stops by itself when nobody listens any more, and in any case.
            for number in 0..200_000 {
                caller.person(number);
            }
            true
        }
    });
    let problem = read(&rogue).await.expect_err("a flood");
    assert_eq!(problem.kind, Kind::Protocol);
    assert!(
        problem.text().contains("sends without end: 5001 entries"),
        "{}",
        problem.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_stream_is_read_again_from_the_start_once() {
    let rogue = Rogue::start(|caller, asked| {
        people(asked) && {
            caller.person(1);
            if caller.before < 2 {
                caller.hang_up();
            } else {
                caller.person(2);
                caller.done(0, "", None);
            }
            true
        }
    });
    // The first connection is the one that asks for the root, the second is cut, the third is whole.
    let whole = read(&rogue).await.expect("people");
    assert!(whole.proof.is_proven(), "{:?}", whole.proof);
    assert_eq!((whole.value.len(), rogue.connections()), (2, 3));

    let rogue = Rogue::start(|caller, asked| {
        people(asked) && {
            caller.person(1);
            caller.hang_up();
            true
        }
    });
    let part = read(&rogue).await.expect("a part");
    assert!(
        format!("{:?}", part.proof).contains("closed the connection"),
        "{:?}",
        part.proof
    );
    assert_eq!((part.value.len(), rogue.connections()), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_library_panics_on_is_an_answer() {
    let cases: [(&str, Script); 5] = [
        ("a text that is no UTF-8", |caller, asked| {
            *asked == Asked::Bind && {
                caller.send(&result(0x61, 49, b"\xff\xfe", &[]));
                true
            }
        }),
        ("an unknown operation", |caller, asked| {
            people(asked) && {
                caller.send(&tlv(0x7e, b""));
                true
            }
        }),
        ("an entry that is a number", |caller, asked| {
            people(asked) && {
                caller.send(&tlv(0x65, &tlv(2, &[1])));
                true
            }
        }),
        ("HTTP", |caller, asked| {
            *asked == Asked::Bind && {
                caller.raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                caller.hang_up();
                true
            }
        }),
        ("silence", |_, asked| people(asked)),
    ];
    for (what, script) in cases {
        let rogue = Rogue::start(script);
        let problem = read(&rogue).await.expect_err(what);
        assert!(
            matches!(problem.kind, Kind::Protocol | Kind::Network),
            "{what}: {problem}"
        );
        assert!(problem.text().contains("127.0.0.1"), "{what}: {problem}");
    }
}
