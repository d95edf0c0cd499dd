//! Whether an action can work right now, and the sentence that says why not.

use super::App;
use super::actions::{Action, Screen};
use super::model::Load;
use super::roster::Pane;
use crate::domain::{Completeness, Decision, FindingCode, Match, Severity, SubscriptionModel};

mod runs;
mod seats;

pub(super) use runs::{discard, resume, revert, stop};
pub(super) use seats::{check, last_use, presets, put_in, read_all, seats};
use seats::{holders, space_lines, spaces_known};

type May = Result<(), String>;

fn no<T>(why: impl Into<String>) -> Result<T, String> {
    Err(why.into())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one shape for every line of the table"
)]
pub(super) fn always(_: &App) -> May {
    Ok(())
}

pub(super) fn rules_screen(app: &App) -> May {
    let verbs = [Action::License, Action::Spaces, Action::Roles];
    no(format!(
        "the Rules screen comes with a later version; mark a group on Roster and use {} on it",
        verbs.map(|action| key(app, action)).join(", ")
    ))
}

fn key(app: &App, action: Action) -> String {
    app.setup.keymap.key(action)
}

pub(super) fn mark(app: &App) -> May {
    if app.screen == Screen::Licenses {
        return rows(app);
    }
    if app.screen == Screen::Spaces {
        return space_lines(app);
    }
    match app.roster.pane {
        Pane::Groups => Ok(()),
        Pane::People | Pane::Detail => rows(app),
    }
}

/// A group is under the cursor of the groups pane.
pub(super) fn narrow(app: &App) -> May {
    if app.roster.pane != Pane::Groups {
        return no(format!(
            "groups narrow groups: go to the groups pane with {}",
            key(app, Action::NextPane)
        ));
    }
    if app.roster.tree.group().is_none() {
        return no("only a group narrows: put the cursor on one");
    }
    Ok(())
}

pub(super) fn rows(app: &App) -> May {
    if app.screen == Screen::Licenses {
        return holders(app);
    }
    if app.screen == Screen::Spaces {
        return space_lines(app);
    }
    if app.roster.shown.is_empty() {
        let close = key(app, Action::Close);
        return no(format!(
            "there are no rows here; mark a group, or clear the filter with {close}"
        ));
    }
    Ok(())
}

/// Something is shown that can leave the screen.
pub(super) fn export(app: &App) -> May {
    match app.screen {
        Screen::Spaces if app.spaces.pane == Pane::Detail && app.spaces.regarded.is_none() => {
            no("nobody is under the cursor")
        }
        Screen::Spaces if app.spaces.pane == Pane::Detail => Ok(()),
        _ => rows(app),
    }
}

fn targets(app: &App) -> May {
    if !app.data.tenant_read {
        return no("the tenant is not read yet");
    }
    if app.screen == Screen::Licenses {
        holders(app)?;
    }
    if !app.has_targets() {
        return no("nothing is marked and no row is under the cursor");
    }
    Ok(())
}

pub(super) fn license(app: &App) -> May {
    targets(app)?;
    let licensing = &app.data.snapshot.tenant.licensing;
    if licensing.proof == Completeness::Unread {
        return no("seats were not read yet");
    }
    match licensing.value.model {
        SubscriptionModel::Capacity => no(
            "capacity subscription: a seat is taken by signing in, none can be assigned; the gate is the assignment of the app at the identity provider",
        ),
        _ if licensing.value.allotments.is_empty() => {
            no("the tenant shows no pool of seats to this credential (tenant admin needed)")
        }
        _ => Ok(()),
    }
}

pub(super) fn spaces(app: &App) -> May {
    targets(app)?;
    let spaces = &app.data.snapshot.tenant.spaces;
    if spaces.value.is_empty() {
        return match &spaces.proof {
            Completeness::Incomplete(cause) => no(format!("spaces could not be read: {cause}")),
            _ => no("the tenant has no space that this credential may see"),
        };
    }
    Ok(())
}

pub(super) fn roles(app: &App) -> May {
    targets(app)?;
    if app.data.snapshot.tenant.roles.value.is_empty() {
        return no("tenant roles could not be read with this credential");
    }
    Ok(())
}

pub(super) fn provision(app: &App) -> May {
    targets(app)?;
    let only = match (app.roster.pane, app.marks().is_empty()) {
        (Pane::Groups, _) | (_, false) => None,
        _ => app.current_row(),
    };
    match only {
        Some(row) if row.person.is_none() => {
            no("this row is no person of the directory, so there is nobody to make a record for")
        }
        _ => Ok(()),
    }
}

pub(super) fn deprovision(app: &App) -> May {
    targets(app)
}

pub(super) fn short(app: &App) -> May {
    if app
        .derived
        .outlook
        .meters()
        .iter()
        .all(|meter| meter.short.is_empty())
    {
        return no("seats suffice for everything staged");
    }
    Ok(())
}

/// There is something to compare.
pub(super) fn subjects(app: &App) -> May {
    if app.derived.index.is_none() {
        return no("nothing was read yet");
    }
    Ok(())
}

pub(super) fn same_person(app: &App) -> May {
    if app.candidates().is_empty() {
        let here = app
            .current_row()
            .is_some_and(|row| matches!(row.matched, Match::Conflict(_)));
        return if here {
            let open = key(app, Action::Open);
            no(format!(
                "a conflict is never guessed; {open} shows who is in it"
            ))
        } else {
            no("no row with ? here: there is no e-mail match to accept")
        };
    }
    Ok(())
}

