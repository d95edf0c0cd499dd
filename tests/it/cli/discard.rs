//! An interrupted run is given up: what is open is read back, nothing is sent, and it is offered no
//! more; what it did can be taken back.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::place::{Place, World};

const GIVE: &[&str] = &[
    "plan",
    "--group",
    "QLIK_ANALYZERS",
    "--license",
    "professional",
    "--out",
    "given.json",
];

/// A run whose power went right behind its first intent, whose effect the tenant has.
fn interrupted(world: &World, place: &Place) -> (String, u64) {
    place.with_world(world, "");
    let made = place.run_in(world, GIVE);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let done = place.run_in(world, &["apply", "given.json", "--yes", "--json"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    let run = done.last_json()["run"].as_str().expect("a run").to_owned();
    let path = place.path(&format!("state/runs/{run}.journal"));
    let whole = fs::read_to_string(&path).expect("a journal");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let mut kinds = lines
        .iter()
        .map(|line| line.contains("\"kind\":\"intent\""));
    let first = kinds.position(|is_intent| is_intent).expect("an intent");
    fs::write(&path, lines[..=first].concat()).expect("a shorter journal");
    let open = listed(place)["open"].as_u64().expect("a number");
    assert!(open > 0 && open < 38, "{open}");
    (run, open)
}

fn listed(place: &Place) -> Value {
    place.run(&["runs", "--json"]).last_json()
}

#[test]
fn a_discarded_run_is_read_back_offered_no_more_and_can_be_taken_back() {
    let world = World::scenario("s14");
    let place = Place::new();
    let (run, open) = interrupted(&world, &place);
    let writes = world.writes();
    let discarded = place.run_in(&world, &["runs", &run, "--discard"]);
    discarded.says(0, &["is discarded", "qroll revert"]);
    assert_eq!(world.writes(), writes, "nothing is sent");
    let now = listed(&place);
    assert_eq!(
        (&now["finished"], &now["discarded"], &now["resumable"]),
        (&true.into(), &true.into(), &false.into())
    );
    assert_eq!(now["counts"]["applied"], open, "{now}");
    assert_eq!(now["counts"]["skipped"], 38 - open, "{now}");
    assert!(place.run(&["runs"]).out.contains("discarded"));
    assert_eq!(place.run(&["runs", "--verify"]).code, 0);

    let again = place.run_in(&world, &["resume"]);
    assert!(
        again.out.contains("Nothing was interrupted"),
        "{}",
        again.out
    );
    place
        .run_in(&world, &["resume", &run])
        .says(7, &["is finished"]);
    place
        .run_in(&world, &["runs", &run, "--discard"])
        .says(7, &["is finished"]);
    place
        .run_in(&world, &["apply", "given.json", "--yes"])
        .says(7, &["which was discarded"]);
    let back = place.run_in(&world, &["revert", &run, "--json"]);
    assert_eq!(back.code, 2, "{}{}", back.err, back.out);
    let summary = &back.last_json()["summary"];
    let returned = ["remove_license", "change_license"].map(|kind| summary[kind].as_u64());
    let returned: u64 = returned.into_iter().flatten().sum();
    assert_eq!(returned, open, "{summary}");
}

#[test]
fn what_cannot_be_read_stays_unknown_and_is_told() {
    let world = World::scenario("s14");
    let place = Place::new();
    let (run, open) = interrupted(&world, &place);
    // The same tenant, whose licenses this credential may not read any more.
    let refusing = World::start(&[
        "--scenario",
        "s14",
        "--fault",
        "403@qlik:GET:/licenses/assignments",
    ]);
    place.with_world(&refusing, "[profile.test.guards]\nread_only = true");
    let discarded = place.run_in(&refusing, &["runs", &run, "--discard"]);
    let told = format!("{open} stay unknown");
    discarded.says(4, &["is discarded", &told]);
    assert!(discarded.out.contains("unknown"), "{}", discarded.out);
    assert_eq!(refusing.writes(), 0);
    let now = listed(&place);
    assert_eq!(now["counts"]["unknown"], open, "{now}");
    assert_eq!(now["discarded"], true);
}

#[test]
fn a_discard_that_is_hung_up_on_is_gone_on_with_by_a_discard_only() {
    let world = World::scenario("s14");
    let place = Place::new();
    let (run, open) = interrupted(&world, &place);
    // The same tenant, far away.
    let slow = World::start(&[
        "--scenario",
        "s14",
        "--fault",
        "delay=15000@qlik:GET:/licenses/assignments",
    ]);
    place.with_world(&slow, "");
    let mut command = place.command(&["runs", &run, "--discard"]);
    command.env("QROLL_TENANT_SECRET", slow.text("api_key"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("qroll starts");
    let path = place.path(&format!("state/runs/{run}.journal"));
    let journal = || fs::read_to_string(&path).expect("a journal");
    while !journal().contains("\"kind\":\"given-up\"") {
        assert!(child.try_wait().expect("a child").is_none(), "too early");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::HUP).expect("a signal");
    let output = child.wait_with_output().expect("the end");
    assert_eq!(output.status.code(), Some(129));
    let way = format!("qroll runs {run} --discard");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&way), "{said}");
    let told = place.run(&["runs"]).out;
    assert!(told.contains(&format!("being discarded: {way}")), "{told}");
    let one = place.run(&["runs", &run]).out;
    assert!(one.contains(&way) && !one.contains("resume"), "{one}");
    let now = listed(&place);
    assert_eq!(
        (&now["given_up"], &now["resumable"]),
        (&true.into(), &false.into())
    );
    let writes = slow.writes();
    for resume in [&["resume"][..], &["resume", &run]] {
        place.run_in(&slow, resume).says(7, &[&way]);
    }
    assert_eq!(slow.writes(), writes);
    place.with_world(&world, "");
    place
        .run_in(&world, &["runs", &run, "--discard"])
        .says(0, &["is discarded"]);
    let now = listed(&place);
    assert_eq!(
        (&now["discarded"], &now["given_up"]),
        (&true.into(), &false.into())
    );
    assert_eq!(now["counts"]["applied"], open, "{now}");
}

#[test]
fn a_run_that_is_not_there_cannot_be_discarded() {
    let world = World::scenario("s14");
    let place = Place::new();
    place.with_world(&world, "");
    place
        .run_in(&world, &["runs", "none", "--discard"])
        .says(64, &["there is no run none"]);
    place.run(&["runs", "--discard"]).says(64, &["RUN"]);
}
