//! T17: two to eight programs started together on one state directory. One applies; the others are
//! told who holds the lock; and when the holder is killed, the lock is free at once.

use qroll::commit::Record;
use std::fs::File;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use super::check::all_holds;
use super::crew::{Dice, Found, conclude, rounds};
use super::site::Site;
use crate::proof::{Row, sized};

/// Kernel and scheduler together; the bar of the test plan.
const SOON: Duration = Duration::from_secs(1);

/// A child and whether it has ended.
struct One {
    child: Child,
    ended: bool,
}

/// Waits until all but one have ended; the one that still runs.
fn last_one(children: &mut [One], deadline: Instant) -> Option<usize> {
    loop {
        for one in children.iter_mut().filter(|one| !one.ended) {
            one.ended = one.child.try_wait().expect("a child").is_some();
        }
        let mut living = (0..children.len()).filter(|at| !children[*at].ended);
        match (living.next(), living.next()) {
            (Some(last), None) => return Some(last),
            (None, _) => return None,
            _ if Instant::now() > deadline => return None,
            _ => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Whether the run has begun and was told to wait.
fn waits(site: &Site) -> bool {
    site.kept().is_some_and(|kept| {
        let mut records = kept.content.records.iter();
        records.any(|(_, record)| matches!(record, Record::Pause { .. }))
    })
}

/// The lock file of the tenant.
fn lock(site: &Site) -> File {
    let entries = std::fs::read_dir(site.place.path("state")).expect("the state directory");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    let path = paths.find(|path| path.extension().is_some_and(|ending| ending == "lock"));
    File::open(path.expect("a lock file")).expect("the lock file opens")
}

/// What is wrong with the last words of one that found the tenant locked.
fn turned_away(output: &Output, pids: &[u32]) -> Option<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let me = rustix::process::geteuid().as_raw();
    // Whoever begins looks whether the lock is free and so holds it for a moment.
    let named = pids
        .iter()
        .any(|pid| said.contains(&format!("this tenant: process {pid} of user {me} on ")));
    (output.status.code() != Some(6) || !named || !said.contains(" since "))
        .then(|| format!("exit {:?}:\n{said}", output.status.code()))
}

fn round(seed: u64) -> Found {
    let mut found = Found::default();
    let count = Dice::new(seed).between(2, 8);
    // Whoever begins is told to wait, and so lives as long as the others need.
    let site = Site::sized(3, &["429=120@PATCH:/users/*#1".to_owned()], 0);
    let apply = ["apply", "plan.json", "--yes"];
    let mut children: Vec<One> = (0..count)
        .map(|_| One {
            child: site.start(&apply),
            ended: false,
        })
        .collect();
    let holder = last_one(&mut children, Instant::now() + Duration::from_mins(1));
    let Some(holder) = holder else {
        for one in &mut children {
            one.child.kill().expect("a kill");
            one.child.wait().expect("the end");
        }
        found
            .wrong
            .push(format!("of {count} not exactly one applies"));
        return found;
    };
    found.add("instances", count);
    let pids: Vec<u32> = children.iter().map(|one| one.child.id()).collect();
    let mut holder = children.swap_remove(holder).child;
    for other in children {
        let output = other.child.wait_with_output().expect("the end");
        found.wrong.extend(turned_away(&output, &pids));
    }
    while !waits(&site) && holder.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    if site.journals().len() != 1 {
        found
            .wrong
            .push(format!("{} journals", site.journals().len()));
    }
    let file = lock(&site);
    if file.try_lock().is_ok() {
        found.wrong.push("the holder holds no lock".to_owned());
    }
    let killed = Instant::now();
    holder.kill().expect("a kill");
    while file.try_lock().is_err() && killed.elapsed() < 10 * SOON {
        std::thread::yield_now();
    }
    let free = killed.elapsed();
    file.unlock().expect("unlocked");
    holder.wait().expect("the end");
    found.most(
        "most ms to the free lock",
        u64::try_from(free.as_millis()).unwrap_or(u64::MAX),
    );
    if free > SOON {
        found
            .wrong
            .push(format!("the lock was free after {free:?}"));
    }
    goes_on(&site, &mut found);
    found
}

/// The next one takes the run over and ends it.
fn goes_on(site: &Site, found: &mut Found) {
    let output = site.start(&["resume"]).wait_with_output().expect("the end");
    if output.status.code() != Some(0) {
        let said = String::from_utf8_lossy(&output.stderr);
        found.wrong.push(format!(
            "resume ends with {:?}:\n{said}",
            output.status.code()
        ));
    }
    all_holds(site, found);
}

#[test]
fn proof_t17_crowd() {
    let row = Row::begin(
        "T17",
        "two to eight instances at once on one state directory",
    );
    let count = sized(10, 200);
    let found = rounds(count, 5, round);
    conclude(row, &format!("{count} rounds"), &found);
}
