//! S7 through the real program: a commit of 310 operations goes wrong in the middle. The tenant has
//! no seat for three, throttles twice, drops the connection after 120 licenses, and then the
//! session ends. A resume in another session ends it with exit 3, and nothing was done twice.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::check::{mutating, text, truth, verdicts, wire};
use super::crew::Found;
use super::site::Site;
use crate::cli::place::{Place, World, plan};
use crate::pty::Terminal;

const ADD: &str = "/licenses/assignments/actions/add";

/// The world of S7 with faults, and the plan of 250 licenses and 60 space assignments.
fn site(faults: &[String]) -> Site {
    let mut arguments = vec!["--scenario", "s7", "--latency-ms", "40"];
    for fault in faults {
        arguments.extend(["--fault", fault]);
    }
    let world = World::start(&arguments);
    let place = Place::new();
    place.with_world(&world, "");
    let mut arguments = vec!["plan", "--group", "QLIK_ANALYZERS", "--license", "analyzer"];
    let spaces: Vec<String> = (1..=60)
        .map(|n| format!("Project {n:02}=consumer"))
        .collect();
    for space in &spaces {
        arguments.extend(["--space", space]);
    }
    arguments.extend(["--out", "plan.json"]);
    let made = place.run_in(&world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let plan = plan(&place.path("plan.json"));
    assert_eq!(plan["summary"]["add_license"], 250);
    assert_eq!(plan["summary"]["add_space_assignment"], 60);
    Site { world, place, plan }
}

/// Subjects of three licenses; the same seed gives the same people.
fn three_subjects() -> Vec<String> {
    let plan = site(&[]).plan;
    let operations = plan["operations"].as_array().expect("operations");
    let licenses = operations
        .iter()
        .filter(|operation| operation["kind"] == "add_license");
    licenses
        .step_by(90)
        .map(|operation| text(operation, "subject").to_owned())
        .collect()
}

/// `apply` in a terminal that goes away while an answer is being looked for.
fn apply_until_the_session_ends(site: &Site) {
    let shown = site.place.run(&["show", "plan.json"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    let (config, state) = (site.place.path("config.toml"), site.place.path("state"));
    let mut terminal = Terminal::qroll_with(
        &[
            "--config",
            &config.to_string_lossy(),
            "--state-dir",
            &state.to_string_lossy(),
            "apply",
            "plan.json",
            "--yes",
        ],
        &site.place.path("."),
        120,
        36,
        &[
            ("QROLL_TENANT_SECRET", site.world.text("api_key")),
            (
                "QROLL_DIRECTORY_SECRET",
                site.world.text("graph_client_secret"),
            ),
        ],
    );
    terminal.wait_for("50 being read back");
    let pid = i32::try_from(terminal.pid()).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a process id"), Signal::HUP).expect("a signal");
    terminal.hang_up();
    assert_eq!(terminal.exit_code(), 129, "HUP");
}

/// Places in the log at which each license was sent, and those at which licenses were read.
fn sent_and_read(site: &Site) -> (BTreeMap<String, Vec<usize>>, Vec<usize>) {
    let (mut sent, mut read): (BTreeMap<String, Vec<usize>>, _) = (BTreeMap::new(), Vec::new());
    for (at, request) in site.world.requests().iter().enumerate() {
        let path = text(request, "path");
        if text(request, "method") == "GET" && path.ends_with("/licenses/assignments") {
            read.push(at);
        }
        // A 429 was refused before any effect; the whole batch is free to go again.
        if path.ends_with(ADD) && request["status"] != 429 {
            let body: Value = serde_json::from_str(text(request, "body")).expect("a body");
            for item in body["add"].as_array().expect("items") {
                sent.entry(text(item, "subject").to_owned())
                    .or_default()
                    .push(at);
            }
        }
    }
    (sent, read)
}

#[test]
fn s7_a_commit_goes_wrong_in_the_middle() {
    let refused = three_subjects();
    let mut faults: Vec<String> = refused
        .iter()
        .map(|subject| format!("license-011@{subject}"))
        .collect();
    faults.extend([
        format!("429=1@POST:{ADD}#2"),
        // 50 and 50 went through: with 20 of these it is 120.
        format!("drop-within=20@POST:{ADD}#4"),
        "429=1@POST:/spaces/*/assignments#5".to_owned(),
    ]);
    let site = site(&faults);
    apply_until_the_session_ends(&site);
    let kept = site.kept().expect("a journal");
    assert!(!kept.content.is_finished());
    let interrupted = site.place.run(&["runs"]);
    assert!(
        interrupted.out.contains("interrupted"),
        "{}",
        interrupted.out
    );

    let resumed = site.place.run_in(&site.world, &["resume", "--json"]);
    assert_eq!(resumed.code, 3, "partial\n{}{}", resumed.err, resumed.out);
    let counts = resumed.last_json();
    assert_eq!(
        (&counts["applied"], &counts["not-applied"], &counts["total"]),
        (&307.into(), &3.into(), &310.into()),
        "{}",
        resumed.out
    );
    in_place(&site, &refused);
    record_lists_all(&site, &refused);
    nothing_twice(&site, &refused);
}

/// 247 licenses and 60 assignments are in the tenant.
fn in_place(site: &Site, refused: &[String]) {
    let state = site.world.state();
    let licenses = state["licenses"].as_object().expect("licenses");
    assert_eq!(licenses.len(), 247);
    assert!(
        refused
            .iter()
            .all(|subject| !licenses.contains_key(subject))
    );
    let spaces = state["spaces"].as_object().expect("spaces");
    let assigned = spaces
        .values()
        .filter(|space| space["assignments"]["group idp:QLIK_ANALYZERS"][0] == "consumer");
    assert_eq!(assigned.count(), 60);
}

/// `runs RUN` tells all 310, and of the three the code and the sentence.
fn record_lists_all(site: &Site, refused: &[String]) {
    let kept = site.kept().expect("a journal");
    let run = kept.path.file_stem().expect("a name").to_string_lossy();
    let lines = site.place.run(&["runs", &run, "--json"]).out;
    assert_eq!(lines.lines().count(), 310);
    let failed: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|outcome: &Value| outcome["verdict"] == "not-applied")
        .collect();
    assert_eq!(failed.len(), refused.len());
    for outcome in &failed {
        assert_eq!(outcome["code"], "LICENSES-011");
        assert_eq!(outcome["reason"], "No allotment units left");
    }
    assert_eq!(verdicts(&kept).len(), 310);
}

/// Subjects of the dropped call without effect: all behind the first 20, and who of those is refused.
fn left_undone(site: &Site, refused: &[String]) -> BTreeSet<String> {
    let requests = mutating(site);
    let dropped = requests.iter().find(|one| one["status"] == 0);
    let dropped = dropped.expect("the dropped call");
    let body: Value = serde_json::from_str(text(dropped, "body")).expect("a body");
    let items = body["add"].as_array().expect("items");
    assert_eq!(items.len(), 50);
    let undone = items.iter().enumerate().filter(|(at, item)| {
        *at >= 20
            || refused
                .iter()
                .any(|subject| subject == text(item, "subject"))
    });
    undone
        .map(|(_, item)| text(item, "subject").to_owned())
        .collect()
}

/// Nothing confirmed is sent again; what had no answer is read back before it is.
fn nothing_twice(site: &Site, refused: &[String]) {
    let kept = site.kept().expect("a journal");
    let mut found = Found::default();
    truth(site, &kept, &mut found);
    wire(site, &kept, &mut found);
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    let throttled = mutating(site);
    let throttled = throttled.iter().filter(|one| one["status"] == 429);
    assert_eq!(throttled.count(), 2);
    let (sent, read) = sent_and_read(site);
    let again = sent.iter().filter(|(_, places)| places.len() > 1);
    let again: BTreeMap<&String, &Vec<usize>> = again.collect();
    assert_eq!(
        again.keys().copied().cloned().collect::<BTreeSet<String>>(),
        left_undone(site, refused),
        "what the dropped call had not done"
    );
    for places in again.into_values() {
        let [first, second] = places.as_slice() else {
            panic!("sent {} times", places.len());
        };
        assert!(
            read.iter().any(|at| first < at && at < second),
            "sent again without being read back"
        );
    }
}
