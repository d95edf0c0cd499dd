//! People below a group and the shortest way to each: level by level, each group's members by DN,
//! by login (`memberUid`) and, on Active Directory, by primary group. What a member is, its own entry
//! says; nested groups are walked once, so cycles end.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use ldap3::Scope;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dialect::Dialect;
use super::entry::{Class, Entry};
use super::map::Vendor;
use super::refusal::Broken;
use super::search::{Desk, Ended, Query, search};
use super::{dn, filter};
use crate::domain::{
    Completeness, DirectoryGroupId, Members, Membership, Person, PersonId, Reading,
};
use crate::ports::{Kind, Problem};
use crate::text::show_str;

/// DNs or logins that one filter names.
const NAMED: usize = 50;
/// Searches under way at once on one connection.
const AT_ONCE: usize = 8;
/// From so many members on the back link is asked first: a few pages instead of many filters.
const MANY: usize = 500;

/// A group on the walk and the way to it, itself included; empty for the group asked about.
type Way = Vec<DirectoryGroupId>;

/// Everything that a walk needs to ask.
pub(super) struct Walker<'a> {
    pub(super) desk: Desk<'a>,
    pub(super) base: &'a str,
    pub(super) dialect: &'a Dialect,
}

/// What the walk gathered.
#[derive(Default)]
pub(super) struct Found {
    ways: BTreeMap<PersonId, Way>,
    people: BTreeMap<PersonId, Arc<Person>>,
    /// Normal DNs of the groups that were met.
    groups: BTreeSet<String>,
    /// Members that are nobody: who left, computers, people of another forest.
    nobody: usize,
    gap: Option<String>,
}

