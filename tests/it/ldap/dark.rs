//! S4 over LDAP: the directory goes dark. A real server ends the search on its third page of five, or
//! the line to it is cut there, or the filter has a typing error; nothing is taken from anybody.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use super::commands::{profile_at, run};
use super::company::company;
use super::slapd::{PASSWORD, Slapd};
use crate::cli::place::{Done, Place, World, plan};
use crate::guards::s4::{codes, removals};

/// Five pages.
const PEOPLE: usize = 5_000;
/// 500 of them hold professional.
const TENANT: &str = r#"
title = "S4 The directory goes dark, over LDAP"
seed = 4

[tenant]
subject = 'CORP\{sam}'
allotments = [{ name = "professional", units = 600 }, { name = "analyzer", units = 6000 }]

[[users]]
count = 500
user = { subject = 'CORP\u{n}', email = "u{n}@corp.example", license = "professional" }
"#;
/// Bytes of an answer after which a line is cut: on the third page, which begins behind two fifths.
const CUT: u64 = 900_000;

fn world(place: &Place) -> World {
    let scenario = place.write("s4.toml", TENANT);
    World::start(&["--scenario", &scenario.to_string_lossy()])
}

/// A plan that takes professional from everybody whom the query finds.
fn planned(place: &Place, world: &World, url: &str, limit: &str, query: &str) -> Done {
    let guards = format!("[profile.test.guards]\nremovals_stop = \"{limit}\"\n");
    profile_at(place, world, url, &guards);
    let wish = ["plan", "--query", query, "--license", "analyzer"];
    run(
        place,
        world,
        PASSWORD,
        &[&wish[..], &["--out", "plan.json"]].concat(),
    )
}

const EVERYBODY: &str = "(objectClass=inetOrgPerson)";

#[test]
fn s4a_a_search_that_ends_on_page_three_of_five_takes_nothing() {
    let (place, server) = (Place::new(), Slapd::start(&company(PEOPLE), ""));
    let world = world(&place);
    let made = planned(&place, &world, &server.ldaps(), "100%", EVERYBODY);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let whole = plan(&place.path("plan.json"));
    assert_eq!(removals(&whole), 500, "else it demotes");
    assert_eq!(whole["summary"]["people"], PEOPLE);

    let limited = Slapd::start(&company(PEOPLE), "sizelimit size.prtotal=2500");
    let scissors = cutting(server.tls, CUT);
    for (url, cause) in [
        (limited.ldaps(), "the server's size limit ended the search"),
        (
            format!("ldaps://127.0.0.1:{scissors}"),
            "closed the connection",
        ),
    ] {
        let made = planned(&place, &world, &url, "100%", EVERYBODY);
        made.says(1, &["directory", "is not proven whole", cause]);
        let file = plan(&place.path("plan.json"));
        assert_eq!(removals(&file), 0, "{cause}");
        assert_eq!(file["sources"][1]["complete"], false, "{}", file["sources"]);
        assert!(!codes(&file, "incomplete-source").is_empty(), "{cause}");
        let people = file["summary"]["people"].as_u64().expect("a number");
        assert!(
            (2_000..3_000).contains(&people),
            "{cause}: two pages of five, {people}"
        );
        let shown = place.run(&["show", "plan.json"]).out;
        assert!(
            shown.contains("was not read completely from the directory"),
            "{shown}"
        );
    }
}

#[test]
fn s4b_a_filter_with_a_typing_error_plans_nothing() {
    let (place, server) = (Place::new(), Slapd::start(&company(50), ""));
    let world = world(&place);
    let made = planned(
        &place,
        &world,
        &server.ldaps(),
        "20%",
        "(departmentNumber=Saels)",
    );
    made.says(64, &["finds nobody", "Nothing was planned"]);
    assert!(!place.path("plan.json").exists());
    // An attribute that the server does not know finds nobody either, and is no error to it.
    let made = planned(
        &place,
        &world,
        &server.ldaps(),
        "20%",
        "(departmentNumer=Sales)",
    );
    made.says(64, &["finds nobody", "Nothing was planned"]);
    assert!(!place.path("plan.json").exists());
}

/// Carries bytes to a server on loopback and back, and cuts each connection when so many came back.
fn cutting(port: u16, after: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let own = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
            let (there, back) = (pair(&client, &server), pair(&server, &client));
            std::thread::spawn(move || carry(there, u64::MAX));
            std::thread::spawn(move || carry(back, after));
        }
    });
    own
}

fn pair(from: &TcpStream, to: &TcpStream) -> (TcpStream, TcpStream) {
    let twin = |stream: &TcpStream| stream.try_clone().expect("a handle");
    (twin(from), twin(to))
}

fn carry((from, mut to): (TcpStream, TcpStream), after: u64) {
    let mut buffer = [0; 16_384];
    let mut from = from.take(after);
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // Nobody may be there any more.
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.into_inner().shutdown(Shutdown::Both);
}
