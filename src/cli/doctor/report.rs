//! What the doctor says: lines as they become known, then the counts.

use serde::Serialize;
use std::process::ExitCode;

use crate::cli::out::{Out, Tone};
use crate::ports::Problem;
use crate::text::show_str;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum State {
    /// As it should be.
    #[serde(rename = "ok")]
    Ok,
    /// It works, and something is to be known or to be mended.
    #[serde(rename = "warn")]
    Warn,
    /// It does not work.
    #[serde(rename = "fail")]
    Fail,
    /// It could not be tried.
    #[serde(rename = "not checked")]
    NotChecked,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NotChecked => "not checked",
        }
    }
}

/// One check. Everything in it is safe to show.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct Row {
    check: &'static str,
    state: State,
    found: String,
    mend: Vec<String>,
}

impl Row {
    /// Whether it speaks against going on.
    pub(in crate::cli) fn is_failure(&self) -> bool {
        self.state == State::Fail
    }

    /// A check with what was found, which may hold text from outside.
    pub(super) fn new(check: &'static str, state: State, found: impl AsRef<str>) -> Self {
        Self {
            check,
            state,
            found: show_str(found.as_ref()).to_string(),
            mend: Vec::new(),
        }
    }

    /// As it should be.
    pub(super) fn ok(check: &'static str, found: impl AsRef<str>) -> Self {
        Self::new(check, State::Ok, found)
    }

    /// It works, but.
    pub(super) fn warn(check: &'static str, found: impl AsRef<str>) -> Self {
        Self::new(check, State::Warn, found)
    }

    /// It could not be tried, because of what is said.
    pub(super) fn skipped(check: &'static str, why: impl AsRef<str>) -> Self {
        Self::new(check, State::NotChecked, why)
    }

    /// A problem, with its own hints.
    pub(super) fn failed(check: &'static str, problem: &Problem) -> Self {
        let row = Self::new(check, State::Fail, problem.to_string());
        problem.hints().iter().fold(row, Self::mend)
    }

    /// Adds what to do about it.
    pub(super) fn mend(mut self, hint: impl AsRef<str>) -> Self {
        self.mend.push(show_str(hint.as_ref()).to_string());
        self
    }

    /// Without columns: terminals break it where they are narrow.
    fn line(&self) -> String {
        format!("[{}] {}: {}", self.state.word(), self.check, self.found)
    }
}

/// Everything that was said so far.
pub(in crate::cli) struct Report {
    out: Out,
    counts: [usize; 4],
}

impl Report {
    pub(in crate::cli) fn new(out: Out) -> Self {
        Self {
            out,
            counts: [0; 4],
        }
    }

    /// Says a check.
    pub(in crate::cli) fn add(&mut self, row: &Row) {
        self.counts[row.state as usize] += 1;
        if self.out.json {
            self.out.json(row);
            return;
        }
        let tone = match row.state {
            State::Ok => Tone::Good,
            State::Warn => Tone::Know,
            State::Fail => Tone::Bad,
            State::NotChecked => Tone::Plain,
        };
        self.out.told(tone, row.line());
        for mend in &row.mend {
            self.out.told(Tone::Mend, format!("    -> {mend}"));
        }
    }

    /// Says several checks as not tried, because of one cause.
    pub(super) fn skip(&mut self, checks: &[&'static str], why: &str) {
        for check in checks {
            self.add(&Row::skipped(check, why));
        }
    }

    /// How many checks failed.
    pub(in crate::cli) fn fails(&self) -> usize {
        self.counts[State::Fail as usize]
    }

    /// The counts; 1 when something fails.
    pub(super) fn end(&self) -> ExitCode {
        let [ok, warn, fail, skipped] = self.counts;
        if self.out.json {
            self.out.json(&serde_json::json!({
                "ok": ok, "warn": warn, "fail": fail, "not_checked": skipped,
            }));
        } else {
            self.out.line(format!(
                "{ok} ok, {warn} to know, {fail} failed, {skipped} not checked"
            ));
        }
        ExitCode::from(u8::from(fail > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_touch_the_terminal() {
        let row = Row::warn("tenant", "na\u{1b}[31mme\n").mend("a\u{202e}b");
        let all = format!("{}{}", row.line(), row.mend.concat());
        assert!(!all.contains(['\u{1b}', '\n', '\u{202e}']), "{all:?}");
    }
}
