//! How much may be taken away at once (reliability 4.8): above one share a typed number is asked
//! for, above another the whole plan stops, additions too. Counted are people, of this plan and
//! together with those of the last seven days.

use std::collections::BTreeSet;

use super::draft::Pad;
use super::plan::Selection;
use crate::domain::{Decision, FindingCode, Guards, Losers, Register, Toll, Week, Weight};
use crate::text::Raw;

pub(super) fn check(pad: &mut Pad<'_, '_>, selection: &Selection, week: &Week) {
    let toll = toll(pad, selection, week);
    let guards = pad.desk.guards;
    let number = toll.removals;
    match guards.weigh(&toll) {
        Weight::Light => {}
        Weight::Typed => pad.warn(
            FindingCode::RemovalGuard,
            &Raw::default(),
            said(&toll),
            &format!("apply asks for the number {number} to be typed"),
        ),
        Weight::Stopped => {
            let rest = count(pad.drafts.len()).saturating_sub(number);
            pad.drafts.clear();
            pad.error(
                FindingCode::RemovalGuard,
                &Raw::default(),
                format!(
                    "{}, {}{}: the whole plan stops",
                    said(&toll),
                    limit(guards, &toll),
                    guards.other_number(number)
                ),
                "look at each removal",
            );
            pad.decide(Some(Decision::Removals { number, rest }));
        }
    }
}

fn toll(pad: &Pad<'_, '_>, selection: &Selection, week: &Week) -> Toll {
    let removals = || pad.drafts.iter().filter(|one| one.change.is_removal());
    let rows: BTreeSet<_> = removals().flat_map(|draft| &draft.loses).collect();
    let mut losers = Losers::default();
    for draft in removals() {
        losers.take(&draft.change);
    }
    let of = selection.people.max(count(pad.desk.cases.len()));
    let (removals, people) = (removals().count(), count(rows.len()));
    let register = Register::of(&pad.desk.snapshot.tenant);
    Toll::new(removals, people, of, &losers, week, Some(&register))
}

fn said(toll: &Toll) -> String {
    let Toll {
        removals,
        people,
        of,
        ..
    } = toll;
    let mut said = format!("{removals} removals take something from {people} of {of} people");
    if toll.groups {
        said.push_str(", and from everybody in a group");
    }
    if toll.is_of_week() {
        let so_far = format!(
            ", with the last 7 days from {} of {}",
            toll.week, toll.week_of
        );
        said.push_str(&so_far);
    }
    said
}

/// Which limit it is that is passed.
fn limit(guards: &Guards, toll: &Toll) -> String {
    let (most, days) = if toll.people > guards.most(toll.of) {
        (guards.most(toll.of), "")
    } else {
        (guards.most(toll.week_of), " in 7 days")
    };
    format!(
        "the limit (removals_stop, {} %{days}) is {most}",
        guards.stop_percent
    )
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
