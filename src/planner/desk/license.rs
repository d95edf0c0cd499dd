//! What a license wish means for one row, before seats are counted: nothing, a new seat, another
//! type, a move to the right subject (no seat), or taking back.

use super::{Case, Protection, Shield};
use crate::domain::{
    Claim, LicenseAssignment, LicenseState, LicenseType, LicenseWish, Snapshot, Subject,
    unknown_protection,
};
use crate::planner::roster::Index;
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
    /// Those of them whose subject is no user here.
    pub(in crate::planner) orphans: Vec<Subject>,
    /// Seats to take back of which nobody knows whether another tenant uses them, with why.
    pub(in crate::planner) untold: Vec<(LicenseState, String)>,
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
    Protected(Shield),
    /// Nothing is taken from anybody; see [`Protection::off`].
    Off,
    /// Seats that are somebody else's (reliability, fact 4).
    NotOurs(Vec<(LicenseState, Owner)>),
}

/// Whose a seat is that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::planner) enum Owner {
    /// Another user of this tenant.
    Another,
    /// A user of this other tenant.
    There(String),
    /// Nobody here; a row that is about something else does not settle whose.
    NobodyHere,
}

impl LicenseCase {
    /// Takes the seats in of which nobody knows whether another tenant uses them: somebody typed how
    /// many that are.
    pub(super) fn take_untold(&mut self) {
        for (seat, _) in std::mem::take(&mut self.untold) {
            self.orphans.push(seat.subject.clone());
            self.removals.push(seat);
        }
        self.after = match &self.note {
            Some(LicenseNote::NotOurs(left)) => left.first().map(|(seat, _)| seat.license.clone()),
            _ => None,
        };
    }
}

