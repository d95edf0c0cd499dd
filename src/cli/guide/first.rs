//! The first start: somebody is at the terminal, and there is no profile yet.

use std::process::ExitCode;

use super::run;
use super::talk::Talk;
use crate::cli::args::Global;
use crate::cli::out::Out;
use crate::config::{Environment, Paths};
use crate::ports::{Kind, Problem};

/// What to do at the first start.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum First {
    /// Show the screen of the profile that was set up.
    Screen,
    /// Show the demo.
    Demo,
    /// Nothing more.
    Leave(ExitCode),
}

const WAYS: [&str; 3] = [
    "Set one up, by questions (qroll connect)",
    "Look around first: the demo, an embedded tenant and directory (qroll --demo)",
    "Leave",
];

/// Offers what there is to do, and sets a profile up where that is wanted.
///
/// # Errors
/// What [`run()`] says; whoever leaves before anything was written.
pub(in crate::cli) async fn first(
    global: &Global,
    environment: &Environment,
    paths: &Paths,
    out: Out,
) -> Result<First, Problem> {
    let talk = Talk { out };
    talk.say(format!(
        "There is no profile yet: {} does not exist.",
        paths.config.display()
    ));
    match talk.choice("What now?", &WAYS, 0)? {
        0 => {}
        1 => return Ok(First::Demo),
        _ => return Ok(First::Leave(ExitCode::SUCCESS)),
    }
    let code = run(global, environment, out).await?;
    if code != ExitCode::SUCCESS {
        return Ok(First::Leave(code));
    }
    // What the doctor said is read before the screen covers it.
    match talk.sure("Open the screen now?") {
        Ok(true) => Ok(First::Screen),
        Ok(false) => Ok(First::Leave(code)),
        // The profile is written; leaving now leaves it.
        Err(problem) if problem.kind == Kind::Declined => Ok(First::Leave(code)),
        Err(problem) => Err(problem),
    }
}
