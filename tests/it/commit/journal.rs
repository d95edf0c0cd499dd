//! The journal under hands and bad sectors: a torn tail is cut and named, a bad middle is refused,
//! an acknowledged record is never lost and a corrupt one never believed (T3, F6).

use qroll::commit::{self, Journal, Record, read};
use qroll::domain::{RunEvent, RunId};
use qroll::host::RealDisk;
use qroll::host::memory::{Fuse, MemoryDisk};
use qroll::ports::{Appender, Disk, Kind, LockOutcome, Problem};
use qroll::text::Raw;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::desk::{Desk, Life, STATE};
use super::plans::{Draft, forty, morning};
use super::tenant::{Fault, Rates};

fn note(text: &str) -> Record {
    Record::Note {
        text: Raw::from(text),
        at: morning(),
    }
}

fn written(count: usize) -> Vec<u8> {
    let disk = MemoryDisk::new();
    let path = Path::new("/state/a.journal");
    let mut journal = Journal::create(&disk, path, 1).expect("a journal");
    for number in 0..count {
        let record = note(&format!("record {number} \"quoted\" \u{1b}[31m"));
        journal.append(&record).expect("appended");
    }
    journal.sync().expect("synced");
    disk.read(path).expect("read").expect("there")
}

fn last_line(bytes: &[u8]) -> usize {
    bytes[..bytes.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .expect("several lines")
        + 1
}

#[test]
fn a_cut_at_every_byte_of_the_last_record_is_named_and_cut() {
    let bytes = written(5);
    let start = last_line(&bytes);
    for cut in start + 1..bytes.len() {
        let content = read(&bytes[..cut]);
        assert_eq!(content.records.len(), 4, "cut at {cut}");
        assert_eq!(content.good, start as u64);
        assert!(
            content.torn.is_some() && content.tampered.is_none(),
            "cut at {cut}"
        );
    }
    assert!(read(&bytes[..start]).trouble().is_none());
    assert_eq!(read(&bytes).records.len(), 5);
}

#[test]
fn every_changed_byte_anywhere_is_noticed() {
    let bytes = written(4);
    let start = last_line(&bytes);
    for place in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut bad = bytes.clone();
            bad[place] ^= flip;
            let content = read(&bad);
            assert!(
                content.trouble().is_some(),
                "byte {place} ^ {flip:02x} went unnoticed"
            );
            let whole = content.records.len();
            assert!(whole < 4, "a corrupt record was believed");
            if place < start {
                assert!(
                    content.tampered.is_some(),
                    "a bad middle at {place} is not a torn tail"
                );
            }
        }
    }
}

#[test]
fn zeros_and_records_of_another_run_are_not_believed() {
    let bytes = written(4);
    let start = last_line(&bytes);
    let mut zeros = bytes[..start].to_vec();
    zeros.extend([0; 700]);
    assert_eq!(read(&zeros).records.len(), 3);
    assert!(read(&zeros).torn.is_some());
    let mut spliced = bytes[..start].to_vec();
    spliced.extend(&bytes[start..]);
    spliced.extend(&bytes[start..]);
    let content = read(&spliced);
    assert_eq!(content.records.len(), 4);
    assert!(
        content.tampered.is_some(),
        "a whole record that does not continue the chain"
    );
    for rubbish in [&b""[..], b"\n", b"\n\n{}\n", b"\xff\xfe", b"{\"v\":2}"] {
        assert!(read(rubbish).records.is_empty());
    }
}

#[test]
fn appending_goes_on_behind_the_cut() {
    let disk = MemoryDisk::new();
    let path = Path::new("/state/a.journal");
    let bytes = written(3);
    disk.tamper(path, bytes[..bytes.len() - 7].to_vec());
    let content = read(&disk.read(path).expect("read").expect("there"));
    let mut journal = Journal::open(&disk, path, &content).expect("opened");
    journal.append(&note("after")).expect("appended");
    journal.sync().expect("synced");
    let content = read(&disk.read(path).expect("read").expect("there"));
    assert!(content.trouble().is_none());
    assert_eq!(content.records.len(), 3);
    assert_eq!(content.records.last(), Some(&(2, note("after"))));
}

#[test]
fn a_failed_sync_is_final_and_gives_no_proof() {
    let disk = MemoryDisk::new().with_fuse(Fuse::at(3));
    let mut journal = Journal::create(&disk, Path::new("/state/a.journal"), 1).expect("a journal");
    let seq = journal.append(&note("first")).expect("appended");
    assert!(journal.durable(seq).is_none(), "not synced");
    let problem = journal.sync().expect_err("the fuse blows");
    assert_eq!(problem.kind, Kind::Journal);
    assert!(journal.sync().is_err() && journal.append(&note("second")).is_err());
    assert!(journal.durable(seq).is_none());
}

/// A disk on which one sync fails and all goes well afterwards; with the bytes reserved.
struct Limping(MemoryDisk, AtomicU64);

