//! T5: the disk fails under the real program. `strace` makes the k-th write or sync of the journal
//! fail; from there on no request may change anything, the program ends with 74 and names the file
//! and the run, and once the disk is well again a resume ends the run.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use qroll::commit::Record;

use super::check::{mutating, sha256, text, truth, verdicts, wire};
use super::crew::{Found, conclude, rounds};
use super::site::Site;
use crate::proof::{Row, sized};

const ERRORS: [&str; 4] = ["EIO", "ENOSPC", "EDQUOT", "EROFS"];
/// Syncs of files and directories before the first request: plan, its directory, journal, its directory.
const BEGINNING: u64 = 4;

/// What fails, in which command.
#[derive(Clone, Copy, Debug)]
enum Where {
    /// The k-th sync of the journal, in `apply`.
    ApplySync,
    /// The k-th append, in `resume`: only there the journal's name is known before.
    ResumeWrite,
    /// The k-th sync of anything before the first request, in `apply`.
    Beginning,
}

/// One case of the matrix.
#[derive(Clone, Copy, Debug)]
struct Case {
    place: Where,
    error: &'static str,
    k: u64,
}

/// All cases: 30 syncs and 30 writes, and those of the beginning, times four errors.
fn matrix() -> Vec<Case> {
    let of =
        |place, last| (1..=last).flat_map(move |k| ERRORS.map(|error| Case { place, error, k }));
    of(Where::ApplySync, 30)
        .chain(of(Where::ResumeWrite, 30))
        .chain(of(Where::Beginning, BEGINNING))
        .collect()
}

/// A few of each, every error among them.
fn some() -> Vec<Case> {
    let picked = [1, 2, 5, 30];
    let of = |place, ks: [u64; 4]| {
        let cases = ks.into_iter().zip(ERRORS);
        cases.map(move |(k, error)| Case { place, error, k })
    };
    of(Where::ApplySync, picked)
        .chain(of(Where::ResumeWrite, picked))
        .chain(of(Where::Beginning, [1, 2, 3, 4]))
        .collect()
}

