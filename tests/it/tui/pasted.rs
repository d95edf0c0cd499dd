//! A mebibyte pasted on every screen approves nothing, with and without the terminal's brackets, and
//! neither does what the terminal says by itself, nor what was typed ahead (reliability, G5 to G7).

use std::time::{Duration, Instant};

use super::commit::Commit;
use crate::proof::{Row, sized};

/// Where it is pasted: keys that lead there from a plan, and what shows that one is there.
const PLACES: [(&str, &str); 9] = [
    ("", "expires in"),
    ("a", "y apply"),
    ("1", "Groups"),
    ("?", "Help"),
    (":", "Commands"),
    ("1g", "addresses"),
    ("1/", "/ "),
    ("6", "Runs"),
    ("1s", "Spaces for"),
];

/// Out of whatever is open, to the plan. What comes right behind a paste counts as part of it, on a
/// busy machine for a while: a key that changes the screen twice says that the paste is over.
fn to_the_plan(commit: &mut Commit) {
    for (key, shown) in [("6", "on record"), ("5", "expires in")] {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !commit.terminal.text().contains(shown) {
            assert!(Instant::now() < deadline, "{}", commit.terminal.text());
            commit.escape();
            commit.escape();
            commit.terminal.keys(key);
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn proof_t16_pastes() {
    let row = Row::begin("T16", "a mebibyte pasted on every screen");
    let size = usize::try_from(sized(32 * 1024, 1 << 20)).expect("small");
    let mut commit = Commit::open(false, &["--scenario", "s1"], (120, 36));
    commit.plan();
    let mut violations = 0;
    for (keys, shown) in PLACES {
        for brackets in [true, false] {
            to_the_plan(&mut commit);
            if !keys.is_empty() {
                commit.terminal.keys(keys);
                commit.terminal.wait_for(shown);
            }
            let mut bomb: Vec<u8> = b"ay\ry\ryy".iter().copied().cycle().take(size).collect();
            if brackets {
                bomb.splice(0..0, *b"\x1b[200~");
                bomb.extend(b"\x1b[201~");
            }
            commit.terminal.bytes(&bomb);
            // Longer than a question waits before it listens.
            std::thread::sleep(Duration::from_millis(600));
            let begun = commit.journals().len() + commit.world.writes();
            if begun > 0 {
                violations += 1;
                eprintln!("pasted at {keys:?}, brackets {brackets}: {begun} approved");
            }
        }
    }
    row.end(
        &format!("{} pastes of {size} bytes", PLACES.len() * 2),
        violations,
    );
}

#[test]
fn replies_of_the_terminal_and_type_ahead_answer_no_question() {
    let mut commit = Commit::open(false, &["--scenario", "s1"], (120, 36));
    commit.plan();
    // Everything at once: the question has not been seen when its answer comes.
    commit.terminal.bytes(b"ay");
    commit.terminal.wait_for("y apply");
    for reply in [
        &b"\x1b]11;rgb:yyyy/yyyy/yyyy\x1b\\"[..],
        b"\x1b]10;y\x07",
        b"\x1bP>|y\x1b\\",
        b"\x1b[?1;2c",
        b"\x1b[24;80R",
        b"\x1b[My!!",
    ] {
        for byte in reply {
            // In pieces, as a slow line delivers it.
            commit.terminal.bytes(&[*byte]);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        commit.terminal.text().contains("y apply"),
        "{}",
        commit.terminal.text()
    );
    assert_eq!(commit.world.writes(), 0);
    // A key that is meant for it still answers.
    commit.terminal.keys("y");
    commit.terminal.wait_for("run over");
    assert!(commit.world.writes() > 0);
}
