//! The same through the real program: four configurations, one tenant. The plans hold the same
//! operations and findings, and what the screen exports is the same file.

use serde_json::Value;
use std::fs;
use std::path::PathBuf;

use qroll::simulator::Running;

use super::sources::{csv, direct, file, ldif, server, world};
use crate::cli::place::{Done, Place, done, plan};
use crate::ldap::slapd::{BASE, PASSWORD, READER, Slapd, ca};
use crate::pty::Terminal;

/// The directory's section of each configuration, and its secret.
fn sections(world: &Running, server: &Slapd, place: &Place) -> [(&'static str, String, String); 4] {
    let (csv, ldif) = (csv(direct), ldif(server));
    let root = place.path(".");
    let (csv, ldif) = (
        file(&root, "corp.csv", &csv),
        file(&root, "corp.ldif", &ldif),
    );
    let of_file = |path: PathBuf| format!("kind = \"file\"\npath = \"{}\"\n", path.display());
    let ldap = format!(
        "kind = \"ldap\"\nurl = \"{}\"\nca_file = \"{}\"\nbind_dn = \"{READER}\"\nbase_dn = \"{BASE}\"\n",
        server.ldaps(),
        ca().display()
    );
    let entra = format!(
        "kind = \"entra\"\ntenant_id = \"{}\"\nclient_id = \"{}\"\nlogin_url = \"{}\"\ngraph_url = \"{}\"\n",
        world.directory_tenant, world.graph_client_id, world.login_url, world.graph_url
    );
    [
        ("entra", entra, world.graph_client_secret.clone()),
        ("ldap", ldap, PASSWORD.to_owned()),
        ("ldif", of_file(ldif), String::new()),
        ("csv", of_file(csv), String::new()),
    ]
}

/// A place for one source.
fn furnished(world: &Running, section: &str) -> Place {
    let place = Place::new();
    let text = format!(
        "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n[profile.test.directory]\n{section}\
         [profile.test.identity]\nsubject = \"CORP\\\\{{sam}}\"\n",
        world.qlik_url
    );
    place.write("config.toml", &text);
    place
}

fn run(place: &Place, world: &Running, secret: &str, arguments: &[&str]) -> Done {
    let mut command = place.unseen(arguments);
    command.env("QROLL_TENANT_SECRET", world.api_key());
    if !secret.is_empty() {
        command.env("QROLL_DIRECTORY_SECRET", secret);
    }
    done(&command.output().expect("qroll runs"))
}

/// Operations, findings and counts of a plan, without what names the source.
fn essence(place: &Place) -> Value {
    let mut file = plan(&place.path("plan.json"));
    // Of Entra alone it can be said that it may not let somebody into the application.
    let findings = file["findings"].as_array_mut().expect("findings");
    findings.retain(|finding| finding["code"] != "not-checked");
    let parts = ["operations", "findings", "summary"];
    parts.map(|part| file[part].take()).into()
}

#[test]
fn four_configurations_give_the_same_plan_and_the_same_list() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (world, server, store) = (runtime.block_on(world()), server(), Place::new());
    let mut first: Option<(Vec<Value>, String)> = None;
    for (name, section, secret) in sections(&world, &server, &store) {
        let place = furnished(&world, &section);
        let mut plans = Vec::new();
        for who in [&["--all"][..], &["--group", "Esc\u{1b}[2J\nbreak"]] {
            let wish = [
                "plan",
                "--license",
                "analyzer",
                "--short",
                "wait",
                "--out",
                "plan.json",
            ];
            let made = run(&place, &world, &secret, &[&wish[..], who].concat());
            assert!(
                matches!(made.code, 2 | 5),
                "{name}: {}{}",
                made.err,
                made.out
            );
            plans.push(essence(&place));
            fs::remove_file(place.path("plan.json")).expect("a plan");
        }
        let list = exported(&place, &world, &secret);
        assert!(
            list.len() > 1_000 && plans.iter().all(|plan| plan[0] != serde_json::json!([])),
            "{name}"
        );
        let (wanted, rows) = first.get_or_insert_with(|| (plans.clone(), list.clone()));
        assert_eq!(&plans, wanted, "{name}");
        assert_eq!(&list, rows, "{name}");
    }
}

/// What `e` writes of everybody on the roster, in a real terminal.
fn exported(place: &Place, world: &Running, secret: &str) -> String {
    let (config, state) = (place.path("config.toml"), place.path("state"));
    let mut environment = vec![("QROLL_TENANT_SECRET", world.api_key())];
    if !secret.is_empty() {
        environment.push(("QROLL_DIRECTORY_SECRET", secret));
    }
    let arguments = [
        "--config",
        &config.to_string_lossy(),
        "--state-dir",
        &state.to_string_lossy(),
    ];
    let home = place.path(".");
    let terminal = Terminal::qroll_with(&arguments, &home, 120, 36, &environment);
    terminal.wait("both sides", |screen| {
        screen.contains("All people") && screen.contains("read just now")
    });
    let mut terminal = terminal;
    terminal.keys("<tab>e");
    terminal.wait_for("lossless");
    terminal.keys("j");
    terminal.wait_for("written:");
    let all = fs::read_dir(state.join("exports"))
        .expect("a directory")
        .flatten();
    let path = all.map(|entry| entry.path()).find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("roster-")
    });
    fs::read_to_string(path.expect("an export")).expect("JSON")
}
