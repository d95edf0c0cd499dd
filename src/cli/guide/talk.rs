//! Questions at the terminal, and what is said between them. Whoever leaves one leaves all.

use std::path::{Path, PathBuf};

use crate::cli::out::{Out, clear_foot};
use crate::cli::signals::leave_at_signal;
use crate::config::BadAddress;
use crate::host::{RealClock, ask_unseen, keep_out_of_logs, unmute};
use crate::ports::{Kind, Problem, Secret};
use crate::terminal::{Answer, ask, ask_line, close_question};
use crate::text::show_str;

/// The person at the terminal.
#[derive(Clone, Copy)]
pub(super) struct Talk {
    pub(super) out: Out,
}

/// What is said of an answer that cannot be taken.
pub(super) struct Wrong(pub(super) String);

impl From<BadAddress> for Wrong {
    fn from(bad: BadAddress) -> Self {
        Self(match bad.hint {
            Some(hint) => format!("{}. {hint}", bad.said),
            None => bad.said,
        })
    }
}

impl From<&str> for Wrong {
    fn from(said: &str) -> Self {
        Self(said.to_owned())
    }
}

impl Talk {
    /// Something to read.
    pub(super) fn say(self, text: impl AsRef<str>) {
        self.out.note(text);
    }

    /// The head of a step.
    pub(super) fn head(self, text: &str) {
        self.say(format!("\n== {text}"));
    }

    /// What went wrong, with what to do about it.
    pub(super) fn problem(self, problem: &Problem) {
        self.say(format!("  {problem}"));
        for hint in problem.hints() {
            self.say(format!("    -> {hint}"));
        }
    }

    /// A line; Enter alone takes the default.
    pub(super) fn text(self, question: &str, default: Option<&str>) -> Result<String, Problem> {
        self.checked(question, default, |text| match text {
            "" => Err(Wrong::from("It cannot be left out.")),
            text => Ok(text.to_owned()),
        })
    }

    /// A line, asked for until it can be taken.
    pub(super) fn checked<T>(
        self,
        question: &str,
        default: Option<&str>,
        check: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Result<T, Problem> {
        let question = match default {
            Some(default) => format!("{question} [{}]:", show_str(default)),
            None => format!("{question}:"),
        };
        loop {
            let typed = self.line(&question)?;
            let answer = match typed.trim() {
                "" => default.unwrap_or_default(),
                typed => typed,
            };
            match check(answer) {
                Ok(taken) => return Ok(taken),
                Err(Wrong(said)) => self.say(format!("  {said}")),
            }
        }
    }

    /// The path of a file that is there, whole; `~/` is the home directory.
    pub(super) fn path(self, question: &str, default: Option<&str>) -> Result<PathBuf, Problem> {
        self.checked(question, default, |text| {
            if text.is_empty() {
                return Err(Wrong::from("It cannot be left out."));
            }
            let path = whole(text);
            std::fs::metadata(&path)
                .map_err(|error| Wrong(format!("{}: {error}", path.display())))?;
            Ok(path)
        })
    }

    /// The files of a certificate and of its key.
    pub(super) fn pair(
        self,
        before: Option<(&Path, &Path)>,
    ) -> Result<(PathBuf, PathBuf), Problem> {
        let shown = |path: &Path| path.display().to_string();
        let (certificate, key) = before.map(|(one, two)| (shown(one), shown(two))).unzip();
        let certificate = self.path("Path of the certificate (PEM)", certificate.as_deref())?;
        let key = self.path(
            "Path of its key (PEM, not encrypted, mode 0600)",
            key.as_deref(),
        )?;
        Ok((certificate, key))
    }

    /// One of several, by its number.
    pub(super) fn choice(
        self,
        question: &str,
        ways: &[&str],
        default: usize,
    ) -> Result<usize, Problem> {
        self.say(question);
        for (number, way) in ways.iter().enumerate() {
            self.say(format!("  {}  {way}", number + 1));
        }
        let default = (default + 1).to_string();
        let wrong = format!("Type a number from 1 to {}.", ways.len());
        self.checked("Number", Some(&default), |text| {
            let number = text
                .parse()
                .ok()
                .and_then(|number: usize| number.checked_sub(1));
            let number = number.filter(|number| *number < ways.len());
            number.ok_or_else(|| Wrong(wrong.clone()))
        })
    }

    /// A secret, which is not shown; `None` when Enter alone was pressed.
    pub(super) async fn hidden(self, question: &str) -> Result<Option<Secret>, Problem> {
        Self::arm()?;
        clear_foot();
        let typed = ask_unseen(format!("{question} (not shown): ")).await?;
        let typed = typed.ok_or_else(left)?;
        if typed.expose().is_empty() {
            return Ok(None);
        }
        keep_out_of_logs(&typed);
        Ok(Some(typed))
    }

    /// A question before something is written: only a typed yes or no is an answer.
    pub(super) fn sure(self, question: &str) -> Result<bool, Problem> {
        loop {
            Self::arm()?;
            let asked = ask(&RealClock::new(), self.out.foot, || {
                self.out.ask(format!("{question} Type yes or no:"));
            });
            match taken(asked)? {
                Answer::Pasted => {
                    self.say("  That came all at once: a paste is no answer. Type it.");
                }
                Answer::Typed(text) if text.trim() == "yes" => return Ok(true),
                Answer::Typed(text) if text.trim() == "no" => return Ok(false),
                _ => {
                    self.say("  Type yes or no; Ctrl-C leaves.");
                }
            }
        }
    }

    fn line(self, question: &str) -> Result<String, Problem> {
        Self::arm()?;
        let asked = ask_line(&RealClock::new(), self.out.foot, || self.out.ask(question));
        match taken(asked)? {
            Answer::Typed(text) => Ok(text),
            _ => Ok(String::new()),
        }
    }

    /// A signal ends the program and gives the terminal back, whatever is being asked.
    pub(super) fn arm() -> Result<(), Problem> {
        leave_at_signal(|| {
            clear_foot();
            close_question();
            unmute();
        })
    }
}

/// An answer of somebody who is still there.
fn taken(asked: std::io::Result<Answer>) -> Result<Answer, Problem> {
    match asked {
        Ok(Answer::Left) => Err(left()),
        Ok(Answer::Gone) => Err(Problem::new(
            Kind::Host,
            "the terminal is gone; nothing was written, stored or changed",
        )),
        Ok(answer) => Ok(answer),
        Err(error) => {
            Err(Problem::new(Kind::Host, "the terminal could not be asked").because(error))
        }
    }
}

/// Whoever leaves leaves everything as it was.
pub(super) fn left() -> Problem {
    Problem::new(
        Kind::Declined,
        "left before the end; nothing was written, stored or changed",
    )
}

/// A path as typed, from the root on: the configuration lies elsewhere than where it was typed.
pub(super) fn whole(text: &str) -> PathBuf {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let path = match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    };
    std::path::absolute(&path).unwrap_or(path)
}
