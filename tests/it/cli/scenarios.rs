//! Whole jobs through the real binary: plan, show, apply, the end state in the world, and a second
//! plan that is empty (or only waits).

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::process::Stdio;

use super::place::{Place, World, plan};

/// Counts of a summary by name.
fn count(plan: &Value, name: &str) -> u64 {
    plan["summary"][name].as_u64().unwrap_or(0)
}

/// How many entries a part of the end state has.
fn size(state: &Value, part: &str) -> usize {
    state[part].as_object().map_or(0, serde_json::Map::len)
}

/// Assignments of a space at the end, `"group idp:X" -> roles`.
fn assignments<'a>(state: &'a Value, space: &str) -> &'a serde_json::Map<String, Value> {
    state["spaces"][space]["assignments"]
        .as_object()
        .expect("assignments")
}

/// Findings of one code.
fn found(plan: &Value, code: &str) -> usize {
    plan["findings"].as_array().map_or(0, |findings| {
        findings
            .iter()
            .filter(|finding| finding["code"] == code)
            .count()
    })
}

fn of_kind<'a>(plan: &'a Value, kind: &str) -> Vec<&'a Value> {
    let operations = plan["operations"].as_array().expect("operations");
    operations
        .iter()
        .filter(|operation| operation["kind"] == kind)
        .collect()
}

