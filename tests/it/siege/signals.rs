//! T16, the half without a screen: HUP, INT, INT twice and TERM at random moments of `apply`. The
//! first signal lets what is in flight answer (at most 30 s) and is journalled; the second ends at
//! once; either way the exit code tells the signal and a resume ends the run.

use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};

use super::check::{all_holds, mutating};
use super::crew::{Dice, Found, conclude, rounds};
use super::site::Site;
use crate::proof::{Row, sized};

/// What is in flight may answer this long.
const DRAIN: Duration = Duration::from_secs(30);
/// From the last answer to the end.
const EXIT: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
struct Blow {
    signal: Signal,
    twice: bool,
    code: i32,
}

fn blow(dice: &mut Dice) -> Blow {
    let (signal, twice, code) = match dice.below(4) {
        0 => (Signal::HUP, false, 129),
        1 => (Signal::INT, false, 130),
        2 => (Signal::INT, true, 130),
        _ => (Signal::TERM, false, 143),
    };
    Blow {
        signal,
        twice,
        code,
    }
}

fn round(seed: u64) -> Found {
    let mut dice = Dice::new(seed);
    let mut found = Found::default();
    for _ in 0..20 {
        strike(&mut dice, &mut found);
        if found.figure("signals") > 0 || !found.wrong.is_empty() {
            break;
        }
    }
    found
}

fn strike(dice: &mut Dice, found: &mut Found) {
    let blow = blow(dice);
    // Now and then an answer takes long: the drain has something to wait for.
    let slow = dice.between(200, 3_000);
    let faults = [format!("delay={slow}@POST:/users#10%")];
    let site = Site::new(&faults, dice.between(5, 30));
    let mut child = site.start(&["apply", "plan.json", "--yes"]);
    let pid = Pid::from_child(&child);
    let after = usize::try_from(dice.between(1, 30)).expect("small");
    while mutating(&site).len() < after && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    if child.try_wait().expect("a child").is_some() {
        child.wait().expect("the end");
        return;
    }
    let struck = Instant::now();
    kill_process(pid, blow.signal).expect("a signal");
    if blow.twice {
        // Two signals of one kind that are both pending are one: the first must have arrived.
        while site.kept().is_none() {}
        std::thread::sleep(Duration::from_millis(dice.between(20, 200)));
        // It may have ended by the first one meanwhile.
        let _ = kill_process(pid, blow.signal);
    }
    let output = child.wait_with_output().expect("the end");
    let took = struck.elapsed();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(0) {
        // The last answer had come before the signal.
        return;
    }
    found.add("signals", 1);
    let mut wrong = Vec::new();
    if output.status.code() != Some(blow.code) {
        wrong.push(format!("exit {:?}", output.status.code()));
    }
    let drain = Duration::from_millis(slow).min(DRAIN);
    let most = if blow.twice {
        EXIT + Duration::from_millis(200)
    } else {
        drain + EXIT
    };
    if took > most {
        wrong.push(format!("it took {took:?}, an answer {slow} ms"));
    }
    found.most(
        "most ms to the end",
        u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    );
    journal_is_whole(&site, blow, &mut wrong);
    let told = wrong
        .into_iter()
        .map(|text| format!("{blow:?}: {text}\n{said}"));
    found.wrong.extend(told);
    goes_on(&site, found);
}

/// After one signal everything that was sent has its answer; after two an answer may be missing,
/// but no record is torn.
fn journal_is_whole(site: &Site, blow: Blow, wrong: &mut Vec<String>) {
    let Some(kept) = site.kept() else {
        wrong.push("there is no journal".to_owned());
        return;
    };
    if let Some(trouble) = kept.content.trouble() {
        wrong.push(format!("the journal: {trouble}"));
    }
    let of = |wanted: fn(&qroll::commit::Record) -> bool| {
        let records = kept.content.records.iter();
        records.filter(|(_, record)| wanted(record)).count()
    };
    let intents = of(|record| matches!(record, qroll::commit::Record::Intent(_)));
    let outcomes = of(|record| matches!(record, qroll::commit::Record::Outcome(_)));
    if !blow.twice && intents != outcomes {
        wrong.push(format!("{intents} intents and {outcomes} outcomes"));
    }
}

fn goes_on(site: &Site, found: &mut Found) {
    if site.finish().is_none() {
        found
            .wrong
            .push("40 resumes did not end the run".to_owned());
    }
    all_holds(site, found);
}

#[test]
fn proof_t16_signals() {
    let row = Row::begin(
        "T16",
        "HUP, INT, INT twice, TERM during apply without a screen",
    );
    let count = sized(12, 100);
    let found = rounds(count, 6, round);
    conclude(row, &format!("{count} signals"), &found);
}
