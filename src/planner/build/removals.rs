//! The lower rungs of the ladder: disable and delete a user record.

use super::draft::{Draft, Key, Pad, Step};
use super::people::{reference, state};
use crate::domain::{Change, FindingCode, Ladder, Undo, User, UserStatus, unknown_protection};
use crate::planner::desk::{Case, who};

pub(super) fn plan(pad: &mut Pad<'_, '_>) {
    let desk = pad.desk;
    let mut admins_gone = 0;
    for (at, case) in desk.cases.iter().enumerate() {
        let (Some(ladder), Some(user)) = (case.wish.ladder, &case.user) else {
            continue;
        };
        owns(pad, case, user);
        if ladder < Ladder::Disable || withheld(pad, case, user, &mut admins_gone) {
            continue;
        }
        if ladder == Ladder::Delete && desk.guards.allow_delete {
            delete(pad, at, case, user);
        } else {
            if ladder == Ladder::Delete {
                pad.warn(
                    FindingCode::DeleteNotArmed,
                    &who(&case.row),
                    "is not deleted: deleting cannot be taken back and is not armed in this profile",
                    "disabling keeps the content; arm deletion in the profile's guards if it must be",
                );
            }
            disable(pad, at, case, user);
        }
    }
}

/// Names that are told; more are counted.
const NAMED: usize = 5;

/// What somebody leaves behind is named before anything is taken from them (dossier: a space without its
/// owner stays, and only an administrator gets at it).
fn owns(pad: &mut Pad<'_, '_>, case: &Case, user: &User) {
    let spaces = &pad.desk.snapshot.tenant.spaces.value;
    let owned = spaces
        .iter()
        .filter(|space| space.owner.as_ref() == Some(&user.id));
    let mut names: Vec<&str> = owned.map(|space| space.name.expose()).collect();
    names.sort_unstable();
    if names.is_empty() {
        return;
    }
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    pad.warn(
        FindingCode::OwnsContent,
        &who(&case.row),
        format!(
            "owns {}{more}; apps and other items are not read for a plan",
            names.join(", ")
        ),
        "give them to somebody else first, in the Administration of Qlik Cloud",
    );
}

fn withheld(pad: &mut Pad<'_, '_>, case: &Case, user: &User, admins_gone: &mut usize) -> bool {
    let name = who(&case.row);
    if let Some(why) = pad.desk.protection.why(&case.row) {
        pad.shielded(&name, &why, "the record stays");
        return true;
    }
    if pad.desk.protection.off().is_some() {
        if user.status != UserStatus::Disabled {
            pad.off(&name, "the record stays");
        }
        return true;
    }
    if user.status == UserStatus::Provisioned {
        pad.warn(
            FindingCode::NotChecked,
            &name,
            "the record is kept by SCIM; its status is not touched",
            "disable the person in the directory",
        );
        return true;
    }
    let tenant = &pad.desk.snapshot.tenant;
    let cause = case.wish.unproven.clone().or_else(|| {
        unknown_protection(tenant).map(|what| format!("{what} were not read completely"))
    });
    if let Some(cause) = cause {
        pad.warn(
            FindingCode::IncompleteSource,
            &name,
            format!("the record is not touched: {cause}"),
            "refresh",
        );
        return true;
    }
    let Some(may_go) = pad.desk.protection.admin(&user.id) else {
        return false;
    };
    if *admins_gone < may_go {
        *admins_gone += 1;
        return false;
    }
    pad.warn(
        FindingCode::Protected,
        &name,
        "would leave fewer than two tenant administrators; the record stays",
        "make somebody else a tenant administrator first",
    );
    true
}

fn disable(pad: &mut Pad<'_, '_>, at: usize, case: &Case, user: &User) {
    if user.status == UserStatus::Disabled {
        return;
    }
    let change = Change::DisableUser {
        target: reference(user),
        before: state(user, user.status.clone()),
        after: state(user, UserStatus::Disabled),
    };
    let order = (at, user.id.expose().to_owned());
    pad.push(
        Draft::new(
            Step::Disable,
            order,
            change,
            case.wish.told("deprovisioned"),
            Undo::Reversible,
        )
        .loses([case.row.key.clone()]),
    );
}

/// Deleting stands for disabling: the record is gone either way. Its license goes first, or the
/// seat would stay on a subject nobody has.
fn delete(pad: &mut Pad<'_, '_>, at: usize, case: &Case, user: &User) {
    let change = Change::DeleteUser {
        target: reference(user),
        before: state(user, user.status.clone()),
        after: (),
    };
    let seats = &case.license.removals;
    let needs: Vec<Key> = seats
        .iter()
        .map(|seat| Key::Taken(seat.subject.folded()))
        .collect();
    let order = (at, user.id.expose().to_owned());
    pad.push(
        Draft::new(
            Step::Delete,
            order,
            change,
            case.wish.told("deprovisioned"),
            Undo::Impossible,
        )
        .needs(needs)
        .loses([case.row.key.clone()]),
    );
}
