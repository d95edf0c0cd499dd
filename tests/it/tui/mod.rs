//! The real program in a real terminal: it gives the terminal back, survives being resized and
//! hung up on, and does the main job by keys.

mod alone;
mod commit;
mod panics;
mod pasted;
mod shell;
mod signals;
mod sizes;
mod stuck;

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::Duration;

use crate::pty::Terminal;

fn demo(home: &Path, scenario: &str, columns: u16, rows: u16) -> Terminal {
    let terminal = Terminal::qroll(&["--demo", "--scenario", scenario], home, columns, rows);
    terminal.wait_for("QLIK_ANALYZERS");
    terminal.wait("the tenant to be read", |screen| {
        screen.contains("just now")
    });
    terminal
}

fn signal(terminal: &Terminal, signal: Signal) {
    let pid = i32::try_from(terminal.pid())
        .ok()
        .and_then(Pid::from_raw)
        .expect("a pid");
    kill_process(pid, signal).expect("sent");
}

#[test]
fn the_terminal_is_given_back() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = demo(home.path(), "s1", 120, 36);
    assert!(terminal.is_full_screen());
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!terminal.is_full_screen());
}

#[test]
fn s1_by_keys() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = demo(home.path(), "s1", 120, 36);
    terminal.keys("/QLIK_ANALYZERS<enter><space>");
    terminal.wait_for("40 people");
    terminal.keys("la");
    terminal.wait_for("license analyzer for");
    terminal.keys("sFinance<enter>");
    terminal.wait_for("Roles in Finance");
    terminal.wait("assignments to be read", |screen| {
        screen.contains("assigned there now")
    });
    terminal.keys("<enter>");
    terminal.wait_for("consumer in Finance for");
    terminal.keys("<tab>*=");
    terminal.wait_for("Are these 6 the same people?");
    terminal.keys("y");
    terminal.wait_for("6 e-mail matches accepted");
    terminal.wait_for("3 short");
    terminal.keys("p");
    let plan = terminal.wait_for("nothing was sent");
    for words in [
        "+ 32 users",
        "+ 30 licenses",
        "> 5 licenses",
        "- 0 removals",
        "2 skipped",
        "3 wait for a seat",
    ] {
        assert!(plan.contains(words), "{words} is missing:\n{plan}");
    }
    terminal.keys("a");
    terminal.wait_for("Apply this plan?");
    // The question does not listen for the first 400 ms, and says when it does.
    terminal.wait_for("y apply");
    terminal.keys("y");
    let end = terminal.wait_for("run over:");
    assert!(end.contains("not applied 0   unknown 0"), "{end}");
    assert!(end.contains("3 still wait for a seat"), "{end}");
    terminal.keys("1p");
    let again = terminal.wait_for("nothing was sent");
    assert!(again.contains("3 wait for a seat"), "{again}");
    assert!(again.contains("0 operations"), "{again}");
    terminal.keys("q");
    terminal.wait_for("Quit?");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_resize_storm_ends_in_the_right_size() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = demo(home.path(), "s1", 120, 36);
    terminal.keys("?");
    terminal.wait_for("Help");
    for step in 0..60_u16 {
        terminal.resize(20 + step, 4 + step / 2);
    }
    terminal.resize(80, 24);
    terminal.wait_for("Help");
    terminal.keys("<esc>");
    terminal.wait("the roster", |screen| {
        screen.contains("Groups") && screen.contains("seats")
    });
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_hang_up_ends_without_burning_a_core() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = demo(home.path(), "s1", 120, 36);
    let before = terminal.ticks();
    signal(&terminal, Signal::HUP);
    while !terminal.has_ended() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let used = terminal.ticks().saturating_sub(before);
    assert_eq!(terminal.exit_code(), 129);
    assert!(used < 20, "{used} ticks of processor time");
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = demo(home.path(), "s1", 120, 36);
    terminal.keys("<down>");
    // Until the inspector has caught up, something may still come.
    let mut written = terminal.written();
    loop {
        std::thread::sleep(Duration::from_millis(700));
        let now = terminal.written();
        if now == written {
            break;
        }
        written = now;
    }
    let (quiet, used) = (terminal.written(), terminal.ticks());
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(terminal.written(), quiet, "bytes while idle");
    assert!(terminal.ticks() - used <= 2, "processor time while idle");
    signal(&terminal, Signal::TERM);
    assert_eq!(terminal.exit_code(), 143);
    assert!(!terminal.is_full_screen());
}

#[test]
fn a_dumb_terminal_is_refused_politely() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = Terminal::qroll_with(&["--demo"], home.path(), 80, 24, &[("TERM", "dumb")]);
    terminal.wait_for("qroll plan");
    assert_ne!(terminal.exit_code(), 0);
    assert!(!terminal.is_full_screen());
}
