//! Somebody who answers the questions of `qroll connect`, on a machine that has nothing yet.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

use crate::cli::place::{Done, done};
use crate::pty::Terminal;

const PATIENCE: Duration = Duration::from_mins(1);
pub(super) const PASSPHRASE: &str = "four-words-and-more";

/// An empty home directory.
pub(super) struct Machine {
    home: TempDir,
    environment: Vec<(String, String)>,
}

impl Machine {
    pub(super) fn new() -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary directory"),
            environment: Vec::new(),
        }
    }

    /// The same with a further environment variable.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(&path, text).expect("a file");
        path
    }

    pub(super) fn config(&self) -> PathBuf {
        self.path(".config/qroll/config.toml")
    }

    pub(super) fn read_config(&self) -> String {
        fs::read_to_string(self.config()).expect("a configuration")
    }

    /// Where encrypted files lie.
    pub(super) fn sealed(&self, profile: &str) -> PathBuf {
        self.path(&format!(".local/state/qroll/secrets/{profile}.sealed"))
    }

    /// `qroll connect` at a terminal, line by line.
    pub(super) fn connect(&self, arguments: &[&str]) -> Guided {
        let mut all = vec!["connect", "--plain", "--log", "log.txt"];
        all.extend(arguments);
        self.qroll(&all)
    }

    /// `qroll` at a terminal, and nothing else.
    pub(super) fn first(&self) -> Guided {
        self.qroll(&[])
    }

    /// A command on a screen of this size.
    pub(super) fn screen(&self, arguments: &[&str], columns: u16, rows: u16) -> Terminal {
        let mut all = arguments.to_vec();
        all.extend(["--log", "log.txt"]);
        self.terminal(&all, columns, rows)
    }

    fn qroll(&self, arguments: &[&str]) -> Guided {
        let terminal = self.terminal(arguments, 120, 60);
        Guided { terminal, seen: 0 }
    }

    fn terminal(&self, arguments: &[&str], columns: u16, rows: u16) -> Terminal {
        let environment: Vec<(&str, &str)> = self
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        Terminal::qroll_with(arguments, self.home.path(), columns, rows, &environment)
    }

    /// A command without a terminal.
    pub(super) fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qroll"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command.envs(environment.iter().copied());
        done(&command.output().expect("qroll runs"))
    }

    /// No file below holds the text.
    pub(super) fn holds_nowhere(&self, secret: &str) {
        let mut directories = vec![self.home.path().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(&directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    directories.push(path);
                    continue;
                }
                let bytes = fs::read(&path).unwrap_or_default();
                let found = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                assert!(!found, "{secret} stands in {}", path.display());
            }
        }
    }
}

/// Somebody at the terminal.
pub(super) struct Guided {
    pub(super) terminal: Terminal,
    /// Bytes of what the program wrote that are read already.
    seen: usize,
}

impl Guided {
    /// What was written since the last answer, with blanks and line ends as one blank each.
    fn fresh(&self) -> String {
        let raw = self.terminal.raw();
        let text = String::from_utf8_lossy(raw.get(self.seen..).unwrap_or_default()).into_owned();
        text.replace("\x1b[?2004h", "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Waits until what was written since the last answer is so; gives it. Of a program that ends
    /// meanwhile what it wrote last is read too.
    fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let over = self.terminal.has_ended() || Instant::now() > until;
            if over {
                std::thread::sleep(Duration::from_millis(200));
            }
            let fresh = self.fresh();
            if is_so(&fresh) {
                return fresh;
            }
            assert!(
                !over,
                "waited for {what:?}, and read {fresh}\n\nthe screen was\n{}",
                self.terminal.text()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until this is said, and reads on behind it.
    pub(super) fn hears(&mut self, text: &str) -> String {
        self.until(text, |fresh| fresh.contains(text))
    }

    /// Answers the question that ends in this text.
    pub(super) fn answers(&mut self, question: &str, answer: &str) -> String {
        let fresh = self.until(question, |fresh| fresh.ends_with(question));
        self.seen = self.terminal.raw().len();
        self.terminal.keys(answer);
        self.terminal.keys("<enter>");
        fresh
    }

    /// The last question, which takes only what is typed.
    pub(super) fn sure(&mut self, answer: &str) -> String {
        self.types("Write it? Type yes or no:", answer)
    }

    /// A question that takes only what is typed.
    pub(super) fn types(&mut self, question: &str, answer: &str) -> String {
        let fresh = self.hears(question);
        let until = Instant::now() + PATIENCE;
        while !self.fresh().ends_with("Type yes or no:") && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.seen = self.terminal.raw().len();
        // Keys do not count at once.
        std::thread::sleep(Duration::from_millis(600));
        for letter in answer.chars() {
            self.terminal.keys(&letter.to_string());
            std::thread::sleep(Duration::from_millis(80));
        }
        self.terminal.keys("<enter>");
        fresh
    }

    /// The secrets go into an encrypted file that is new.
    pub(super) fn seals(&mut self) {
        let said = self.answers("Number [1]:", "1");
        assert!(
            said.contains("The keyring cannot keep them here: no secret service runs here"),
            "{said}"
        );
        self.answers("A new passphrase (not shown):", "short");
        self.answers("A new passphrase (not shown):", PASSPHRASE);
        self.answers("The same again (not shown):", "another passphrase");
        self.answers("A new passphrase (not shown):", PASSPHRASE);
        self.answers("The same again (not shown):", PASSPHRASE);
    }

    /// From the place where the secrets go to the doctor's question.
    pub(super) fn keeps(&mut self, profile: &str) {
        self.answers("Number [1]:", "1");
        self.answers("A new passphrase (not shown):", PASSPHRASE);
        self.answers("The same again (not shown):", PASSPHRASE);
        self.sure("yes");
        self.answers(&format!("{profile}.sealed (not shown):"), PASSPHRASE);
    }

    /// The doctor has nothing against it, and the program ends.
    pub(super) fn ends_well(&mut self) {
        self.hears("0 failed");
        assert_eq!(self.terminal.exit_code(), 0, "{}", self.terminal.text());
    }

    /// What the terminal was shown, from the beginning.
    pub(super) fn all(&self) -> String {
        String::from_utf8_lossy(&self.terminal.raw()).into_owned()
    }
}
