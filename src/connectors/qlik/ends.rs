//! Reads one list from both ends at once: one chain in an order, one in the opposite order, until
//! they meet. Cursors cannot be computed, so this is the only way to have two pages of one list
//! under way; it halves the waiting at the same number of requests (dossier 11, item 8).

use serde::de::DeserializeOwned;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::paging::Chain;
use super::refusal::Refused;
use crate::domain::{Completeness, Reading};
use crate::ports::{Kind, Problem};
use crate::text::{Raw, Shown, show_str};

/// Something with a key that is unique in its list.
pub(super) trait Keyed: DeserializeOwned + PartialEq {
    fn key(&self) -> Raw;
    /// What the list is sorted by, where that is not unique: the chains have met only when they
    /// share two of these.
    fn anchor(&self) -> Raw {
        self.key()
    }
}

/// How many items there should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// As the list itself says; equal numbers prove it whole.
    ByList,
    /// As something else says: good for stopping in time, not for a proof.
    AtLeast(u64),
}

/// Called with items read and items in all.
pub(super) type Watch<'a> = &'a (dyn Fn(u64, Option<u64>) + Send + Sync);

/// Whether a problem ends everything: no other part would fare better.
pub(super) fn is_fatal(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        Kind::Auth | Kind::Config | Kind::Guard | Kind::Internal
    )
}

/// One list by key, with the keys each chain brought.
struct Meeting<T> {
    found: BTreeMap<Raw, T>,
    anchors: [BTreeSet<Raw>; 2],
    shared: BTreeSet<Raw>,
    first: Option<Raw>,
    pages: usize,
    /// Something came twice and was not the same: the later one was kept (reliability C1).
    moving: bool,
}

impl<T: Keyed> Meeting<T> {
    fn new() -> Self {
        Self {
            found: BTreeMap::new(),
            anchors: [BTreeSet::new(), BTreeSet::new()],
            shared: BTreeSet::new(),
            first: None,
            pages: 0,
            moving: false,
        }
    }

    fn add(&mut self, side: usize, page: Vec<T>) {
        self.pages += 1;
        for item in page {
            let anchor = item.anchor();
            self.first.get_or_insert_with(|| item.key());
            let [front, back] = &self.anchors;
            let other = if side == 0 { back } else { front };
            if other.contains(&anchor) {
                self.shared.insert(anchor.clone());
            }
            if let Some(own) = self.anchors.get_mut(side) {
                own.insert(anchor);
            }
            match self.found.entry(item.key()) {
                Entry::Vacant(free) => {
                    free.insert(item);
                }
                Entry::Occupied(mut known) => {
                    self.moving |= *known.get() != item;
                    known.insert(item);
                }
            }
        }
    }

    fn count(&self) -> u64 {
        self.found.len() as u64
    }

    /// Whole; `counted` when the server's own count says so.
    fn whole(self, how: &str, counted: bool) -> Reading<Vec<T>> {
        let proof = match (self.moving, counted) {
            (true, _) => Completeness::Moving(how.to_owned()),
            (false, true) => Completeness::proven(how),
            (false, false) => Completeness::Once(how.to_owned()),
        };
        let value = self.found.into_values().collect();
        Reading { value, proof }
    }

    fn broken(self, cause: &Shown) -> Reading<Vec<T>> {
        Reading::incomplete(self.found.into_values().collect(), cause)
    }
}

/// Reads a list whole, sorted by key. A failure on the way gives what was read, marked incomplete;
/// an `Err` is a problem that concerns every list.
///
/// `back` reads the same list in the opposite order. When the server turns out to ignore that order,
/// the front chain goes on alone.
pub(super) async fn read_list<T: Keyed>(
    mut front: Chain<'_, T>,
    mut back: Option<Chain<'_, T>>,
    expected: impl Fn() -> Expected,
    watch: Watch<'_>,
) -> Result<Reading<Vec<T>>, Problem> {
    let mut meeting = Meeting::new();
    loop {
        if let Some(end) = judge(&front, back.as_ref(), &meeting, expected()) {
            return Ok(finish(meeting, front.total(), end));
        }
        let left = left(&front, &meeting, expected());
        // The last page is not worth two requests, and the first may be the last.
        let both = meeting.pages > 0 && left.is_none_or(|left| left > 100);
        let (ahead, behind) = match back.as_mut().filter(|_| both) {
            Some(back) => tokio::join!(front.next(), back.next()),
            None => (front.next().await, Ok(Vec::new())),
        };
        match absorb(&mut meeting, ahead, behind) {
            Ok(true) => {}
            Ok(false) => back = None,
            Err(refused) if is_fatal(&refused.problem) => return Err(refused.problem),
            Err(refused) => return Ok(meeting.broken(&show_str(&refused.problem.to_string()))),
        }
        watch(meeting.count(), total(&front, expected()));
    }
}