impl Walker<'_> {
    /// Reads the members. See [`crate::ports::Directory::members`].
    ///
    /// # Errors
    /// `NotFound` for a group that is not there, and what the server refuses.
    pub(super) async fn members(
        &mut self,
        group: &DirectoryGroupId,
    ) -> Result<Reading<(Members, Vec<Arc<Person>>)>, Broken> {
        let mut found = Found::default();
        let filter = filter::both(self.dialect.groups(), &self.dialect.by_id(group.expose()));
        let Some(top) = self.find(&filter, &mut found).await?.into_iter().next() else {
            let text = format!("{} holds no group {}", self.desk.label, group.show());
            return Err(Problem::new(Kind::NotFound, text).into());
        };
        found.groups.insert(dn::normal(&top.dn));
        let mut level = vec![(top, Way::new())];
        while !level.is_empty() {
            let mut below = Vec::new();
            for (group, way) in level {
                below.extend(self.direct(group, &way, &mut found).await?);
            }
            // By id: of two ways that are equally short each source takes the same.
            below.sort_by(|(_, one), (_, other)| one.last().cmp(&other.last()));
            level = below;
        }
        Ok(found.reading())
    }

    /// Takes the members of one group in; gives the groups among them that were not met before.
    async fn direct(
        &mut self,
        group: Entry,
        way: &Way,
        found: &mut Found,
    ) -> Result<Vec<(Entry, Way)>, Broken> {
        let (named, logins) = self.named(&group, found).await?;
        let mut entries = self.entries(&group, &named, found).await?;
        entries.extend(self.logins(&logins, found).await?);
        entries.extend(self.primary(&group, found).await?);
        let listed = named.len() + logins.len();
        if listed > 0 && entries.is_empty() {
            found.gap(format!(
                "none of the {listed} members of {} can be read",
                dn::leaf(&group.dn).unwrap_or_default()
            ));
        }
        found.nobody += listed.saturating_sub(entries.len());
        let mut below = Vec::new();
        for entry in entries {
            match entry.class() {
                Class::Group if found.groups.insert(dn::normal(&entry.dn)) => {
                    let mut way = way.clone();
                    way.push(DirectoryGroupId::new(entry.id(&self.dialect.map.id)));
                    below.push((entry, way));
                }
                Class::Person if !self.dialect.is_shadow(&entry) => {
                    let now = Some(self.desk.clock.wall());
                    let person = self.dialect.map.person(&entry, Class::Person, now);
                    found
                        .ways
                        .entry(person.id.clone())
                        .or_insert_with(|| way.clone());
                    found
                        .people
                        .entry(person.id.clone())
                        .or_insert_with(|| Arc::new(person));
                }
                Class::Group => {}
                Class::Person | Class::Contact | Class::Other => found.nobody += 1,
            }
        }
        Ok(below)
    }

    /// DNs by their normal form, and logins, that a group's entry lists; the held back ones too.
    async fn named(
        &mut self,
        group: &Entry,
        found: &mut Found,
    ) -> Result<(BTreeMap<String, String>, BTreeSet<String>), Broken> {
        let mut named = BTreeMap::new();
        let mut from = None;
        add(&mut named, &mut from, group);
        let mut before = 0;
        while let Some(next) = from.take() {
            // Active Directory gives 1,500 values at a time (`member;range=0-1499`).
            let attribute = format!("member;range={next}-*");
            let more = self
                .ask(
                    Scope::Base,
                    &group.dn,
                    filter::EVERYTHING,
                    &[&attribute],
                    found,
                )
                .await?;
            for entry in &more {
                add(&mut named, &mut from, entry);
            }
            if named.len() <= before || more.is_empty() {
                found.gap("the server gives only a part of the members of a group".to_owned());
                break;
            }
            before = named.len();
        }
        let suspicious = matches!(named.len(), 1000 | 1500) && before == 0;
        if suspicious && self.dialect.vendor == Vendor::ActiveDirectory {
            found.gap(format!(
                "a group has exactly {} members and no mark that they are all",
                named.len()
            ));
        }
        if group.attributes.contains_key("memberurl") && named.is_empty() {
            found
                .gap("a group is a stored query whose members the server does not list".to_owned());
        }
        let logins = group.texts("memberuid").map(str::to_owned).collect();
        Ok((named, logins))
    }

    /// The entries behind DNs. A large group is asked for by its back link first; who does not turn
    /// up there (the link is a feature that may be off or partial) is asked for by DN.
    async fn entries(
        &mut self,
        group: &Entry,
        named: &BTreeMap<String, String>,
        found: &mut Found,
    ) -> Result<Vec<Entry>, Broken> {
        let mut entries = Vec::new();
        let mut left: BTreeSet<&String> = named.keys().collect();
        if named.len() >= MANY {
            let back = filter::equal("memberOf", &dn::plain(&group.dn));
            for entry in self.find(&back, found).await? {
                // Some servers count nested members here; these come with their own group.
                if left.remove(&dn::normal(&entry.dn)) {
                    entries.push(entry);
                }
            }
        }
        let own_dn = self.dialect.own_dn();
        let rest: Vec<&String> = left.iter().filter_map(|key| named.get(*key)).collect();
        let filters = rest
            .chunks(NAMED)
            .map(|part| filter::any(part.iter().map(|dn| filter::equal(own_dn, &dn::plain(dn)))));
        let filters: Vec<String> = filters.collect();
        for entry in self.side_by_side(filters, found).await? {
            if left.remove(&dn::normal(&entry.dn)) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    async fn logins(
        &mut self,
        logins: &BTreeSet<String>,
        found: &mut Found,
    ) -> Result<Vec<Entry>, Broken> {
        let all: Vec<&String> = logins.iter().collect();
        let filters = all.chunks(NAMED).map(|part| {
            let any = filter::any(part.iter().map(|login| filter::equal("uid", login)));
            filter::both(self.dialect.people(), &any)
        });
        let filters = filters.collect();
        self.side_by_side(filters, found).await
    }

    /// People whose primary group this is are in neither `member` nor `memberOf` (MS-ADTS 3.1.1.4.5.14).
    async fn primary(&mut self, group: &Entry, found: &mut Found) -> Result<Vec<Entry>, Broken> {
        match group.text(&["primarygrouptoken"]) {
            Some(token) if self.dialect.vendor == Vendor::ActiveDirectory => {
                let of = filter::equal("primaryGroupID", token);
                self.find(&filter::both(self.dialect.people(), &of), found)
                    .await
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Several searches, some of them under way at once; in their order.
    async fn side_by_side(
        &mut self,
        filters: Vec<String>,
        found: &mut Found,
    ) -> Result<Vec<Entry>, Broken> {
        let attributes = self.dialect.member_attributes();
        let (desk, base) = (&self.desk, self.base);
        let attributes = attributes.as_slice();
        let asked = stream::iter(filters).map(|filter| {
            let mut desk = desk.again();
            async move {
                let query = Query {
                    base,
                    scope: Scope::Subtree,
                    filter: &filter,
                    attributes,
                };
                let mut entries = Vec::new();
                let mut take = |entry| entries.push(entry);
                let ended = search(&mut desk, query, &mut take).await?;
                Ok::<_, Broken>((entries, ended))
            }
        });
        let answers: Vec<(Vec<Entry>, Ended)> = asked.buffered(AT_ONCE).try_collect().await?;
        let mut all = Vec::new();
        for (entries, ended) in answers {
            all.extend(entries);
            found.ended(self.desk.label, ended)?;
        }
        Ok(all)
    }

    /// One search below the base, for people and groups.
    async fn find(&mut self, filter: &str, found: &mut Found) -> Result<Vec<Entry>, Broken> {
        let attributes = self.dialect.member_attributes();
        self.ask(Scope::Subtree, self.base, filter, &attributes, found)
            .await
    }

    pub(super) async fn ask(
        &mut self,
        scope: Scope,
        base: &str,
        filter: &str,
        attributes: &[&str],
        found: &mut Found,
    ) -> Result<Vec<Entry>, Broken> {
        let query = Query {
            base,
            scope,
            filter,
            attributes,
        };
        let mut entries = Vec::new();
        let mut take = |entry| entries.push(entry);
        let ended = search(&mut self.desk, query, &mut take).await?;
        found.ended(self.desk.label, ended)?;
        Ok(entries)
    }
}

/// Takes the members of one entry; `from` becomes where the next range begins.
fn add(named: &mut BTreeMap<String, String>, from: &mut Option<u64>, entry: &Entry) {
    for name in entry.attributes.keys() {
        let (attribute, range) = name.split_once(";range=").unwrap_or((name, ""));
        if !matches!(attribute, "member" | "uniquemember") {
            continue;
        }
        for member in entry.texts(name).map(dn::without_uid) {
            named.insert(dn::normal(member), member.to_owned());
        }
        let end = range
            .split_once('-')
            .and_then(|(_, end)| end.parse::<u64>().ok());
        if let Some(end) = end {
            *from = Some(end + 1);
        }
    }
}

impl Found {
    fn gap(&mut self, cause: String) {
        self.gap.get_or_insert(cause);
    }

    /// A connection that is gone takes the whole walk with it: it begins again on a new one.
    fn ended(&mut self, label: &str, ended: Ended) -> Result<(), Broken> {
        match ended {
            Ended::Whole => {}
            Ended::Short(cause) => self.gap(cause),
            Ended::Cut(cause) => return Err(Broken::gone(label, &cause)),
        }
        Ok(())
    }

    /// Whether all of it was read.
    pub(super) fn proof(&self, whole: &str) -> Completeness {
        match (&self.gap, self.nobody) {
            (Some(gap), _) => Completeness::incomplete(&show_str(gap)),
            (None, 0) => Completeness::proven(whole),
            (None, nobody) => Completeness::Proven(format!(
                "{whole}; {nobody} members are no people who can be read"
            )),
        }
    }

    fn reading(self) -> Reading<(Members, Vec<Arc<Person>>)> {
        let proof = self.proof("every search below the group ended with success");
        let members = self
            .ways
            .into_iter()
            .map(|(person, via)| Membership { person, via })
            .collect();
        Reading {
            value: (members, self.people.into_values().collect()),
            proof,
        }
    }
}
