//! Questions of the guide, and what is said between them. Whoever leaves one leaves all.
//!
//! There are two faces: lines of the terminal, one after the other, and a form on the whole screen. The
//! steps do not know which; all that differs is in here.

use std::path::{Path, PathBuf};

use super::screen::Screen;
use super::step::Step;
use crate::app::form::{Asked, Reply, Said};
use crate::cli::out::{Out, clear_foot};
use crate::cli::signals::{hand_over, leave_at_signal};
use crate::config::BadAddress;
use crate::host::{RealClock, ask_unseen, keep_out_of_logs, unmute};
use crate::ports::{Kind, Problem, Secret};
use crate::terminal::{Answer, ask, ask_line, close_form, close_question};
use crate::text::show_str;

/// The person at the terminal.
#[derive(Clone, Copy)]
pub(super) struct Talk<'a> {
    pub(super) out: Out,
    pub(super) face: Face<'a>,
}

/// How the person is asked.
#[derive(Clone, Copy)]
pub(super) enum Face<'a> {
    /// By lines.
    Prompts,
    /// By a form.
    Screen(&'a Screen),
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

impl<'a> Talk<'a> {
    /// By the screen where there is one.
    pub(super) fn new(out: Out, screen: Option<&'a Screen>) -> Self {
        let face = screen.map_or(Face::Prompts, Face::Screen);
        Self { out, face }
    }

    /// All is done: what a form shows is read before it goes.
    pub(super) fn over(self) {
        if let Face::Screen(screen) = self.face {
            screen.stage.done();
            let asked = Asked::Choice {
                question: String::new(),
                ways: vec!["Close".to_owned()],
                default: 0,
                kept: false,
            };
            // Whoever leaves here closes it, too.
            drop(screen.stage.ask(asked));
        }
    }

    /// Something to read.
    pub(super) fn say(self, text: impl AsRef<str>) {
        self.out.note(text);
    }

    /// A step begins.
    pub(super) fn head(self, step: Step) {
        match self.face {
            Face::Prompts => self.say(format!("\n== {}", step.title())),
            Face::Screen(screen) => screen.begin(step),
        }
    }

    /// What is set up.
    pub(super) fn title(self, text: &str) {
        if let Face::Screen(screen) = self.face {
            screen.stage.title(text);
        }
    }

    /// How to answer and to leave.
    pub(super) fn manner(self) -> &'static str {
        match self.face {
            Face::Prompts => "Ctrl-C leaves at any time. Enter takes what stands in brackets.",
            Face::Screen(_) => {
                "Esc leaves at any time. Enter takes what is offered, Shift-Tab goes back."
            }
        }
    }

    /// Asks several questions of which each can be gone back to, where the face has a way back; they are
    /// asked anew up to that one.
    pub(super) async fn round<T>(
        self,
        ask: impl AsyncFn() -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let Face::Screen(screen) = self.face else {
            return ask().await;
        };
        screen.stage.start_round();
        loop {
            let answered = ask().await;
            if !screen.stage.turned() {
                screen.stage.end_round();
                return answered;
            }
        }
    }

    /// Does the work, unless the person leaves in the middle of it.
    pub(super) async fn unless_left<T>(
        self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let Face::Screen(screen) = self.face else {
            return work.await;
        };
        tokio::select! {
            biased;
            done = work => done,
            () = screen.stage.left() => Err(screen.absent()),
        }
    }

    /// The step stays as it is although something of it fails.
    pub(super) fn flaw(self) {
        if let Face::Screen(screen) = self.face {
            screen.stage.flaw();
        }
    }

    /// From here on something is written: no signal and no key ends the program in the middle.
    pub(super) fn lock(self) -> Result<(), Problem> {
        if let Face::Screen(screen) = self.face
            && !screen.stage.lock()
        {
            return Err(screen.absent());
        }
        hand_over();
        Ok(())
    }

    /// It is written.
    pub(super) fn unlock(self) -> Result<(), Problem> {
        if let Face::Screen(screen) = self.face {
            screen.written();
        }
        self.arm()
    }

    /// What went wrong, with what to do about it.
    pub(super) fn problem(self, problem: &Problem) {
        if let Face::Screen(screen) = self.face {
            screen.stage.say(Said::Bad(problem.to_string()));
            for hint in problem.hints() {
                screen.stage.say(Said::Mend(format!("  -> {hint}")));
            }
            return;
        }
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
        loop {
            let typed = self.line(question, default)?;
            let answer = match typed.trim() {
                "" => default.unwrap_or_default(),
                typed => typed,
            };
            match check(answer) {
                Ok(taken) => return Ok(taken),
                Err(Wrong(said)) => self.refuse(&said),
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

    /// One of several.
    pub(super) fn choice(
        self,
        question: &str,
        ways: &[&str],
        default: usize,
    ) -> Result<usize, Problem> {
        self.pick(question, ways, default, true)
    }

    /// How to go on: no answer of the profile.
    pub(super) fn way_on(self, question: &str, ways: &[&str]) -> Result<usize, Problem> {
        self.pick(question, ways, 0, false)
    }

    fn pick(
        self,
        question: &str,
        ways: &[&str],
        default: usize,
        kept: bool,
    ) -> Result<usize, Problem> {
        if let Face::Screen(screen) = self.face {
            let asked = Asked::Choice {
                question: question.trim().to_owned(),
                ways: ways.iter().map(|way| (*way).to_owned()).collect(),
                default,
                kept,
            };
            return match screen.stage.ask(asked) {
                Reply::Way(way) => Ok(way),
                _ => Err(screen.absent()),
            };
        }
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
        if let Face::Screen(screen) = self.face {
            let question = question.to_owned();
            let Reply::Secret(typed) = screen.stage.ask(Asked::Secret { question }) else {
                return Err(screen.absent());
            };
            if let Some(typed) = &typed {
                keep_out_of_logs(typed);
            }
            return Ok(typed);
        }
        self.arm()?;
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
        if let Face::Screen(screen) = self.face {
            let question = question.to_owned();
            return match screen.stage.ask(Asked::Sure { question }) {
                Reply::Sure(sure) => Ok(sure),
                _ => Err(screen.absent()),
            };
        }
        loop {
            self.arm()?;
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

    /// The answer that was just given cannot be taken.
    pub(super) fn refuse(self, why: &str) {
        match self.face {
            Face::Prompts => self.say(format!("  {why}")),
            Face::Screen(screen) => screen.stage.refuse(why),
        }
    }

    fn line(self, question: &str, default: Option<&str>) -> Result<String, Problem> {
        if let Face::Screen(screen) = self.face {
            let asked = Asked::Text {
                question: question.to_owned(),
                default: default.map(str::to_owned),
            };
            return match screen.stage.ask(asked) {
                Reply::Text(text) => Ok(text),
                _ => Err(screen.absent()),
            };
        }
        let question = match default {
            Some(default) => format!("{question} [{}]:", show_str(default)),
            None => format!("{question}:"),
        };
        self.arm()?;
        let asked = ask_line(&RealClock::new(), self.out.foot, || self.out.ask(question));
        match taken(asked)? {
            Answer::Typed(text) => Ok(text),
            _ => Ok(String::new()),
        }
    }

    /// A signal ends the program and gives the terminal back, whatever is being asked.
    pub(super) fn arm(self) -> Result<(), Problem> {
        match self.face {
            Face::Prompts => leave_at_signal(|| {
                clear_foot();
                close_question();
                unmute();
            }),
            Face::Screen(_) => leave_at_signal(close_form),
        }
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
