//! T16: whatever happens to terminal and process in the middle of a commit, the program ends soon,
//! burns nothing, gives the terminal back and leaves a whole journal.

use rustix::process::Signal;
use std::time::{Duration, SystemTime};

use super::commit::{Commit, End};
use crate::proof::{Row, sized};
use crate::siege::crew::{Found, conclude, rounds};

/// The fault with the most chances to come at a bad moment.
const OFTEN: &str = "HUP";
/// Runs of it at the full size, and of everything else.
const FULL: (u64, u64) = (100, 25);
/// Runs at the same time: each of them mostly waits.
const HANDS: u64 = 8;

/// What else happens.
const FAULTS: [&str; 13] = [
    "INT",
    "INT twice",
    "^C",
    "^C twice",
    "TERM",
    "TERM twice",
    "QUIT",
    "STOP and CONT",
    "TSTP and CONT",
    "WINCH",
    "paste",
    "line dropped",
    "line dropped, HUP ignored",
];

/// A small generator: the point in time at which it happens.
fn draw(seed: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 27)
}

/// Which fault a run is about.
fn fault(number: u64) -> &'static str {
    let others = FAULTS.len() as u64;
    let first = sized(1, FULL.0);
    if number <= first {
        return OFTEN;
    }
    FAULTS[usize::try_from((number - first - 1) % others).expect("small")]
}

#[test]
fn proof_t16_signals() {
    let row = Row::begin("T16", "signals and hang-ups during a commit");
    let runs = sized(1, FULL.0) + FAULTS.len() as u64 * sized(1, FULL.1);
    let found = rounds(runs, HANDS, |number| {
        std::panic::catch_unwind(|| found(number)).unwrap_or_else(|told| {
            let told = told.downcast_ref::<String>().cloned();
            Found {
                wrong: vec![format!("{}: {}", fault(number), told.unwrap_or_default())],
                ..Found::default()
            }
        })
    });
    conclude(row, &format!("{runs} runs"), &found);
}

fn found(number: u64) -> Found {
    let mut found = Found::default();
    let (wrong, end) = run(number);
    let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    found.most("most ms of drain", millis(end.drain));
    found.most("most ms after it", millis(end.after_drain));
    if is_hang_up(fault(number)) {
        found.most("most ticks after a hang-up", end.ticks);
    }
    found.wrong = wrong;
    found
}

fn is_hang_up(fault: &str) -> bool {
    fault.contains("line dropped") || fault == "HUP"
}

/// One run; what was wrong with it.
fn run(number: u64) -> (Vec<String>, End) {
    let fault = fault(number);
    let world = ["--scenario", "s1", "--latency-ms", "20"];
    let mut commit = Commit::open(fault.ends_with("ignored"), &world, (120, 36));
    commit.run();
    std::thread::sleep(Duration::from_millis(draw(number) % 700));
    if is_survived(fault) {
        go_on(&mut commit, fault);
        commit.wait_for_end();
    }
    let was_over = commit.terminal.text().contains("run over");
    let (at, ticks) = (SystemTime::now(), commit.terminal.ticks());
    let (codes, drains): (&[u32], bool) = happen(&mut commit, fault);
    let end = commit.end(at, ticks);
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            wrong.push(format!("{fault}: {what}"));
        }
    };
    let codes = if was_over && !is_survived(fault) && fault.starts_with("INT") {
        &[130][..]
    } else {
        codes
    };
    must(
        codes.contains(&end.code) || was_over,
        format!("exit code {}", end.code),
    );
    must(
        end.drain < Duration::from_secs(30),
        format!("drain {:?}", end.drain),
    );
    must(
        end.after_drain < Duration::from_secs(2),
        format!("{:?} after the drain", end.after_drain),
    );
    if is_hang_up(fault) {
        must(end.ticks <= 20 * slow(), format!("{} ticks", end.ticks));
    }
    if !fault.contains("line dropped") {
        must(
            commit.terminal.modes() == commit.before,
            "modes not restored".to_owned(),
        );
        must(
            !commit.terminal.is_full_screen(),
            "alternate screen not left".to_owned(),
        );
    }
    let (intents, answers) = (commit.records("intent"), commit.records("outcome"));
    let writes = commit.world.writes();
    must(
        writes <= intents,
        format!("{writes} writes, {intents} intents"),
    );
    if drains {
        must(
            writes == intents && answers == intents,
            format!("{writes} writes, {intents} intents, {answers} answers"),
        );
    }
    (wrong, end)
}

