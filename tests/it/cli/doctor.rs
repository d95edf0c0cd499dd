//! `qroll doctor`: each check with its state, what was found, and the mend; nothing is written.

use serde_json::Value;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use super::place::{Done, Place, World, done};
use crate::ldap::{company, slapd};

/// The rows by the name of their check.
#[track_caller]
fn row(done: &Done, check: &str) -> Value {
    done.out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .find(|row| row["check"] == check)
        .unwrap_or_else(|| panic!("{check} is missing:\n{}", done.out))
}

/// Asserts the state of a check, and that what was found or the mend holds the parts.
#[track_caller]
fn says(done: &Done, check: &str, state: &str, parts: &[&str]) {
    let row = row(done, check);
    let said = format!("{} {}", row["found"], row["mend"]);
    assert_eq!(row["state"], state, "{check}: {said}");
    for part in parts {
        assert!(said.contains(part), "{check} should say {part:?}: {said}");
    }
}

#[test]
fn what_is_well_is_said_and_nothing_is_written() {
    let (world, place) = (World::scenario("demo"), Place::new());
    place.with_world(&world, "");
    let done = place.run_in(&world, &["doctor", "--json"]);
    for (check, state, parts) in [
        ("configuration", "ok", &["profile test of "][..]),
        ("keyring", "warn", &["no secret service"]),
        (
            "tenant secret",
            "warn",
            &[
                "from QROLL_TENANT_SECRET",
                "no keyring",
                "$CREDENTIALS_DIRECTORY is not set",
            ],
        ),
        (
            "tenant",
            "ok",
            &["http://127.0.0.1", "plain http", "directly"],
        ),
        ("clock", "ok", &["s from the tenant's"]),
        ("identity", "ok", &["TenantAdmin"]),
        ("rights", "ok", &["users", "licenses", "identity providers"]),
        (
            "directory",
            "ok",
            &[
                "Microsoft Entra ID",
                "permissions GroupMember.Read.All User.Read.All",
            ],
        ),
        ("people", "ok", &["User.Read.All"]),
        ("groups", "ok", &["GroupMember.Read.All"]),
        (
            "subject",
            "warn",
            &[
                "{id} gives 457 of 463 existing users",
                "6 differ",
                "that proves it",
                "CORP",
            ],
        ),
        ("terminal", "not checked", &["no terminal"]),
    ] {
        says(&done, check, state, parts);
    }
    assert_eq!(done.code, 0, "{}", done.out);
    assert_eq!(done.last_json()["fail"], 0);
    assert_eq!(world.writes(), 0);
    let text = place.run_in(&world, &["doctor"]);
    assert!(text.out.contains("[ok] tenant: http://"), "{}", text.out);
    assert!(text.out.contains(" failed, "), "{}", text.out);
    assert!(text.err.is_empty(), "{}", text.err);
}

#[test]
fn without_a_profile_this_machine_is_checked() {
    let place = Place::new();
    let done = place.run(&["doctor", "--json"]);
    says(
        &done,
        "configuration",
        "fail",
        &["config.toml", "[profile.NAME.tenant] with url and auth"],
    );
    says(&done, "tenant", "not checked", &["no profile"]);
    assert_ne!(row(&done, "state directory")["state"], "fail");
    assert_eq!(done.code, 1);
}

#[test]
fn wrong_secrets_and_missing_rights_are_failures_with_mends() {
    let (world, place) = (World::scenario("s16"), Place::new());
    place.with_world(&world, "");
    let done = place.run_as(&world, "wrong", &["doctor", "--json"]);
    says(&done, "tenant", "fail", &["401", "API key"]);
    says(&done, "rights", "not checked", &["not reached"]);
    says(&done, "people", "ok", &[]);
    assert_eq!(done.code, 1);

    let key = world.text("no_rights_key");
    let done = place.run_as(&world, key, &["doctor", "--json"]);
    says(&done, "rights", "fail", &["users", "TenantAdmin"]);
    assert_eq!(done.code, 1);

    let done = place.run(&["doctor", "--json"]);
    says(
        &done,
        "tenant secret",
        "fail",
        &["QROLL_TENANT_SECRET is not set", "qroll.test.tenant"],
    );
}

#[test]
fn a_wrong_template_is_told_with_the_better_one() {
    let (world, place) = (World::scenario("demo"), Place::new());
    place.with_world(&world, "[profile.test.identity]\nsubject = \"{upn}\"\n");
    let done = place.run_in(&world, &["doctor", "--json"]);
    says(
        &done,
        "subject",
        "fail",
        &[
            "{upn} gives",
            "differ",
            "has the subject",
            "identity.subject = \\\"{id}\\\" gives",
        ],
    );
    assert_eq!(done.code, 1);
}

#[test]
fn a_server_says_what_it_is() {
    let server = slapd::Slapd::start(&company::company(20), "");
    let (world, place) = (World::scenario("s16"), Place::new());
    let text = format!(
        "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
         [profile.test.directory]\nkind = \"ldap\"\nurl = \"{}\"\nca_file = \"{}\"\n\
         bind_dn = \"{}\"\nbase_dn = \"{}\"\n",
        world.text("qlik_url"),
        server.ldaps(),
        slapd::ca().display(),
        slapd::READER,
        slapd::BASE,
    );
    place.write("config.toml", &text);
    let run = |password: &str| {
        let mut command = place.unseen(&["doctor", "--json"]);
        command
            .env("QROLL_TENANT_SECRET", world.text("api_key"))
            .env("QROLL_DIRECTORY_SECRET", password);
        done(&command.output().expect("qroll runs"))
    };
    let done = run(slapd::PASSWORD);
    says(
        &done,
        "directory",
        "ok",
        &["read as OpenLDAP", slapd::BASE, "it holds"],
    );
    says(&done, "people", "ok", &["read to the end"]);
    says(&run("wrong"), "directory", "fail", &["bind_dn"]);
}

#[test]
fn a_secret_service_that_never_answers_holds_nothing_up() {
    let (world, place) = (World::scenario("s16"), Place::new());
    place.with_world(&world, "");
    let socket = place.path("bus");
    // Somebody listens, and nobody ever answers.
    let _bus = UnixListener::bind(&socket).expect("a socket");
    let began = Instant::now();
    let mut command = place.unseen(&["doctor", "--json"]);
    command
        .env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}", socket.display()),
        )
        .env("QROLL_TENANT_SECRET", world.text("api_key"))
        .env("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret"));
    let done = done(&command.output().expect("qroll runs"));
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "{:?}",
        began.elapsed()
    );
    says(&done, "keyring", "warn", &["did not answer within 2 s"]);
    says(
        &done,
        "tenant secret",
        "warn",
        &["from QROLL_TENANT_SECRET", "did not answer"],
    );
    says(&done, "tenant", "ok", &[]);
}

#[test]
fn the_terminal_is_judged_and_a_bad_file_is_named() {
    let (world, place) = (World::scenario("s16"), Place::new());
    place.write(
        "people.csv",
        "id,name,mail\n1,\u{1b}[31mAnn,ann@corp.example\n",
    );
    place.with_file(&world, "people.csv");
    let terminal = place.terminal(&world, &["doctor"], 100);
    let screen = terminal.wait("the end", |screen| {
        screen.contains("not checked\n") || screen.contains(" failed, ")
    });
    assert!(
        screen.contains("xterm-256color, 100x40, UTF-8, colours"),
        "{screen}"
    );
    assert!(screen.contains("file people.csv, of today"), "{screen}");
}