/// Why reading ends.
enum End {
    LastPage,
    Counted,
    Met,
}

fn total<T: Keyed>(front: &Chain<'_, T>, expected: Expected) -> Option<u64> {
    match expected {
        Expected::ByList => front.total(),
        Expected::AtLeast(count) => Some(count),
    }
}

fn left<T: Keyed>(front: &Chain<'_, T>, meeting: &Meeting<T>, expected: Expected) -> Option<u64> {
    Some(total(front, expected)?.saturating_sub(meeting.count()))
}

fn judge<T: Keyed>(
    front: &Chain<'_, T>,
    back: Option<&Chain<'_, T>>,
    meeting: &Meeting<T>,
    expected: Expected,
) -> Option<End> {
    if front.ended() || back.is_some_and(Chain::ended) {
        return Some(End::LastPage);
    }
    let known = total(front, expected);
    let enough = known.is_some_and(|known| meeting.count() >= known);
    if enough && expected == Expected::ByList && meeting.pages > 0 {
        return Some(End::Counted);
    }
    (meeting.shared.len() >= 2 && enough).then_some(End::Met)
}

/// Takes both pages in; whether the back chain is what it should be.
fn absorb<T: Keyed>(
    meeting: &mut Meeting<T>,
    ahead: Result<Vec<T>, Refused>,
    behind: Result<Vec<T>, Refused>,
) -> Result<bool, Refused> {
    meeting.add(0, ahead?);
    // The opposite order refused or ignored: its page tells nothing about the end of the list.
    let Ok(page) = behind else { return Ok(false) };
    let ignored = page.iter().any(|item| Some(item.key()) == meeting.first);
    if ignored {
        return Ok(false);
    }
    if !page.is_empty() {
        meeting.add(1, page);
    }
    Ok(true)
}

fn finish<T: Keyed>(meeting: Meeting<T>, total: Option<u64>, end: End) -> Reading<Vec<T>> {
    let count = meeting.count();
    match (total, end) {
        (Some(total), _) if total != count => {
            let cause = format!("the server counts {total}, {count} were read");
            meeting.broken(&show_str(&cause))
        }
        (Some(_), _) => meeting.whole("read to the end, and the server's count agrees", true),
        (None, End::Met) => meeting.whole("read from both ends until they met", false),
        (None, _) => meeting.whole("read to the last page", false),
    }
}

/// What two readings of disjoint parts of one list say together: no more than the weaker one. What
/// is in both all the same went from one part to the other while they were read.
pub(super) fn both<T: Keyed>(one: Reading<Vec<T>>, two: Reading<Vec<T>>) -> Reading<Vec<T>> {
    let weakness = |proof: &Completeness| match proof {
        Completeness::Proven(_) => 0,
        Completeness::Once(_) => 1,
        Completeness::Moving(_) => 2,
        Completeness::Incomplete(_) | Completeness::Unread => 3,
    };
    let mut proof = if weakness(&two.proof) > weakness(&one.proof) {
        two.proof
    } else {
        one.proof
    };
    let mut found: BTreeMap<Raw, T> = BTreeMap::new();
    for item in one.value.into_iter().chain(two.value) {
        let twice = found.insert(item.key(), item).is_some();
        if twice && proof.is_proven() {
            proof = Completeness::Moving("something was in two parts of the list".to_owned());
        }
    }
    let value = found.into_values().collect();
    Reading { value, proof }
}

/// Turns what was read into domain values; what this version does not understand is left out and
/// makes the reading incomplete.
pub(super) fn convert<T, U>(
    reading: Reading<Vec<T>>,
    what: &str,
    to: impl FnMut(T) -> Option<U>,
) -> Reading<Vec<U>> {
    let before = reading.value.len();
    let mut value: Vec<U> = reading.value.into_iter().filter_map(to).collect();
    // Collecting reuses the room of the records, which are many times larger.
    value.shrink_to_fit();
    let lost = before - value.len();
    let proof = match lost {
        0 => reading.proof,
        lost => {
            Completeness::Incomplete(format!("{lost} {what} of a kind unknown to this version"))
        }
    };
    Reading { value, proof }
}

#[cfg(test)]
#[path = "ends_tests.rs"]
mod tests;