#[test]
fn s1_onboard_a_group() {
    let world = World::scenario("s1");
    let place = Place::new();
    place.with_world(
        &world,
        "[profile.test.identity]\nmatch = [\"subject\", \"email\"]",
    );
    let arguments = [
        "plan",
        "--group",
        "QLIK_ANALYZERS",
        "--license",
        "analyzer",
        "--space",
        "Finance=consumer",
        "--short",
        "wait",
        "--out",
        "plan.json",
    ];
    let made = place.run_in(&world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    assert_eq!(count(&file, "people"), 40);
    assert_eq!(count(&file, "skipped"), 2, "disabled in the directory");
    assert_eq!(count(&file, "create_user"), 32);
    assert_eq!(count(&file, "move_license"), 5, "no seat used");
    assert_eq!(count(&file, "add_license"), 30);
    assert_eq!(count(&file, "waiting"), 3);
    assert_eq!(found(&file, "waits-for-seat"), 3, "they are named");
    assert_eq!(count(&file, "create_group"), 1);
    assert_eq!(
        count(&file, "add_space_assignment"),
        5,
        "the group and the 4 nested"
    );
    assert_eq!(count(&file, "removals"), 0);

    shown(&place);
    let before = world.state();
    let applied = place.run_in(&world, &["apply", "plan.json", "--yes", "--json"]);
    assert_eq!(applied.code, 0, "{}{}", applied.err, applied.out);
    let counts = applied.last_json();
    assert_eq!(counts["applied"], counts["total"]);
    assert_eq!(
        applied.out.lines().count() as u64,
        count(&file, "operations") + 1,
        "one line per outcome"
    );

    let again = place.run_in(&world, &[&arguments[..9], &["--json"]].concat());
    let said = again.last_json();
    assert_eq!(
        (
            again.code,
            count(&said, "operations"),
            count(&said, "waiting")
        ),
        (0, 0, 3),
        "{}",
        again.out
    );
    let after = world.state();
    let grown = |part| size(&after, part) - size(&before, part);
    assert_eq!(grown("users"), 32, "no second record for the 6");
    assert_eq!(grown("licenses"), 30, "moving takes no seat");
    assert_eq!(grown("groups"), 1);
    let finance = assignments(&after, "Finance");
    assert_eq!(finance.len(), 5);
    assert!(
        finance
            .values()
            .all(|roles| *roles == serde_json::json!(["consumer"]))
    );
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(7, &[]);
    let runs = place.run(&["runs"]);
    assert!(
        runs.out.contains("finished") && runs.out.contains("applied of"),
        "{}",
        runs.out
    );
}

/// What a person sees of S1's plan.
fn shown(place: &Place) {
    let shown = place.run(&["show", "plan.json"]);
    assert_eq!(shown.code, 0);
    assert!(
        shown.out.contains("40 people:") && shown.out.contains("30  add license"),
        "{}",
        shown.out
    );
}

#[test]
fn s10_one_group_twelve_spaces() {
    let world = World::scenario("s10");
    let place = Place::new();
    place.with_world(&world, "");
    let mut arguments = vec!["plan", "--group", "QLIK_ANALYZERS", "--out", "plan.json"];
    let spaces: Vec<String> = world_spaces()
        .into_iter()
        .map(|name| format!("{name}=producer"))
        .collect();
    for space in &spaces {
        arguments.extend(["--space", space]);
    }
    let made = place.run_in(&world, &arguments);
    assert_ne!(made.code, 64, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    assert_eq!(found(&file, "illegal-role"), 5, "{}{}", made.err, made.out);
    let hints: Vec<&str> = file["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == "illegal-role")
        .filter_map(|finding| finding["hint"].as_str())
        .collect();
    assert!(
        hints.iter().all(|hint| hint.contains("contributor")),
        "the nearest legal role is offered: {hints:?}"
    );
    assert!(
        found(&file, "pointless-role") >= 1,
        "analyzers gain little from producer"
    );
    assert_eq!(found(&file, "roles-replaced"), 3);
    let writes = of_kind(&file, "add_space_assignment").len()
        + of_kind(&file, "change_space_assignment").len();
    assert_eq!(writes, 7, "by group");
    for change in of_kind(&file, "change_space_assignment") {
        assert_eq!(change["before"], serde_json::json!(["consumer"]));
        assert_eq!(
            change["after"],
            serde_json::json!(["consumer", "producer"]),
            "never silently dropped"
        );
    }
    let notes: String = file["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == "write-count")
        .filter_map(|finding| finding["text"].as_str())
        .collect();
    assert!(notes.contains('7') && notes.contains("280"), "{notes}");
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(5, &["must not be applied"]);
    assert_eq!(world.writes(), 0);
    s10_where_it_is_legal(&world, &place, &arguments);
}

/// The same without the spaces where it is illegal: applied, and then nothing is left to do.
fn s10_where_it_is_legal(world: &World, place: &Place, arguments: &[&str]) {
    let legal: Vec<&str> = arguments
        .iter()
        .copied()
        .filter(|text| !text.starts_with("Reports"))
        .collect();
    let legal = without_lone_options(&legal);
    let made = place.run_in(world, &legal);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let applied = place.run_in(world, &["apply", "plan.json", "--yes"]);
    assert_eq!(
        (applied.code, world.writes()),
        (0, 7),
        "{}{}",
        applied.err,
        applied.out
    );
    let state = world.state();
    let both = serde_json::json!({"group idp:QLIK_ANALYZERS": ["consumer", "producer"]});
    for space in ["Sales Lab 01", "Sales Lab 02", "Landing Zone"] {
        assert_eq!(state["spaces"][space]["assignments"], both, "{space}");
    }
    assert!(assignments(&state, "Reports 01").is_empty());
    let again = place.run_in(world, &[&legal[..], &["--json"]].concat());
    assert_eq!(
        (again.code, count(&again.last_json(), "operations")),
        (0, 0),
        "{}",
        again.out
    );
}

/// Drops each `--space` whose value was taken out.
fn without_lone_options<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let next = arguments.iter().skip(1).copied().chain([""]);
    let pairs = arguments.iter().copied().zip(next);
    pairs
        .filter(|(one, next)| *one != "--space" || !(next.starts_with("--") || next.is_empty()))
        .map(|(one, _)| one)
        .collect()
}

/// The spaces of scenario s10.
fn world_spaces() -> Vec<String> {
    let numbered = |name: &str, count: usize| {
        (1..=count)
            .map(|n| format!("{name} {n:02}"))
            .collect::<Vec<_>>()
    };
    let mut all = numbered("Sales Lab", 2);
    all.extend(numbered("Market Lab", 3));
    all.extend(numbered("Reports", 5));
    all.extend(["Landing Zone".to_owned(), "Raw Zone".to_owned()]);
    all
}

#[test]
fn s16_three_people() {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_world(&world, "");
    let arguments = [
        "plan",
        "--person",
        "Ingrid Solberg",
        "--person",
        "Rafael Monteiro",
        "--person",
        "Claire Beaumont",
        "--license",
        "professional",
        "--space",
        "Board=consumer",
        "--out",
        "plan.json",
    ];
    let made = place.run_in(&world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    assert_eq!(count(&file, "people"), 3);
    assert_eq!(count(&file, "operations"), 9);
    for kind in ["create_user", "add_license", "add_space_assignment"] {
        assert_eq!(count(&file, kind), 3, "{kind}");
    }
    let before = world.writes();
    let applied = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(applied.code, 0, "{}{}", applied.err, applied.out);
    assert_eq!(
        world.writes() - before,
        7,
        "3 users, 1 batch of licenses, 3 assignments"
    );
    assert_eq!(
        assignments(&world.state(), "Board").len(),
        3,
        "direct, one each"
    );
    let again = place.run_in(&world, &[&arguments[..11], &["--json"]].concat());
    assert_eq!(
        (again.code, count(&again.last_json(), "operations")),
        (0, 0),
        "{}",
        again.out
    );
}

#[test]
fn the_demo_plans_too() {
    let place = Place::new();
    let done = place.run(&["--demo", "--scenario", "s16", "plan", "--all", "--json"]);
    assert_eq!(done.code, 2, "{}{}", done.err, done.out);
    assert_eq!(count(&done.last_json(), "people"), 123);
    place
        .run(&["--demo", "--scenario", "none", "plan", "--all"])
        .says(64, &["no scenario `none`", "s16"]);
}

#[test]
fn a_signal_stops_an_apply_and_resume_goes_on() {
    let world = World::start(&["--scenario", "s1", "--latency-ms", "60"]);
    let place = Place::new();
    place.with_world(
        &world,
        "[profile.test.identity]\nmatch = [\"subject\", \"email\"]",
    );
    let made = place.run_in(
        &world,
        &[
            "plan",
            "--group",
            "QLIK_ANALYZERS",
            "--license",
            "analyzer",
            "--out",
            "plan.json",
        ],
    );
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let mut command = place.command(&["apply", "plan.json", "--yes"]);
    command
        .env("QROLL_TENANT_SECRET", world.text("api_key"))
        .env("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("qroll apply");
    while world.writes() < 2 {}
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).expect("a signal");
    let output = child.wait_with_output().expect("the end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("Go on with: qroll resume"), "{said}");
    assert!(place.run(&["runs"]).out.contains("interrupted"));

    let resumed = place.run_in(&world, &["resume", "--json"]);
    assert_eq!(resumed.code, 0, "{}{}", resumed.err, resumed.out);
    let counts = resumed.last_json();
    assert_eq!(
        counts["applied"], counts["total"],
        "what was sent before counts once"
    );
    let again = place.run_in(
        &world,
        &[
            "plan",
            "--group",
            "QLIK_ANALYZERS",
            "--license",
            "analyzer",
            "--json",
        ],
    );
    assert_eq!(count(&again.last_json(), "operations"), 0, "{}", again.out);
}
