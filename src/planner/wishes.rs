//! Effective wishes: what is wished for one row, wherever it hangs (the row itself, groups above
//! it, sets it is in, everybody). A row's own wish outranks a group's; among groups the higher
//! license wins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::build::Gap;
use super::roster::{Index, sorted};
use crate::domain::{
    DirectoryGroupId, Ladder, LicenseType, LicenseWish, Missing, PersonId, RoleId, Row, RowKey,
    Snapshot, SpaceId, SpaceRole, SpaceWish, Staging, Target, Wish,
};

/// What is wished for one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectiveWish {
    /// Have a user record; implied by a license, a space or a role.
    pub provision: bool,
    /// The row itself was provisioned by hand: a record disabled in Qlik is enabled again.
    pub enable: bool,
    /// Hold a license, or none.
    pub license: Option<LicenseWish>,
    /// Whether the license was wished on the row itself; only then may it demote.
    pub license_by_hand: bool,
    /// Spaces.
    pub spaces: BTreeMap<SpaceId, EffectiveSpace>,
    /// Tenant roles beside those held.
    pub roles: BTreeSet<RoleId>,
    /// Deprovision down to here.
    pub ladder: Option<Ladder>,
    /// Why nothing may be taken away by this wish: it reaches the row through an unproven read.
    pub unproven: Option<String>,
    /// Where the wish hangs.
    pub reach: Reach,
}

/// Where the wish of a row hangs; the nearest place counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// On the row itself.
    #[default]
    Row,
    /// On a set that it is in, in words: `in A, not in B`.
    Set(Arc<str>),
    /// On a group above it.
    Group,
    /// On everybody.
    Everybody,
}

/// What is wished for one row in one space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectiveSpace {
    /// Roles wished on the row or for everybody: given to the user.
    pub own: BTreeSet<SpaceRole>,
    /// Roles wished on groups: given to the group, and to the user where the group does not reach.
    pub by_group: BTreeMap<DirectoryGroupId, GroupRoles>,
    /// Exactly these directly, wished on the row itself: whatever else is wished there stands back.
    pub exact: Option<BTreeSet<SpaceRole>>,
    /// No direct assignment any more.
    pub remove: bool,
}

/// Roles that come with a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRoles {
    /// Which.
    pub roles: BTreeSet<SpaceRole>,
    /// Groups on the way below the wished one; empty for a direct member.
    pub via: Vec<DirectoryGroupId>,
}

impl EffectiveWish {
    /// Whether nothing is wished.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a seat is to be moved to the subject that the person signs in by, and nothing given.
    pub fn only_moves(&self) -> bool {
        !self.provision && self.license == Some(LicenseWish::Move)
    }

    /// Whether something is to be given.
    pub fn gives(&self) -> bool {
        self.provision
    }
}

/// All wishes, prepared to be asked row by row.
#[derive(Clone, Debug)]
pub struct Wishes<'a> {
    staging: &'a Staging,
    everybody: Option<&'a Wish>,
    everybody_unproven: Option<String>,
    groups: BTreeMap<&'a PersonId, Vec<FromGroup<'a>>>,
    sets: BTreeMap<&'a PersonId, Vec<Arc<FromSet<'a>>>>,
    doubted: BTreeMap<&'a PersonId, &'a str>,
}

#[derive(Clone, Debug)]
struct FromGroup<'a> {
    group: &'a DirectoryGroupId,
    wish: &'a Wish,
    via: &'a [DirectoryGroupId],
    unproven: Option<&'a str>,
}

/// A wish on a set.
#[derive(Debug)]
struct FromSet<'a> {
    wish: &'a Wish,
    by_hand: bool,
    unproven: Option<String>,
    words: Arc<str>,
}

/// The wish of one row; see [`Wishes`] for asking about many.
pub fn effective(staging: &Staging, snapshot: &Snapshot, row: &Row) -> EffectiveWish {
    Wishes::new(staging, snapshot).of(row)
}

impl<'a> Wishes<'a> {
    /// Prepares the staging against the memberships read.
    pub fn new(staging: &'a Staging, snapshot: &'a Snapshot) -> Self {
        let mut groups: BTreeMap<&PersonId, Vec<FromGroup<'_>>> = BTreeMap::new();
        // Groups stand behind rows, of which there may be a hundred thousand.
        let groups_on = Target::Group(DirectoryGroupId::from(""))..;
        for (target, wish) in staging.wishes.range(groups_on) {
            let Target::Group(group) = target else {
                continue;
            };
            let Some(reading) = snapshot.directory.members.get(group) else {
                continue;
            };
            for member in &reading.value {
                groups.entry(&member.person).or_default().push(FromGroup {
                    group,
                    wish,
                    via: &member.via,
                    unproven: reading.proof.gap(),
                });
            }
        }
        Self {
            staging,
            everybody: staging.wishes.get(&Target::AllPeople),
            everybody_unproven: snapshot.directory.people.proof.gap().map(str::to_owned),
            groups,
            sets: sets(staging, snapshot),
            doubted: BTreeMap::new(),
        }
    }

