//! The first start: somebody is at the terminal, and there is no profile yet.

use std::process::ExitCode;

use super::run::{There, set_up};
use super::screen::Screen;
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
/// The configuration cannot be read, the terminal refuses, or as `qroll connect`; whoever leaves before
/// anything was written.
pub(in crate::cli) async fn first(
    global: &Global,
    environment: &Environment,
    paths: &Paths,
    out: Out,
) -> Result<First, Problem> {
    let there = There::read(global, environment)?;
    let screen = Screen::open(environment, out)?;
    let talk = Talk::new(out, screen.as_ref());
    let ended = offer(talk, global, environment, paths, there).await;
    if let Some(screen) = screen {
        let leave = matches!(ended, Ok((First::Leave(_), true)));
        screen.close(out, leave);
    }
    ended.map(|(first, _)| first)
}

/// What is wanted, and whether a profile was set up.
async fn offer(
    talk: Talk<'_>,
    global: &Global,
    environment: &Environment,
    paths: &Paths,
    there: There,
) -> Result<(First, bool), Problem> {
    talk.say(format!(
        "There is no profile yet: {} does not exist.",
        paths.config.display()
    ));
    match talk.way_on("What now?", &WAYS)? {
        0 => {}
        1 => return Ok((First::Demo, false)),
        _ => return Ok((First::Leave(ExitCode::SUCCESS), false)),
    }
    let code = set_up(talk, global, environment, there).await?;
    if code != ExitCode::SUCCESS {
        talk.over();
        return Ok((First::Leave(code), true));
    }
    // What the doctor said is read before the screen covers it.
    match talk.way_on("Open the screen now?", &["Open it", "Leave"]) {
        Ok(0) => Ok((First::Screen, true)),
        Ok(_) => Ok((First::Leave(code), true)),
        // The profile is written; leaving now leaves it.
        Err(problem) if problem.kind == Kind::Declined => Ok((First::Leave(code), true)),
        Err(problem) => Err(problem),
    }
}
