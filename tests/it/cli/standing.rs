//! What stands before a plan: locks, interrupted runs, and what the log keeps of it all.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::place::{Place, World};

const PEOPLE: &str = "id,name,mail,enabled,groups\n\
    new-1,Ada Test,ada@corp.example,true,QLIK_TEST\n\
    new-2,Ben Test,ben@corp.example,true,QLIK_TEST\n";
const PLAN: &[&str] = &[
    "plan",
    "--group",
    "QLIK_TEST",
    "--license",
    "analyzer",
    "--out",
    "plan.json",
];

fn setting(arguments: &[&str]) -> (World, Place) {
    let world = World::start(arguments);
    let place = Place::new();
    place.with_file(&world, "people.csv");
    place.write("people.csv", PEOPLE);
    (world, place)
}

/// An apply that has begun its run and waits for the tenant.
fn under_way(world: &World, place: &Place) -> (Child, String) {
    let mut child = place
        .command(&["apply", "plan.json", "--yes"])
        .env("QROLL_TENANT_SECRET", world.text("api_key"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("qroll apply starts");
    let pipe = child.stderr.take().expect("a pipe");
    let mut run = String::new();
    for line in BufReader::new(pipe).lines() {
        let line = line.expect("a line");
        if let Some((name, _)) = line
            .strip_prefix("Run ")
            .and_then(|rest| rest.split_once(':'))
        {
            name.clone_into(&mut run);
        }
        if line.contains("the tenant asks to wait") {
            break;
        }
    }
    assert!(!run.is_empty(), "the run began");
    (child, run)
}

#[test]
fn a_run_under_way_and_an_interrupted_one_are_said_before_drift() {
    let (world, place) = setting(&["--scenario", "s16", "--fault", "429=60@POST:/users#2+"]);
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let (mut child, run) = under_way(&world, &place);
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(6, &["another run holds this tenant"]);
    place
        .run_in(&world, &["resume"])
        .says(6, &["another run holds this tenant"]);
    let listed = place.run(&["runs"]).out;
    assert!(listed.contains("under way"), "{listed}");
    child.kill().unwrap();
    child.wait().unwrap();
    let listed = place.run(&["runs"]).out;
    assert!(listed.contains("interrupted: qroll resume"), "{listed}");
    let hint = format!("qroll resume {run}");
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(7, &["this plan was begun by run", &hint]);
}

#[test]
fn a_holder_that_was_stopped_is_said_to_be_and_how_it_goes_on() {
    let (world, place) = setting(&["--scenario", "s16", "--fault", "429=60@POST:/users#2+"]);
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let (mut child, _) = under_way(&world, &place);
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.expect("a process");
    kill_process(pid, Signal::STOP).expect("it stops");
    let stat = format!("/proc/{}/stat", child.id());
    let deadline = Instant::now() + Duration::from_mins(1);
    while !fs::read_to_string(&stat).expect("a state").contains(") T ") {
        assert!(Instant::now() < deadline, "it does not stop");
        std::thread::sleep(Duration::from_millis(5));
    }
    let go_on = format!("kill -CONT {}", child.id());
    let told = ["it is stopped (Ctrl-Z)", "`fg` in its terminal", &go_on];
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(6, &told);
    place.run_in(&world, &["resume"]).says(6, &told);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn nothing_interrupted_is_said_and_an_unknown_run_is_a_slip() {
    let (world, place) = setting(&["--scenario", "s16"]);
    let done = place.run_in(&world, &["resume"]);
    assert_eq!(
        (done.code, done.out.as_str()),
        (0, "Nothing was interrupted.\n"),
        "{}",
        done.err
    );
    place
        .run_in(&world, &["resume", "xyz"])
        .says(64, &["there is no run xyz"]);
    place
        .run_in(&world, &["runs", "xyz"])
        .says(64, &["there is no run xyz"]);
}

#[test]
fn a_key_that_may_not_write_leaves_the_run_to_another_one() {
    let (world, place) = setting(&["--scenario", "s16"]);
    let key = world.text("read_only_key").to_owned();
    assert_eq!(place.run_as(&world, &key, PLAN).code, 2);
    let done = place.run_as(&world, &key, &["apply", "plan.json", "--yes"]);
    done.says(3, &["the credential may not write", "qroll resume"]);
    let again = place.run_in(&world, &["resume"]);
    assert_eq!(again.code, 0, "{}{}", again.err, again.out);
}

#[test]
fn the_log_tells_requests_verdicts_and_problems_and_no_secret() {
    let (world, place) = setting(&["--scenario", "s16"]);
    place.with_world(&world, "");
    let log = |arguments: &[&str]| {
        let mut all = vec!["--log", "qroll.log"];
        all.extend(arguments);
        place.run_in(&world, &all)
    };
    let groups = log(&["plan", "--group", "nothing-like-this"]);
    assert_eq!(groups.code, 64);
    assert_eq!(
        log(&[
            "plan",
            "--all",
            "--license",
            "analyzer",
            "--out",
            "plan.json"
        ])
        .code,
        2
    );
    let done = log(&["apply", "plan.json", "--yes"]);
    assert!(matches!(done.code, 0 | 3), "{}{}", done.err, done.out);

    let text = fs::read_to_string(place.path("qroll.log")).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let said = |message: &str| {
        let hits = lines.iter().map(|line| &line["fields"]);
        hits.filter(|fields| fields["message"] == message)
            .collect::<Vec<_>>()
    };
    let requests = said("request");
    assert!(requests.iter().any(|one| one["method"] == "POST"
        && one["path"] == "/api/v1/users"
        && one["status"] == 201));
    assert!(requests.iter().all(|one| one["millis"].is_u64()));
    assert!(requests.iter().any(|one| one["request_id"].is_string()));
    assert_eq!(said("run started").len(), 1);
    assert!(
        said("verdict")
            .iter()
            .any(|one| one["verdict"] == "applied")
    );
    assert!(
        lines
            .iter()
            .any(|line| line["level"] == "ERROR" && line["fields"]["hints"].is_string()),
        "the problem of the first plan"
    );
    for secret in ["api_key", "client_secret", "graph_client_secret"] {
        assert!(!text.contains(world.text(secret)), "{secret}");
    }
    assert!(
        !text.contains("Bearer") && !text.contains("ada@"),
        "no header, no body"
    );
}

#[test]
fn who_applies_needs_no_access_to_the_directory() {
    let world = World::scenario("s1");
    let place = Place::new();
    place.with_world(&world, "");
    let plan = [
        "plan",
        "--group",
        "Finance_EMEA",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    let made = place.run_in(&world, &plan);
    assert_eq!(made.code, 2, "{}", made.err);
    let before = graph_requests(&world);
    let applied = place
        .command(&["apply", "plan.json", "--yes"])
        .env("QROLL_TENANT_SECRET", world.text("api_key"))
        .output()
        .expect("qroll runs");
    assert_eq!(
        applied.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&applied.stderr)
    );
    assert_eq!(graph_requests(&world), before);
}

fn graph_requests(world: &World) -> usize {
    let requests = world.requests();
    let of_graph = requests.iter().filter(|request| request["face"] == "graph");
    of_graph.count()
}
