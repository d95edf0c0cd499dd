//! T22: journals and plans of released versions, one for each shape that a crash leaves, are read
//! and judged as they always were. `old/VERSION` holds what that version wrote; a change of the
//! format adds a directory and must go on reading the ones that are there.

use qroll::commit::{Recovered, outcomes, read, runs};
use qroll::domain::RunId;
use qroll::host::RealDisk;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::site::Site;
use crate::proof::Row;

/// Shapes of a run after a crash, and of one that somebody gave up. Each stands in some version.
const SHAPES: [&str; 10] = [
    "fresh",
    "torn",
    "ambiguous",
    "unjudged",
    "half-answered",
    "stopped",
    "resumed",
    "finished",
    "given-up",
    "discarded",
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
    if summary.given_up || summary.discarded {
        let (given_up, discarded) = (summary.given_up, summary.discarded);
        writeln!(text, "given up {given_up}, discarded {discarded}").expect("a line");
    }
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
    let mut met: BTreeSet<&str> = BTreeSet::new();
    for version in &versions {
        let is_there = |shape: &&str| version.join(format!("{shape}.journal")).is_file();
        let shapes: Vec<&str> = SHAPES.into_iter().filter(is_there).collect();
        let text: String = shapes.iter().map(|shape| judged(version, shape)).collect();
        met.extend(shapes);
        let name = version.file_name().expect("a version").to_string_lossy();
        insta::assert_snapshot!(format!("old_{name}"), text);
    }
    assert_eq!(met.len(), SHAPES.len(), "each shape in some version");
    let size = format!("{} versions, {} shapes", versions.len(), SHAPES.len());
    row.end(&size, 0);
}

/// The lines of a journal until the first of a kind that holds some text.
fn until(journal: &[u8], kind: &str, more: &str) -> Vec<u8> {
    let lines: Vec<&[u8]> = journal.split_inclusive(|byte| *byte == b'\n').collect();
    let holds = |line: &&[u8]| {
        let line = String::from_utf8_lossy(line);
        line.contains(&format!("\"rec\":{{\"kind\":\"{kind}\"")) && line.contains(more)
    };
    let at = lines.iter().position(holds).expect("such a record");
    lines[..=at].concat()
}

/// A run that stopped: one license of a batch got no clear answer, and the third user was forbidden.
fn stopped() -> Site {
    let faults = ["license-500@old-2", "403@POST:/users#3"].map(str::to_owned);
    let site = Site::sized(3, &faults, 0);
    let apply = site.start(&["apply", "plan.json", "--yes"]);
    apply.wait_with_output().expect("the end");
    site
}

/// A directory for what this version leaves behind, and the plan in it.
fn leave(site: &Site, under: &str, shapes: &[(&str, Vec<u8>)]) {
    let directory = corpus().join(under);
    fs::create_dir_all(&directory).expect("a directory");
    for (shape, bytes) in shapes {
        fs::write(directory.join(format!("{shape}.journal")), bytes).expect("written");
    }
    fs::copy(site.place.path("plan.json"), directory.join("plan.json")).expect("the plan");
}

/// Writes what this version leaves behind into `old/VERSION`. Run by hand for a release:
/// `cargo test --test it -- --ignored leave_a_corpus`.
#[test]
#[ignore = "writes the corpus of a release"]
fn leave_a_corpus() {
    let site = stopped();
    let kept = site.kept().expect("a journal");
    let stopped = fs::read(&kept.path).expect("the journal");
    site.finish().expect("a finished run");
    let finished = fs::read(&kept.path).expect("the journal");
    let mut torn = until(&finished, "verdict", "");
    torn.truncate(torn.len() - 20);
    let shapes = [
        ("fresh", until(&finished, "header", "")),
        ("ambiguous", until(&finished, "intent", "")),
        ("unjudged", until(&finished, "outcome", "\"class\":\"yes\"")),
        (
            "half-answered",
            until(&finished, "outcome", "\"class\":\"items\""),
        ),
        ("torn", torn),
        ("stopped", stopped),
        ("resumed", until(&finished, "note", "resumed")),
        ("finished", finished),
    ];
    leave(&site, env!("CARGO_PKG_VERSION"), &shapes);
}

/// And what a run leaves that somebody gives up, into `old/VERSION-given-up`; by hand as well.
#[test]
#[ignore = "writes the corpus of a release"]
fn leave_what_was_given_up() {
    let site = stopped();
    let kept = site.kept().expect("a journal");
    let run = kept.content.header().expect("a header").run.clone();
    let discard = site.start(&["runs", run.expose(), "--discard"]);
    let ended = discard.wait_with_output().expect("the end");
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let discarded = fs::read(&kept.path).expect("the journal");
    let shapes = [
        ("given-up", until(&discarded, "given-up", "")),
        ("discarded", discarded),
    ];
    let under = format!("{}-given-up", env!("CARGO_PKG_VERSION"));
    leave(&site, &under, &shapes);
}
