//! Start to first frame with a cached snapshot, what an idle screen costs, and the memory of the
//! program with everybody loaded: the real binary in a pseudo-terminal, the world in this process.

use std::path::Path;
use std::time::{Duration, Instant};

use qroll::simulator::world::WorldSize;
use qroll::simulator::{Running, SimulatorOptions};

use crate::pty::Terminal;
use crate::table::{Table, ms, thousands};
use crate::world;

/// How long the idle screen is watched.
const IDLE: Duration = Duration::from_secs(3);

/// First a start that reads everything and keeps it, then the starts that are timed.
pub(crate) fn measure(table: &mut Table, people: usize) {
    let runtime = world::runtime();
    let running = runtime.block_on(world::serve(SimulatorOptions {
        unlimited: true,
        ..SimulatorOptions::sized(WorldSize {
            people,
            users: Some(people / 2),
            groups: 40,
            spaces: 40,
            ..WorldSize::default()
        })
    }));
    let home = tempfile::tempdir().expect("a directory");
    let config = world::configuration(&running, home.path());
    let size = format!(
        "{} people, {} users",
        thousands(people),
        thousands(people / 2)
    );
    let mut terminal = open(&running, home.path(), &config);
    terminal.wait_for("Groups");
    terminal.keys("<enter>");
    let all = format!("{} people", thousands(people));
    terminal.wait(&all, |screen| {
        screen.lines().any(|line| shows_everybody(line, people))
    });
    // The directory may be there first; both sides count.
    terminal.wait("users beside the people", |screen| {
        screen.contains("active") && !screen.contains("reading the tenant")
    });
    table.row(
        "peak memory, both sides loaded",
        &size,
        "200 MiB at 100,000",
        memory(terminal.pid()),
    );
    idle(table, &terminal, &size);
    leave(&mut terminal);
    first_frame(table, &running, home.path(), &config, &size);
}

fn first_frame(table: &mut Table, running: &Running, home: &Path, config: &Path, size: &str) {
    let mut spans = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let mut terminal = open(running, home, config);
        terminal.wait("a row of the roster", |screen| screen.contains("active"));
        spans.push(begun.elapsed());
        leave(&mut terminal);
    }
    spans.sort();
    let median = spans.get(2).copied().unwrap_or_default();
    table.row(
        "start to first frame with people, cached",
        size,
        "50 ms",
        ms(median),
    );
}

pub(crate) fn shows_everybody(line: &str, people: usize) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    line.split("  ").any(|part| {
        part.contains("people")
            && digits(part)
                .parse::<usize>()
                .is_ok_and(|shown| shown >= people)
    })
}

/// Bytes written and processor time used while nobody does anything.
fn idle(table: &mut Table, terminal: &Terminal, size: &str) {
    std::thread::sleep(Duration::from_secs(2));
    let (bytes, ticks) = (terminal.written(), processor_ticks(terminal.pid()));
    std::thread::sleep(IDLE);
    let bytes = terminal.written() - bytes;
    let ticks = processor_ticks(terminal.pid()) - ticks;
    table.row(
        "idle for 3 s: bytes, CPU ticks",
        size,
        "0, 0",
        format!("{bytes}, {ticks}"),
    );
}

fn leave(terminal: &mut Terminal) {
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

pub(crate) fn open(running: &Running, home: &Path, config: &Path) -> Terminal {
    let (config, state) = (
        config.display().to_string(),
        home.join("state").display().to_string(),
    );
    Terminal::qroll_with(
        &["--config", &config, "--state-dir", &state],
        home,
        120,
        36,
        &[
            ("QROLL_TENANT_SECRET", running.api_key()),
            ("QROLL_DIRECTORY_SECRET", &running.graph_client_secret),
        ],
    )
}

/// The same in words.
pub(crate) fn memory(pid: u32) -> String {
    format!("{} MiB", peak(pid) / 1024)
}

/// Peak of the resident memory so far, in KiB; 0 when the process is gone.
pub(crate) fn peak(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or_default()
}

/// User and system time of a process in kernel ticks (10 ms).
pub(crate) fn processor_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let field = |at: usize| -> u64 {
        after
            .split_whitespace()
            .nth(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    };
    field(11) + field(12)
}
