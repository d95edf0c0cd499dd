//! A run that somebody gives up: a process that dies on the way leaves a run that only a discard
//! ends, nothing is ever sent again, and what is told of each operation is true.

use qroll::commit::{self, Record};
use qroll::domain::{RunSummary, SkipReason, Verdict};
use qroll::host::memory::Fuse;
use qroll::ports::{Disk as _, Kind};
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Life, STATE};
use super::plans::{Draft, forty};
use super::tenant::{Fault, Rates};

const CALM: Rates = Rates {
    faults: &[],
    stale: 0,
    unread: 0,
};

/// A run that stopped behind five unclear answers, some of them done and some not.
fn interrupted() -> Desk {
    let desk = Desk::new(&forty(), 5, CALM, false);
    let unclear = [
        Fault::LostAfter,
        Fault::LostBefore,
        Fault::LostAfter,
        Fault::LostBefore,
        Fault::LostBefore,
    ];
    desk.tenant
        .state
        .lock()
        .expect("tenant")
        .script
        .extend(unclear);
    assert_eq!(desk.apply().expect("stopped").exit_code, 4);
    desk
}

fn sent(desk: &Desk) -> usize {
    desk.tenant.state.lock().expect("tenant").sent.len()
}

/// The records of the run.
fn records(desk: &Desk) -> Vec<Record> {
    let is_journal =
        |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "journal");
    let path = desk.disk.files().into_iter().find(is_journal).expect("one");
    let bytes = desk.disk.synced(&path).expect("bytes");
    let read = commit::read(&bytes).records;
    read.into_iter().map(|(_, record)| record).collect()
}

#[test]
fn a_discard_that_dies_at_any_step_leaves_nothing_that_sends() {
    let mut between = 0;
    for step in 1..2000 {
        let desk = interrupted();
        let (before, known) = (sent(&desk), records(&desk).len());
        let fuse = Fuse::at(step);
        let life = desk.discard(&fuse);
        if let Life::Ended(report) = life {
            assert_eq!((report.exit_code, report.stopped), (0, None));
            assert!(between > 2, "only {between} steps lay between");
            return;
        }
        let judged = |record: &Record| matches!(record, Record::Verdict(_) | Record::End { .. });
        if records(&desk).iter().skip(known).any(judged) {
            between += 1;
            let refused = desk.resume().expect_err("somebody gave it up");
            assert_eq!(refused.kind, Kind::Stale, "step {step}: {refused}");
            assert_eq!(sent(&desk), before, "step {step}: it went on sending");
        }
        match desk.discard(&Fuse::new()) {
            Life::Ended(report) => assert_eq!((report.exit_code, report.stopped), (0, None)),
            // The end was on the disk already.
            Life::Refused(problem) => assert_eq!(problem.kind, Kind::Stale, "{problem}"),
            Life::Crashed => panic!("nothing blew"),
        }
        assert_eq!(sent(&desk), before, "step {step}");
        let runs = commit::runs(&desk.disk, Path::new(STATE)).expect("runs");
        assert!(runs[0].finished && runs[0].discarded && !runs[0].resumable);
        assert_eq!(desk.check(), 0);
    }
    panic!("the discard never came to its end");
}

#[test]
fn a_discard_that_was_stopped_is_finished_by_a_discard_only() {
    let mut desk = interrupted();
    let before = sent(&desk);
    desk.cancel.cancel();
    let Life::Ended(report) = desk.discard(&Fuse::new()) else {
        panic!("it ends by itself")
    };
    assert!(report.stopped.is_some(), "{report:?}");
    let run = &commit::runs(&desk.disk, Path::new(STATE)).expect("runs")[0];
    assert!(run.given_up && !run.resumable && !run.discarded && !run.finished);
    desk.cancel = CancellationToken::new();
    assert_eq!(desk.resume().expect_err("given up").kind, Kind::Stale);
    assert_eq!(desk.apply().expect_err("given up").kind, Kind::Stale);
    assert!(matches!(desk.discard(&Fuse::new()), Life::Ended(report) if report.stopped.is_none()));
    assert_eq!(sent(&desk), before);
}

