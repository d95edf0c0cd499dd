//! The question before `apply` in a real terminal: keys answer it, pastes and type-ahead do not
//! (reliability, G5 and G6), and the terminal is given back on every way out (G9).

use portable_pty::CommandBuilder;
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use super::place::{Place, World};
use crate::pty::Terminal;

/// `qroll apply` of a plan that wants a yes, at its question.
struct Asked {
    world: World,
    terminal: Terminal,
    /// The modes of the terminal before.
    before: String,
    _place: Place,
}

impl Asked {
    /// Starts it; `ahead` is typed before there is a question.
    fn begin(ahead: &[u8]) -> Self {
        let world = World::scenario("s16");
        let place = Place::new();
        place.with_file(&world, "people.csv");
        place.write(
            "people.csv",
            "id,name,mail,enabled,groups\n9b1c-7f,Ada Test,ada@corp.example,true,QLIK_TEST\n",
        );
        let made = place.run_in(&world, &["plan", "--all", "--out", "plan.json"]);
        assert_eq!(made.code, 2, "{}{}", made.err, made.out);
        let mut command = CommandBuilder::new("/bin/sh");
        let script = "read start; exec \"$@\"";
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_qroll")]);
        command.args(["apply", "plan.json", "--state-dir"]);
        command.arg(place.path("state"));
        command.env_clear();
        command.cwd(place.path("."));
        for (name, value) in [
            ("HOME", place.path(".").to_string_lossy().as_ref()),
            (
                "QROLL_CONFIG",
                place.path("config.toml").to_string_lossy().as_ref(),
            ),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("QROLL_TENANT_SECRET", world.text("api_key")),
        ] {
            command.env(name, value);
        }
        let mut terminal = Terminal::spawn(command, 100, 40);
        let before = terminal.modes();
        terminal.bytes(b"\n");
        terminal.bytes(ahead);
        terminal.wait_for("Type yes:");
        Self {
            world,
            terminal,
            before,
            _place: place,
        }
    }

    /// Waits until keys count, and takes back the one that showed it.
    fn listens(&mut self) {
        self.terminal
            .type_until("n", "keys count", |screen| screen.contains("Type yes: n"));
        self.terminal.keys("<c-u>");
        self.terminal.wait("an empty answer", |screen| {
            screen.trim_end().ends_with("Type yes:")
        });
    }

    /// One key after the other, as a person types.
    fn types(&mut self, text: &str) {
        for (place, letter) in text.char_indices() {
            self.terminal.keys(&letter.to_string());
            let shown = format!("Type yes: {}", &text[..=place]);
            self.terminal.wait_for(&shown);
        }
        // Enter right behind a letter would be a paste.
        std::thread::sleep(Duration::from_millis(60));
        self.terminal.keys("<enter>");
    }

    /// It ended with this code, sent nothing and left the terminal as it was.
    fn ended(&mut self, code: u32, says: &str) {
        assert_eq!(self.terminal.exit_code(), code, "{}", self.terminal.text());
        assert!(
            self.terminal.text().contains(says),
            "{}",
            self.terminal.text()
        );
        self.terminal.settles_to(&self.before);
        assert_eq!(self.world.writes(), 0);
        let raw = self.terminal.raw();
        let has = |code: &[u8]| raw.windows(code.len()).filter(|one| *one == code).count();
        assert_eq!(has(b"\x1b[?2004h"), has(b"\x1b[?2004l"), "brackets stay on");
    }
}

#[test]
fn a_typed_yes_is_an_answer() {
    let mut asked = Asked::begin(b"");
    asked.listens();
    asked.types("yes");
    assert_eq!(asked.terminal.exit_code(), 0, "{}", asked.terminal.text());
    asked.terminal.settles_to(&asked.before);
    assert!(asked.world.writes() > 0);
}

#[test]
fn a_typed_no_is_one_too() {
    let mut asked = Asked::begin(b"");
    asked.listens();
    asked.types("no");
    asked.ended(1, "not confirmed");
}

#[test]
fn a_paste_answers_nothing_with_and_without_brackets() {
    for paste in [
        &b"yes\r"[..],
        b"yes\n",
        b"\x1b[200~yes\x1b[201~",
        b"\x1b[200~yes\n\x1b[201~\r",
        b"yes\nqroll apply plan.json --yes\necho owned\n",
    ] {
        let mut asked = Asked::begin(b"");
        asked.listens();
        asked.terminal.bytes(paste);
        asked.ended(1, "a paste is no answer");
        assert!(
            !asked.terminal.text().contains("owned"),
            "{}",
            asked.terminal.text()
        );
    }
}

#[test]
fn what_was_typed_ahead_answers_nothing() {
    let mut asked = Asked::begin(b"yes\nyes\nyes");
    asked.terminal.bytes(b"\n");
    asked.listens();
    assert_eq!(asked.world.writes(), 0, "{}", asked.terminal.text());
    asked.types("no");
    asked.ended(1, "not confirmed");
}

#[test]
fn leaving_gives_the_terminal_back() {
    let mut asked = Asked::begin(b"");
    asked.listens();
    asked.terminal.keys("<c-c>");
    asked.ended(1, "left without an answer");
    for (signal, code) in [
        (Signal::TERM, 143),
        (Signal::HUP, 129),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
    ] {
        let mut asked = Asked::begin(b"");
        asked.listens();
        let pid = i32::try_from(asked.terminal.pid())
            .ok()
            .and_then(Pid::from_raw);
        kill_process(pid.expect("a pid"), signal).expect("sent");
        asked.ended(code, "Type yes:");
    }
}

/// Writes to the terminal of a program until it takes nothing any more.
fn fill(pid: u32) {
    let mut slave = std::fs::OpenOptions::new()
        .write(true)
        .custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed())
        .open(format!("/proc/{pid}/fd/2"))
        .expect("the terminal of the program");
    // What was being read when the reader was told to stop makes room once more.
    let mut refused = 0;
    while refused < 20 {
        match slave.write(&[b'.'; 4096]) {
            Ok(1..) => refused = 0,
            Ok(0) => panic!("the terminal is gone"),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}");
                refused += 1;
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

#[test]
fn a_terminal_that_takes_nothing_keeps_no_question() {
    let mut asked = Asked::begin(b"");
    asked.listens();
    asked.terminal.pause(true);
    fill(asked.terminal.pid());
    let pid = i32::try_from(asked.terminal.pid())
        .ok()
        .and_then(Pid::from_raw);
    kill_process(pid.expect("a pid"), Signal::TERM).expect("sent");
    assert_eq!(asked.terminal.exit_code(), 143);
    asked.terminal.settles_to(&asked.before);
    assert_eq!(asked.world.writes(), 0);
}
