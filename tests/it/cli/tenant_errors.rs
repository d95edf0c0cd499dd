//! Bad input that shows only against a tenant: each with its message, and nothing written.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use qroll::planner::file;

use super::place::{Place, World};

const PEOPLE: &str = "id,name,mail,enabled,groups\n\
    new-1,Ada Test,ada@corp.example,true,QLIK_TEST\n\
    new-2,Ben Test,ben@corp.example,true,QLIK_TEST\n";

/// A world, and a place whose directory is a file.
fn setting() -> (World, Place) {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_file(&world, "people.csv");
    place.write("people.csv", PEOPLE);
    (world, place)
}

const PLAN: &[&str] = &[
    "plan",
    "--group",
    "QLIK_TEST",
    "--license",
    "analyzer",
    "--space",
    "Board=consumer",
    "--out",
    "plan.json",
];

#[test]
fn unknown_names_are_answered_with_near_ones() {
    let (world, place) = setting();
    for (arguments, parts) in [
        (
            &["plan", "--group", "QLIK_TSET"][..],
            &[
                "there is no group called \"QLIK_TSET\"",
                "Did you mean \"QLIK_TEST\"?",
            ][..],
        ),
        (
            &["plan", "--all", "--space", "Bord=consumer"],
            &[
                "there is no space called \"Bord\"",
                "Did you mean \"Board\"?",
            ],
        ),
        (
            &["plan", "--all", "--license", "analyser"],
            &["no license called \"analyser\"", "\"analyzer\""],
        ),
        (
            &["plan", "--all", "--role", "TenantAdmn"],
            &[
                "there is no tenant role called \"TenantAdmn\"",
                "\"TenantAdmin\"",
            ],
        ),
        (
            &["plan", "--person", "Ada"],
            &["there is nobody called \"Ada\"", "ada@corp.example"],
        ),
        (&["plan", "--query", "(department=None)"], &["finds nobody"]),
        (&["plan"], &["the plan is for nobody", "--group"]),
    ] {
        place.run_in(&world, arguments).says(64, parts);
    }
    place.write("list.txt", "ada@corp.example\nzoe@corp.example\n");
    place
        .run_in(&world, &["plan", "--people", "list.txt"])
        .says(64, &["line 2: zoe@corp.example is nobody"]);
    assert_eq!(world.writes(), 0);
}

#[test]
fn an_illegal_role_is_a_finding_with_the_legal_ones() {
    let (world, place) = setting();
    let done = place.run_in(
        &world,
        &["plan", "--group", "QLIK_TEST", "--space", "Board=producer"],
    );
    assert!(
        done.out.contains("producer") && done.out.contains("contributor"),
        "{}{}",
        done.out,
        done.err
    );
}