    /// The same, but nothing may be taken from people whom one of these readings brought.
    pub(super) fn doubting(mut self, gaps: &'a [Gap]) -> Self {
        for gap in gaps {
            let people = gap.people.iter();
            self.doubted
                .extend(people.map(|id| (id, gap.cause.as_str())));
        }
        self
    }

    /// What is wished for a row.
    pub fn of(&self, row: &Row) -> EffectiveWish {
        let own = self.staging.wishes.get(&Target::Row(row.key.clone()));
        let mut wish = EffectiveWish::default();
        let mut reach = Reach::Row;
        if let RowKey::Person(id) = &row.key {
            for from in self.groups.get(id).into_iter().flatten() {
                reach = Reach::Group;
                wish.take_group(from);
            }
            if let Some(all) = self.everybody {
                if reach == Reach::Row {
                    reach = Reach::Everybody;
                }
                wish.take_everybody(all, self.everybody_unproven.as_deref());
            }
            for from in self.sets.get(id).into_iter().flatten() {
                reach = Reach::Set(Arc::clone(&from.words));
                wish.take_set(from);
            }
        }
        if let Some(own) = own {
            reach = Reach::Row;
            wish.take_own(own);
        }
        if let RowKey::Person(id) = &row.key {
            wish.doubt(self.doubted.get(id).copied());
        }
        wish.settle();
        if !wish.is_empty() {
            wish.reach = reach;
        }
        wish
    }

    /// The rows for which something is wished, in the order of the roster. Neighbours for whom the
    /// same is wished share one wish: most often it is the same for everybody.
    pub fn rows(&self, index: &Index) -> impl Iterator<Item = (Row, Arc<EffectiveWish>)> {
        let accepted = &self.staging.accepted;
        let mut keys: BTreeSet<RowKey> = self
            .groups
            .keys()
            .chain(self.sets.keys())
            .map(|id| RowKey::Person((*id).clone()))
            .collect();
        keys.extend(
            self.staging
                .wishes
                .keys()
                .filter_map(|target| match target {
                    Target::Row(key) => Some(key.clone()),
                    Target::Group(_)
                    | Target::AllPeople
                    | Target::Set(_)
                    | Target::QlikGroup(_) => None,
                }),
        );
        if self.everybody.is_some() {
            keys.extend(index.person_keys());
        }
        let mut rows = Vec::with_capacity(keys.len());
        rows.extend(keys.iter().filter_map(|key| index.row(key, accepted)));
        drop(keys);
        let mut last = Arc::new(EffectiveWish::default());
        sorted(rows).into_iter().filter_map(move |row| {
            let wish = self.of(&row);
            if wish != *last {
                last = Arc::new(wish);
            }
            (!last.is_empty()).then(|| (row, Arc::clone(&last)))
        })
    }
}

/// Wishes on sets, by who is in them.
fn sets<'a>(
    staging: &'a Staging,
    snapshot: &'a Snapshot,
) -> BTreeMap<&'a PersonId, Vec<Arc<FromSet<'a>>>> {
    let directory = &snapshot.directory;
    let mut sets: BTreeMap<&PersonId, Vec<Arc<FromSet<'_>>>> = BTreeMap::new();
    // Sets stand behind everybody, in the order of targets.
    for (target, wish) in staging.wishes.range(Target::AllPeople..) {
        let Target::Set(set) = target else {
            continue;
        };
        let gap: Option<Missing> = set.gaps(directory).into_iter().next();
        let from = Arc::new(FromSet {
            wish,
            by_hand: set.is_by_hand(),
            unproven: gap.map(|gap| gap.cause),
            words: set.words(directory).expose().into(),
        });
        for id in set.people(directory) {
            sets.entry(id).or_default().push(Arc::clone(&from));
        }
    }
    sets
}

impl EffectiveWish {
    /// What an operation for the row says of its reason, with the set by which it was chosen.
    pub(super) fn told(&self, why: &str) -> String {
        match &self.reach {
            Reach::Set(words) => format!("{why}; {words}"),
            Reach::Row | Reach::Group | Reach::Everybody => why.to_owned(),
        }
    }

