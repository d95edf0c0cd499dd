//! The directory port over LDAP. Each call has a connection of its own, signed in afresh: a server
//! that hangs or breaks takes one call with it and not the others.

use ldap3::{Ldap, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use url::Url;

use super::dialect::{self, Dialect, ROOT};
use super::entry::{Class, Entry};
use super::filter;
use super::line::{Bind, Server};
use super::map::{Map, Vendor};
use super::members::Walker;
use super::refusal::Broken;
use super::search::{Desk, Ended, Limits, Query, search};
use crate::domain::{
    DirectoryGroup, DirectoryGroupId, Members, Person, PersonId, Reading, SourceKind, Way,
};
use crate::ports::{About, Clock, Directory, Kind, PeopleQuery, Problem, Work};
use crate::text::{Raw, show_str};

/// Ids or addresses that one filter names.
const NAMED: usize = 50;
/// Beyond so many filters, reading everybody is cheaper than asking piece by piece.
const FILTERS_AT_MOST: usize = 40;

/// Where the directory is and how it is read.
pub struct LdapOptions {
    /// `ldaps://host`, or `ldap://host`.
    pub url: Url,
    /// `StartTLS` before anything else.
    pub start_tls: bool,
    /// PEM with further roots.
    pub extra_roots: Option<Vec<u8>>,
    /// How we sign in.
    pub bind: Bind,
    /// Which server; asked for when nobody says.
    pub vendor: Option<Vendor>,
    /// Where to search.
    pub base: String,
    /// What the profile puts over the vendor's attribute names, by field (see [`super::FIELDS`]).
    pub attributes: BTreeMap<String, String>,
    /// Further attributes that a subject template names.
    pub wanted: Vec<String>,
    /// What one search may take.
    pub limits: Limits,
}

/// An LDAP server.
pub struct LdapDirectory {
    server: Server,
    base: String,
    attributes: BTreeMap<String, String>,
    wanted: Vec<String>,
    limits: Limits,
    /// Known from the profile or since the first call.
    vendor: Mutex<Option<Vendor>>,
}

/// What a search found, and how it ended.
type Found<T> = Result<(Vec<T>, Ended), Broken>;

impl LdapDirectory {
    /// A directory. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` for an address or certificates that are none, `Auth` for an empty password.
    pub fn new(clock: Arc<dyn Clock>, options: LdapOptions) -> Result<Self, Problem> {
        let roots = options.extra_roots.as_deref();
        Ok(Self {
            server: Server::new(options.url, options.start_tls, roots, options.bind, clock)?,
            base: options.base,
            attributes: options.attributes,
            wanted: options.wanted,
            limits: options.limits,
            vendor: Mutex::new(options.vendor),
        })
    }

    fn dialect_of(&self, vendor: Vendor) -> Dialect {
        Dialect {
            vendor,
            map: Map::of(vendor).with(&self.attributes).and(&self.wanted),
        }
    }

    fn desk<'a>(&'a self, label: &'a str, ldap: Ldap) -> Desk<'a> {
        Desk {
            label,
            ldap,
            clock: self.server.clock(),
            limits: self.limits,
        }
    }

    /// The dialect; the root DSE is asked once, where nobody said which server it is.
    async fn dialect(&self) -> Result<Dialect, Problem> {
        let known = self.vendor.lock().ok().and_then(|known| *known);
        if let Some(vendor) = known {
            return Ok(self.dialect_of(vendor));
        }
        let (label, mut line) = (self.server.label(), self.server.open().await?);
        let asked = line.with(|ldap| async {
            let mut root = Entry::default();
            let mut desk = self.desk(&label, ldap);
            search(&mut desk, ROOT, &mut |entry| root = entry).await?;
            Ok(dialect::vendor(&root))
        });
        let vendor = asked.await?;
        if let Ok(mut known) = self.vendor.lock() {
            *known = Some(vendor);
        }
        Ok(self.dialect_of(vendor))
    }

    /// Where the data hangs, the server's own choice first.
    ///
    /// # Errors
    /// The server cannot be reached or does not let us in.
    pub async fn bases(&self) -> Result<Vec<Raw>, Problem> {
        let root = self.root_in_words().await?;
        let mut bases: Vec<Raw> = Vec::new();
        for name in ["defaultnamingcontext", "namingcontexts"] {
            for base in root.texts(name).map(Raw::from) {
                if !bases.contains(&base) {
                    bases.push(base);
                }
            }
        }
        Ok(bases)
    }

    async fn root_in_words(&self) -> Result<Entry, Problem> {
        let (label, mut line) = (self.server.label(), self.server.open().await?);
        let asked = line.with(|ldap| async {
            let mut root = Entry::default();
            let mut desk = self.desk(&label, ldap);
            search(&mut desk, dialect::ROOT_IN_WORDS, &mut |entry| root = entry).await?;
            Ok(root)
        });
        asked.await.map_err(Problem::from)
    }

    /// The root DSE in words: product, version, where its data hangs.
    async fn about(&self) -> Result<About, Problem> {
        let root = self.root_in_words().await?;
        let named = self.vendor.lock().ok().and_then(|known| *known);
        let vendor = named.unwrap_or_else(|| dialect::vendor(&root));
        let mut facts = vec![show_str(&format!("read as {}", vendor.name()))];
        for name in ["vendorname", "vendorversion"] {
            facts.extend(root.texts(name).take(1).map(show_str));
        }
        facts.push(show_str(&format!("searched below {}", self.base)));
        let contexts: Vec<&str> = root.texts("namingcontexts").take(4).collect();
        if !contexts.is_empty() {
            facts.push(show_str(&format!("it holds {}", contexts.join(" and "))));
        }
        Ok(About {
            facts,
            ..About::default()
        })
    }

    /// One search below the base.
    async fn search(
        &self,
        desk: &mut Desk<'_>,
        filter: &str,
        attributes: &[&str],
        take: &mut (impl FnMut(Entry) + Send),
    ) -> Result<Ended, Broken> {
        let query = Query {
            base: &self.base,
            scope: Scope::Subtree,
            filter,
            attributes,
        };
        search(desk, query, take).await
    }

    /// People whom any of the filters finds.
    async fn search_people(&self, dialect: &Dialect, filters: &[String]) -> Found<Arc<Person>> {
        let (label, mut line) = (self.server.label(), self.server.open().await?);
        line.with(|ldap| async {
            let mut desk = self.desk(&label, ldap);
            let attributes = dialect.map.attributes();
            let (mut people, mut ended) = (BTreeMap::new(), Ended::Whole);
            let now = Some(self.server.clock().wall());
            let mut take = |entry: Entry| {
                if !dialect.is_shadow(&entry) {
                    let person = dialect.map.person(&entry, Class::Person, now);
                    people.insert(person.id.clone(), Arc::new(person));
                }
            };
            for filter in filters {
                let filter = filter::both(dialect.people(), filter);
                let one = self.search(&mut desk, &filter, &attributes, &mut take);
                match one.await? {
                    Ended::Whole => {}
                    short => ended = short,
                }
            }
            Ok((people.into_values().collect(), ended))
        })
        .await
    }

    /// As [`Self::search_people`]. A connection that breaks is made anew once, and the whole search
    /// with it: cookies belong to their connection.
    async fn filtered(
        &self,
        dialect: &Dialect,
        filters: &[String],
    ) -> Result<Reading<Vec<Arc<Person>>>, Problem> {
        let mut found = self.search_people(dialect, filters).await;
        if is_cut(&found) {
            found = self.search_people(dialect, filters).await;
        }
        Ok(found.map(reading)?)
    }

    async fn people(&self, query: &PeopleQuery) -> Result<Reading<Vec<Arc<Person>>>, Problem> {
        let dialect = self.dialect().await?;
        let map = &dialect.map;
        match query {
            PeopleQuery::All => {
                let all = filter::EVERYTHING.to_owned();
                self.filtered(&dialect, &[all]).await
            }
            PeopleQuery::Find(text) => {
                let text = text.trim();
                let any = filter::any(map.searched().map(|name| filter::holds(name, text)));
                self.filtered(&dialect, &[any]).await
            }
            PeopleQuery::Ids(ids) => {
                let filters: Vec<String> = ids
                    .chunks(NAMED)
                    .map(|ids| filter::any(ids.iter().map(|id| dialect.by_id(id.expose()))))
                    .collect();
                let wanted: BTreeSet<&PersonId> = ids.iter().collect();
                let mut reading = self.filtered(&dialect, &some(filters)).await?;
                reading.value.retain(|person| wanted.contains(&person.id));
                Ok(reading)
            }
            PeopleQuery::Addresses(list) => self.addressed(&dialect, list).await,
            PeopleQuery::Filter(text) if text.trim().is_empty() => {
                Err(Problem::new(Kind::User, "The filter is empty.")
                    .hint("Write an LDAP filter, such as (department=Finance)."))
            }
            PeopleQuery::Filter(text) => self.filtered(&dialect, &[filter::typed(text)?]).await,
        }
    }

    async fn addressed(
        &self,
        dialect: &Dialect,
        list: &[Raw],
    ) -> Result<Reading<Vec<Arc<Person>>>, Problem> {
        let wanted: BTreeSet<String> = list
            .iter()
            .map(Raw::key)
            .filter(|key| !key.is_empty())
            .collect();
        let keys: Vec<&String> = wanted.iter().collect();
        let one = |key: &str| {
            let places = dialect.map.addressed();
            let named = places.map(|name| filter::equal(name, key));
            let proxy = filter::equal("proxyAddresses", &format!("smtp:{key}"));
            named.chain([proxy, dialect.by_id(key)]).collect::<String>()
        };
        let filters: Vec<String> = keys
            .chunks(NAMED)
            .map(|keys| filter::any(keys.iter().map(|key| one(key))))
            .collect();
        let filters = if filters.len() > FILTERS_AT_MOST {
            vec![filter::EVERYTHING.to_owned()]
        } else {
            some(filters)
        };
        let mut reading = self.filtered(dialect, &filters).await?;
        reading
            .value
            .retain(|person| person.signs().any(|sign| wanted.contains(&sign.key())));
        Ok(reading)
    }

    async fn search_groups(&self, dialect: &Dialect, text: Option<&str>) -> Found<DirectoryGroup> {
        let (label, mut line) = (self.server.label(), self.server.open().await?);
        line.with(|ldap| async {
            let mut desk = self.desk(&label, ldap);
            let names = ["cn", "description", "displayName"];
            let any = text.map(|text| filter::any(names.map(|name| filter::holds(name, text))));
            let any = any.unwrap_or_else(|| filter::EVERYTHING.to_owned());
            let filter = filter::both(dialect.groups(), &any);
            let mut groups = Vec::new();
            let mut take = |entry: Entry| {
                if !dialect.is_shadow(&entry) {
                    groups.push(dialect.map.group(&entry));
                }
            };
            let attributes = dialect.group_attributes();
            let ended = self.search(&mut desk, &filter, &attributes, &mut take);
            let ended = ended.await?;
            Ok((groups, ended))
        })
        .await
    }

    async fn groups(&self, text: Option<&str>) -> Result<Reading<Vec<DirectoryGroup>>, Problem> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let dialect = self.dialect().await?;
        let mut found = self.search_groups(&dialect, text).await;
        if is_cut(&found) {
            found = self.search_groups(&dialect, text).await;
        }
        let mut reading = found.map(reading)?;
        let name = |group: &DirectoryGroup| (group.name.key(), group.id.clone());
        reading.value.sort_by_cached_key(name);
        Ok(reading)
    }

    async fn climb(
        &self,
        dialect: &Dialect,
        person: &PersonId,
    ) -> Result<Reading<Vec<Way>>, Broken> {
        let (label, mut line) = (self.server.label(), self.server.open().await?);
        line.with(|ldap| async {
            let mut walker = Walker {
                desk: self.desk(&label, ldap),
                base: &self.base,
                dialect,
            };
            walker.groups_of(person).await
        })
        .await
    }

    async fn groups_of(&self, person: &PersonId) -> Result<Reading<Vec<Way>>, Problem> {
        let dialect = self.dialect().await?;
        match self.climb(&dialect, person).await {
            Err(broken) if broken.gone => Ok(self.climb(&dialect, person).await?),
            first => Ok(first?),
        }
    }

    async fn walk(
        &self,
        dialect: &Dialect,
        group: &DirectoryGroupId,
    ) -> Result<Reading<(Members, Vec<Arc<Person>>)>, Broken> {
        let (label, mut line) = (self.server.label(), self.server.open().await?);
        line.with(|ldap| async {
            let mut walker = Walker {
                desk: self.desk(&label, ldap),
                base: &self.base,
                dialect,
            };
            walker.members(group).await
        })
        .await
    }

    async fn members(
        &self,
        group: &DirectoryGroupId,
    ) -> Result<Reading<(Members, Vec<Arc<Person>>)>, Problem> {
        let dialect = self.dialect().await?;
        match self.walk(&dialect, group).await {
            Err(broken) if broken.gone => Ok(self.walk(&dialect, group).await?),
            first => Ok(first?),
        }
    }
}

