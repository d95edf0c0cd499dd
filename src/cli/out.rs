//! The only place that prints. Text from outside has become `Shown` before it gets here; a closed
//! pipe ends the printing, not the work.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::OnceLock;

use crate::ports::Problem;
use crate::text::json_line;

/// Why results could not be printed: the first reason, once for the whole program, as there is
/// one standard output.
static UNPRINTED: OnceLock<io::Error> = OnceLock::new();

/// Remembers a failed print. Whoever closed the pipe does not want to hear of it.
fn printed(result: io::Result<()>) {
    if let Err(error) = result
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // The first reason is the one to tell.
        let _ = UNPRINTED.set(error);
    }
}

/// Where results and messages go.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts about the two ends, each of its own"
)]
pub struct Out {
    /// JSON instead of text.
    pub json: bool,
    /// Whether results may be coloured: a terminal, and no `NO_COLOR`.
    pub colour: bool,
    /// Whether a person can be asked: input and messages are at a terminal.
    pub interactive: bool,
    /// Whether a screen can be shown: input and results are at a terminal.
    pub screen: bool,
}

#[expect(
    clippy::unused_self,
    reason = "whoever prints was handed the one thing that may"
)]
impl Out {
    /// Looks at the two ends.
    pub fn new(json: bool, no_color: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            json,
            colour: terminal && !no_color && !json,
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
            screen: io::stdin().is_terminal() && terminal,
        }
    }

    /// A line of the result.
    pub fn line(self, text: impl AsRef<str>) {
        printed(writeln!(io::stdout(), "{}", text.as_ref()));
    }

    /// Text of the result that ends its own lines.
    pub fn text(self, text: impl AsRef<[u8]>) {
        let mut out = io::stdout();
        printed(out.write_all(text.as_ref()).and_then(|()| out.flush()));
    }

    /// One line of JSON, with everything that could touch a terminal escaped.
    pub fn json<T: serde::Serialize>(self, value: &T) {
        if let Ok(line) = json_line(value) {
            self.line(line);
        }
    }

    /// Something the operator should know, beside the result.
    pub fn note(self, text: impl AsRef<str>) {
        let _ = writeln!(io::stderr(), "{}", text.as_ref());
    }

    /// A question on the error stream, without a line end.
    pub fn ask(self, text: impl AsRef<str>) {
        let mut out = io::stderr();
        let _ = write!(out, "{}", text.as_ref()).and_then(|()| out.flush());
    }

    /// Ends the printing: a result that did not get out is an error, whatever the command did.
    pub fn end(self, code: ExitCode) -> ExitCode {
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