    fn take_group(&mut self, from: &FromGroup<'_>) {
        let wish = from.wish;
        self.common(wish, from.unproven);
        for (space, change) in &wish.spaces {
            let entry = self.spaces.entry(space.clone()).or_default();
            match change {
                SpaceWish::Add(roles) | SpaceWish::Exactly(roles) => {
                    let given = GroupRoles {
                        roles: roles.clone(),
                        via: from.via.to_vec(),
                    };
                    entry.by_group.insert(from.group.clone(), given);
                }
                SpaceWish::Remove => {
                    entry.remove = true;
                    self.doubt(from.unproven);
                }
            }
        }
    }

    fn take_everybody(&mut self, wish: &Wish, unproven: Option<&str>) {
        self.common(wish, unproven);
        self.take_spaces(wish, unproven);
    }

    /// Whom a query names is picked by hand: demoted and enabled like a row of its own.
    fn take_set(&mut self, from: &FromSet<'_>) {
        let (wish, unproven) = (from.wish, from.unproven.as_deref());
        self.common(wish, unproven);
        self.take_spaces(wish, unproven);
        if from.by_hand {
            self.enable |= wish.provision;
            if wish.license.is_some() {
                // It may take a seat for another one, so a list that was cut off is no ground for it.
                self.doubt(unproven);
                self.license_by_hand |= self.license == wish.license;
            }
        }
    }

    fn take_own(&mut self, wish: &Wish) {
        self.enable = wish.provision;
        self.provision |= wish.provision;
        self.roles.extend(wish.roles.iter().cloned());
        let gives = wish.provision || matches!(wish.license, Some(LicenseWish::Hold(_)));
        if wish.ladder.is_some() || gives {
            self.ladder = wish.ladder;
        }
        if wish.ladder.is_some() {
            self.unproven = None;
        }
        if wish.license.is_some() {
            self.license.clone_from(&wish.license);
            self.license_by_hand = true;
        }
        self.take_spaces(wish, None);
        for (space, change) in &wish.spaces {
            if let SpaceWish::Exactly(roles) = change {
                let exact = EffectiveSpace {
                    exact: Some(roles.clone()),
                    ..EffectiveSpace::default()
                };
                self.spaces.insert(space.clone(), exact);
            }
        }
    }

    fn take_spaces(&mut self, wish: &Wish, unproven: Option<&str>) {
        for (space, change) in &wish.spaces {
            let entry = self.spaces.entry(space.clone()).or_default();
            match change {
                SpaceWish::Add(roles) | SpaceWish::Exactly(roles) => {
                    entry.own.extend(roles.iter().cloned());
                }
                SpaceWish::Remove => {
                    entry.remove = true;
                    self.doubt(unproven);
                }
            }
        }
    }

    fn common(&mut self, wish: &Wish, unproven: Option<&str>) {
        self.provision |= wish.provision;
        self.roles.extend(wish.roles.iter().cloned());
        if wish.ladder.is_some() || wish.license == Some(LicenseWish::TakeBack) {
            self.doubt(unproven);
        }
        self.ladder = self.ladder.max(wish.ladder);
        if let Some(new) = &wish.license {
            let better = self
                .license
                .as_ref()
                .is_none_or(|old| weight(new) > weight(old));
            if better {
                self.license = Some(new.clone());
            }
        }
    }

    fn doubt(&mut self, unproven: Option<&str>) {
        if let Some(cause) = unproven {
            self.unproven.get_or_insert_with(|| cause.to_owned());
        }
    }

    /// A ladder takes; it gives nothing. Whatever is given implies a record. Where one wish adds
    /// to a space and another removes from it, the addition stands: nobody loses by a tie.
    fn settle(&mut self) {
        if self.ladder.is_some() {
            self.license = Some(LicenseWish::TakeBack);
            self.provision = false;
            self.enable = false;
            self.roles.clear();
            self.spaces.clear();
        }
        for space in self.spaces.values_mut() {
            if !space.own.is_empty() || !space.by_group.is_empty() || space.exact.is_some() {
                space.remove = false;
            }
        }
        let holds = matches!(self.license, Some(LicenseWish::Hold(_)));
        // Whether exact roles give anything shows only beside those held.
        let mut spaces = self.spaces.values();
        let spaces = spaces.any(|space| !space.remove && space.exact.is_none());
        self.provision |= holds || spaces || !self.roles.is_empty();
    }
}

/// How much a license is worth: professional before analyzer before anything else.
pub(super) fn rank(license: &LicenseType) -> u8 {
    match license.expose() {
        LicenseType::PROFESSIONAL => 2,
        LicenseType::ANALYZER => 1,
        _ => 0,
    }
}

fn weight(wish: &LicenseWish) -> (u8, Option<&str>) {
    match wish {
        LicenseWish::TakeBack => (0, None),
        LicenseWish::Move => (1, None),
        LicenseWish::Hold(license) => (2 + rank(license), Some(license.expose())),
    }
}
