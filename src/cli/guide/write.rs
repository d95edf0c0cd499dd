//! The end: what will be written is shown, the last question is asked, and secrets and configuration
//! are put in their places.

use std::path::Path;

use super::keep::{AllGiven, Keeping};
use super::run::Desk;
use super::step::Step;
use super::talk::left;
use crate::config::{Amended, Profile, amended};
use crate::host::rewrite;
use crate::ports::Problem;
use crate::text::show_str;

/// Shows, asks and writes.
pub(super) async fn step(
    desk: &Desk<'_>,
    profile: &Profile,
    given: &AllGiven,
    keeping: &Keeping,
) -> Result<(), Problem> {
    let talk = desk.talk;
    talk.head(Step::Write);
    let default = default(desk, profile)?;
    let shown = desk.paths.config.display().to_string();
    let home = desk.paths.config.parent().unwrap_or(Path::new("."));
    let Amended { text, changes } = amended(
        desk.text.as_deref(),
        profile,
        default.as_deref(),
        (&shown, home),
    )?;
    let name = &profile.name;
    talk.say(match (&desk.text, desk.config.profiles.contains_key(name)) {
        (None, _) => format!("  {shown} is made, with the profile {name}:"),
        (Some(_), false) => format!("  The profile {name} is added to {shown}; the rest of it stays as it is:"),
        (Some(_), true) => format!("  The profile {name} of {shown} is changed; its guards and comments stay, and so does all else:"),
    });
    for change in &changes {
        talk.say(format!("    {}", show_str(change)));
    }
    if changes.is_empty() {
        talk.say("    nothing: it stands there already");
    }
    if let Some(default) = &default {
        talk.say(format!("    + default = \"{default}\""));
    }
    talk.say("  No secret is in it.");
    keeping.foretell(desk, given).await;
    if !talk.sure("Write it?")? {
        return Err(left());
    }
    // From here on no signal ends the program between a secret and the profile that it is for.
    talk.lock()?;
    let undo = keeping.store(desk, given).await?;
    if Some(text.as_str()) != desk.text.as_deref()
        && let Err(problem) = rewrite(&desk.paths.config, desk.text.as_deref(), &text)
    {
        undo.undo().await;
        return Err(problem.hint("The secrets were not kept either."));
    }
    keeping.forget(talk, given).await;
    talk.unlock()?;
    talk.say(format!("  Written: {shown}"));
    if let Some(said) = keeping.said(name, given) {
        talk.say(format!("  {said}"));
    }
    Ok(())
}

/// With a second profile the only one would not be taken by itself any more: who is the default?
fn default(desk: &Desk<'_>, profile: &Profile) -> Result<Option<String>, Problem> {
    let mut others = desk.config.profiles.keys();
    let known = desk.config.profiles.contains_key(&profile.name);
    let (Some(only), None, None, false) =
        (others.next(), others.next(), &desk.config.default, known)
    else {
        return Ok(None);
    };
    let ways = [only.as_str(), profile.name.as_str()];
    let question = "Which profile is used when --profile names none?";
    let chosen = desk.talk.choice(question, &ways, 0)?;
    Ok(ways.get(chosen).map(|name| (*name).to_owned()))
}