#[test]
fn what_a_tenant_out_of_reach_does_not_tell_stays_unknown() {
    let desk = interrupted();
    let open = commit::runs(&desk.disk, Path::new(STATE)).expect("runs")[0].open;
    desk.tenant.state.lock().expect("tenant").dark = true;
    let Life::Ended(report) = desk.discard(&Fuse::new()) else {
        panic!("it ends by itself")
    };
    assert_eq!((report.stopped, report.exit_code), (None, 4));
    assert!(open > 0 && report.counts.unknown == open);
    assert_eq!(report.counts.not_applied, 0, "nobody knows");
    let run = &commit::runs(&desk.disk, Path::new(STATE)).expect("runs")[0];
    assert!(run.discarded && !run.given_up);
    assert_eq!(desk.check() as u64, open);
}

#[test]
fn what_was_sent_is_not_told_as_never_sent() {
    let mut late = Draft::default();
    late.create_user("new");
    late.create_user("newer");
    let fresh = || {
        let mut desk = Desk::new(&late, 5, CALM, false);
        desk.settings.writes = 1;
        desk
    };
    let calm = fresh();
    calm.apply().expect("applied");
    let first = calm.tenant.state.lock().expect("tenant").steps[0];
    for discard in [true, false] {
        let desk = fresh();
        let fault = [Fault::LostBefore];
        desk.tenant
            .state
            .lock()
            .expect("tenant")
            .script
            .extend(fault);
        // The power goes as soon as the first request is out.
        assert!(matches!(
            desk.live(&Fuse::at(first + 1), false),
            Life::Crashed
        ));
        assert_eq!(sent(&desk), 1);
        if discard {
            assert!(matches!(desk.discard(&Fuse::new()), Life::Ended(_)));
        } else {
            desk.clock.advance(Duration::from_hours(30));
            desk.resume().expect("read back only");
        }
        assert_eq!(sent(&desk), 1, "nothing more is sent");
        let verdicts: Vec<Verdict> = desk.outcomes().into_iter().map(|one| one.verdict).collect();
        let asked = verdicts.iter().any(|verdict| {
            matches!(verdict, Verdict::NotApplied { reason, .. }
                if reason.expose().starts_with("sent without a clear answer"))
        });
        let untouched = verdicts.iter().any(|verdict| {
            matches!(verdict, Verdict::Skipped { why: SkipReason::Cancelled, detail }
                if detail.expose().starts_with("not sent"))
        });
        assert!(asked && untouched, "{verdicts:?}");
        assert_eq!(desk.check(), 0);
    }
}

#[test]
fn of_two_runs_without_an_end_the_one_that_is_written_is_under_way() {
    let mut desk = interrupted();
    let mut other = Draft::default();
    other.create_user("somebody");
    desk.clock.advance(Duration::from_mins(1));
    (desk.plan, desk.cancel) = (other.plan(), CancellationToken::new());
    desk.cancel.cancel();
    desk.apply().expect("begun and stopped");
    let runs = || commit::runs(&desk.disk, Path::new(STATE)).expect("runs");
    let (newer, older) = (runs()[0].run.clone(), runs()[1].run.clone());
    assert!(runs().iter().all(|run| run.resumable && !run.under_way));
    let lock = Path::new(STATE).join("tenant-1.lock");
    let held = desk.disk.lock(&lock, "process 2").expect("a lock");
    let at_work = |runs: Vec<RunSummary>| {
        let mut found = runs.into_iter().filter(|run| run.under_way);
        (found.next().map(|run| run.run), found.count())
    };
    assert_eq!(at_work(runs()), (Some(newer), 0));
    drop(held);
    // Somebody goes on with the older one: what it writes is newest.
    desk.clock.advance(Duration::from_mins(1));
    desk.resume_run(Some(older.clone())).expect("stopped again");
    let _held = desk.disk.lock(&lock, "process 2").expect("a lock");
    assert_eq!(at_work(runs()), (Some(older), 0));
}
