//! What complete readings of a directory held, remembered, so that a reading which came whole and
//! is still hard to believe takes nothing away (reliability 4.8, C13): a source that shrank, a
//! group that is empty or gone. Pure; whoever reads keeps it in the state directory.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{DirectoryGroupId, DirectorySnapshot, Doubt};
use crate::text::Raw;

/// A source may lose so many per cent; more is not believed.
const SHRINKS: u64 = 20;
/// How long the largest number counts, so that small losses add up.
const HIGH_WATER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long something that was not seen again is remembered.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(31 * 24);

/// What the whole of a directory is called.
const PEOPLE: &str = "all people";

/// The last good readings of a profile's directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    seen: BTreeMap<String, Seen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    name: Raw,
    count: u64,
    /// When it held so many.
    at: Timestamp,
    /// When it was last read.
    last: Timestamp,
}

/// Something that was read whole, and how much it held.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sight {
    key: String,
    /// As it is vouched for.
    name: Raw,
    /// As the directory calls it.
    plain: Raw,
    count: u64,
    is_group: bool,
}

/// Sizes that a person vouched for: name and number, as a doubt asks for them.
pub type Vouched = BTreeSet<(String, u64)>;

impl Memory {
    /// What of this reading is hard to believe; `groups` are those that are relied on.
    pub fn doubts(
        &self,
        directory: &DirectorySnapshot,
        groups: &[DirectoryGroupId],
        vouched: &Vouched,
    ) -> Vec<Doubt> {
        let mut doubts: Vec<Doubt> = self
            .named_apart(directory, groups)
            .iter()
            .filter_map(|sight| self.doubt(sight))
            .collect();
        doubts.extend(self.gone(directory));
        doubts.retain(|doubt| {
            let name = || doubt.what.expose().to_owned();
            let number = doubt.count.map(|count| (name(), count));
            number.is_none_or(|number| !vouched.contains(&number))
        });
        doubts
    }

    /// Groups by absence from which people are chosen: one that shrank is as bad as a source that did.
    pub fn shrunk(
        &self,
        directory: &DirectorySnapshot,
        groups: &[DirectoryGroupId],
        vouched: &Vouched,
    ) -> Vec<Doubt> {
        let sights = self.named_apart(directory, groups).into_iter();
        let doubts = sights.filter(|sight| sight.is_group).filter_map(|sight| {
            let is_group = false;
            self.doubt(&Sight { is_group, ..sight })
        });
        let is_open = |doubt: &Doubt| {
            let number = (doubt.what.expose().to_owned(), doubt.count.unwrap_or(0));
            !vouched.contains(&number)
        };
        doubts.filter(is_open).collect()
    }

    /// Takes a reading in. What is doubted keeps its old number, so that the doubt stays until it is
    /// settled; what a person vouched for is taken as it is.
    pub fn learn(
        &mut self,
        directory: &DirectorySnapshot,
        groups: &[DirectoryGroupId],
        vouched: &Vouched,
        now: Timestamp,
    ) {
        let gone = self.gone_names(directory);
        for sight in self.named_apart(directory, groups) {
            let number = (sight.name.expose().to_owned(), sight.count);
            if vouched.contains(&number) {
                self.seen.remove(&sight.key);
            } else if self.doubt(&sight).is_some() {
                continue;
            }
            self.take(sight, now);
        }
        self.seen.retain(|key, seen| {
            let fresh = seen.last.duration_until(now) < FORGOTTEN;
            let meant = gone.get(key).map(|name| (name.expose().to_owned(), 0));
            fresh && !meant.is_some_and(|meant| vouched.contains(&meant))
        });
    }

    /// Whole readings, each under a name that no other one has: who vouches for one of two groups
    /// that are named alike says nothing about the other.
    fn named_apart(
        &self,
        directory: &DirectorySnapshot,
        groups: &[DirectoryGroupId],
    ) -> Vec<Sight> {
        let names = self.names(directory);
        let mut all = sights(directory, groups);
        for sight in &mut all {
            sight.name = apart(&names, &sight.key, &sight.name);
        }
        all
    }

    /// As [`Self::named_apart`], of groups that are gone.
    fn gone_names(&self, directory: &DirectorySnapshot) -> BTreeMap<String, Raw> {
        let names = self.names(directory);
        let gone = self.gone_keys(directory).filter_map(|key| {
            let name = apart(&names, &key, &self.seen.get(&key)?.name);
            Some((key, name))
        });
        gone.collect()
    }

