//! What the operator wants, before it is a plan. Nothing here is sent.
//!
//! A wish hangs on one row or on a whole group. Edits are values that can be applied and give back
//! their inverse, so undo and redo are two stacks of [`StageEdit`]s.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::decision::Allowed;
use super::ids::{
    DirectoryGroupId, GroupId, LicenseType, PersonId, RoleId, SpaceId, SpaceRole, Subject, UserId,
};
use super::license::AutoAssign;
use super::roster::RowKey;
use super::set::PeopleSet;

/// What a wish hangs on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// One row.
    Row(RowKey),
    /// Everybody below a group, and the group itself as an assignee.
    Group(DirectoryGroupId),
    /// Everybody in the directory.
    AllPeople,
    /// Whoever is in a set of groups, each as a person; the groups themselves get nothing.
    Set(PeopleSet),
    /// A group as Qlik knows it, as an assignee in spaces; the people in it get nothing of their own.
    QlikGroup(GroupId),
}

/// A wished license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LicenseWish {
    /// Hold this type. On a group it never demotes a holder of a higher one.
    Hold(LicenseType),
    /// The seat held under an older subject goes to the one that the person signs in by. Nothing else
    /// is given, no record is made and no seat used.
    Move,
    /// Hold none.
    TakeBack,
}

/// Wished roles in one space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpaceWish {
    /// These roles beside those already held.
    Add(BTreeSet<SpaceRole>),
    /// These roles and no other ones, in an assignment of its own. Only on one row or one group of
    /// Qlik: on several people at once it adds, since a list takes nothing from anybody by the way.
    Exactly(BTreeSet<SpaceRole>),
    /// No direct assignment any more.
    Remove,
}

/// The deprovision ladder; each step holds the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ladder {
    /// Take the license.
    TakeLicense,
    /// Take the direct space assignments too.
    StripSpaces,
    /// Disable the user record too.
    Disable,
    /// Delete the user record. Irreversible; off unless the profile arms it.
    Delete,
}

/// Everything wished for one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Have a user record.
    pub provision: bool,
    /// Hold a license, or none.
    pub license: Option<LicenseWish>,
    /// Roles in spaces.
    pub spaces: BTreeMap<SpaceId, SpaceWish>,
    /// Tenant roles beside those already held.
    pub roles: BTreeSet<RoleId>,
    /// Deprovision down to here.
    pub ladder: Option<Ladder>,
}

impl Wish {
    /// Whether nothing is wished.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What to do when seats do not suffice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShortStock {
    /// In order of the roster; the rest wait, with everything else done for them.
    #[default]
    Wait,
    /// The next type with room, in this order; then wait.
    FallBack(Vec<LicenseType>),
    /// People who do not fit are left out of the plan altogether.
    LeaveOut,
}

/// All that is staged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staging {
    /// Wishes by target.
    #[serde(with = "pairs")]
    pub wishes: BTreeMap<Target, Wish>,
    /// E-mail matches declared to be the same person.
    pub accepted: BTreeMap<PersonId, UserId>,
    /// Wished position of the automatic switches.
    pub auto_assign: Option<AutoAssign>,
    /// What to do when seats do not suffice.
    pub short: ShortStock,
    /// People whose names look like another's, each confirmed singly, by subject.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lookalikes: BTreeSet<Subject>,
    /// What was allowed beyond the profile.
    #[serde(default, skip_serializing_if = "Allowed::is_empty")]
    pub allowed: Allowed,
}

/// A change of the staging: new values (or none) for the named entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageEdit {
    /// Wishes to set or drop.
    pub wishes: Vec<(Target, Option<Wish>)>,
    /// Matches to accept or to take back.
    pub accepted: Vec<(PersonId, Option<UserId>)>,
    /// The automatic switches, if touched.
    #[expect(
        clippy::option_option,
        reason = "outside: whether touched; inside: the wish"
    )]
    pub auto_assign: Option<Option<AutoAssign>>,
    /// The choice for short stock, if touched.
    pub short: Option<ShortStock>,
    /// People who look like others, confirmed or not.
    pub lookalikes: Vec<(Subject, bool)>,
    /// What is allowed beyond the profile, if touched.
    pub allowed: Option<Allowed>,
}

impl Staging {
    /// Whether there is nothing to plan. Accepted matches alone are not a change.
    pub fn is_empty(&self) -> bool {
        self.wishes.is_empty() && self.auto_assign.is_none()
    }

    /// Applies an edit and returns the one that takes it back. What was allowed was allowed for what
    /// was staged then: an edit of that takes it back too, unless it says otherwise itself.
    pub fn apply(&mut self, edit: StageEdit) -> StageEdit {
        let before = (self.allowed.clone(), edit.allowed.is_some());
        let mut back = self.put(edit);
        let (allowed, said) = before;
        let kept = self.kept(&back);
        if !said && kept != self.allowed {
            self.allowed = kept;
            back.allowed = Some(allowed);
        }
        back
    }

