//! Job control in a real shell: Ctrl-Z gives the terminal back, `fg` brings the screen again
//! (reliability, E5). A panic anywhere gives the terminal back too, and tells no names (E3).

use portable_pty::CommandBuilder;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::cli::place::{Place, World};
use crate::pty::Terminal;

fn bash(home: &Path) -> Terminal {
    bash_with(home, &[])
}

fn bash_with(home: &Path, environment: &[(&str, &str)]) -> Terminal {
    let mut command = CommandBuilder::new("/bin/bash");
    command.args(["--norc", "--noprofile", "--noediting", "-i"]);
    command.env_clear();
    command.cwd(home);
    for (name, value) in [
        ("HOME", home.to_string_lossy().as_ref()),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("PATH", "/usr/bin:/bin"),
        ("PS1", "ready> "),
        ("QROLL", env!("CARGO_BIN_EXE_qroll")),
    ] {
        command.env(name, value);
    }
    for (name, value) in environment {
        command.env(name, value);
    }
    let terminal = Terminal::spawn(command, 120, 36);
    terminal.wait_for("ready>");
    terminal
}

fn at_the_prompt(screen: &str) -> bool {
    screen.trim_end().ends_with("ready>")
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_comes_back() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = bash(home.path());
    let before = terminal.modes();
    terminal.bytes(b"\"$QROLL\" --demo --scenario s1\n");
    terminal.wait("the roster", |screen| screen.contains("read just now"));
    for _ in 0..2 {
        terminal.keys("<c-z>");
        terminal.wait("the shell", at_the_prompt);
        assert!(!terminal.is_full_screen());
        terminal.settles_to(&before);
        terminal.bytes(b"echo one$((1+1))three\n");
        terminal.wait_for("one2three");
        terminal.bytes(b"fg\n");
        terminal.wait("the roster again", |screen| {
            screen.contains("QLIK_ANALYZERS") && !screen.contains("ready>")
        });
        assert!(terminal.is_full_screen());
    }
    // Keys are keys again.
    terminal.keys("?");
    terminal.wait_for("Help");
    terminal.keys("<esc>");
    terminal.wait("the roster", |screen| !screen.contains("Help"));
    terminal.keys("q");
    terminal.wait("the shell", at_the_prompt);
    terminal.settles_to(&before);
}

#[test]
fn a_run_that_was_stopped_keeps_the_tenant_says_so_and_goes_on_with_fg() {
    let world = World::start(&["--scenario", "s1", "--latency-ms", "60"]);
    let place = Place::new();
    place.with_world(&world, "");
    let secrets = [
        ("QROLL_TENANT_SECRET", world.text("api_key")),
        ("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret")),
    ];
    let mut terminal = bash_with(&place.path("."), &secrets);
    terminal.bytes(b"\"$QROLL\" --config config.toml --state-dir state\n");
    terminal.wait("both sides", |screen| {
        screen.contains("QLIK_ANALYZERS") && screen.contains("read just now")
    });
    for (keys, shows) in [
        ("/QLIK_ANALYZERS<enter><space>", "40 people"),
        ("l", "License for"),
        ("a", "license analyzer for"),
        ("p", "nothing was sent"),
        ("a", "y apply"),
        ("y", "running for"),
    ] {
        terminal.keys(keys);
        terminal.wait_for(shows);
    }
    let deadline = Instant::now() + Duration::from_mins(1);
    while world.writes() == 0 {
        assert!(Instant::now() < deadline, "{}", terminal.text());
        std::thread::sleep(Duration::from_millis(5));
    }
    terminal.keys("<c-z>");
    terminal.wait_for("qroll stopped in the middle of a run");
    terminal.wait("the shell", at_the_prompt);
    let second = place.run_in(&world, &["resume"]);
    second.says(6, &["it is stopped (Ctrl-Z)", "`fg` in its terminal"]);
    terminal.bytes(b"fg\n");
    terminal.wait_for("run over");
    assert!(terminal.is_full_screen());
    let run = place.run(&["runs", "--json"]).last_json();
    assert_eq!(run["finished"], true);
    terminal.keys("q");
    // Who waits for a seat is still staged.
    terminal.wait_for("Quit?");
    terminal.keys("q");
    terminal.wait("the shell", at_the_prompt);
}

#[test]
fn the_set_up_is_put_aside_and_comes_back() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = bash(home.path());
    let before = terminal.modes();
    terminal.bytes(b"\"$QROLL\" connect\n");
    terminal.wait_for("Name, for instance acme");
    terminal.keys("acme");
    terminal.wait_for("> acme");
    terminal.keys("<c-z>");
    terminal.wait("the shell", at_the_prompt);
    terminal.settles_to(&before);
    terminal.bytes(b"fg\n");
    terminal.wait_for("> acme");
    terminal.keys("<enter>");
    terminal.wait_for("as the browser shows it");
    terminal.keys("<esc>");
    terminal.wait_for("Leave?");
    terminal.keys("y");
    terminal.wait("the shell", at_the_prompt);
    terminal.settles_to(&before);
}

#[test]
fn a_stop_from_outside_is_survived() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = bash(home.path());
    let before = terminal.modes();
    terminal.bytes(b"\"$QROLL\" --demo --scenario s1\n");
    terminal.wait("the roster", |screen| screen.contains("read just now"));
    terminal.keys("<c-z>");
    terminal.wait("the shell", at_the_prompt);
    // What a killed job left is put right by the shell; the next start does the rest.
    terminal.bytes(b"kill -9 %1; wait; clear\n");
    terminal.wait("the shell", at_the_prompt);
    terminal.bytes(b"\"$QROLL\" --demo --scenario s1\n");
    terminal.wait("the roster", |screen| screen.contains("read just now"));
    terminal.keys("q");
    terminal.wait("the shell", at_the_prompt);
    terminal.settles_to(&before);
}

#[test]
fn without_a_shell_ctrl_z_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    let mut terminal = Terminal::qroll(&["--demo", "--scenario", "s1"], home.path(), 120, 36);
    terminal.wait("the roster", |screen| screen.contains("read just now"));
    terminal.keys("<c-z>");
    terminal.wait_for("no shell that could bring qroll back");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_terminal_that_was_left_raw_is_given_back_sane() {
    let home = tempfile::tempdir().expect("a directory");
    let mut command = CommandBuilder::new("/bin/sh");
    command.args([
        "-c",
        "stty raw -echo; exec \"$0\" --demo --scenario s1",
        env!("CARGO_BIN_EXE_qroll"),
    ]);
    command.env_clear();
    command.cwd(home.path());
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("PATH", "/usr/bin:/bin");
    let mut terminal = Terminal::spawn(command, 120, 36);
    terminal.wait("the roster", |screen| screen.contains("read just now"));
    terminal.keys("q");
    terminal.wait_for("type reset");
    assert_eq!(terminal.exit_code(), 0);
    let modes = terminal.modes();
    assert!(
        modes.contains("ICANON") && modes.contains("ECHO"),
        "{modes}"
    );
}
