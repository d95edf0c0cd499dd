//! The only place that prints. Text from outside has become `Shown` before it gets here; a closed
//! pipe ends the printing, not the work. At a terminal lines are broken between words, and one line
//! at the foot may be rewritten; whatever is printed takes that line away first.

use rustix::fd::AsFd;
use rustix::termios::tcgetwinsize;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::wrap::wrap;
use crate::config::Environment;
use crate::ports::Problem;
use crate::text::{fit, json_line, width};

/// Why results could not be printed: the first reason, once for the whole program, as there is
/// one standard output.
static UNPRINTED: OnceLock<io::Error> = OnceLock::new();

/// Cells of the line at the foot that stand on the terminal now; one terminal, one foot.
static FOOT: Mutex<usize> = Mutex::new(0);

/// What a line means, for whoever can show that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Something to know.
    Plain,
    /// As it should be.
    Good,
    /// It works, and something is to be known.
    Know,
    /// It does not work.
    Bad,
    /// What to do about it.
    Mend,
}

/// What would have been printed.
pub(super) enum Heard<'a> {
    Line(Tone, &'a str),
    /// The line at the foot as it is now.
    Foot(&'a str),
}

/// Takes what would be printed.
pub(super) type Ear = Box<dyn Fn(Heard<'_>) + Send>;

/// Who listens while a form has the terminal; one terminal, one form.
static ELSEWHERE: Mutex<Option<Ear>> = Mutex::new(None);

/// From here on whatever would be printed for a person goes there, or to the terminal again.
pub(super) fn divert(ear: Option<Ear>) {
    *ELSEWHERE.lock().unwrap_or_else(PoisonError::into_inner) = ear;
}

/// Whether somebody else took it.
fn taken(heard: Heard<'_>) -> bool {
    let ear = ELSEWHERE.lock().unwrap_or_else(PoisonError::into_inner);
    ear.as_ref().inspect(|ear| ear(heard)).is_some()
}

/// Columns of a terminal that does not tell.
const COLUMNS: usize = 80;

/// Remembers a failed print. Whoever closed the pipe does not want to hear of it.
fn printed(result: io::Result<()>) {
    if let Err(error) = result
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // The first reason is the one to tell.
        let _ = UNPRINTED.set(error);
    }
}

/// How wide the terminal is right now.
fn columns(end: impl AsFd) -> usize {
    let told = tcgetwinsize(end).map_or(0, |size| usize::from(size.ws_col));
    if told == 0 { COLUMNS } else { told }
}

/// Where results and messages go.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about the ends, each of its own"
)]
pub struct Out {
    /// JSON instead of text.
    pub json: bool,
    /// Whether results may be coloured: a terminal, and no `NO_COLOR`.
    pub colour: bool,
    /// Whether a person can be asked: input and messages are at a terminal.
    pub interactive: bool,
    /// Whether messages are at a terminal.
    pub messages: bool,
    /// Whether a screen can be shown: input and results are at a terminal.
    pub screen: bool,
    /// Whether a line may be rewritten: messages are at a terminal that can, and no JSON is wanted.
    pub foot: bool,
    /// Nothing is said beside the result: somebody else says it better.
    pub quiet: bool,
}

#[expect(
    clippy::unused_self,
    reason = "whoever prints was handed the one thing that may"
)]
impl Out {
    /// Looks at the ends.
    pub fn new(json: bool, environment: &Environment) -> Self {
        let terminal = io::stdout().is_terminal();
        let dumb = environment.term.as_deref() == Some("dumb");
        Self {
            json,
            colour: terminal && environment.no_color.is_none() && !json,
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
            messages: io::stderr().is_terminal(),
            screen: io::stdin().is_terminal() && terminal,
            foot: io::stderr().is_terminal() && !dumb && !json,
            quiet: false,
        }
    }

    /// A line of the result.
    pub fn line(self, text: impl AsRef<str>) {
        self.told(Tone::Plain, text);
    }

    /// A line of the result, with what it means.
    pub(super) fn told(self, tone: Tone, text: impl AsRef<str>) {
        if !self.json && taken(Heard::Line(tone, text.as_ref())) {
            return;
        }
        clear_foot();
        let mut out = io::stdout();
        printed(if out.is_terminal() && !self.json {
            writeln!(out, "{}", wrap(text.as_ref(), columns(&out)))
        } else {
            writeln!(out, "{}", text.as_ref())
        });
    }

