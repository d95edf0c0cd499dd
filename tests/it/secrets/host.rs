//! The running process and its files, as another user of the machine sees them.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use crate::cli::place::{Place, World};
use crate::pty::Terminal;

/// Every file and directory below, with its mode.
fn modes(below: &Path, found: &mut Vec<(String, u32, bool)>) {
    let Ok(entries) = fs::read_dir(below) else {
        return;
    };
    for entry in entries.map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        let meta = fs::symlink_metadata(&path).expect("it is there");
        let mode = meta.permissions().mode() & 0o777;
        found.push((path.display().to_string(), mode, meta.is_dir()));
        if meta.is_dir() {
            modes(&path, found);
        }
    }
}

#[test]
fn the_process_leaves_no_core_and_cannot_be_traced_by_its_user() {
    let home = tempfile::tempdir().expect("a directory");
    let terminal = Terminal::qroll(&["--demo", "--scenario", "s1"], home.path(), 100, 30);
    terminal.wait_for("QLIK_ANALYZERS");
    let proc = format!("/proc/{}", terminal.pid());
    let limits = fs::read_to_string(format!("{proc}/limits")).expect("limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .expect("a limit of cores");
    let numbers: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(numbers, ["0", "0"], "{core}");
    // A process that may not be dumped belongs to root in /proc (proc(5)): its memory, environment
    // and descriptors are closed to everybody else, its own user included.
    let owner = fs::metadata(format!("{proc}/environ"))
        .expect("environ")
        .uid();
    assert_eq!(owner, 0);
    let us = rustix::process::geteuid().as_raw();
    if us != 0 {
        assert!(fs::read(format!("{proc}/environ")).is_err());
    }
    let status = fs::read_to_string(format!("{proc}/status")).expect("status");
    let umask = status.lines().find(|line| line.starts_with("Umask:"));
    assert_eq!(umask.map(|line| line[6..].trim()), Some("0077"));
}

#[test]
fn everything_written_is_private() {
    let world = World::scenario("s1");
    let place = Place::new();
    place.with_world(&world, "");
    let arguments = ["plan", "--group", "QLIK_ANALYZERS", "--license", "analyzer"];
    let more = ["--short", "wait", "--out", "plan.json", "--log", "log.txt"];
    let made = place.run_in(&world, &[&arguments[..], &more[..]].concat());
    assert_eq!(made.code, 2, "{}", made.err);
    let applied = place.run_in(&world, &["apply", "plan.json", "--yes", "--log", "log.txt"]);
    assert!(applied.code == 0, "{}{}", applied.err, applied.out);
    let mut found = Vec::new();
    modes(&place.path("state"), &mut found);
    for name in ["plan.json", "log.txt"] {
        let mode = fs::metadata(place.path(name))
            .expect(name)
            .permissions()
            .mode();
        found.push((name.to_owned(), mode & 0o777, false));
    }
    assert!(found.len() >= 6, "runs, lock, plan, log: {found:?}");
    for (path, mode, directory) in &found {
        let wanted = if *directory { 0o700 } else { 0o600 };
        assert_eq!(*mode, wanted, "{path} has {mode:o}");
    }
}

#[test]
fn a_log_that_others_may_read_or_that_is_a_link_is_refused() {
    let world = World::scenario("s1");
    let place = Place::new();
    place.with_world(&world, "");
    let other = place.write("other.txt", "");
    std::os::unix::fs::symlink(&other, place.path("link.txt")).expect("a link");
    let done = place.run_in(&world, &["plan", "--all", "--log", "link.txt"]);
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(done.err.contains("symbolic link"), "{}", done.err);
    assert_eq!(fs::read(&other).expect("a file"), b"");
    fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).expect("a mode");
    let done = place.run_in(&world, &["plan", "--all", "--log", "other.txt"]);
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(done.err.contains("may be read by others"), "{}", done.err);
}