struct LimpingFile(Box<dyn Appender>, bool);

impl Appender for LimpingFile {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.0.append(bytes)
    }

    fn sync(&mut self) -> Result<(), Problem> {
        if std::mem::replace(&mut self.1, false) {
            return Err(Problem::new(Kind::Host, "input/output error"));
        }
        self.0.sync()
    }
}

impl Disk for Limping {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Problem> {
        self.0.read(path)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Problem> {
        self.0.replace(path, bytes)
    }

    fn create(&self, path: &Path, reserve: u64) -> Result<Box<dyn Appender>, Problem> {
        self.1.store(reserve, Ordering::Relaxed);
        Ok(Box::new(LimpingFile(self.0.create(path, reserve)?, true)))
    }

    fn reopen(&self, path: &Path, length: u64) -> Result<Box<dyn Appender>, Problem> {
        self.0.reopen(path, length)
    }

    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Problem> {
        self.0.list(directory)
    }

    fn make_directory(&self, path: &Path) -> Result<(), Problem> {
        self.0.make_directory(path)
    }

    fn lock(&self, path: &Path, owner: &str) -> Result<LockOutcome, Problem> {
        self.0.lock(path, owner)
    }
}

#[test]
fn what_failed_once_is_not_trusted_though_it_seems_well_again() {
    let disk = Limping(MemoryDisk::new(), AtomicU64::new(0));
    let path = Path::new("/state/a.journal");
    let mut journal = Journal::create(&disk, path, 1).expect("a journal");
    let seq = journal.append(&note("first")).expect("appended");
    assert!(journal.sync().is_err(), "it limps");
    let before = disk.read(path).expect("read");
    let problem = journal.append(&note("second")).expect_err("not trusted");
    assert_eq!(problem.kind, Kind::Journal);
    assert!(problem.text().contains("failed before"), "{problem}");
    let problem = journal.sync().expect_err("not trusted");
    assert!(problem.text().contains("failed before"), "{problem}");
    assert!(journal.durable(seq).is_none());
    assert_eq!(disk.read(path).expect("read"), before, "nothing more came");
}

#[test]
fn room_for_every_operation_is_reserved_before_the_first() {
    let disk = Limping(MemoryDisk::new(), AtomicU64::new(0));
    let _journal = Journal::create(&disk, Path::new("/state/a.journal"), 40).expect("a journal");
    let reserved = disk.1.load(Ordering::Relaxed);
    let desk = Desk::new(&forty(), 7, Rates::default(), false);
    desk.apply().expect("applied");
    let files = desk.disk.files();
    let mut journals = files
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "journal"));
    let path = journals.next().expect("a journal");
    let taken = desk.disk.read(path).expect("read").expect("there").len() as u64;
    assert!(
        2 * taken < reserved && reserved < 10 * taken,
        "{taken} of {reserved}"
    );
}

fn interrupted_at(step: u64) -> (Desk, PathBuf) {
    let desk = Desk::new(&forty(), 7, Rates::default(), false);
    assert!(matches!(desk.live(&Fuse::at(step), false), Life::Crashed));
    let path = desk
        .disk
        .files()
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "journal"))
        .expect("a journal");
    (desk, path)
}

#[test]
fn a_damaged_tail_resumes_and_a_damaged_middle_does_not() {
    let (desk, path) = interrupted_at(60);
    let whole = desk.disk.synced(&path).expect("bytes");
    let start = last_line(&whole);
    let mut middle = whole.clone();
    let place = start / 2;
    middle[place] ^= 0x01;
    desk.disk.tamper(&path, middle);
    let sent = desk.tenant.state.lock().expect("tenant").sent.len();
    let runs = commit::runs(&desk.disk, Path::new(STATE)).expect("runs");
    let run = runs.first().expect("one").run.clone();
    assert!(runs[0].trouble.is_some());
    assert!(
        commit::interrupted(&desk.disk, Path::new(STATE))
            .expect("runs")
            .is_empty()
    );
    let problem = desk.resume_run(Some(run)).expect_err("no automatic resume");
    assert_eq!(problem.kind, Kind::Journal, "{problem}");
    assert_eq!(
        desk.tenant.state.lock().expect("tenant").sent.len(),
        sent,
        "nothing was sent"
    );

    desk.disk.tamper(&path, whole[..whole.len() - 3].to_vec());
    let report = desk.resume().expect("resumed");
    assert_eq!(report.exit_code, 0);
    assert_eq!(desk.check(), 0);
}

