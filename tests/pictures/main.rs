//! The pictures of the README, drawn from the real program in a pseudo-terminal on the embedded
//! world: `cargo bench --bench pictures` writes them into `assets/`.

#![expect(clippy::print_stdout, reason = "says what it wrote")]
#![expect(
    clippy::disallowed_methods,
    reason = "writes files and waits for a screen"
)]

mod choice;
#[path = "../it/cli/place.rs"]
#[expect(dead_code, reason = "a harness: the pictures need a part of it")]
mod place;
#[path = "../it/pty/mod.rs"]
mod pty;
mod seats;
mod spaces;
mod trouble;

use pty::Terminal;
use std::path::Path;

fn main() {
    let home = tempfile::tempdir().expect("a directory");
    let asked = |part: &str| std::env::args().any(|argument| argument == part);
    if asked("trouble") {
        trouble::all();
        return;
    }
    if asked("choice") {
        choice::all();
        return;
    }
    if asked("seats") {
        seats::all();
        return;
    }
    if asked("spaces") {
        spaces::all();
        return;
    }
    comfortable(&home.path().join("wide"));
    small(&home.path().join("small"));
    subjects(&home.path().join("subjects"));
    trouble::all();
    choice::all();
    seats::all();
    spaces::all();
}

/// The main job at 120x36: staged, planned, running, done.
fn comfortable(home: &Path) {
    let mut terminal = demo(home, 120, 36);
    stage(&mut terminal, 120);
    keep(&terminal, "roster");
    terminal.keys("p");
    terminal.wait_for("nothing was sent");
    keep(&terminal, "plan");
    terminal.keys("a");
    terminal.wait_for("Apply this plan?");
    terminal.type_until("y", "the run", |screen| {
        !screen.contains("Apply this plan?")
    });
    terminal.wait("the middle of the run", |screen| {
        let applied = screen.split("applied ").nth(1).unwrap_or_default();
        let count: u32 = applied
            .split_whitespace()
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or(0);
        count >= 15
    });
    keep(&terminal, "run");
    terminal.wait_for("run over");
    keep(&terminal, "run-end");
}

/// The same roster where 80x24 is all there is.
fn small(home: &Path) {
    let mut terminal = demo(home, 80, 24);
    stage(&mut terminal, 80);
    keep(&terminal, "roster-80x24");
    terminal.keys("p");
    terminal.wait_for("nothing was sent");
    keep(&terminal, "plan-80x24");
}

/// What speaks for the subject template, with everybody read.
fn subjects(home: &Path) {
    let mut terminal = demo(home, 120, 36);
    terminal.keys("<home><enter>");
    terminal.wait_for("607 people");
    terminal.keys("i");
    terminal.wait("all who differ", |screen| {
        screen.matches("the template gives").count() == 6
    });
    keep(&terminal, "subjects");
}

fn demo(home: &Path, columns: u16, rows: u16) -> Terminal {
    std::fs::create_dir_all(home).expect("a home");
    let state = home.join("state").display().to_string();
    let arguments = ["--demo", "--latency-ms", "120", "--state-dir", &state];
    let terminal = Terminal::qroll(&arguments, home, columns, rows);
    terminal.wait("both sides", |screen| {
        screen.contains("Sales") && screen.contains("just now")
    });
    terminal
}

/// Marks the group, gives it analyzer and the space Finance, accepts the old subjects.
fn stage(terminal: &mut Terminal, columns: u16) {
    terminal.keys("/analy<enter>");
    terminal.wait_for("[ ] QLIK_A");
    terminal.keys("<space>");
    terminal.wait_for("40 people");
    terminal.keys("l");
    terminal.wait_for("License for the group");
    terminal.keys("a");
    terminal.wait_for("28 short");
    terminal.keys("s");
    terminal.wait_for("Spaces for the group");
    terminal.keys("finance");
    terminal.wait_for("/ finance");
    terminal.keys("<enter>");
    terminal.wait_for("Roles in Finance");
    terminal.keys("<enter>");
    terminal.wait("the staged space", |screen| {
        screen.contains("space") && !screen.contains("Roles in")
    });
    terminal.keys("<tab><down><down><down><down>");
    terminal.wait("the cursor among the people", |screen| {
        screen.contains("0 of 40 marked") && (columns < 100 || screen.contains("carmen.nguyen"))
    });
}

fn keep(terminal: &Terminal, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/{name}.svg"));
    std::fs::write(&path, terminal.picture()).expect("a picture");
    println!("assets/{name}.svg");
}
