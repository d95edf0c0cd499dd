//! A terminal that takes nothing holds up no commit, and does not keep the program (reliability, G8).

use rustix::process::Signal;
use std::time::{Duration, SystemTime};

use super::commit::Commit;

#[test]
fn nobody_looks_at_the_terminal_and_the_commit_goes_on() {
    let world = ["--scenario", "s1", "--latency-ms", "20"];
    let mut commit = Commit::open(false, &world, (200, 60));
    commit.run();
    commit.terminal.pause(true);
    // Whole frames, until the line is full and the program would block in a write.
    for _ in 0..20 {
        commit.terminal.keys("<c-l>");
        std::thread::sleep(Duration::from_millis(15));
    }
    commit.wait_for_end();
    assert_eq!(commit.records("outcome"), commit.records("intent"));
    assert_eq!(commit.world.writes(), commit.records("intent"));
    // Still nobody looks; the program ends all the same, and sets the modes back.
    let (at, ticks) = (SystemTime::now(), commit.terminal.ticks());
    commit.signal(Signal::TERM);
    let end = commit.end(at, ticks);
    assert_eq!(end.code, 143);
    assert!(
        end.after_drain < Duration::from_secs(4),
        "{:?}",
        end.after_drain
    );
    assert_eq!(commit.terminal.modes(), commit.before);
}

#[test]
fn whoever_looks_again_sees_how_it_stands_now() {
    let mut commit = Commit::open(false, &["--scenario", "s1"], (120, 36));
    commit.terminal.pause(true);
    for _ in 0..20 {
        commit.terminal.keys("<c-l>");
        std::thread::sleep(Duration::from_millis(15));
    }
    commit.terminal.keys("?");
    commit.terminal.pause(false);
    commit.terminal.wait_for("Help");
    commit.terminal.keys("<esc>q");
    commit.signal(Signal::TERM);
}
