//! How much may be taken away at once (reliability 4.8): above one share a typed number is asked
//! for, above another the whole plan stops, additions too.

use std::collections::BTreeSet;

use super::draft::Pad;
use super::plan::Selection;
use crate::domain::FindingCode;
use crate::text::Raw;

pub(super) fn check(pad: &mut Pad<'_, '_>, selection: &Selection) {
    let removals = pad.drafts.iter().filter(|draft| draft.change.is_removal());
    let operations = count(removals.clone().count());
    let losers: BTreeSet<_> = removals.flat_map(|draft| &draft.loses).collect();
    let people = count(losers.len());
    if operations == 0 {
        return;
    }
    let guards = pad.desk.guards;
    let of = selection.people.max(count(pad.desk.cases.len())).max(1);
    let stop = share(of, guards.stop_percent);
    let confirm = share(of, guards.confirm_percent).min(guards.confirm_count);
    if people > stop && guards.allow_removals != Some(operations) {
        pad.drafts.clear();
        pad.error(
            FindingCode::RemovalGuard,
            &Raw::default(),
            format!(
                "{operations} removals would take something from {people} of {of} people, more than {} %: the whole plan stops",
                guards.stop_percent
            ),
            &format!("look at each removal; if they are all meant, `qroll plan --allow-removals {operations}` lets exactly these pass"),
        );
    } else if people > confirm {
        pad.warn(
            FindingCode::RemovalGuard,
            &Raw::default(),
            format!("{operations} removals take something from {people} of {of} people"),
            &format!("apply asks for the number {operations} to be typed"),
        );
    }
}

/// So many per cent, rounded up: a single removal is not stopped because few people are in view.
fn share(of: u64, percent: u8) -> u64 {
    of.saturating_mul(u64::from(percent)).div_ceil(100)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