    /// What bears which name, by key: everything there is, and what is gone.
    fn names(&self, directory: &DirectorySnapshot) -> BTreeMap<String, BTreeSet<String>> {
        let there = directory.groups.value.iter();
        let there = there.map(|group| (group.name.clone(), group_key(directory, &group.id)));
        let gone = self
            .gone_keys(directory)
            .filter_map(|key| Some((self.seen.get(&key)?.name.clone(), key)));
        let people = (Raw::from(PEOPLE), people_key(directory));
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, key) in there.chain(gone).chain([people]) {
            names
                .entry(name.expose().to_owned())
                .or_default()
                .insert(key);
        }
        names
    }

    fn take(&mut self, sight: Sight, now: Timestamp) {
        let seen = self.seen.entry(sight.key).or_insert_with(|| Seen {
            name: sight.plain.clone(),
            count: 0,
            at: now,
            last: now,
        });
        seen.name = sight.plain;
        seen.last = now;
        if sight.count >= seen.count || seen.at.duration_until(now) > HIGH_WATER {
            (seen.count, seen.at) = (sight.count, now);
        }
    }

    fn doubt(&self, sight: &Sight) -> Option<Doubt> {
        let seen = self.seen.get(&sight.key)?;
        let least = seen.count - seen.count.saturating_mul(SHRINKS) / 100;
        let odd = if sight.is_group {
            sight.count == 0 && seen.count > 0
        } else {
            sight.count < least
        };
        odd.then(|| Doubt {
            what: sight.name.clone(),
            cause: format!(
                "held {} on {} and holds {} now",
                seen.count,
                day(seen.at),
                sight.count
            ),
            count: Some(sight.count),
            of_tenant: false,
        })
    }

    /// Groups that were relied on and are not in a list of groups that is whole.
    fn gone(&self, directory: &DirectorySnapshot) -> Vec<Doubt> {
        self.gone_names(directory)
            .into_iter()
            .filter_map(|(key, name)| Some((name, self.seen.get(&key)?)))
            .filter(|(_, seen)| seen.count > 0)
            .map(|(name, seen)| Doubt {
                what: name,
                cause: format!(
                    "held {} people on {} and is gone from the directory",
                    seen.count,
                    day(seen.at)
                ),
                count: Some(0),
                of_tenant: false,
            })
            .collect()
    }

    fn gone_keys(&self, directory: &DirectorySnapshot) -> impl Iterator<Item = String> {
        let whole = directory.groups.proof.is_proven();
        let there = directory.groups.value.iter();
        let there: BTreeSet<String> = there.map(|group| group_key(directory, &group.id)).collect();
        let prefix = group_key(directory, &DirectoryGroupId::from(""));
        let keys = self
            .seen
            .keys()
            .filter(move |key| whole && key.starts_with(&prefix));
        let gone: Vec<String> = keys.filter(|key| !there.contains(*key)).cloned().collect();
        gone.into_iter()
    }
}

/// Whole readings and their sizes.
fn sights(directory: &DirectorySnapshot, groups: &[DirectoryGroupId]) -> Vec<Sight> {
    let mut all = Vec::new();
    if directory.people.proof.is_proven() {
        all.push(Sight {
            key: people_key(directory),
            name: Raw::from(PEOPLE),
            plain: Raw::from(PEOPLE),
            count: directory.people.value.len() as u64,
            is_group: false,
        });
    }
    for id in groups {
        let members = directory.members.get(id);
        if let Some(members) = members.filter(|members| members.proof.is_proven()) {
            let group = directory.group(id);
            let name = group.map_or(id.raw(), |group| &group.name);
            all.push(Sight {
                key: group_key(directory, id),
                name: name.clone(),
                plain: name.clone(),
                count: members.value.len() as u64,
                is_group: true,
            });
        }
    }
    all
}

/// The name, with the kind and id behind it where several bear it, or where it could be such a name
/// itself.
fn apart(names: &BTreeMap<String, BTreeSet<String>>, key: &str, name: &Raw) -> Raw {
    let text = name.expose();
    let bearers = names.get(text).map_or(0, BTreeSet::len);
    let is_like_one = text.ends_with(')')
        && text.contains(" (")
        && names
            .keys()
            .any(|one| text.starts_with(&format!("{one} (")));
    if bearers < 2 && !is_like_one {
        return name.clone();
    }
    let id = key.split_once('\n').map_or(key, |(_, id)| id);
    Raw::from(format!("{text} ({id})"))
}

fn people_key(directory: &DirectorySnapshot) -> String {
    format!("{}\npeople", directory.label)
}

fn group_key(directory: &DirectorySnapshot, id: &DirectoryGroupId) -> String {
    format!("{}\ngroup {}", directory.label, id.expose())
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
