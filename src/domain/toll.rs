//! What a plan takes away, counted in people and weighed against the limits of the profile
//! (reliability 4.8): for itself, and together with what runs of the last seven days took.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Assignee, Change};
use super::plan::{Guards, Plan};
use super::register::Register;

/// Whom a removal takes something from, as the operation names them: keys for comparing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loser {
    /// A person, by id, by subject, or by both.
    Person {
        /// The user's id.
        id: Option<String>,
        /// The user's subject.
        subject: Option<String>,
    },
    /// Everybody in a group, by its id or by its name. Who is in it the operation does not say.
    Group(String),
}

impl Change {
    /// Whom it takes something from; `None` when it takes nothing.
    pub fn loser(&self) -> Option<Loser> {
        let person = |id: Option<String>, subject: Option<String>| Loser::Person { id, subject };
        self.is_removal().then(|| match self {
            Self::DisableUser { target, .. }
            | Self::DeleteUser { target, .. }
            | Self::SetRoles { target, .. } => {
                person(Some(target.id.key()), Some(target.subject.key()))
            }
            Self::RemoveLicense { before, .. } | Self::ChangeLicense { before, .. } => {
                person(None, Some(before.subject.key()))
            }
            Self::RemoveSpaceAssignment { target, .. }
            | Self::ChangeSpaceAssignment { target, .. } => match &target.assignee {
                Assignee::User(id) | Assignee::Bot(id) => person(Some(id.key()), None),
                Assignee::NewUser(subject) => person(None, Some(subject.key())),
                Assignee::Group(id) => Loser::Group(id.key()),
                Assignee::NewGroup(name) => Loser::Group(name.key()),
            },
            _ => person(None, None),
        })
    }
}

/// People who lose something, as operations name them: by id, by subject, by both, or as everybody
/// in a group. Only [`Register`] tells which of them are the same human.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losers {
    ids: BTreeSet<String>,
    /// Named by subject alone.
    subjects: BTreeSet<String>,
    /// Subject and id, where one operation named both.
    links: BTreeMap<String, String>,
    groups: BTreeSet<String>,
}

impl Losers {
    /// Counts in whoever loses something by this change.
    pub fn take(&mut self, change: &Change) {
        match change.loser() {
            Some(Loser::Person { id, subject }) => {
                match (&id, subject) {
                    (Some(id), Some(subject)) => {
                        self.links.insert(subject, id.clone());
                    }
                    (None, Some(subject)) => {
                        self.subjects.insert(subject);
                    }
                    (_, None) => {}
                }
                self.ids.extend(id);
            }
            Some(Loser::Group(key)) => {
                self.groups.insert(key);
            }
            None => {}
        }
    }

    /// Counts in everybody of another count.
    pub fn join(&mut self, other: &Self) {
        self.ids.extend(other.ids.iter().cloned());
        self.subjects.extend(other.subjects.iter().cloned());
        let links = other.links.iter();
        self.links
            .extend(links.map(|(subject, id)| (subject.clone(), id.clone())));
        self.groups.extend(other.groups.iter().cloned());
    }

    /// How many people, by what the tenant holds now: each human once, whoever is in a group by the
    /// tenant's own record included. Somebody known by subject here and by id there, whom nothing
    /// joins, counts twice: too many is the safe side.
    pub fn people(&self, register: &Register) -> u64 {
        let mut ids = self.ids.clone();
        let mut strangers = 0;
        for subject in &self.subjects {
            match register.id(subject).or_else(|| self.links.get(subject)) {
                Some(id) => {
                    ids.insert(id.clone());
                }
                None => strangers += 1,
            }
        }
        let groups = self.groups.iter();
        ids.extend(groups.flat_map(|group| register.members(group)).cloned());
        ids.len() as u64 + strangers
    }

    /// No fewer than so many, whoever is who: what can be said before the tenant was read.
    pub fn at_least(&self) -> u64 {
        let linked = self.links.keys();
        let subjects: BTreeSet<&String> = self.subjects.iter().chain(linked).collect();
        self.ids.len().max(subjects.len()) as u64
    }

    /// Whether groups lose something: how many people are in them nobody knows for sure.
    pub fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }
}

/// What runs of the last seven days took, as their journals tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week {
    /// From whom.
    pub losers: Losers,
    /// The largest number of people that one of these runs was measured against.
    pub of: u64,
}

/// What a plan takes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Toll {
    /// Operations that take something: the number that is typed.
    pub removals: u64,
    /// From so many people.
    pub people: u64,
    /// Of so many in scope.
    pub of: u64,
    /// From so many people in seven days, this plan's included.
    pub week: u64,
    /// Of so many: the largest scope among these runs.
    pub week_of: u64,
    /// Whether groups lose something: how many people are in them nobody knows for sure.
    pub groups: bool,
}

/// What the limits say about a toll, lightest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Within the limits.
    Light,
    /// The number of removals has to be typed.
    Typed,
    /// The whole plan stops.
    Stopped,
}

impl Toll {
    /// Of a sealed plan, counted in its operations, whatever its findings say. Without a register the
    /// tenant was not read yet: people are at least so many.
    pub fn of_plan(plan: &Plan, week: &Week, register: Option<&Register>) -> Self {
        let mut losers = Losers::default();
        for operation in &plan.operations {
            losers.take(&operation.change);
        }
        let removals = plan.operations.iter();
        let removals = removals.filter(|one| one.change.is_removal()).count();
        let of = plan.summary.scope.max(plan.summary.people);
        Self::new(removals, 0, of, &losers, week, register)
    }

