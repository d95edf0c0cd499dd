//! When somebody was last seen using the tenant. Nothing in a record tells it (qlik.dev, users): it is
//! put together from events, which end after a while, so what is covered is part of the answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::ids::UserId;

/// A use stands in the log under at most so many names of events: asking person by person takes so many
/// requests for each.
pub const USE_NAMES: usize = 3;

/// The last event of each user in a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Begin of what is covered. Nothing can be said of earlier.
    pub from: Timestamp,
    /// End of what is covered.
    pub until: Timestamp,
    /// About whom it can be told; everybody when nothing stands here.
    pub only: Option<BTreeSet<UserId>>,
    /// The last event of whoever had one.
    pub last: BTreeMap<UserId, Timestamp>,
}

impl Usage {
    /// Takes in a later look, which must begin where this one ends or before: what is covered grows.
    /// `false`, and nothing is taken in, where a span between the two was not looked at.
    pub fn extend(&mut self, later: Self) -> bool {
        if later.from > self.until || later.until < self.from {
            return false;
        }
        self.from = self.from.min(later.from);
        self.until = self.until.max(later.until);
        // Somebody who was left out of one look is not known for the whole span.
        self.only = match (self.only.take(), later.only) {
            (Some(one), Some(other)) => Some(one.intersection(&other).cloned().collect()),
            (one, other) => one.or(other),
        };
        for (user, at) in later.last {
            let last = self.last.entry(user).or_insert(at);
            *last = (*last).max(at);
        }
        true
    }

    /// Whether something can be told about this user.
    pub fn knows(&self, user: &UserId) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i8) -> Timestamp {
        format!("2026-11-{day:02}T00:00:00Z")
            .parse()
            .expect("a time")
    }

    fn usage(from: i8, until: i8, last: &[(&str, i8)]) -> Usage {
        Usage {
            from: at(from),
            until: at(until),
            only: None,
            last: last
                .iter()
                .map(|(user, day)| ((*user).into(), at(*day)))
                .collect(),
        }
    }

    #[test]
    fn a_later_look_adds_to_what_is_known() {
        let mut known = usage(1, 10, &[("a", 3), ("b", 9)]);
        assert!(known.extend(usage(9, 20, &[("a", 15), ("b", 9), ("c", 12)])));
        assert_eq!(known, usage(1, 20, &[("a", 15), ("b", 9), ("c", 12)]));
        let before = known.clone();
        assert!(
            !known.extend(usage(22, 24, &[("a", 23)])),
            "the 21st is missing"
        );
        assert_eq!(known, before);
    }

    #[test]
    fn who_was_not_asked_about_once_is_not_known_for_the_whole_span() {
        let asked = |from, until, only: &[&str]| Usage {
            only: Some(only.iter().map(|user| (*user).into()).collect()),
            ..usage(from, until, &[])
        };
        let mut known = usage(1, 10, &[("a", 3)]);
        assert!(known.knows(&"b".into()));
        assert!(known.extend(asked(10, 20, &["a", "b"])));
        assert!(known.extend(asked(20, 21, &["b", "c"])));
        let told = ["a", "b", "c"].map(|user| known.knows(&user.into()));
        assert_eq!(told, [false, true, false]);
    }
}
