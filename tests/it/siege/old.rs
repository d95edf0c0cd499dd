//! T22: journals and plans of released versions, one for each shape that a crash leaves, are read
//! and judged as they always were. `old/VERSION` holds what that version wrote; a change of the
//! format adds a directory and must go on reading the ones that are there.

use qroll::commit::{Recovered, outcomes, read, runs};
use qroll::domain::RunId;
use qroll::host::RealDisk;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::site::Site;
use crate::proof::Row;

/// Shapes of a run after a crash.
const SHAPES: [&str; 8] = [
    "fresh",
    "torn",
    "ambiguous",
    "unjudged",
    "half-answered",
    "stopped",
    "resumed",
    "finished",
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/siege/old")
}

/// Directories of released versions, sorted.
fn versions() -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus()).expect("the corpus");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// A state directory with one run: the journal of a shape under the name that its header tells, and
/// the version's plan beside it.
fn state_with(version: &Path, shape: &str, run: &RunId) -> tempfile::TempDir {
    let state = tempfile::tempdir().expect("a directory");
    let runs = state.path().join("runs");
    fs::create_dir(&runs).expect("a directory");
    fs::set_permissions(&runs, fs::Permissions::from_mode(0o700)).expect("its mode");
    let copy = |from: &str, to: &str| {
        fs::copy(version.join(from), runs.join(to)).expect("a copy");
    };
    let name = run.expose();
    copy(&format!("{shape}.journal"), &format!("{name}.journal"));
    copy("plan.json", &format!("{name}.plan.json"));
    state
}

/// What is thought of a run: the journal, the counts, and each operation.
fn judged(version: &Path, shape: &str) -> String {
    let mut text = format!("== {shape}\n");
    let bytes = fs::read(version.join(format!("{shape}.journal"))).expect("a journal");
    let content = read(&bytes);
    let run = content.header().expect("a header").run.clone();
    let state = state_with(version, shape, &run);
    let summary = runs(&RealDisk, state.path()).expect("the runs");
    let summary = summary.first().expect("a run");
    let (plan, known) = outcomes(&RealDisk, state.path(), &run).expect("plan and outcomes");
    writeln!(
        text,
        "records {}, trouble {:?}, finished {}, resumable {}\n{:?}",
        content.records.len(),
        summary.trouble,
        summary.finished,
        summary.resumable,
        summary.counts
    )
    .expect("a line");
    writeln!(
        text,
        "outcomes {} of {}",
        known.len(),
        plan.operations.len()
    )
    .expect("a line");
    let recovered = format!("{:?}", Recovered::from_records(&plan, &content.records));
    // One operation a line.
    text.push_str(&recovered.replace("RecoveredOperation {", "\n  {"));
    text.push('\n');
    text
}

#[test]
fn proof_t22_old_journals() {
    let row = Row::begin(
        "T22",
        "journals and plans of released versions are judged as ever",
    );
    let versions = versions();
    assert!(!versions.is_empty(), "there is a corpus");
    for version in &versions {
        let text: String = SHAPES.iter().map(|shape| judged(version, shape)).collect();
        let name = version.file_name().expect("a version").to_string_lossy();
        insta::assert_snapshot!(format!("old_{name}"), text);
    }
    let size = format!("{} versions, {} shapes", versions.len(), SHAPES.len());
    row.end(&size, 0);
}

/// Writes what this version leaves behind into `old/VERSION`. Run by hand for a release:
/// `cargo test --test it -- --ignored leave_a_corpus`.
#[test]
#[ignore = "writes the corpus of a release"]
fn leave_a_corpus() {
    let directory = corpus().join(env!("CARGO_PKG_VERSION"));
    fs::create_dir_all(&directory).expect("a directory");
    // One license of a batch gets no clear answer; the third user is forbidden, so the run stops
    // there and is resumed.
    let faults = ["license-500@old-2", "403@POST:/users#3"].map(str::to_owned);
    let site = Site::sized(3, &faults, 0);
    let apply = site.start(&["apply", "plan.json", "--yes"]);
    apply.wait_with_output().expect("the end");
    let kept = site.kept().expect("a journal");
    let stopped = fs::read(&kept.path).expect("the journal");
    site.finish().expect("a finished run");
    let finished = fs::read(&kept.path).expect("the journal");

    let write = |shape: &str, bytes: &[u8]| {
        fs::write(directory.join(format!("{shape}.journal")), bytes).expect("written");
    };
    let lines: Vec<&[u8]> = finished.split_inclusive(|byte| *byte == b'\n').collect();
    let until = |kind: &str, more: &str| -> Vec<u8> {
        let holds = |line: &&[u8]| {
            let line = String::from_utf8_lossy(line);
            line.contains(&format!("\"rec\":{{\"kind\":\"{kind}\"")) && line.contains(more)
        };
        let at = lines.iter().position(holds).expect("such a record");
        lines[..=at].concat()
    };
    write("fresh", &until("header", ""));
    write("ambiguous", &until("intent", ""));
    write("unjudged", &until("outcome", "\"class\":\"yes\""));
    write("half-answered", &until("outcome", "\"class\":\"items\""));
    let mut torn = until("verdict", "");
    torn.truncate(torn.len() - 20);
    write("torn", &torn);
    write("stopped", &stopped);
    write("resumed", &until("note", "resumed"));
    write("finished", &finished);
    fs::copy(site.place.path("plan.json"), directory.join("plan.json")).expect("the plan");
}