    /// Columns of the terminal that the result goes to, if it goes to one.
    pub fn columns(self) -> Option<usize> {
        let out = io::stdout();
        (out.is_terminal() && !self.json).then(|| columns(&out))
    }

    /// Text of the result that ends its own lines.
    pub fn text(self, text: impl AsRef<[u8]>) {
        clear_foot();
        let mut out = io::stdout();
        printed(out.write_all(text.as_ref()).and_then(|()| out.flush()));
    }

    /// One line of JSON, with everything that could touch a terminal escaped.
    pub fn json<T: serde::Serialize>(self, value: &T) {
        if let Ok(line) = json_line(value) {
            clear_foot();
            printed(writeln!(io::stdout(), "{line}"));
        }
    }

    /// Something the operator should know, beside the result.
    pub fn note(self, text: impl AsRef<str>) {
        if self.quiet || taken(Heard::Line(Tone::Plain, text.as_ref())) {
            return;
        }
        clear_foot();
        let mut out = io::stderr();
        let _ = if out.is_terminal() {
            writeln!(out, "{}", wrap(text.as_ref(), columns(&out)))
        } else {
            writeln!(out, "{}", text.as_ref())
        };
    }

    /// A question on the error stream, without a line end.
    pub fn ask(self, text: impl AsRef<str>) {
        clear_foot();
        let mut out = io::stderr();
        let text = wrap(text.as_ref(), columns(&out));
        // The blank before the answer is part of the question.
        let _ = write!(out, "{} ", text.trim_end()).and_then(|()| out.flush());
    }

    /// Rewrites the line at the foot, where there may be one; it gets the cells it may fill. The last
    /// column stays free, so that no terminal breaks the line.
    pub fn foot(self, make: impl FnOnce(usize) -> String) {
        if !self.foot {
            return;
        }
        let mut out = io::stderr();
        let cells = columns(&out).saturating_sub(1);
        let mut text = make(cells);
        if width(&text) > cells {
            text = fit(&text, cells);
        }
        if taken(Heard::Foot(&text)) {
            return;
        }
        let mut drawn = FOOT.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = write!(out, "{}{text}", blank(*drawn, cells)).and_then(|()| out.flush());
        *drawn = width(&text);
    }

    /// Ends the printing: a result that did not get out is an error, whatever the command did.
    pub fn end(self, code: ExitCode) -> ExitCode {
        clear_foot();
        printed(io::stdout().flush());
        let Some(error) = UNPRINTED.get() else {
            return code;
        };
        self.note(format!("qroll: the output could not be written: {error}"));
        if code == ExitCode::SUCCESS || code == ExitCode::from(2) {
            ExitCode::FAILURE
        } else {
            code
        }
    }

    /// A problem: the sentence, then the hints on lines of their own; its exit code.
    pub fn problem(self, problem: &Problem) -> ExitCode {
        if self.json {
            self.json(&serde_json::json!({
                "error": problem.text(),
                "hints": problem.hints(),
                "request": problem.request_id(),
            }));
        }
        self.note(format!("qroll: {problem}"));
        for hint in problem.hints() {
            self.note(format!("  {hint}"));
        }
        ExitCode::from(problem.kind.exit_code())
    }
}

/// Blanks over what stands there, as far as the terminal reaches by now, with the cursor before and
/// after at the line's beginning. No escape sequence: a carriage return is all it takes.
fn blank(drawn: usize, cells: usize) -> String {
    format!("\r{}\r", " ".repeat(drawn.min(cells)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the process is about to end; what a terminal takes is no matter of the injected clock"
)]
fn moment<T>() -> Option<T> {
    std::thread::sleep(std::time::Duration::from_millis(5));
    None
}

/// Takes the line at the foot away. Whoever holds it is writing, which takes a moment, or for ever on
/// a terminal that takes nothing: after a tenth of a second there is nothing to clear.
pub(super) fn clear_foot() {
    let Some(mut drawn) = (0..20).find_map(|_| FOOT.try_lock().ok().or_else(moment)) else {
        return;
    };
    if *drawn > 0 {
        let mut out = io::stderr();
        let cells = columns(&out).saturating_sub(1);
        let _ = write!(out, "{}", blank(*drawn, cells)).and_then(|()| out.flush());
        *drawn = 0;
    }
}