pub(super) fn judge(
    case: &Case,
    index: &Index,
    snapshot: &Snapshot,
    protection: &Protection,
) -> LicenseCase {
    match &case.wish.license {
        Some(LicenseWish::Hold(wished)) if case.skip.is_none() && known(snapshot, wished) => {
            hold(case, wished, snapshot, protection)
        }
        Some(LicenseWish::Move) if case.skip.is_none() => follow(case, snapshot),
        Some(LicenseWish::TakeBack) => take_back(case, index, snapshot, protection),
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
    let mut out = gathered(case, subject, Some(wished), snapshot);
    if let Some(LicenseNote::UnknownHeld | LicenseNote::NotOurs(_)) = out.note {
        return out;
    }
    let held = out.after.clone();
    match held {
        Some(held) if held == *wished => {}
        Some(held) if !case.wish.license_by_hand && rank(&held) > rank(wished) => {
            out.note = Some(LicenseNote::KeepsHigher {
                held,
                wished: wished.clone(),
            });
        }
        Some(held) => {
            let seat = LicenseState {
                subject: out
                    .moves
                    .as_ref()
                    .map_or(subject, |(before, _)| &before.subject)
                    .clone(),
                license: held.clone(),
            };
            let blocked = demotion(case, &seat, wished, snapshot, protection);
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

/// What is held goes to the right subject, and nothing else.
fn follow(case: &Case, snapshot: &Snapshot) -> LicenseCase {
    let subject = case.subject.as_ref();
    subject.map_or_else(LicenseCase::default, |subject| {
        gathered(case, subject, None, snapshot)
    })
}

/// What is held, under the right subject by a move where it was under an older one. A user of another
/// tenant who has the older one would lose the license by that, so then it stays.
fn gathered(
    case: &Case,
    subject: &Subject,
    wished: Option<&LicenseType>,
    snapshot: &Snapshot,
) -> LicenseCase {
    let key = subject.key();
    let (here, old): (Vec<_>, Vec<_>) = case
        .row
        .licenses
        .iter()
        .partition(|seat| seat.subject.key() == key);
    let mut out = LicenseCase::default();
    if here.iter().chain(&old).any(|seat| seat.license.is_none()) {
        out.note = Some(LicenseNote::UnknownHeld);
        return out;
    }
    match (best(&here, wished), best(&old, wished)) {
        (Some(held), second) => {
            out.note = second.map(LicenseNote::SecondSeat);
            out.after = Some(held.license);
        }
        (None, Some(before)) => {
            let after = LicenseState {
                subject: subject.clone(),
                license: before.license.clone(),
            };
            out.after = Some(before.license.clone());
            match snapshot.tenant.used_in(&before.subject) {
                Some(name) => {
                    let owner = Owner::There(name.to_owned());
                    out.note = Some(LicenseNote::NotOurs(vec![(before, owner)]));
                }
                None => out.moves = Some((before, after)),
            }
        }
        (None, None) => {}
    }
    out
}

/// Why a demotion may not be planned.
fn demotion(
    case: &Case,
    held: &LicenseState,
    wished: &LicenseType,
    snapshot: &Snapshot,
    protection: &Protection,
) -> Option<LicenseNote> {
    if rank(&held.license) <= rank(wished) {
        return None;
    }
    let withheld = withheld(case, snapshot, protection);
    if is_ours(case, &held.subject) {
        return withheld;
    }
    let left = |owner| Some(LicenseNote::NotOurs(vec![(held.clone(), owner)]));
    match snapshot.tenant.claim(&held.subject) {
        Claim::There(name) => left(Owner::There(name)),
        _ if case.user.is_some() => left(Owner::NobodyHere),
        // Whoever is new here gets a record of this subject by the same plan, and where no other tenant
        // is named the next one would do what this one leaves.
        Claim::Nobody => withheld,
        Claim::Untold(_) if snapshot.tenant.others.is_empty() => withheld,
        Claim::Untold(_) => withheld.or_else(|| left(Owner::NobodyHere)),
    }
}

/// Why nothing may be taken from this row (I6, I7).
fn withheld(case: &Case, snapshot: &Snapshot, protection: &Protection) -> Option<LicenseNote> {
    if let Some(why) = protection.why(&case.row) {
        return Some(LicenseNote::Protected(why));
    }
    if protection.off().is_some() {
        return Some(LicenseNote::Off);
    }
    if let Some(cause) = &case.wish.unproven {
        return Some(LicenseNote::Withheld(format!(
            "what it was marked by was not read completely ({cause})"
        )));
    }
    let tenant = &snapshot.tenant;
    if !tenant.licensing.proof.is_proven() || !tenant.users.proof.is_proven() {
        return Some(LicenseNote::Withheld(
            "licenses and users were not read completely".to_owned(),
        ));
    }
    unknown_protection(tenant).map(|what| {
        LicenseNote::Withheld(format!(
            "{what} were not read completely, so nobody knows who administers the tenant"
        ))
    })
}

/// Only seats under the user's own subject are this tenant's for sure: the list of seats is that
/// of the whole license, which several tenants may share (reliability, fact 4).
fn take_back(
    case: &Case,
    index: &Index,
    snapshot: &Snapshot,
    protection: &Protection,
) -> LicenseCase {
    let mut out = LicenseCase::default();
    let mut left = Vec::new();
    for seat in case.row.licenses.iter().filter_map(state) {
        if is_ours(case, &seat.subject) {
            out.removals.push(seat);
            continue;
        }
        if index.users_with_subject(&seat.subject).next().is_some() {
            left.push((seat, Owner::Another));
            continue;
        }
        match snapshot.tenant.claim(&seat.subject) {
            Claim::There(name) => left.push((seat, Owner::There(name))),
            Claim::Untold(why) => out.untold.push((seat, why)),
            Claim::Nobody => {
                out.orphans.push(seat.subject.clone());
                out.removals.push(seat);
            }
        }
    }
    if !out.removals.is_empty() || !out.untold.is_empty() {
        let blocked = withheld(case, snapshot, protection);
        if blocked.is_some() {
            return LicenseCase {
                after: case.row.license().cloned(),
                note: blocked,
                ..LicenseCase::default()
            };
        }
    }
    let kept = left.iter().map(|(seat, _)| seat);
    let mut kept = kept.chain(out.untold.iter().map(|(seat, _)| seat));
    out.after = kept.next().map(|seat| seat.license.clone());
    out.note = (!left.is_empty()).then_some(LicenseNote::NotOurs(left));
    out
}

/// Whether a subject is that of the row's user.
fn is_ours(case: &Case, subject: &Subject) -> bool {
    let user = case.user.as_ref();
    user.is_some_and(|user| user.subject.key() == subject.key())
}

/// The seat of the wished type, else the highest held.
fn best(seats: &[&LicenseAssignment], wished: Option<&LicenseType>) -> Option<LicenseState> {
    seats
        .iter()
        .filter_map(|seat| state(seat))
        .max_by_key(|seat| (Some(&seat.license) == wished, rank(&seat.license)))
}

fn state(seat: &LicenseAssignment) -> Option<LicenseState> {
    Some(LicenseState {
        subject: Subject::clone(&seat.subject),
        license: seat.license.clone()?,
    })
}
