//! T4: `kill -9` of `apply` and of `resume` at random moments, with faults on, until the run is
//! finished. After each death, and at the end, the witnesses are heard.

use std::process::Child;
use std::time::{Duration, Instant};

use super::check::{mutating, truth, verdicts, wire};
use super::crew::{Dice, Found, conclude, rounds};
use super::site::Site;
use crate::proof::{Row, sized};

/// What goes wrong; a round draws a few of them.
const FAULTS: &[&str] = &[
    "429=1@POST:/users#20%",
    "429=1@PATCH:/users/*#20%",
    "500@POST:/users#15%",
    "500-after@POST:/users#20%",
    "503-after@PATCH:/users/*#20%",
    "502@PATCH:/users/*#15%",
    "drop-before@POST:/spaces/*/assignments#10%",
    "drop-after@POST:/spaces/*/assignments#15%",
    "500@POST:/licenses/assignments/actions/add#1",
    "drop-after@POST:/licenses/assignments/actions/add#1",
    "drop-within=3@POST:/licenses/assignments/actions/add#1",
    "500-after@POST:/licenses/assignments/actions/update#1",
    "drop-within=5@POST:/licenses/assignments/actions/update#1",
    "cut-body@POST:/users#15%",
    "malformed@POST:/spaces/*/assignments#15%",
    "delay=150@*:/**#20%",
    "503@GET:/users/*#10%",
    "500@GET:/spaces/*/assignments#10%",
];

/// When a process dies.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after it began.
    After(Duration),
    /// When the server has answered so many more changes.
    Requests(usize),
    /// When the journal holds so many more bytes.
    Journal(u64),
}

impl Moment {
    fn draw(dice: &mut Dice) -> Self {
        match dice.below(3) {
            0 => Self::After(Duration::from_millis(dice.below(500))),
            1 => Self::Requests(usize::try_from(dice.between(1, 30)).expect("small")),
            _ => Self::Journal(dice.between(1, 40_000)),
        }
    }
}

/// Kills the child at the moment; `false` when it had ended by itself before.
fn kill_at(site: &Site, child: &mut Child, moment: Moment) -> bool {
    let began = Instant::now();
    let size = |site: &Site| {
        let newest = site.journals().pop();
        newest.map_or(0, |path| path.metadata().map_or(0, |file| file.len()))
    };
    let (seen, held) = (mutating(site).len(), size(site));
    loop {
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
        let due = match moment {
            Moment::After(time) => began.elapsed() >= time,
            Moment::Requests(count) => mutating(site).len() >= seen + count,
            Moment::Journal(bytes) => size(site) >= held + bytes,
        };
        if due {
            child.kill().expect("a kill");
            return true;
        }
        // The moment is looked for, not waited for.
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// One plan: killed at least once, resumed until it is finished.
fn cycle(seed: u64) -> Found {
    let mut dice = Dice::new(seed);
    let mut found = Found::default();
    for _ in 0..20 {
        besiege(&mut dice, &mut found);
        if found.figure("kills") > 0 || !found.wrong.is_empty() {
            break;
        }
        // It was too fast for the moment that was drawn: not a cycle, another try.
    }
    found
}

fn besiege(dice: &mut Dice, found: &mut Found) {
    let faults: Vec<String> = (0..dice.between(2, 4))
        .filter_map(|_| FAULTS.get(usize::try_from(dice.below(FAULTS.len() as u64)).ok()?))
        .map(|fault| (*fault).to_owned())
        .collect();
    let latency = dice.between(2, 20);
    let site = Site::new(&faults, latency);
    let before = found.wrong.len();
    for turn in 0..5 {
        let mut child = site.start(site.go_on());
        let doomed = turn == 0 || dice.below(2) == 0;
        if doomed && kill_at(&site, &mut child, Moment::draw(dice)) {
            found.add("kills", 1);
        }
        child.wait_with_output().expect("the end");
        let Some(kept) = site.kept() else {
            continue;
        };
        found.add("torn tails", u64::from(kept.content.torn.is_some()));
        truth(&site, &kept, found);
        if kept.content.is_finished() {
            break;
        }
    }
    if !site.kept().is_some_and(|kept| kept.content.is_finished()) && site.finish().is_none() {
        found
            .wrong
            .push("40 resumes did not end the run".to_owned());
        return;
    }
    let Some(kept) = site.kept() else {
        return;
    };
    truth(&site, &kept, found);
    wire(&site, &kept, found);
    let verdicts = verdicts(&kept);
    let unknown = verdicts
        .values()
        .filter(|verdict| verdict.word() == "unknown");
    let unknown = unknown.count() as u64;
    found.add("unknown", unknown);
    let rest = verdicts.values().filter(|verdict| !verdict.holds()).count() as u64;
    if rest > 0 && unknown == 0 {
        found
            .wrong
            .push(format!("{rest} operations do not hold, none is unknown"));
    }
    converges(site, found);
    if found.wrong.len() > before {
        found
            .wrong
            .push(format!("faults were {faults:?}, latency {latency} ms"));
    }
}

/// I5: a plan for the same wish is empty, if need be after it was applied (what ended unknown, and
/// what hung on it, is planned again).
fn converges(mut site: Site, found: &mut Found) {
    for _ in 0..5 {
        match site.left_to_do() {
            Some(0) => return,
            Some(_) => {
                found.add("second plans", 1);
                site.make_plan();
                let apply = site.start(&["apply", "plan.json", "--yes"]);
                apply.wait_with_output().expect("the end");
                if site.finish().is_none() {
                    break;
                }
            }
            None => break,
        }
    }
    found.wrong.push("no empty plan in the end".to_owned());
}

#[test]
fn proof_t4_kill() {
    let row = Row::begin("T4", "kill -9 of the real program, resumed until done");
    let cycles = sized(16, 500);
    let found = rounds(cycles, sized(16, 32), cycle);
    conclude(row, &format!("{cycles} cycles"), &found);
}
