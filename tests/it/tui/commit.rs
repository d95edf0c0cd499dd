//! A commit under way in a real terminal, and what must hold however it ended.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use crate::cli::place::{Place, World};
use crate::pty::Terminal;

/// A program that ended, and how.
pub(super) struct End {
    pub(super) code: u32,
    /// From the last record of the journal to the end of the program.
    pub(super) after_drain: Duration,
    /// From the fault to the last record.
    pub(super) drain: Duration,
    /// Processor time from the fault on, in hundredths of a second.
    pub(super) ticks: u64,
}

/// The screen on a world of its own.
pub(super) struct Commit {
    pub(super) world: World,
    pub(super) place: Place,
    pub(super) terminal: Terminal,
    /// The modes of the terminal before the program started.
    pub(super) before: String,
}

impl Commit {
    /// Opens the screen; with `ignoring`, HUP is ignored by whoever starts it.
    pub(super) fn open(ignoring: bool, world: &[&str], size: (u16, u16)) -> Self {
        let world = World::start(world);
        let place = Place::new();
        place.with_world(&world, "");
        let script = if ignoring {
            "trap '' HUP; read start; exec \"$@\""
        } else {
            "read start; exec \"$@\""
        };
        let mut command = portable_pty::CommandBuilder::new("/bin/sh");
        let (config, state) = (place.path("config.toml"), place.path("state"));
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_qroll"), "--config"]);
        command.arg(&config);
        command.arg("--state-dir");
        command.arg(&state);
        command.env_clear();
        command.cwd(place.path("."));
        for (name, value) in [
            ("HOME", place.path(".").to_string_lossy().as_ref()),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/bin:/bin"),
            ("QROLL_TENANT_SECRET", world.text("api_key")),
            ("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret")),
        ] {
            command.env(name, value);
        }
        let mut terminal = Terminal::spawn(command, size.0, size.1);
        let before = terminal.modes();
        terminal.bytes(b"\n");
        terminal.wait("both sides", |screen| {
            screen.contains("QLIK_ANALYZERS") && screen.contains("read just now")
        });
        Self {
            world,
            place,
            terminal,
            before,
        }
    }

    /// Licenses for a group of 40, planned.
    pub(super) fn plan(&mut self) {
        self.terminal.keys("/QLIK_ANALYZERS<enter><space>");
        self.terminal.wait_for("40 people");
        self.terminal.keys("l");
        self.terminal.wait_for("License for");
        self.terminal.keys("a");
        self.terminal.wait_for("license analyzer for");
        self.terminal.keys("p");
        self.terminal.wait_for("nothing was sent");
    }

    /// The question, once it listens.
    pub(super) fn ask(&mut self) {
        self.terminal.keys("a");
        self.terminal.wait_for("y apply");
    }

    /// `Esc` and a rest: with a key right behind it, it would mean Alt.
    pub(super) fn escape(&mut self) {
        self.terminal.keys("<esc>");
        std::thread::sleep(Duration::from_millis(80));
    }

    /// A run that has begun to send.
    pub(super) fn run(&mut self) {
        self.plan();
        self.ask();
        self.terminal.keys("y");
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.world.writes() == 0 {
            assert!(Instant::now() < deadline, "{}", self.terminal.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.terminal.pid())
            .ok()
            .and_then(Pid::from_raw);
        // It may have ended in between; then there is nobody to tell.
        let _ = kill_process(pid.expect("a pid"), signal);
    }

    /// Waits for the end of a program that something happened to at `fault`.
    pub(super) fn end(&mut self, fault: SystemTime, ticks: u64) -> End {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !self.terminal.has_ended() {
            assert!(
                Instant::now() < deadline,
                "it does not end; the screen was\n{}",
                self.terminal.text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        let now = SystemTime::now();
        let last = self
            .journals()
            .first()
            .and_then(|path| fs::metadata(path).ok()?.modified().ok())
            .map_or(fault, |written| written.max(fault));
        End {
            ticks: self.terminal.ticks().saturating_sub(ticks),
            code: self.terminal.exit_code(),
            after_drain: now.duration_since(last).unwrap_or_default(),
            drain: last.duration_since(fault).unwrap_or_default(),
        }
    }

    /// Waits until the run has written its last record.
    pub(super) fn wait_for_end(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.records("end") == 0 {
            assert!(
                Instant::now() < deadline,
                "the run does not end: {} intents; the screen was\n{}",
                self.records("intent"),
                self.terminal.text()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Journals of runs.
    pub(super) fn journals(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.place.path("state/runs")) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "journal"))
            .collect()
    }

    /// Records of a kind in the one journal; what is just being written does not count.
    pub(super) fn records(&self, kind: &str) -> usize {
        let [journal] = self.journals().try_into().expect("one journal");
        let text = fs::read_to_string(journal).expect("the journal");
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text[..whole]
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a whole record"))
            .filter(|record| record["rec"]["kind"] == kind)
            .count()
    }
}
