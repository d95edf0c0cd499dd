//! What stands between: the proxy is said and its password is not, and there is no switch that
//! makes TLS careless.

use std::fs;
use std::path::Path;

use crate::cli::place::{Place, World};

const PEOPLE: &str = "id,name,mail,enabled,groups\n\
    new-1,Ada Test,ada@corp.example,true,QLIK_TEST\n";

const PLAN: [&str; 8] = [
    "plan",
    "--group",
    "QLIK_TEST",
    "--license",
    "analyzer",
    "--out",
    "plan.json",
    "--log=log.txt",
];

/// The embedded tenant as a proxy before itself: it takes whole addresses as well as paths.
fn through_proxy(place: &Place, world: &World, arguments: &[&str]) -> (i32, String) {
    let own = world.text("qlik_url").trim_start_matches("http://");
    let mut command = place.command(arguments);
    command
        .env("QROLL_TENANT_SECRET", "sim-api-key")
        .env("http_proxy", format!("http://ann:pass-canary@{own}"));
    let output = command.output().expect("qroll runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).expect("text");
    (output.status.code().unwrap_or(-1), said)
}

fn journal(place: &Place) -> String {
    let mut found: Vec<_> = fs::read_dir(place.path("state/runs"))
        .expect("runs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "journal"))
        .collect();
    assert_eq!(found.len(), 1);
    fs::read_to_string(found.remove(0)).expect("a journal")
}

#[test]
fn the_proxy_is_said_and_written_down_without_its_password() {
    for without in [false, true] {
        let world = World::scenario("s16");
        let place = Place::new();
        place.with_file(&world, "people.csv");
        place.write("people.csv", PEOPLE);
        let more: &[&str] = if without { &["--no-proxy"] } else { &[] };
        let (code, planned) = through_proxy(&place, &world, &[&PLAN[..], more].concat());
        assert_eq!(code, 2, "{planned}");
        let apply = [&["apply", "plan.json", "--yes", "--log=log.txt"], more].concat();
        let (code, applied) = through_proxy(&place, &world, &apply);
        assert_eq!(code, 0, "{applied}");
        let own = world.text("qlik_url");
        for said in [&planned, &applied] {
            let named = said.contains(&format!("through the proxy {own}, with its own user"));
            assert_eq!(named, !without, "{said}");
        }
        let journal = journal(&place);
        let header = journal.lines().next().expect("a header");
        assert_eq!(header.contains(&format!("\"proxy\":\"{own}\"")), !without);
        let log = fs::read_to_string(place.path("log.txt")).expect("a log");
        for text in [&planned, &applied, &journal, &log] {
            assert!(!text.contains("pass-canary"), "{text}");
        }
    }
}

#[test]
fn nothing_makes_tls_careless() {
    let place = Place::new();
    let mut helps = place.run(&["--help"]).out;
    helps.push_str(&place.run(&["man"]).out);
    for command in ["plan", "apply", "resume", "runs", "sim"] {
        helps.push_str(&place.run(&[command, "--help"]).out);
    }
    let helps = helps.to_lowercase();
    for word in [
        "insecure",
        "no-verify",
        "skip-verify",
        "no-tls",
        "accept-invalid",
    ] {
        assert!(!helps.contains(word), "{word} is in the help");
    }
    for switch in ["--insecure", "-k", "--no-verify", "--skip-tls-verify"] {
        place.run(&["plan", "--all", switch]).says(64, &[]);
    }
    let mut sources = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut sources,
    );
    assert!(sources.len() > 100, "the sources are looked at");
    for (path, text) in sources {
        for careless in [
            "danger_accept_invalid",
            "tls_danger",
            "danger_",
            ".dangerous()",
            "connection_verbose",
            "tls_certs_only",
            "Policy::limited",
            "Policy::default",
        ] {
            assert!(!text.contains(careless), "{careless} in {path}");
        }
    }
}

/// The log is an allow-list (reliability 4.1): fields that we name. Of whole values only two plain
/// enumerations may be written as they are.
#[test]
fn the_log_names_fields_and_dumps_no_structs() {
    let mut sources = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut sources,
    );
    let mut calls = 0;
    for (path, text) in &sources {
        for call in text.split("tracing::").skip(1) {
            let Some((name, rest)) = call.split_once("!(") else {
                continue;
            };
            if !["error", "warn", "info", "debug", "trace"].contains(&name) {
                continue;
            }
            calls += 1;
            let end = rest.find(");").unwrap_or(rest.len());
            let dumps = rest[..end]
                .split(|c: char| c == ',' || c.is_whitespace())
                .filter(|part| part.starts_with('?') || part.contains(":?}"));
            for dump in dumps {
                assert!(
                    ["?tier", "?problem.kind"].contains(&dump),
                    "{dump} in {path}"
                );
            }
        }
    }
    assert!(calls > 10, "{calls} calls were looked at");
}

/// Every source file with its text.
fn walk(below: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(below).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            let text = fs::read_to_string(&path).expect("text");
            found.push((path.display().to_string(), text));
        }
    }
}
