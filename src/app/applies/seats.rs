//! The verbs of the Licenses and the Spaces screen.

use super::{May, key, no, rows, targets};
use crate::app::actions::{Action, Screen};
use crate::app::model::{App, Load};
use crate::app::roster::Pane;
use crate::domain::{Completeness, SubscriptionModel};

const WORKING: &str = "who holds the seats is still being worked out";

/// Ready-made filters have their numbers from the review.
pub(in crate::app) fn presets(app: &App) -> May {
    if app.screen == Screen::Licenses && app.licenses.found.is_none() {
        return no(WORKING);
    }
    Ok(())
}

/// Somebody holds a seat, and is shown.
pub(super) fn holders(app: &App) -> May {
    let close = key(app, Action::Close);
    if app.data.snapshot.tenant.licensing.value.model == SubscriptionModel::Capacity {
        return no("a capacity subscription has no seats that could be given or taken back");
    }
    // What was marked before would be another row.
    if app.is_reading_directory() {
        return no("the directory is still being read; whose seats these are is known then");
    }
    match app.licenses.review() {
        None => no(WORKING),
        Some(review) if review.holders.is_empty() => {
            no("nobody holds a seat that could be given or taken")
        }
        Some(_) if app.licenses.shown.is_empty() => {
            no(format!("nobody is shown; {close} clears the filter"))
        }
        Some(_) => Ok(()),
    }
}

/// So many first-login checks are made at once.
const CHECKED: usize = 500;

pub(in crate::app) fn check(app: &App) -> May {
    targets(app)?;
    rows(app)?;
    let many = app.checked_rows().len();
    if many > CHECKED {
        return no(format!(
            "{many} rows are too many to check at once; mark at most {CHECKED}"
        ));
    }
    Ok(())
}

/// Somebody holds a seat whose events could be looked at.
pub(in crate::app) fn last_use(app: &App) -> May {
    if app.data.loading.contains(&Load::Use) {
        return no("the audit log is being read");
    }
    let Some(review) = app.licenses.review() else {
        return no(WORKING);
    };
    if review.holders.iter().any(|one| one.user.is_some()) {
        return Ok(());
    }
    no("no user here holds a seat, so there is nobody to look at")
}

/// Something is shown in the pane of the Spaces screen that has the keys.
pub(super) fn space_lines(app: &App) -> May {
    let left = app.spaces.pane == Pane::Groups;
    match (
        left,
        app.spaces.lines.is_empty(),
        app.spaces.shown.is_empty(),
    ) {
        (true, true, _) => spaces_known(app),
        (false, _, true) => no("nobody is shown here"),
        _ => Ok(()),
    }
}

pub(super) fn spaces_known(app: &App) -> May {
    if !app.data.tenant_read {
        return no("the tenant is not read yet");
    }
    let spaces = &app.data.snapshot.tenant.spaces;
    match (&spaces.proof, spaces.value.is_empty()) {
        (Completeness::Incomplete(cause), true) => no(format!("spaces could not be read: {cause}")),
        (_, true) => no("the tenant has no space that this credential may see"),
        _ => Ok(()),
    }
}

/// Assignments are at hand.
pub(in crate::app) fn seats(app: &App) -> May {
    spaces_known(app)?;
    if !app.seats_at_hand().is_empty() {
        return Ok(());
    }
    let pane = key(app, Action::NextPane);
    match app.spaces.pane {
        Pane::Groups => no(format!(
            "go to the assignments with {pane}, or mark some there"
        )),
        _ => no("no assignment is under the cursor: an owner has every role without one"),
    }
}

/// Spaces are at hand, into which somebody can be put.
pub(in crate::app) fn put_in(app: &App) -> May {
    spaces_known(app)?;
    if app.spaces_at_hand().is_empty() {
        return no("no space is marked, and none is under the cursor");
    }
    Ok(())
}

/// Some space was not read yet.
pub(in crate::app) fn read_all(app: &App) -> May {
    spaces_known(app)?;
    if app.spaces.reading_all {
        return no("they are being read");
    }
    if app.unread_spaces().next().is_none() {
        let refresh = key(app, Action::Refresh);
        return no(format!("all spaces are read; {refresh} reads them again"));
    }
    Ok(())
}
