//! A step that was tried: what the doctor's checks said of it, and how to go on when one failed.

use super::talk::{Talk, left};
use crate::cli::doctor::Report;
use crate::cli::session::Ready;
use crate::ports::Problem;

/// How a step goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is asked for again.
    Again,
    /// It stays as it is.
    On,
}

impl Talk<'_> {
    /// What to do with a step that failed.
    pub(super) fn after_failure(self, what: &str) -> Result<Next, Problem> {
        let again = format!("Answer again for {what} (Enter keeps each answer)");
        let ways = [
            again.as_str(),
            "Go on with it as it is",
            "Leave; nothing is written",
        ];
        match self.way_on("This step failed. How to go on?", &ways)? {
            0 => Ok(Next::Again),
            1 => {
                self.flaw();
                Ok(Next::On)
            }
            _ => Err(left()),
        }
    }

    /// The doctor's lines about a part of a profile, and what it read; whether all is well or it is
    /// to stay as it is.
    pub(super) async fn tried<T>(
        self,
        ready: &Ready,
        what: &str,
        check: impl AsyncFnOnce(&Ready, &mut Report) -> T,
    ) -> Result<(T, Next), Problem> {
        self.arm()?;
        let mut report = Report::new(self.out);
        let read = check(ready, &mut report).await;
        if report.fails() == 0 {
            return Ok((read, Next::On));
        }
        let next = self.after_failure(what)?;
        Ok((read, next))
    }
}
