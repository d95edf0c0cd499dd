//! Journals and plan files mangled (T10): no panic, nothing believed that was not written, and what
//! is read is written back the same.

use qroll::commit::{self, Recovered, read};
use qroll::domain::Plan;
use qroll::host::memory::{Fuse, MemoryDisk};
use qroll::planner::file::{parse, seal, to_json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::desk::{Desk, STATE};
use super::plans::forty;
use super::tenant::{ABSURD, Rates};
use crate::fuzz::{Target, Verdict, fuzz};

const WORDS: &[&str] = &[
    "header",
    "intent",
    "outcome",
    "verdict",
    "pause",
    "note",
    "end",
    "applied",
    "already",
    "unknown",
    "not-applied",
    "skipped",
    "ambiguous",
    "yes",
    "no",
    "throttled",
    "items",
    "seq",
    "prev",
    "crc",
    "rec",
    "{\"v\":1,",
    "{\"v\":2,",
    "op-1",
    "op-40",
    "attempt",
    "keyed",
    "set",
    "one",
    "two",
];

/// Journals of whole and of broken lives, with the plan they belong to.
fn lives() -> (Plan, Vec<(PathBuf, Vec<u8>)>) {
    let mut journals = Vec::new();
    let mut plan = None;
    for (seed, fuse) in [(1, 400), (2, 57), (3, 120)] {
        let desk = Desk::new(&forty(), seed, ABSURD, false);
        desk.live(&Fuse::at(fuse), false);
        let files = desk.disk.files();
        let journal = files
            .iter()
            .find(|path| path.to_string_lossy().contains("journal"));
        let path = journal.expect("a journal").clone();
        let bytes = desk.disk.synced(&path).expect("synced");
        journals.push((path, bytes));
        plan = Some(desk.plan);
    }
    (plan.expect("a plan"), journals)
}

#[test]
fn proof_t10_journal() {
    let (plan, journals) = lives();
    let seeds: Vec<Vec<u8>> = journals.into_iter().map(|(_, bytes)| bytes).collect();
    let written: BTreeSet<Vec<u8>> = seeds
        .iter()
        .flat_map(|bytes| {
            bytes
                .split_inclusive(|byte| *byte == b'\n')
                .map(<[u8]>::to_vec)
        })
        .collect();
    let target = Target {
        name: "journal",
        seeds,
        words: WORDS,
        short: 500,
        longest: 10 << 20,
    };
    fuzz(&target, |input| {
        let content = read(input);
        let good = usize::try_from(content.good).unwrap_or(usize::MAX);
        let kept = input.get(..good).ok_or("more is good than there is")?;
        let mut lines = kept.split_inclusive(|byte| *byte == b'\n');
        if let Some(forged) = lines.find(|line| !written.contains(*line)) {
            return Err(format!("believed {}", forged.escape_ascii()));
        }
        let again = read(kept);
        if again.records != content.records || again.trouble().is_some() {
            return Err("the good part is read otherwise alone".to_owned());
        }
        let _ = Recovered::from_records(&plan, &content.records);
        Ok(format!(
            "{:?} {}",
            content.trouble(),
            content.records.len() / 16
        ))
    });
}

/// The framing of the contract, written anew: numbers, checksums and chain of whatever records.
fn framed(records: &[&[u8]]) -> Vec<u8> {
    let mut head = "0".repeat(64);
    let mut out = Vec::new();
    for (seq, record) in records.iter().enumerate() {
        let crc = crc32fast::hash(record);
        let mut line =
            format!("{{\"v\":1,\"seq\":{seq},\"prev\":\"{head}\",\"crc\":\"{crc:08x}\",\"rec\":")
                .into_bytes();
        line.extend_from_slice(record);
        line.extend_from_slice(b"}\n");
        head = Sha256::digest(&line)
            .iter()
            .fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
        out.extend(line);
    }
    out
}

/// The records of a journal, a line each.
fn bare(journal: &[u8]) -> Vec<u8> {
    journal
        .split_inclusive(|byte| *byte == b'\n')
        .flat_map(|line| {
            let text = String::from_utf8_lossy(line);
            let record = text.split_once(",\"rec\":").map_or("", |(_, rest)| rest);
            record
                .trim_end()
                .strip_suffix('}')
                .unwrap_or("")
                .to_owned()
                .into_bytes()
                .into_iter()
                .chain([b'\n'])
        })
        .collect()
}

/// Records in any order and number behind a framing that is right: a journal of somebody who knows
/// how. It may tell nonsense, but must be borne by everything that reads it.
fn borne(disk: &MemoryDisk, path: &Path, plan: &Plan, input: &[u8]) -> Verdict {
    let records: Vec<&[u8]> = input
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .take(300)
        .collect();
    let bytes = framed(&records);
    let content = read(&bytes);
    let _ = Recovered::from_records(plan, &content.records);
    disk.tamper(path, bytes);
    let state = Path::new(STATE);
    let runs = commit::runs(disk, state).map_err(|problem| problem.to_string())?;
    let told = runs
        .first()
        .map(|run| commit::outcomes(disk, state, &run.run).is_ok());
    let left = commit::interrupted(disk, state)
        .map_err(|problem| problem.to_string())?
        .len();
    Ok(format!(
        "{:?} {told:?} {left} {}",
        content.trouble(),
        content.records.len() / 16
    ))
}

#[test]
fn proof_t10_records() {
    let (plan, journals) = lives();
    let calm = Desk::new(&forty(), 1, Rates::default(), false);
    calm.apply().expect("applied");
    let files = calm.disk.files();
    let path = files
        .iter()
        .find(|path| path.to_string_lossy().contains("journal"))
        .expect("a journal");
    let target = Target {
        name: "records of a journal",
        seeds: journals.iter().map(|(_, bytes)| bare(bytes)).collect(),
        words: WORDS,
        short: 300,
        longest: 10 << 20,
    };
    fuzz(&target, |input| borne(&calm.disk, path, &plan, input));
}

#[test]
fn proof_t10_plan() {
    let target = Target {
        name: "plan",
        seeds: vec![to_json(&forty().plan()).into_bytes()],
        words: &[
            "version",
            "hash",
            "operations",
            "findings",
            "kind",
            "create_user",
            "delete_user",
            "set_roles",
            "before",
            "after",
            "target",
            "needs",
            "undo",
            "reversible",
            "impossible",
            "summary",
            "expires",
            "2026-11-24T09:00:00Z",
            "-009999-01-01T00:00:00Z",
        ],
        short: 600,
        longest: 10 << 20,
    };
    let whole = parse(&target.seeds[0]).expect("a plan");
    fuzz(&target, |input| {
        let outcome = match parse(input) {
            Ok(plan) if plan == whole => "the same".to_owned(),
            // The hash covers every field, so another plan can only come with another hash.
            Ok(plan) if plan.hash == whole.hash => {
                return Err(format!("another plan under its hash: {plan:?}"));
            }
            Ok(_) => "another".to_owned(),
            Err(problem) => problem.text().to_owned(),
        };
        if let Ok(plan) = serde_json::from_slice::<Plan>(input) {
            let sealed = seal(plan);
            let back = parse(to_json(&sealed).as_bytes());
            if sealed.version == 1 && back.ok().as_ref() != Some(&sealed) {
                return Err("written and read it differs".to_owned());
            }
        }
        Ok(outcome)
    });
}