pub(super) fn auto_assign(app: &App) -> May {
    if app
        .data
        .snapshot
        .tenant
        .licensing
        .value
        .auto_assign
        .is_none()
    {
        return no("the automatic switches could not be read (or this subscription has none)");
    }
    Ok(())
}

pub(super) fn drop(app: &App) -> May {
    if app.stage.staging.is_empty() {
        return no("nothing is staged");
    }
    match app.screen {
        Screen::Plan if app.plan.reverts().is_some() => {
            no("a reversal is not staged; what is held for a decision is left out already")
        }
        Screen::Plan if app.plan.operations().is_empty() => no("no operation is under the cursor"),
        Screen::Roster | Screen::Licenses | Screen::Spaces | Screen::Plan => Ok(()),
        Screen::Runs => no("a run cannot be changed; drop staged rows on Roster or in Plan"),
    }
}

pub(super) fn undo(app: &App) -> May {
    if app.stage.undo.is_empty() {
        return no("nothing to undo; what was applied is taken back by a plan of its own");
    }
    Ok(())
}

pub(super) fn redo(app: &App) -> May {
    if app.stage.redo.is_empty() {
        return no("nothing to redo");
    }
    Ok(())
}

pub(super) fn plan(app: &App) -> May {
    if app.stage.staging.is_empty() {
        let verbs = [
            Action::License,
            Action::Spaces,
            Action::Provision,
            Action::Roles,
        ];
        return no(format!(
            "nothing is staged: mark a group or rows, then {} or {}",
            verbs.map(|action| key(app, action)).join(", "),
            key(app, Action::Deprovision)
        ));
    }
    if !app.data.tenant_read || app.data.cached {
        return no("the tenant is still being read");
    }
    Ok(())
}

pub(super) fn planned(app: &App) -> May {
    if app.plan.plan.is_none() {
        return no("there is no plan yet");
    }
    Ok(())
}

pub(super) fn apply(app: &App) -> May {
    planned(app)?;
    if app.setup.guards.read_only {
        return no("this profile is read-only; set read_only = false in its guards to arm it");
    }
    if app.runs.is_running() {
        return no("a run is under way; one at a time");
    }
    if app.plan.stale && app.plan.reverts().is_some() {
        return no("this reversal was applied or is out of date; make it again on Runs");
    }
    if app.plan.stale {
        return no(format!(
            "staging has changed since this plan was built; {} builds it again",
            key(app, Action::Plan)
        ));
    }
    let Some(plan) = app.plan.plan.as_deref() else {
        return Ok(());
    };
    if let Some(why) = app.stopped(plan) {
        return no(why);
    }
    if plan.operations.is_empty() {
        return no("the plan is empty: everything is so already");
    }
    if app.wall > plan.expires {
        return no("this plan has expired; build it again");
    }
    match plan
        .findings
        .iter()
        .find(|finding| finding.severity == Severity::Error)
    {
        Some(finding) if finding.code == FindingCode::LookAlike => no(format!(
            "{}; {} asks about each, {} on Roster drops the row",
            finding.text.show(),
            key(app, Action::Decide),
            key(app, Action::Drop)
        )),
        Some(finding) => no(finding.text.show().to_string()),
        None => Ok(()),
    }
}

/// Somebody has to decide something in this plan.
pub(super) fn decide(app: &App) -> May {
    planned(app)?;
    if app.plan.decisions().next().is_none() {
        return no("nothing in this plan waits for a decision");
    }
    Ok(())
}

pub(super) fn hold(app: &App) -> May {
    planned(app)?;
    if app.plan.reverts().is_some() {
        return no("a reversal is made of what it takes back; nothing would be left without it");
    }
    if app.stage.staging.allowed.hold_removals {
        return plan(app);
    }
    let plan = app.plan.plan.as_deref();
    let guarded = app.plan.decisions().find_map(|one| match one.decision {
        Some(Decision::Removals { rest, .. }) => Some(rest),
        _ => None,
    });
    match (plan.map_or(0, |plan| plan.summary.removals), guarded) {
        (0, None) => no("this plan takes nothing away"),
        (_, Some(0)) => no("everything in this plan takes something away; nothing would be left"),
        _ => self::plan(app),
    }
}

pub(super) fn open(app: &App) -> May {
    match app.screen {
        Screen::Roster if app.roster.pane == Pane::Groups => Ok(()),
        Screen::Roster => rows(app),
        Screen::Licenses => holders(app),
        Screen::Spaces if app.spaces.pane == Pane::Groups => spaces_known(app),
        Screen::Spaces if app.spaces.seat().is_some() => Ok(()),
        Screen::Spaces => no("nobody is under the cursor"),
        Screen::Plan => planned(app),
        Screen::Runs if app.runs.watching || app.runs.current().is_some() => Ok(()),
        Screen::Runs => no("there is no run on record"),
    }
}

pub(super) fn refresh(app: &App) -> May {
    if app.runs.is_running() {
        return no("a run is under way; what it changes is read when it ends");
    }
    if app.data.loading.iter().any(|load| *load != Load::Use) {
        return no("still reading");
    }
    Ok(())
}

pub(super) fn copy(app: &App) -> May {
    match app.screen {
        Screen::Roster => rows(app),
        Screen::Licenses | Screen::Spaces | Screen::Runs => open(app),
        Screen::Plan => planned(app),
    }
}
