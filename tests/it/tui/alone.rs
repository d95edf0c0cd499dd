//! "Continue if I disconnect", in a real terminal that is taken away in the middle of a run.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use super::commit::Commit;

const WORLD: [&str; 4] = ["--scenario", "s1", "--latency-ms", "60"];

/// A run that has begun, approved with or without going on alone.
fn begun(alone: bool) -> Commit {
    let mut commit = Commit::open(false, &WORLD, (120, 36));
    commit.plan();
    commit.ask();
    if alone {
        commit.terminal.keys("d");
        commit.terminal.wait_for("[x] continue if I disconnect");
    }
    commit.terminal.keys("y");
    let deadline = Instant::now() + Duration::from_mins(1);
    while commit.world.writes() == 0 {
        assert!(Instant::now() < deadline, "{}", commit.terminal.text());
        std::thread::sleep(Duration::from_millis(5));
    }
    commit
}

fn journal(commit: &Commit) -> String {
    let path = commit.journals().first().cloned().expect("a journal");
    fs::read_to_string(path).expect("the journal")
}

#[test]
fn a_run_that_may_goes_on_to_its_end_without_a_terminal() {
    let mut commit = begun(true);
    let ticks = commit.terminal.ticks();
    assert_eq!(commit.records("end"), 0, "it is under way");
    commit.terminal.hang_up();
    let end = commit.end(SystemTime::now(), ticks);
    assert_eq!(end.code, 0, "all of it is done");
    assert_eq!(commit.records("end"), 1);
    let journal = journal(&commit);
    assert!(!journal.contains("stopped"), "{journal}");
    let runs = commit.place.run(&["runs", "--json"]).last_json();
    assert_eq!(runs["finished"], true);
    assert_eq!(runs["counts"]["applied"], runs["counts"]["total"]);
}

#[test]
fn a_run_that_may_not_stops_as_ever() {
    let mut commit = begun(false);
    let ticks = commit.terminal.ticks();
    commit.terminal.hang_up();
    let end = commit.end(SystemTime::now(), ticks);
    assert_eq!(end.code, 129);
    assert_eq!(commit.records("end"), 0);
    assert!(journal(&commit).contains("stopped"));
}