#[test]
fn a_wrong_key_a_key_without_rights_and_a_wrong_address() {
    let (world, place) = setting();
    place.run_as(&world, "wrong", PLAN).says(1, &["qroll:"]);
    let wrong = place.run_as(&world, "wrong", PLAN).err;
    assert!(wrong.to_lowercase().contains("key"), "{wrong}");
    assert!(
        !wrong.contains("wrong "),
        "the key itself is never said: {wrong}"
    );
    let denied = place.run_as(&world, world.text("no_rights_key"), PLAN);
    denied.says(
        1,
        &[
            "the users of the tenant could not be read",
            "403",
            "Tenant Admin",
        ],
    );
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let config = fs::read_to_string(place.path("config.toml")).unwrap();
    place.write(
        "config.toml",
        &config.replace(world.text("qlik_url"), &format!("http://{closed}")),
    );
    place.run_in(&world, PLAN).says(1, &[&closed.to_string()]);
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_plan_is_applied_once_exactly_and_in_time() {
    let (world, place) = setting();
    let made = place.run_in(&world, PLAN);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let text = fs::read_to_string(place.path("plan.json")).unwrap();

    place.write("edited.json", &text.replace("Ada Test", "Eve Test"));
    place
        .run_in(&world, &["apply", "edited.json", "--yes"])
        .says(7, &["was edited or damaged"]);
    place
        .run(&["show", "edited.json"])
        .says(7, &["was edited or damaged"]);

    let mut old = file::parse(text.as_bytes()).unwrap();
    old.expires = old.created;
    place.write("expired.json", &file::to_json(&file::seal(old)));
    place
        .run_in(&world, &["apply", "expired.json", "--yes"])
        .says(7, &["expired at"]);
    place
        .run(&["show", "expired.json"])
        .says(0, &["Not to be applied", "expired"]);

    place
        .run_in(&world, &["apply", "plan.json"])
        .says(64, &["no terminal to confirm at", "--yes"]);
    place
        .run_in(&world, &["apply", "plan.json", "--yes", "--expect", "0000"])
        .says(7, &["not the one expected"]);
    assert_eq!(world.writes(), 0, "nothing was sent so far");

    let hash = file::parse(text.as_bytes()).unwrap().hash.0;
    let done = place.run_in(&world, &["apply", "plan.json", "--yes", "--expect", &hash]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    let writes = world.writes();
    assert!(writes > 0);
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(7, &[]);
    assert_eq!(world.writes(), writes, "a plan is applied once");
}

#[test]
fn a_pipe_gets_the_counts_of_a_plan_that_does_nothing() {
    let (world, place) = setting();
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let applied = ["apply", "plan.json", "--yes"];
    assert_eq!(place.run_in(&world, &applied).code, 0);
    let again = place.run_in(&world, PLAN);
    assert_eq!(again.code, 0, "{}{}", again.err, again.out);
    let done = place.run_in(&world, &["apply", "plan.json", "--yes", "--json"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let said: serde_json::Value = serde_json::from_str(done.out.trim()).expect("one JSON line");
    assert_eq!(said["applied"], 0, "{said}");
    assert_eq!(said["run"], serde_json::Value::Null, "{said}");
}

#[test]
fn a_resumed_run_names_what_its_outcomes_are_about() {
    let (world, place) = setting();
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let applied = ["apply", "plan.json", "--yes"];
    assert_eq!(place.run_in(&world, &applied).code, 0);
    // As if the machine had gone down right after the first record.
    let journal = journal_below(&place.path("state"));
    let text = fs::read_to_string(&journal).expect("a journal");
    let first = text.find('\n').expect("a record") + 1;
    fs::write(&journal, &text[..first]).expect("a shorter journal");
    let done = place.run_in(&world, &["resume", "--json"]);
    let lines: Vec<serde_json::Value> = done
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect();
    let (counts, outcomes) = lines.split_last().expect("lines");
    assert!(counts["run"].is_string(), "{}{}", done.out, done.err);
    assert!(!outcomes.is_empty(), "{}{}", done.out, done.err);
    for outcome in outcomes {
        assert!(
            outcome["kind"].is_string() && outcome["who"].is_string(),
            "{outcome}"
        );
    }
}

/// The only journal below a state directory.
fn journal_below(state: &Path) -> PathBuf {
    let mut open = vec![state.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).expect("the state directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "journal") {
                return path;
            }
        }
    }
    panic!("no journal");
}

#[test]
fn an_unwritable_state_directory_sends_nothing() {
    let (world, place) = setting();
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    // A file in its place stops even root, whom permissions do not.
    place.write("state", "not a directory");
    let done = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert!(matches!(done.code, 1 | 74), "{} {}", done.code, done.err);
    assert!(done.err.contains("state"), "{}", done.err);
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_read_only_profile_plans_and_does_not_apply() {
    let (world, place) = setting();
    let config = fs::read_to_string(place.path("config.toml")).unwrap();
    place.write(
        "config.toml",
        &format!("{config}[profile.test.guards]\nread_only = true\n"),
    );
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(5, &["read-only"]);
    assert_eq!(world.writes(), 0);
}

#[test]
fn secrets_come_by_credential_file_and_descriptor_and_never_show() {
    let (world, place) = setting();
    let key = world.text("api_key");
    let credential = place.write("qroll.test.tenant", key);
    fs::set_permissions(&credential, fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = place.command(PLAN);
    command.env("CREDENTIALS_DIRECTORY", place.path(""));
    let output = command.output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::set_permissions(&credential, fs::Permissions::from_mode(0o644)).unwrap();
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("may be read by others"));

    let mut command = place.command(PLAN);
    command
        .args(["--tenant-secret-fd", "0"])
        .stdin(fs::File::open(&credential).unwrap());
    let output = command.output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let done = place.run_in(&world, &["--log", "qroll.log", PLAN[0], "--all"]);
    assert!(
        done.err
            .contains("warning: the API key of the tenant comes from QROLL_TENANT_SECRET"),
        "{}",
        done.err
    );
    let log = fs::read_to_string(place.path("qroll.log")).unwrap();
    for text in [&done.err, &done.out, &log] {
        assert!(!text.contains(key));
    }
}