/// What a run outlives; the end is asked for afterwards.
fn is_survived(fault: &str) -> bool {
    fault.ends_with("and CONT") || matches!(fault, "WINCH" | "paste")
}

/// A debug build computes several times as much for the same.
fn slow() -> u64 {
    if cfg!(debug_assertions) { 4 } else { 1 }
}

/// Lets it happen and ends the program if that did not. The exit codes that are right, and whether
/// everything in flight must have been answered.
fn happen(commit: &mut Commit, fault: &str) -> (&'static [u32], bool) {
    match fault {
        "HUP" => commit.signal(Signal::HUP),
        "INT" | "^C" => {
            if fault == "INT" {
                commit.signal(Signal::INT);
            } else {
                commit.terminal.keys("<c-c>");
            }
            let screen = commit.terminal.wait("the end of the run", |screen| {
                screen.contains("run over")
                    || screen.contains("no run is under way")
                    || !screen.contains("6 Runs")
            });
            if !screen.contains("6 Runs") {
                // It was over just before, so this ended the program.
                return (&[130], true);
            }
            commit.signal(Signal::TERM);
            // It may have been over a moment before the first.
            return (&[143, 130], true);
        }
        "INT twice" => {
            commit.signal(Signal::INT);
            std::thread::sleep(Duration::from_millis(3));
            commit.signal(Signal::INT);
            // Two that are pending at once are one, and then the screen stays.
            std::thread::sleep(Duration::from_millis(500));
            commit.signal(Signal::TERM);
            return (&[130, 143], false);
        }
        "^C twice" => {
            commit.terminal.keys("<c-c><c-c>");
            commit.signal(Signal::TERM);
            return (&[130, 143], false);
        }
        "TERM twice" => {
            commit.signal(Signal::TERM);
            std::thread::sleep(Duration::from_millis(3));
            commit.signal(Signal::TERM);
            return (&[143], false);
        }
        "QUIT" => {
            commit.signal(Signal::QUIT);
            return (&[131], false);
        }
        "line dropped" | "line dropped, HUP ignored" => commit.terminal.hang_up(),
        _ => {
            commit.signal(Signal::TERM);
            return (&[143], true);
        }
    }
    (&[129], true)
}

/// What a run survives to its end.
fn go_on(commit: &mut Commit, fault: &str) {
    match fault {
        "STOP and CONT" | "TSTP and CONT" => {
            // Without a shell that could bring it back, a polite stop is refused.
            commit.signal(if fault.starts_with("STOP") {
                Signal::STOP
            } else {
                Signal::TSTP
            });
            std::thread::sleep(Duration::from_millis(300));
            commit.signal(Signal::CONT);
        }
        "WINCH" => {
            let steps = u16::try_from(sized(100, 1_000)).expect("small");
            for step in 0..steps {
                commit.terminal.resize(60 + step % 90, 16 + step % 40);
                std::thread::sleep(Duration::from_millis(10));
            }
            commit.terminal.resize(120, 36);
        }
        _ => {
            let size = usize::try_from(sized(64 * 1024, 1 << 20)).expect("small");
            let bomb = b"ay\rqcy1p6\r\x1b".iter().copied().cycle().take(size);
            commit.terminal.bytes(&bomb.collect::<Vec<u8>>());
        }
    }
}
