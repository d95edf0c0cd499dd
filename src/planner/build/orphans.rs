//! Seats whose subject is no user here: who uses them in another tenant keeps them, and of whom that
//! is not known they are taken only when somebody typed how many that are.

use std::collections::BTreeSet;

use super::draft::{Pad, names};
use crate::domain::{Change, Decision, FindingCode, LicenseState, Operation, Subject};
use crate::planner::desk::{Case, Desk, Owner, who};
use crate::text::Raw;

/// What is said to whoever wonders why a seat stays.
const CONFIGURE: &str =
    "name the profiles of all other tenants on the license in licenses.tenants of this profile";

const NOBODYS: &str = "has no user in this tenant and may belong to another one; left alone";

fn named(seat: &LicenseState) -> String {
    format!(
        "the {} seat under subject {}",
        seat.license.expose(),
        seat.subject.expose()
    )
}

/// Seats of a row that are somebody else's.
pub(super) fn left(pad: &mut Pad<'_, '_>, name: &Raw, seats: &[(LicenseState, Owner)]) {
    for (seat, owner) in seats {
        let of = named(seat);
        match owner {
            Owner::There(other) => pad.warn(
                FindingCode::OrphanSeat,
                name,
                format!("{of} is used in {other}; left alone"),
                "take it back there, from a profile of that tenant",
            ),
            Owner::Another => pad.warn(
                FindingCode::NotChecked,
                name,
                format!("{of} is that of a user here who may be somebody else; left alone"),
                "accept it as the same person, or take it back from that user",
            ),
            Owner::NobodyHere => pad.warn(
                FindingCode::OrphanSeat,
                name,
                format!("{of} {NOBODYS}"),
                CONFIGURE,
            ),
        }
    }
}

/// Seats of a row of which nobody knows whether another tenant uses them; and seats of a user here
/// who is one in another tenant, too.
pub(super) fn say(pad: &mut Pad<'_, '_>, case: &Case) {
    let name = who(&case.row);
    for (seat, _) in &case.license.untold {
        let text = format!("{} {NOBODYS}", named(seat));
        pad.warn(FindingCode::OrphanSeat, &name, text, "");
    }
    let tenant = &pad.desk.snapshot.tenant;
    for seat in &case.license.removals {
        if let Some(other) = tenant.used_in(&seat.subject) {
            let text = format!("is a user of {other} too, and loses the license there as well");
            let hint =
                "one seat serves all tenants of a license; ask who administers the other one";
            pad.warn(FindingCode::OrphanSeat, &name, text, hint);
        }
    }
}

/// Asks for their number, or says that it was typed.
pub(super) fn ask(pad: &mut Pad<'_, '_>) {
    let number = pad.desk.untold;
    if number == 0 {
        return;
    }
    let typed = pad.desk.staging.allowed.orphans;
    let open = pad.desk.cases.iter().flat_map(|case| &case.license.untold);
    let open: Vec<Raw> = open.map(|(seat, _)| seat.subject.raw().clone()).collect();
    let causes = pad.desk.cases.iter().flat_map(|case| &case.license.untold);
    let causes: BTreeSet<&str> = causes.map(|(_, why)| why.as_str()).collect();
    let why = causes.into_iter().collect::<Vec<_>>().join("; ");
    let decision = Some(Decision::Orphans { number });
    let nobody = Raw::default();
    if open.is_empty() {
        let text = format!(
            "seats of nobody here are taken back though another tenant may use them: allowed for exactly {number}"
        );
        pad.note(FindingCode::OrphanSeat, &nobody, text, "");
        return pad.decide(decision);
    }
    let other = typed.map_or_else(String::new, |typed| format!(", and {typed} were allowed"));
    let seats = match number {
        1 => "1 seat belongs to a subject that is no user here",
        _ => &format!("{number} seats belong to subjects that are no users here"),
    };
    let them = if number == 1 { "it" } else { "them" };
    let text = format!(
        "{seats} ({}), and another tenant on the same license may use {them}: {why}. \
         Whoever works there would lose their license at once; left alone{other}",
        names(&open)
    );
    pad.ask(FindingCode::OrphanSeat, &nobody, text, CONFIGURE, decision);
}

/// Whose seats the operations take though they are no users here.
pub(super) fn taken(desk: &Desk<'_>, operations: &[Operation]) -> BTreeSet<Subject> {
    let orphans = desk.cases.iter().flat_map(|case| &case.license.orphans);
    let orphans: BTreeSet<&Subject> = orphans.collect();
    let changes = operations.iter().map(|operation| &operation.change);
    let taken = changes.filter_map(|change| match change {
        Change::RemoveLicense { subject, .. } => orphans.get(subject).copied().cloned(),
        _ => None,
    });
    taken.collect()
}
