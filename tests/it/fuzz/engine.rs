//! The loop: take an input that is known to be interesting, mangle it, run the target, watch for
//! panics, broken laws, time and memory. An input whose outcome was not seen before is kept and
//! mangled further, which leads deeper than chance alone where no coverage can be measured.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the trace of a failure"
)]

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use super::mutate::Mutator;
use crate::proof::{Row, seed, sized};

/// More time on the processor than this is a hang. The code of a debug build is ten times slower.
const HANG: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
/// More than this for an input of at most ten MiB is a memory bomb.
const MEMORY: u64 = 512 << 20;
/// Inputs kept besides the corpus.
const KEPT: usize = 2_048;
/// Longer inputs are not kept: they slow the loop down and teach little.
const LONGEST_KEPT: usize = 32 << 10;

/// What one run of a target says: a few words on how it ended, or which law it broke.
pub(crate) type Verdict = Result<String, String>;

/// Something that reads.
pub(crate) struct Target {
    /// Its name, and that of its folder in the corpus.
    pub(crate) name: &'static str,
    /// What mutation begins with.
    pub(crate) seeds: Vec<Vec<u8>>,
    /// Words of its language.
    pub(crate) words: &'static [&'static str],
    /// Executions of the short version.
    pub(crate) short: u64,
    /// The longest input that can come its way, in bytes; a debug build tries an eighth of it.
    pub(crate) longest: usize,
}

/// Runs a target over its corpus, over mutations of it and over inputs of ten MiB; prints the row of
/// the proof and fails it on the first violations.
pub(crate) fn fuzz(target: &Target, mut run: impl FnMut(&[u8]) -> Verdict) {
    let row = Row::begin("T10", target.name);
    let began = Instant::now();
    let dice = seed().unwrap_or(1);
    let mut mutator = Mutator::new(dice, target.words);
    let mut loop_ = Loop {
        name: target.name,
        dice,
        executions: 0,
        seen: BTreeSet::new(),
        violations: Vec::new(),
    };
    let mut pool = target.seeds.clone();
    for input in &target.seeds {
        loop_.once(input, &mut run);
    }
    let longest = target.longest / if cfg!(debug_assertions) { 8 } else { 1 };
    for input in mutator.large(&target.seeds, longest) {
        loop_.large(&input, &mut run);
    }
    let until = seconds().map(|seconds| began + Duration::from_secs(seconds));
    let most = sized(target.short, target.short * 50);
    while loop_.violations.len() < 5
        && until.map_or(loop_.executions < most, |until| Instant::now() < until)
    {
        let mut input = mutator.next(&pool);
        input.truncate(longest);
        if loop_.once(&input, &mut run) && input.len() <= LONGEST_KEPT && pool.len() < KEPT {
            pool.push(input);
        }
    }
    let size = format!(
        "{} executions, {} outcomes told apart, seed {dice}",
        loop_.executions,
        loop_.seen.len()
    );
    row.end(&size, loop_.violations.len());
}

/// How long the long version takes, a target.
fn seconds() -> Option<u64> {
    std::env::var("QROLL_FUZZ_SECONDS").ok()?.parse().ok()
}

struct Loop {
    name: &'static str,
    dice: u64,
    executions: u64,
    seen: BTreeSet<u64>,
    violations: Vec<String>,
}

impl Loop {
    /// One execution; whether it ended in a way that was not seen before.
    fn once(&mut self, input: &[u8], run: &mut impl FnMut(&[u8]) -> Verdict) -> bool {
        self.executions += 1;
        let (verdict, took) = watched(self.name, input, || run(input));
        // The first time may have filled a cache; only what is slow again is slow.
        if took > HANG && watched(self.name, input, || run(input)).1 > HANG {
            self.violate(input, &format!("took {took:?}"));
        }
        match verdict {
            Ok(outcome) => {
                let mut hash = DefaultHasher::new();
                without_numbers(&outcome).hash(&mut hash);
                self.seen.insert(hash.finish())
            }
            Err(why) => {
                self.violate(input, &why);
                false
            }
        }
    }

    /// One execution with an eye on the memory of the whole process, of which other tests may take
    /// their share; so it is taken twice before it counts.
    fn large(&mut self, input: &[u8], run: &mut impl FnMut(&[u8]) -> Verdict) {
        let most = |this: &mut Self, run: &mut _| {
            let before = resident("VmRSS:").unwrap_or(0);
            forget_the_peak();
            this.once(input, run);
            resident("VmHWM:").unwrap_or(0).saturating_sub(before)
        };
        if most(self, run) > MEMORY {
            let grown = most(self, run);
            if grown > MEMORY {
                self.violate(input, &format!("took {} MiB", grown >> 20));
            }
        }
    }

    fn violate(&mut self, input: &[u8], why: &str) {
        let place = std::env::temp_dir().join(format!("qroll-fuzz-{}.bin", self.name));
        // The trace below says enough when this cannot be written.
        let _ = std::fs::write(&place, input);
        let text = format!(
            "{}: {}\n  seed {}, execution {}, {} bytes, kept in {}\n  begins {}",
            self.name,
            why.chars().take(400).collect::<String>(),
            self.dice,
            self.executions,
            input.len(),
            place.display(),
            input[..input.len().min(200)].escape_ascii()
        );
        println!("{text}");
        self.violations.push(text);
    }
}

/// Runs with a guard for panics, and one for what never comes back: that one ends the process, since
/// a thread cannot be stopped from outside.
fn watched(name: &str, input: &[u8], run: impl FnOnce() -> Verdict) -> (Verdict, Duration) {
    let began = processor();
    let done = Arc::new(AtomicBool::new(false));
    // A watchdog costs a thread, so it is only called where the input is no trifle.
    if input.len() > 4_096 {
        let (done, name) = (done.clone(), name.to_owned());
        let head = input[..200].escape_ascii().to_string();
        std::thread::spawn(move || {
            for _ in 0..3_000 {
                std::thread::park_timeout(Duration::from_millis(100));
                if done.load(Ordering::SeqCst) {
                    return;
                }
            }
            eprintln!("{name}: no end after five minutes, input begins {head}");
            std::process::abort();
        });
    }
    let verdict = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panicked: {}", said.unwrap_or_default()))
    });
    done.store(true, Ordering::SeqCst);
    (verdict, processor().saturating_sub(began))
}

/// Time of this thread on the processor, so that a busy machine is no hang; the time on the wall
/// where the system does not tell.
fn processor() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = stat.and_then(|stat| stat.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// An outcome without the numbers in it: a line and a column are no news.
fn without_numbers(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_ascii_digit())
        .take(160)
        .collect()
}

/// A line of `/proc/self/status`, in bytes.
fn resident(what: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}

fn forget_the_peak() {
    // Where there is no such file, the peak since the start is what is compared.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
