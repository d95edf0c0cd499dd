//! What a license wish means for one row, before seats are counted: nothing, a new seat, another
//! type, a move to the right subject (no seat), or taking back.

use super::{Case, Protection};
use crate::domain::{
    LicenseAssignment, LicenseState, LicenseType, LicenseWish, RowKey, Snapshot, Subject,
};
use crate::planner::wishes::rank;

/// What happens to the license of a row.
#[derive(Clone, Debug, Default)]
pub(in crate::planner) struct LicenseCase {
    /// Seat that goes from the old subject to the right one.
    pub(in crate::planner) moves: Option<(LicenseState, LicenseState)>,
    /// Type wished, when a seat of it is needed.
    pub(in crate::planner) want: Option<LicenseType>,
    /// Type held before, which a change gives back.
    pub(in crate::planner) from: Option<LicenseType>,
    /// Seats to take back.
    pub(in crate::planner) removals: Vec<LicenseState>,
    /// Type held after the plan, a waiting one not counted.
    pub(in crate::planner) after: Option<LicenseType>,
    /// Something to say about it.
    pub(in crate::planner) note: Option<LicenseNote>,
    /// What the stock allowed.
    pub(in crate::planner) fate: Fate,
    /// Turn in which the seat was given: a seat freed by an earlier turn may be used by a later one.
    pub(in crate::planner) turn: usize,
}

/// What the stock allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::planner) enum Fate {
    #[default]
    Nothing,
    /// Gets the wished type.
    Given,
    /// Gets this type instead.
    FellBack(LicenseType),
    /// Keeps the type held, which is the fall-back.
    Keeps(LicenseType),
    /// Waits, as the nth of so many.
    Waits { position: usize, of: usize },
    /// Is left out altogether.
    LeftOut,
}

/// Why a license wish does not do what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::planner) enum LicenseNote {
    KeepsHigher {
        held: LicenseType,
        wished: LicenseType,
    },
    UnknownHeld,
    SecondSeat(LicenseState),
    Withheld(String),
    Protected(String),
    NotOurs,
}

pub(super) fn judge(case: &Case, snapshot: &Snapshot, protection: &Protection) -> LicenseCase {
    match &case.wish.license {
        Some(LicenseWish::Hold(wished)) if case.skip.is_none() && known(snapshot, wished) => {
            hold(case, wished, snapshot, protection)
        }
        Some(LicenseWish::TakeBack) => take_back(case, snapshot, protection),
        _ => LicenseCase {
            after: case.row.license().cloned(),
            ..LicenseCase::default()
        },
    }
}

fn known(snapshot: &Snapshot, wished: &LicenseType) -> bool {
    snapshot.tenant.licensing.value.allotment(wished).is_some()
}

fn hold(
    case: &Case,
    wished: &LicenseType,
    snapshot: &Snapshot,
    protection: &Protection,
) -> LicenseCase {
    let Some(subject) = &case.subject else {
        return LicenseCase::default();
    };
    let key = subject.key();
    let (here, old): (Vec<_>, Vec<_>) = case
        .row
        .licenses
        .iter()
        .partition(|seat| seat.subject.key() == key);
    if here.iter().chain(&old).any(|seat| seat.license.is_none()) {
        return LicenseCase {
            note: Some(LicenseNote::UnknownHeld),
            ..LicenseCase::default()
        };
    }
    let mut out = LicenseCase::default();
    let held = match (best(&here, wished), best(&old, wished)) {
        (Some(held), second) => {
            out.note = second.map(LicenseNote::SecondSeat);
            Some(held.license)
        }
        (None, Some(before)) => {
            let after = LicenseState {
                subject: subject.clone(),
                license: before.license.clone(),
            };
            let license = before.license.clone();
            out.moves = Some((before, after));
            Some(license)
        }
        (None, None) => None,
    };
    out.after.clone_from(&held);
    match held {
        Some(held) if held == *wished => {}
        Some(held) if !case.wish.license_by_hand && rank(&held) > rank(wished) => {
            out.note = Some(LicenseNote::KeepsHigher {
                held,
                wished: wished.clone(),
            });
        }
        Some(held) => {
            let blocked = demotion(case, &held, wished, snapshot, protection);
            if let Some(note) = blocked {
                out.note = Some(note);
            } else {
                out.from = Some(held);
                out.want = Some(wished.clone());
            }
        }
        None => out.want = Some(wished.clone()),
    }
    out
}

/// Why a demotion may not be planned.
fn demotion(
    case: &Case,
    held: &LicenseType,
    wished: &LicenseType,
    snapshot: &Snapshot,
    protection: &Protection,
) -> Option<LicenseNote> {
    if rank(held) <= rank(wished) {
        return None;
    }
    withheld(case, snapshot, protection)
}

/// Why nothing may be taken from this row (I6, I7).
fn withheld(case: &Case, snapshot: &Snapshot, protection: &Protection) -> Option<LicenseNote> {
    if let Some(why) = protection.why(&case.row) {
        return Some(LicenseNote::Protected(why));
    }
    if let Some(cause) = &case.wish.unproven {
        return Some(LicenseNote::Withheld(format!(
            "its group was not read completely ({cause})"
        )));
    }
    let tenant = &snapshot.tenant;
    if !tenant.licensing.proof.is_proven() || !tenant.users.proof.is_proven() {
        return Some(LicenseNote::Withheld(
            "licenses and users were not read completely".to_owned(),
        ));
    }
    None
}

fn take_back(case: &Case, snapshot: &Snapshot, protection: &Protection) -> LicenseCase {
    let held: Vec<LicenseState> = case.row.licenses.iter().filter_map(state).collect();
    if held.is_empty() {
        return LicenseCase::default();
    }
    let unjoined = case.user.is_none() || matches!(case.row.key, RowKey::Seat(_));
    let note = if unjoined {
        Some(LicenseNote::NotOurs)
    } else {
        withheld(case, snapshot, protection)
    };
    match note {
        Some(note) => LicenseCase {
            after: case.row.license().cloned(),
            note: Some(note),
            ..LicenseCase::default()
        },
        None => LicenseCase {
            removals: held,
            ..LicenseCase::default()
        },
    }
}

/// The seat of the wished type, else the highest held.
fn best(seats: &[&LicenseAssignment], wished: &LicenseType) -> Option<LicenseState> {
    seats
        .iter()
        .filter_map(|seat| state(seat))
        .max_by_key(|seat| (seat.license == *wished, rank(&seat.license)))
}

fn state(seat: &LicenseAssignment) -> Option<LicenseState> {
    Some(LicenseState {
        subject: Subject::clone(&seat.subject),
        license: seat.license.clone()?,
    })
}
