//! License operations and what is to be said about seats.

use std::collections::BTreeMap;

use super::draft::{Draft, Key, Pad, Step};
use super::orphans;
use crate::domain::{Change, FindingCode, LicenseState, LicenseType, LicenseWish, Undo};
use crate::planner::desk::{Case, Fate, LicenseNote, capacity, who};
use crate::planner::wishes::rank;
use crate::text::Raw;

pub(super) fn plan(pad: &mut Pad<'_, '_>) {
    let desk = pad.desk;
    if capacity(desk.snapshot) {
        on_capacity(pad);
        return;
    }
    switches(pad);
    // Before the seats that it is about: a long list may be cut.
    orphans::ask(pad);
    let stock = stock(&desk.cases);
    for (at, case) in desk.cases.iter().enumerate() {
        note(pad, case);
        orphans::say(pad, case);
        fate(pad, case, &stock);
        if case.skip.is_none() || !case.wish.gives() {
            operations(pad, at, case);
        }
    }
    auto_assign_note(pad);
}

/// The automatic switches, first of all: they hand seats to passers-by.
fn switches(pad: &mut Pad<'_, '_>) {
    let Some(after) = pad.desk.staging.auto_assign else {
        return;
    };
    match pad.desk.snapshot.tenant.licensing.value.auto_assign {
        Some(before) if before == after => {}
        Some(before) => pad.push(Draft::new(
            Step::AutoAssign,
            (0, String::new()),
            Change::SetAutoAssign { before, after },
            "automatic assignment, as staged",
            Undo::Reversible,
        )),
        None => pad.warn(
            FindingCode::NotChecked,
            &Raw::from("auto-assign"),
            "the switches could not be read, so they are not changed",
            "reading license settings needs an administrator's rights",
        ),
    }
}

fn auto_assign_note(pad: &mut Pad<'_, '_>) {
    let staged = pad.desk.staging.auto_assign;
    let Some(on) = staged.or(pad.desk.snapshot.tenant.licensing.value.auto_assign) else {
        return;
    };
    let gives = |name: &str| {
        pad.drafts.iter().any(|draft| match &draft.change {
            Change::AddLicense { after, .. } => after.license.expose() == name,
            _ => false,
        })
    };
    let mut words = Vec::new();
    for (is_on, name) in [
        (on.professional, LicenseType::PROFESSIONAL),
        (on.analyzer, LicenseType::ANALYZER),
    ] {
        if is_on && gives(name) {
            words.push(name);
        }
    }
    if !words.is_empty() {
        pad.note(
            FindingCode::AutoAssignOn,
            &Raw::from(words.join(", ")),
            "auto-assign is on: whoever signs in takes a seat too, maybe one of these",
            "switch it off on the Roster screen",
        );
    }
    let takes = |change: &Change| matches!(change, Change::RemoveLicense { .. });
    if (on.professional || on.analyzer) && pad.drafts.iter().any(|draft| takes(&draft.change)) {
        pad.warn(
            FindingCode::AutoAssignOn,
            &Raw::default(),
            "auto-assign is on: whoever loses a seat takes one again with the next sign-in",
            "switch it off first, in the same plan",
        );
    }
}

fn operations(pad: &mut Pad<'_, '_>, at: usize, case: &Case) {
    let license = &case.license;
    for seat in &license.removals {
        take_back(pad, at, case, seat);
    }
    let Some(subject) = &case.subject else { return };
    if case.wish.gives() && !case.served() {
        return;
    }
    let key = subject.folded();
    if let Some((before, after)) = &license.moves {
        let change = Change::MoveLicense {
            subject: after.subject.clone(),
            before: before.clone(),
            after: after.clone(),
        };
        let why = "same person, two subjects (accepted); no seat used";
        pad.push(
            Draft::new(
                Step::MoveLicenses,
                (at, key.clone()),
                change,
                why,
                Undo::Reversible,
            )
            .makes(Key::Moved(key.clone())),
        );
    }
    let given = match &license.fate {
        Fate::Given => license.want.as_ref(),
        Fate::FellBack(other) => Some(other),
        _ => None,
    };
    if let Some(given) = given {
        let after = LicenseState {
            subject: subject.clone(),
            license: given.clone(),
        };
        give(pad, at, case, after);
    }
}

fn give(pad: &mut Pad<'_, '_>, at: usize, case: &Case, after: LicenseState) {
    let license = &case.license;
    let subject = after.subject.clone();
    let key = subject.folded();
    let order = (license.turn, key.clone());
    let draft = if let Some(from) = &license.from {
        let demotes = rank(from) > rank(&after.license);
        let before = LicenseState {
            subject: subject.clone(),
            license: from.clone(),
        };
        let undo = if demotes {
            Undo::Lossy
        } else {
            Undo::Reversible
        };
        let why = if demotes {
            "marked row, lower type wished"
        } else {
            "higher type wished"
        };
        let change = Change::ChangeLicense {
            subject,
            before,
            after,
        };
        let loses = change.is_removal().then(|| case.row.key.clone());
        Draft::new(
            Step::ChangeLicenses,
            order,
            change,
            case.wish.told(why),
            undo,
        )
        .needs(license.moves.is_some().then_some(Key::Moved(key)))
        .loses(loses)
    } else {
        let change = Change::AddLicense {
            subject,
            before: (),
            after,
        };
        let why = match &license.fate {
            Fate::FellBack(_) => "the wished type has no seat left",
            _ => "wished, holds none",
        };
        Draft::new(
            Step::AddLicenses,
            (at, key.clone()),
            change,
            case.wish.told(why),
            Undo::Reversible,
        )
        .needs(case.creates().then_some(Key::User(key)))
    };
    pad.push(draft);
}

