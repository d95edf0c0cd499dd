//! The verbs of runs.

use super::{May, key, no};
use crate::app::actions::Action;
use crate::app::model::App;
use crate::app::runs::is_here;
use crate::text::show_str;

pub(in crate::app) fn resume(app: &App) -> May {
    if app.setup.guards.read_only {
        return no("this profile is read-only");
    }
    if app.runs.current().is_some_and(|run| run.given_up) {
        return no(format!(
            "this run is being discarded; {} goes on with that",
            key(app, Action::Discard)
        ));
    }
    goes_on(app)
}

/// Nothing is sent by it, so a read-only profile may, and one that stopped half-way is gone on with.
pub(in crate::app) fn discard(app: &App) -> May {
    goes_on(app)
}

/// Whether the run under the cursor has no end yet, and could have one here.
fn goes_on(app: &App) -> May {
    if app.runs.is_running() {
        return no("a run is under way; one at a time");
    }
    match app.runs.current() {
        Some(run) if run.discarded => no(format!(
            "this run was discarded; {} takes back what it did",
            key(app, Action::Revert)
        )),
        Some(run) if run.finished => no("this run came to its end; nothing is left to resume"),
        Some(run) if !run.resumable && !run.given_up => no(run.trouble.as_deref().map_or_else(
            || {
                "its journal cannot be trusted; make a new plan, which compares with the tenant"
                    .to_owned()
            },
            |trouble| show_str(trouble).to_string(),
        )),
        Some(run) if run.under_way => no("this run is under way; whoever does it holds the tenant"),
        Some(run) if !is_here(run, &app.setup.tenant) => no(format!(
            "this run belongs to another tenant: {}",
            run.tenant.show()
        )),
        Some(_) => Ok(()),
        None => no("there is no run on record"),
    }
}

pub(in crate::app) fn revert(app: &App) -> May {
    if app.runs.is_running() {
        return no("a run is under way; take it back when it is over");
    }
    if app.plan.building {
        return no("a plan is being built");
    }
    let chosen = app.runs.chosen();
    let run = chosen.and_then(|run| app.runs.runs.iter().find(|one| one.run == run));
    match run {
        Some(run) if run.counts.applied == 0 => no("this run changed nothing"),
        Some(run) if !is_here(run, &app.setup.tenant) => no(format!(
            "this run belongs to another tenant: {}",
            run.tenant.show()
        )),
        Some(_) => Ok(()),
        None => no("there is no run on record"),
    }
}

pub(in crate::app) fn stop(app: &App) -> May {
    if app.runs.is_running() {
        return Ok(());
    }
    no(format!(
        "no run is under way; {} quits",
        key(app, Action::Quit)
    ))
}