/// Whether a search broke with its connection.
fn is_cut<T>(found: &Found<T>) -> bool {
    match found {
        Err(broken) => broken.gone,
        Ok((_, ended)) => matches!(ended, Ended::Cut(_)),
    }
}

/// At least one filter, so that an empty question gets its empty answer from the server.
fn some(filters: Vec<String>) -> Vec<String> {
    if filters.is_empty() {
        vec![filter::any([])]
    } else {
        filters
    }
}

fn reading<T>((value, ended): (T, Ended)) -> Reading<T> {
    match ended {
        Ended::Whole => Reading::proven(value, "the search ended with success after its last page"),
        Ended::Short(cause) | Ended::Cut(cause) => Reading::incomplete(value, &show_str(&cause)),
    }
}

impl Directory for LdapDirectory {
    fn describe(&self) -> (SourceKind, String) {
        (SourceKind::Ldap, self.server.label())
    }

    fn about(&self) -> Work<'_, Result<About, Problem>> {
        Box::pin(self.about())
    }

    fn groups<'a>(
        &'a self,
        search: Option<&'a str>,
    ) -> Work<'a, Result<Reading<Vec<DirectoryGroup>>, Problem>> {
        Box::pin(self.groups(search))
    }

    fn members<'a>(
        &'a self,
        group: &'a DirectoryGroupId,
    ) -> Work<'a, Result<Reading<(Members, Vec<Arc<Person>>)>, Problem>> {
        Box::pin(self.members(group))
    }

    fn groups_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> Work<'a, Result<Reading<Vec<Way>>, Problem>> {
        Box::pin(self.groups_of(person))
    }

    fn people<'a>(
        &'a self,
        query: &'a PeopleQuery,
    ) -> Work<'a, Result<Reading<Vec<Arc<Person>>>, Problem>> {
        Box::pin(self.people(query))
    }
}