fn take_back(pad: &mut Pad<'_, '_>, at: usize, case: &Case, seat: &LicenseState) {
    let license = &case.license;
    let step = if pad.desk.removals_first {
        Step::FreeLicenses
    } else {
        Step::RemoveLicenses
    };
    let key = seat.subject.folded();
    let change = Change::RemoveLicense {
        subject: seat.subject.clone(),
        before: seat.clone(),
        after: (),
    };
    let why = if license.orphans.contains(&seat.subject) {
        "taken back, no user here"
    } else if case.wish.ladder.is_some() {
        "deprovisioned"
    } else {
        "taken back"
    };
    let order = format!("{} {}", key.expose(), seat.license.expose());
    pad.push(
        Draft::new(step, (at, order), change, case.wish.told(why), Undo::Lossy)
            .makes(Key::Taken(key))
            .loses([case.row.key.clone()]),
    );
}

fn note(pad: &mut Pad<'_, '_>, case: &Case) {
    let name = who(&case.row);
    match &case.license.note {
        None => {}
        Some(LicenseNote::KeepsHigher { held, wished }) => pad.note(
            FindingCode::KeepsHigherLicense,
            &name,
            format!(
                "keeps {} though {} is wished by a group",
                held.expose(),
                wished.expose()
            ),
            "l on the row itself changes it",
        ),
        Some(LicenseNote::UnknownHeld) => pad.warn(
            FindingCode::NotChecked,
            &name,
            "holds a seat whose type the tenant did not tell; left alone",
            "refresh",
        ),
        Some(LicenseNote::SecondSeat(seat)) => pad.note(
            FindingCode::SecondSeat,
            &name,
            format!(
                "holds a second seat, {} under the old subject {}",
                seat.license.expose(),
                seat.subject.expose()
            ),
            "take the older one back in the Administration of Qlik Cloud",
        ),
        Some(LicenseNote::Withheld(cause)) => pad.warn(
            FindingCode::IncompleteSource,
            &name,
            format!("the license is not taken: {cause}"),
            "refresh",
        ),
        Some(LicenseNote::Protected(why)) => pad.shielded(&name, why, "the license stays"),
        Some(LicenseNote::Off) => pad.off(&name, "the license stays"),
        Some(LicenseNote::NotOurs(seats)) => orphans::left(pad, &name, seats),
    }
}

fn fate(pad: &mut Pad<'_, '_>, case: &Case, stock: &Stock<'_>) {
    let Some(want) = &case.license.want else {
        return;
    };
    let meter = pad.desk.meters.iter().find(|meter| meter.license == *want);
    let (given, wished) = stock.get(want).copied().unwrap_or_default();
    let stock = format!("{given} {} seats left for {wished}", want.expose());
    let (code, text) = match &case.license.fate {
        Fate::Waits { position, of } => (
            FindingCode::WaitsForSeat,
            format!("waits for a seat ({} of {of}): {stock}", nth(*position)),
        ),
        Fate::FellBack(other) => (
            FindingCode::FellBack,
            format!("gets {} instead: {stock}", other.expose()),
        ),
        Fate::Keeps(held) => (
            FindingCode::FellBack,
            format!("keeps {}: {stock}", held.expose()),
        ),
        Fate::LeftOut => (
            FindingCode::LeftOut,
            format!("left out of the plan: {stock}"),
        ),
        Fate::Given | Fate::Nothing => return,
    };
    let hint = match meter.map(|meter| meter.overage) {
        None | Some(0) => "take seats back, choose fall back or leave out, or buy",
        Some(_) => {
            "take seats back, choose fall back or leave out, or buy; overage would cost and is not used"
        }
    };
    pad.warn(code, &who(&case.row), text, hint);
}

/// Per type: how many get a seat of it, and how many wish for one.
type Stock<'c> = BTreeMap<&'c LicenseType, (usize, usize)>;

fn stock(cases: &[Case]) -> Stock<'_> {
    let mut stock = Stock::new();
    for case in cases {
        if let Some(want) = &case.license.want {
            let (given, wished) = stock.entry(want).or_default();
            *given += usize::from(case.license.fate == Fate::Given);
            *wished += 1;
        }
    }
    stock
}

/// Capacity: signing in takes the unit, so there is nothing to assign and nothing to send.
fn on_capacity(pad: &mut Pad<'_, '_>) {
    let wished = pad.desk.staging.wishes.values().any(|wish| {
        matches!(
            wish.license,
            Some(LicenseWish::Hold(_) | LicenseWish::TakeBack | LicenseWish::Move)
        )
    });
    let (new, left, short) = pad.desk.meters.first().map_or((0, 0, 0), |meter| {
        let left = u64::try_from(meter.total - meter.used).unwrap_or(0);
        (meter.staged, left, meter.short.len())
    });
    if !wished && new == 0 && pad.desk.staging.auto_assign.is_none() {
        return;
    }
    let hint =
        "who may sign in is decided by the identity provider's assignment of the application";
    let text = format!(
        "capacity subscription: seats are not assigned, whoever signs in takes one; {new} new people, {left} left: {short} short"
    );
    if short == 0 {
        pad.note(FindingCode::CapacityTenant, &Raw::default(), text, hint);
    } else {
        pad.warn(FindingCode::CapacityTenant, &Raw::default(), text, hint);
    }
}

fn nth(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::nth;

    #[test]
    fn ordinals() {
        let all: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112].map(nth).into();
        assert_eq!(
            all,
            [
                "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"
            ]
        );
    }
}