/// The command below `strace`, which lets the case happen and writes down what it saw.
fn traced(command: &Command, case: Case, journal: Option<&str>, log: &str) -> Command {
    let call = match case.place {
        Where::ApplySync => "fdatasync",
        Where::ResumeWrite => "write",
        Where::Beginning => "fsync",
    };
    let inject = format!("inject={call}:error={}:when={}", case.error, case.k);
    let mut strace = Command::new("/usr/bin/strace");
    strace.args(["-f", "-y", "-s", "48", "-o", log]).args([
        "-e",
        "trace=write,fdatasync,fsync",
        "-e",
        &inject,
    ]);
    if let Some(journal) = journal {
        strace.args(["-P", journal]);
    }
    strace.arg(command.get_program()).args(command.get_args());
    strace.env_clear();
    for (name, value) in command.get_envs() {
        strace.env(name, value.unwrap_or_default());
    }
    strace
        .current_dir(command.get_current_dir().expect("a directory"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    strace
}

/// What the trace says: whether the fault struck, the newest record that was durable before it, and
/// how often the journal was written after it.
#[derive(Debug, Default)]
struct Trace {
    struck: bool,
    durable: Option<u64>,
    written_after: usize,
}

fn read_trace(log: &str) -> Trace {
    let mut trace = Trace::default();
    let mut written = None;
    for line in log.lines() {
        let of_journal = line.contains(".journal>");
        let number = line
            .split_once("\\\"seq\\\":")
            .and_then(|(_, rest)| rest.split(',').next()?.parse().ok());
        if line.contains("(INJECTED)") {
            trace.struck = true;
        } else if of_journal && line.contains("write(") {
            trace.written_after += usize::from(trace.struck);
            written = number.or(written);
        } else if line.contains("fdatasync") && line.ends_with("= 0") && !trace.struck {
            trace.durable = written;
        }
    }
    trace
}

/// A run that stopped cleanly in the middle, for `resume`.
fn interrupted(site: &Site, found: &mut Found) -> Option<(String, u64)> {
    let child = site.start(&["apply", "plan.json", "--yes"]);
    child.wait_with_output().expect("the end");
    let kept = site.kept()?;
    if kept.content.is_finished() {
        found.wrong.push("the run was not interrupted".to_owned());
    }
    Some((kept.path.to_string_lossy().into_owned(), kept.content.next))
}

fn case(case: Case) -> Found {
    let mut found = Found::default();
    let resuming = matches!(case.place, Where::ResumeWrite);
    // "You may not": the run stops at once, without anything unclear.
    let faults: Vec<String> = resuming
        .then(|| "403@POST:/users#5".to_owned())
        .into_iter()
        .collect();
    let site = Site::new(&faults, 6);
    let began = resuming.then(|| interrupted(&site, &mut found)).flatten();
    let arguments: &[&str] = if resuming {
        &["resume"]
    } else {
        &["apply", "plan.json", "--yes"]
    };
    let log = site.place.path("trace").to_string_lossy().into_owned();
    let journal = began.as_ref().map(|(path, _)| path.as_str());
    let mut strace = traced(&site.command(arguments), case, journal, &log);
    let output = strace.output().expect("strace; `apt-get install strace`");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let trace = read_trace(&fs::read_to_string(&log).expect("the trace"));
    let mut wrong = Vec::new();
    if trace.struck {
        found.add("faults", 1);
        if output.status.code() != Some(74) {
            wrong.push(format!("exit {:?} instead of 74", output.status.code()));
        }
        if trace.written_after > 0 {
            wrong.push(format!("{} writes after the fault", trace.written_after));
        }
        let names = names(&site);
        for name in names.iter().filter(|name| !said.contains(name.as_str())) {
            wrong.push(format!("{name} is not named"));
        }
        let before = began.as_ref().map_or(0, |(_, next)| *next);
        let durable = trace.durable.map_or(before, |seq| seq + 1);
        for request in unproven(&site, durable) {
            wrong.push(format!("sent without a durable intent: {request}"));
        }
        found.add("requests before the fault", mutating(&site).len() as u64);
    } else if output.status.code() != Some(0) {
        wrong.push(format!(
            "no fault struck, and exit {:?}",
            output.status.code()
        ));
    }
    recovers(&site, &mut found);
    let told = wrong
        .into_iter()
        .map(|text| format!("{case:?}: {text}\n{said}"));
    found.wrong.extend(told);
    found
}

/// File and run, as a message must name them.
fn names(site: &Site) -> Vec<String> {
    let entries = fs::read_dir(site.place.path("state/runs")).expect("the runs");
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| !name.starts_with('.'))
        .filter_map(|name| Some(name.split_once('.')?.0.to_owned()))
        .collect();
    names.dedup();
    names.push(site.place.path("state/runs").to_string_lossy().into_owned());
    names
}

/// Mutating requests whose intent is not among the records before `durable`.
fn unproven(site: &Site, durable: u64) -> Vec<Value> {
    let mut proven: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    if let Some(kept) = site.kept() {
        for (seq, record) in kept.content.records {
            if let Record::Intent(intent) = record
                && seq < durable
            {
                let key = (intent.method, intent.path, intent.digest);
                *proven.entry(key).or_default() += 1;
            }
        }
    }
    let mut requests = mutating(site);
    requests.retain(|request| {
        let key = (
            text(request, "method").to_owned(),
            text(request, "path").to_owned(),
            sha256(text(request, "body")),
        );
        match proven.get_mut(&key).filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                false
            }
            None => true,
        }
    });
    requests
}

/// The disk is well again: the run goes on, ends, and everything is in place once.
fn recovers(site: &Site, found: &mut Found) {
    if let Some(kept) = site.kept() {
        truth(site, &kept, found);
    }
    let ended = site.kept().is_some_and(|kept| kept.content.is_finished());
    if !ended && site.finish().is_none() {
        found
            .wrong
            .push("40 resumes did not end the run".to_owned());
    }
    let Some(kept) = site.kept() else {
        found
            .wrong
            .push("there is no journal at the end".to_owned());
        return;
    };
    truth(site, &kept, found);
    wire(site, &kept, found);
    let open = verdicts(&kept)
        .values()
        .filter(|verdict| !verdict.holds())
        .count();
    if open > 0 {
        found
            .wrong
            .push(format!("{open} operations do not hold in the end"));
    }
}

#[test]
fn proof_t5_storage() {
    let row = Row::begin("T5", "EIO, ENOSPC, EDQUOT, EROFS at the k-th write or sync");
    let cases = if sized(0, 1) == 0 { some() } else { matrix() };
    let count = cases.len() as u64;
    let found = rounds(count, sized(12, 24), |seed| {
        let at = usize::try_from(seed - 1).expect("a number of a case");
        cases
            .get(at)
            .map_or_else(Found::default, |this| case(*this))
    });
    conclude(row, &format!("{count} cases"), &found);
}