    /// What stays allowed after an edit, of which `back` is the inverse.
    fn kept(&self, back: &StageEdit) -> Allowed {
        if self.is_empty() {
            return Allowed::default();
        }
        let wish =
            |(target, before): &(Target, Option<Wish>)| self.wishes.get(target) != before.as_ref();
        let join = |(person, before): &(PersonId, Option<UserId>)| {
            self.accepted.get(person) != before.as_ref()
        };
        let mut kept = self.allowed.clone();
        if back.wishes.iter().any(wish) || back.accepted.iter().any(join) {
            kept.admins.clear();
            kept.removals = None;
            kept.unproven = None;
            kept.orphans = None;
        }
        kept
    }

    fn put(&mut self, edit: StageEdit) -> StageEdit {
        StageEdit {
            wishes: edit
                .wishes
                .into_iter()
                .map(|(target, wish)| {
                    let before = put(&mut self.wishes, &target, wish.filter(|w| !w.is_empty()));
                    (target, before)
                })
                .collect(),
            accepted: edit
                .accepted
                .into_iter()
                .map(|(person, user)| {
                    let before = put(&mut self.accepted, &person, user);
                    (person, before)
                })
                .collect(),
            auto_assign: edit
                .auto_assign
                .map(|new| std::mem::replace(&mut self.auto_assign, new)),
            short: edit
                .short
                .map(|new| std::mem::replace(&mut self.short, new)),
            lookalikes: edit
                .lookalikes
                .into_iter()
                .map(|(subject, confirmed)| {
                    let before = if confirmed {
                        !self.lookalikes.insert(subject.clone())
                    } else {
                        self.lookalikes.remove(&subject)
                    };
                    (subject, before)
                })
                .collect(),
            allowed: edit
                .allowed
                .map(|new| std::mem::replace(&mut self.allowed, new)),
        }
    }
}

fn put<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, key: &K, value: Option<V>) -> Option<V> {
    match value {
        Some(value) => map.insert(key.clone(), value),
        None => map.remove(key),
    }
}

/// JSON objects need text keys; targets are values, so the map is written as pairs.
mod pairs {
    use super::{BTreeMap, Target, Wish};
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<Target, Wish>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Target, Wish>, D::Error> {
        Ok(Vec::<(Target, Wish)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_gives_back_its_inverse() {
        let row = Target::Row(RowKey::Person(PersonId::from("p1")));
        let mut staging = Staging::default();
        let wish = Wish {
            provision: true,
            ..Wish::default()
        };
        let back = staging.apply(StageEdit {
            wishes: vec![(row.clone(), Some(wish.clone()))],
            short: Some(ShortStock::LeaveOut),
            lookalikes: vec![("p2".into(), true)],
            allowed: Some(Allowed {
                hold_removals: true,
                ..Allowed::default()
            }),
            ..StageEdit::default()
        });
        assert_eq!(staging.wishes.get(&row), Some(&wish));
        let again = staging.apply(back);
        assert_eq!(staging, Staging::default());
        staging.apply(again);
        assert_eq!(staging.wishes.get(&row), Some(&wish));
        assert_eq!(staging.short, ShortStock::LeaveOut);
        assert!(staging.lookalikes.contains(&Subject::from("p2")));
        assert!(staging.allowed.hold_removals);
    }

    #[test]
    fn what_was_allowed_reaches_no_further_than_what_was_staged_then() {
        let row = |id: &str| Target::Row(RowKey::Person(PersonId::from(id)));
        let wish = |target: Target, wished: bool| StageEdit {
            wishes: vec![(
                target,
                wished.then(|| Wish {
                    license: Some(LicenseWish::TakeBack),
                    ..Wish::default()
                }),
            )],
            ..StageEdit::default()
        };
        let allowed = Allowed {
            admins: [Subject::from("p1")].into(),
            sizes: [("Sales".to_owned(), 0)].into(),
            removals: Some(2),
            unproven: Some(3),
            orphans: Some(4),
            hold_removals: false,
        };
        let mut staging = Staging::default();
        staging.apply(wish(row("p1"), true));
        let allow = StageEdit {
            allowed: Some(allowed.clone()),
            ..StageEdit::default()
        };
        staging.apply(allow);
        staging.apply(wish(row("p1"), true));
        assert_eq!(staging.allowed, allowed, "nothing changed");

        let back = staging.apply(wish(row("p2"), true));
        assert!(staging.allowed.admins.is_empty());
        assert_eq!(staging.allowed.removals, None);
        assert_eq!(staging.allowed.unproven, None);
        assert_eq!(staging.allowed.orphans, None);
        assert_eq!(staging.allowed.sizes.len(), 1, "a source is what it is");
        let again = staging.apply(back);
        assert_eq!(staging.allowed, allowed, "undone, it is as it was shown");
        staging.apply(again);
        assert!(staging.allowed.admins.is_empty(), "and done again");

        staging.apply(wish(row("p1"), false));
        staging.apply(wish(row("p2"), false));
        assert!(staging.allowed.is_empty(), "nothing is staged any more");
    }
}
