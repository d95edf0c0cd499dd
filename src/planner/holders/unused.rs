//! Who does not use their seat, and who of them is spared.

use jiff::Timestamp;
use std::collections::BTreeSet;

use super::judge::{Holder, LastUse, Note, Review};
use super::standing::Standing;
use crate::domain::RowKey;
use crate::text::Raw;

/// Hours that may lack to a day.
const SLACK: i64 = 1;

/// What counts as unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unused {
    /// No use for so many days.
    pub days: u32,
    /// Seats that were given less than so many days ago are spared.
    pub older_than: u32,
}

impl Default for Unused {
    /// A quarter, and a month to begin with.
    fn default() -> Self {
        Self {
            days: 90,
            older_than: 30,
        }
    }
}

/// Why a seat that is not used is not proposed to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spared {
    /// Protected, and by what.
    Protected(&'static str),
    /// An exception of the profile, for this reason.
    Excepted(Raw),
    /// Given or made lately, or nobody knows when.
    New,
    /// The seat is on an older subject of somebody who may come under another one: to be moved, not taken.
    OlderSubject,
    /// Works in another tenant on the same license, of whose use this one's log tells nothing.
    Elsewhere,
    /// Nobody asked yet what they own.
    NotAsked,
    /// Owns spaces or apps; what happens to them is decided first.
    Owner,
}

/// A holder who does not use the seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle<'a> {
    /// Place among the holders of the review.
    pub place: usize,
    /// Who.
    pub holder: &'a Holder,
    /// Days without use, at least.
    pub days: i64,
    /// Why it is not proposed.
    pub spared: Option<Spared>,
}

/// Holders without use, the longest first. Whoever cannot be judged, because what is covered begins
/// too late, is not among them.
pub fn unused(review: &Review, rule: Unused, now: Timestamp) -> Vec<Idle<'_>> {
    let mut idle: Vec<Idle<'_>> = review
        .holders
        .iter()
        .enumerate()
        .filter_map(|(place, holder)| {
            let (since, never) = match holder.last_use {
                LastUse::At(at) | LastUse::NotSince(at) => (at, false),
                // Younger than what is covered: not used at all, however short that is.
                LastUse::NeverSince(at) => (at, true),
                LastUse::NotRead | LastUse::NoUser => return None,
            };
            let days = days(since, now);
            (never || days >= i64::from(rule.days)).then(|| Idle {
                place,
                holder,
                days,
                spared: spared(holder, days, rule, now),
            })
        })
        .collect();
    // Holders come by name, and a stable sort keeps that.
    idle.sort_by_key(|one| std::cmp::Reverse(one.days));
    idle
}

/// The rows of these holders, and those of them who hold further seats that are not meant: a row's wish
/// is about all of its seats, so they are left out.
pub fn rows<'a>(review: &Review, chosen: &[&'a Holder]) -> (Vec<RowKey>, Vec<&'a Holder>) {
    let seat = |one: &Holder| (one.subject.clone(), one.license.clone());
    let meant: BTreeSet<_> = chosen.iter().map(|one| seat(one)).collect();
    let others = review
        .holders
        .iter()
        .filter(|one| !meant.contains(&seat(one)));
    let others: BTreeSet<&RowKey> = others.map(|one| &one.row).collect();
    let (left, taken): (Vec<&Holder>, Vec<&Holder>) =
        chosen.iter().partition(|one| others.contains(&one.row));
    let rows: BTreeSet<RowKey> = taken.into_iter().map(|one| one.row.clone()).collect();
    (rows.into_iter().collect(), left)
}

/// Whole days. What is covered begins when it was looked at, which is a moment after it was asked for:
/// an hour less is a day all the same.
fn days(since: Timestamp, now: Timestamp) -> i64 {
    (now.duration_since(since).as_hours() + SLACK) / 24
}

/// Whether what is covered reaches back so many days.
pub fn reaches(from: Timestamp, wanted: u32, now: Timestamp) -> bool {
    days(from, now) >= i64::from(wanted)
}

fn spared(holder: &Holder, idle: i64, rule: Unused, now: Timestamp) -> Option<Spared> {
    if let Standing::Protected(why) = holder.standing {
        return Some(Spared::Protected(why));
    }
    if let Standing::Excepted(why) = &holder.standing {
        return Some(Spared::Excepted(why.clone()));
    }
    let old = |since| days(since, now) >= i64::from(rule.older_than);
    if idle < i64::from(rule.days) || !holder.since.is_some_and(old) {
        return Some(Spared::New);
    }
    if holder.notes.contains(&Note::OlderSubject) {
        return Some(Spared::OlderSubject);
    }
    if holder.elsewhere.is_some() {
        return Some(Spared::Elsewhere);
    }
    if !holder.owns.is_empty() {
        return Some(Spared::Owner);
    }
    (!holder.owns_read).then_some(Spared::NotAsked)
}