#[test]
fn an_answer_after_the_journal_failed_is_told_all_the_same() {
    let mut late = 0;
    for step in 5..40 {
        let mut draft = Draft::default();
        for number in 0..8 {
            draft.create_user(&format!("p{number}"));
        }
        let desk = Desk::new(&draft, step, Rates::default(), false);
        let slow = [Fault::Slow, Fault::None, Fault::None, Fault::Slow];
        desk.tenant
            .state
            .lock()
            .expect("tenant")
            .script
            .extend(slow);
        let Ok(report) = desk.live_on_bad_disk(&Fuse::at(step)) else {
            continue;
        };
        let kept = desk.outcomes();
        let known: BTreeSet<_> = kept
            .iter()
            .chain(&report.unwritten)
            .map(|outcome| &outcome.operation)
            .collect();
        let judged = usize::try_from(report.counts.judged()).expect("few");
        assert_eq!(known.len(), judged, "step {step}: none is lost");
        late += usize::from(!report.unwritten.is_empty());
    }
    assert!(late > 0);
}

#[test]
fn a_damaged_newest_run_does_not_hide_the_one_before_it() {
    let (mut desk, old) = interrupted_at(60);
    let mut other = Draft::default();
    other.create_user("somebody");
    desk.plan = other.plan();
    desk.clock.advance(Duration::from_mins(1));
    let refused = [Fault::Denied];
    desk.tenant
        .state
        .lock()
        .expect("tenant")
        .script
        .extend(refused);
    assert!(desk.apply().expect("begun").stopped.is_some());
    let newest = desk
        .disk
        .files()
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "journal") && *path != old)
        .expect("a journal");
    let mut bytes = desk.disk.synced(&newest).expect("bytes");
    let header = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line");
    let middle = header + 20;
    bytes[middle] ^= 0x01;
    desk.disk.tamper(&newest, bytes);
    let runs = commit::runs(&desk.disk, Path::new(STATE)).expect("runs");
    assert!(runs[0].trouble.is_some() && runs[0].plan == desk.plan.hash);
    let report = desk.resume().expect("the older one");
    assert_eq!(
        (report.exit_code, report.run.clone()),
        (0, runs[1].run.clone())
    );
    assert_eq!(report.counts.total, 40);
    let problem = desk.resume().expect_err("only the damaged one is left");
    assert_eq!(problem.kind, Kind::Journal);
}

#[test]
fn a_journal_under_the_name_of_another_run_does_not_resume() {
    let (desk, path) = interrupted_at(60);
    let bytes = desk.disk.synced(&path).expect("bytes");
    let name = path.file_stem().and_then(|name| name.to_str());
    let other = format!("{}f", name.expect("a name"));
    let beside = |ending: &str| path.with_file_name(format!("{other}.{ending}"));
    desk.disk.tamper(&beside("journal"), bytes);
    let plan = desk.disk.synced(&path.with_extension("plan.json"));
    desk.disk
        .tamper(&beside("plan.json"), plan.expect("a plan"));
    let run = RunId::new(other.as_str());
    let problem = desk.resume_run(Some(run)).expect_err("it is not its run");
    assert_eq!(problem.kind, Kind::Journal, "{problem}");
    assert!(problem.text().contains("belongs to run"), "{problem}");
}

#[test]
fn a_full_disk_stops_the_sending_and_ends_with_74() {
    for step in 12..60 {
        let desk = Desk::new(&forty(), step, Rates::default(), true);
        let fuse = Fuse::at(step);
        let report = match desk.live_on_bad_disk(&fuse) {
            Ok(report) => report,
            Err(problem) => {
                assert!(problem.text().contains("journal") || problem.text().contains("cannot"));
                continue;
            }
        };
        assert_eq!(report.exit_code, 74, "step {step}: {report:?}");
        assert!(report.stopped.is_some());
        let kept = desk.outcomes();
        let known: BTreeSet<_> = kept
            .iter()
            .chain(&report.unwritten)
            .map(|outcome| &outcome.operation)
            .collect();
        let judged = usize::try_from(report.counts.judged()).expect("few");
        assert_eq!(known.len(), judged, "step {step}: none is lost");
        let after = desk.tenant.state.lock().expect("tenant").sent.len();
        let report = desk.resume().expect("resumed");
        assert_eq!(report.exit_code, 0, "step {step}, {after} sent before");
        assert_eq!(desk.check(), 0);
    }
}

#[test]
fn a_journal_deleted_during_the_run_is_told_with_every_verdict() {
    let home = tempfile::tempdir().expect("a directory");
    let state = home.path().join("state");
    let desk = Desk::new(&forty(), 3, Rates::default(), false);
    let runs = state.join("runs");
    let report = desk.apply_on(Arc::new(RealDisk), &state, &|event| {
        if matches!(event, RunEvent::Judged(_)) {
            for entry in std::fs::read_dir(&runs).expect("runs").flatten() {
                std::fs::remove_file(entry.path()).expect("removed");
            }
        }
    });
    let report = report.expect("begun");
    assert_eq!(report.exit_code, 74, "{report:?}");
    assert_eq!(report.unwritten.len(), 40, "all are told");
    assert!(
        report
            .stopped
            .is_some_and(|why| why.expose().contains("deleted"))
    );
}
