//! The demo lives as long as one command: it is obeyed or refused, never taken for a profile.

use std::fs;

use super::place::{Place, World};

#[test]
fn demo_never_reaches_a_profile() {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_world(&world, "");
    for name in ["apply", "resume"] {
        let arguments = ["--demo", name, "plan.json"];
        place.run_in(&world, &arguments).says(
            64,
            &[
                &format!("--demo does not go with {name}"),
                "qroll sim",
                "--profile sim",
            ],
        );
    }
    for arguments in [
        &["--demo", "show", "plan.json"][..],
        &["--demo", "sim"],
        &["--demo", "man"],
    ] {
        place
            .run_in(&world, arguments)
            .says(64, &["--demo means nothing to"]);
    }
    assert_eq!(world.requests().len(), 0, "the profile was never asked");
}

#[test]
fn options_of_the_world_need_a_world() {
    let place = Place::new();
    for arguments in [
        &["--scenario", "s1", "plan", "--all"][..],
        &["--fault", "429@POST:/users#3", "runs"],
        &["--people", "10", "show", "plan.json"],
        &["--latency-ms", "5"],
    ] {
        place.run(arguments).says(64, &["go with --demo or sim"]);
    }
    place
        .run(&["--scenario", "s1", "sim"])
        .says(64, &["stand after sim"]);
}

#[test]
fn a_demo_plan_does_not_send_anybody_to_a_profile() {
    let place = Place::new();
    let done = place.run(&["--demo", "plan", "--all", "--out", "plan.json"]);
    done.says(2, &["the demo's tenant ends here", "qroll sim"]);
    assert!(!done.err.contains("Next:"), "{}", done.err);
    assert!(place.path("plan.json").exists());
}

#[test]
fn demo_lists_its_own_runs() {
    let place = Place::new();
    fs::create_dir_all(place.path("state/demo/runs")).unwrap();
    place.write("state/demo/runs/lost.journal", "");
    let done = place.run(&["--demo", "runs"]);
    assert!(done.out.starts_with("lost "), "{}{}", done.out, done.err);
    assert_eq!(place.run(&["runs"]).out, "No runs yet.\n");
}

#[test]
fn each_demo_forgets_what_another_world_held() {
    let place = Place::new();
    fs::create_dir_all(place.path("state/demo")).unwrap();
    let memory = place.write("state/demo/sources.demo.json", "of another world");
    place
        .run(&["--demo", "plan", "--all", "--out", "plan.json"])
        .says(2, &[]);
    let kept = fs::read_to_string(memory).unwrap_or_default();
    assert!(!kept.contains("of another world"));
}