    /// Of `removals` operations that take something from `people` at least, of the `of` in scope.
    pub fn new(
        removals: usize,
        people: u64,
        of: u64,
        losers: &Losers,
        week: &Week,
        register: Option<&Register>,
    ) -> Self {
        let count = |losers: &Losers| {
            register.map_or_else(|| losers.at_least(), |register| losers.people(register))
        };
        let mut all = losers.clone();
        all.join(&week.losers);
        let (of, people) = (of.max(1), people.max(count(losers)));
        Self {
            removals: u64::try_from(removals).unwrap_or(u64::MAX),
            people,
            of,
            week: count(&all).max(people),
            week_of: of.max(week.of),
            groups: losers.has_groups(),
        }
    }

    /// Whether earlier runs make it heavier.
    pub fn is_of_week(&self) -> bool {
        self.week > self.people
    }
}

impl Guards {
    /// Weighs a toll. A number of removals that was allowed exactly needs typing no more than any
    /// other, but does not stop.
    pub fn weigh(&self, toll: &Toll) -> Weight {
        if toll.removals == 0 {
            return Weight::Light;
        }
        let over = |most: u64, week: u64| toll.people > most || toll.week > week;
        let stops = over(self.most(toll.of), self.most(toll.week_of));
        if stops && self.allow_removals != Some(toll.removals) {
            Weight::Stopped
        } else if stops || toll.groups || over(self.untyped(toll.of), self.untyped(toll.week_of)) {
            Weight::Typed
        } else {
            Weight::Light
        }
    }

    /// From how many people of so many may be taken at all.
    pub fn most(&self, of: u64) -> u64 {
        share(of, self.stop_percent)
    }

    /// From how many people of so many may be taken without typing the number.
    pub fn untyped(&self, of: u64) -> u64 {
        share(of, self.confirm_percent).min(self.confirm_count)
    }
}

/// So many per cent, rounded up: a single removal is not stopped because few people are in view.
fn share(of: u64, percent: u8) -> u64 {
    of.saturating_mul(u64::from(percent)).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing;
    use crate::text::Raw;

    fn toll(people: u64, of: u64, week: u64, week_of: u64) -> Toll {
        Toll {
            removals: people,
            people,
            of,
            week,
            week_of,
            groups: false,
        }
    }

    #[test]
    fn each_removal_says_whom_it_takes_from() {
        let loser = |assignee| testing::strip(assignee).change.loser();
        let person = |id: Option<&str>, subject: Option<&str>| Loser::Person {
            id: id.map(str::to_owned),
            subject: subject.map(str::to_owned),
        };
        for (assignee, whom) in [
            (Assignee::User("u".into()), person(Some("u"), None)),
            (Assignee::Bot("b".into()), person(Some("b"), None)),
            (
                Assignee::NewUser("CORP\\a".into()),
                person(None, Some("corp\\a")),
            ),
            (Assignee::Group("g".into()), Loser::Group("g".to_owned())),
            (
                Assignee::NewGroup("Sales".into()),
                Loser::Group(Raw::from("Sales").key()),
            ),
        ] {
            assert_eq!(loser(assignee), Some(whom));
        }
        let both = person(Some("id-a"), Some("corp\\a"));
        assert_eq!(testing::disable("a").change.loser(), Some(both));
        let gives = Change::CreateGroup {
            target: "Sales".into(),
            before: (),
            after: "Sales".into(),
        };
        assert_eq!(gives.loser(), None);
    }

    #[test]
    fn a_group_that_loses_something_is_never_light() {
        let toll = Toll {
            removals: 1,
            groups: true,
            ..toll(0, 500, 0, 500)
        };
        assert_eq!(Guards::default().weigh(&toll), Weight::Typed);
    }

    #[test]
    fn a_share_or_a_count_whichever_is_smaller() {
        let guards = Guards::default();
        for (people, of, weight) in [
            (0, 40, Weight::Light),
            (2, 40, Weight::Light),
            (3, 40, Weight::Typed),
            (10, 500, Weight::Light),
            (11, 500, Weight::Typed),
            (100, 500, Weight::Typed),
            (101, 500, Weight::Stopped),
            (1, 1, Weight::Light),
        ] {
            let toll = toll(people, of, people, of);
            assert_eq!(guards.weigh(&toll), weight, "{people} of {of}");
        }
    }

    #[test]
    fn a_slow_bleed_is_stopped() {
        let guards = Guards::default();
        // Fifteen per cent a day: the first day passes with the number typed, the second stops.
        assert_eq!(guards.weigh(&toll(75, 500, 75, 500)), Weight::Typed);
        assert_eq!(guards.weigh(&toll(75, 500, 150, 500)), Weight::Stopped);
        // A small scope is weighed against the large one of the week.
        assert_eq!(guards.weigh(&toll(1, 40, 12, 5000)), Weight::Typed);
        let allowed = Guards {
            allow_removals: Some(75),
            ..Guards::default()
        };
        assert_eq!(allowed.weigh(&toll(75, 500, 150, 500)), Weight::Typed);
        assert_eq!(allowed.weigh(&toll(76, 500, 151, 500)), Weight::Stopped);
    }
}
