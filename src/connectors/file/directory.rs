//! The directory port over a file.

use futures_util::FutureExt as _;
use jiff::Timestamp;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::book::Book;
use super::filter::Filter;
use super::{ldif, people};
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, Person, PersonId, Reading, SourceKind, Way,
};
use crate::ports::{About, Directory, Kind, MembersAndPeople, PeopleQuery, Problem, Work};
use crate::text::{Raw, Shown, show_str};

/// The largest file that is read, in bytes: a million people with all their attributes.
pub const SIZE_CAP: u64 = 512 * 1024 * 1024;

/// People and groups of a CSV or LDIF file.
#[derive(Debug)]
pub struct FileDirectory {
    label: String,
    book: Book,
    modified: Option<Timestamp>,
}

impl FileDirectory {
    /// Reads a file: LDIF when it is called `.ldif` or `.ldf`, CSV otherwise.
    ///
    /// # Errors
    /// Not there, not readable, too large; or what is wrong in it, by line and column.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let label = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        let unreadable = |error: std::io::Error| {
            Problem::new(
                Kind::Config,
                format!(
                    "the directory file {} cannot be read: {error}",
                    path.display()
                ),
            )
            .hint("Check `path` in the profile's directory section.")
            .because(error)
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "this room is the one that reads this file"
        )]
        let file = File::open(path).map_err(unreadable)?;
        let meta = file.metadata().map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(SIZE_CAP + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > SIZE_CAP {
            return Err(
                Problem::new(Kind::User, format!("{label} is larger than 512 MiB"))
                    .hint("Export only the attributes that are needed."),
            );
        }
        let mut directory = Self::parse(&label, &bytes)?;
        directory.modified = meta.modified().ok().and_then(|time| time.try_into().ok());
        Ok(directory)
    }

    /// Reads the bytes of a file of this name.
    ///
    /// # Errors
    /// What is wrong in it, by line and column (the first twenty).
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let ending = name.rsplit('.').next().unwrap_or("").to_lowercase();
        let label = show_str(name).to_string();
        let book = if matches!(ending.as_str(), "ldif" | "ldf") {
            ldif::read(&label, bytes)?
        } else {
            people::read(&label, bytes)?
        };
        Ok(Self {
            label,
            book,
            modified: None,
        })
    }

    /// What had to be assumed or left out, one sentence each.
    pub fn notices(&self) -> impl Iterator<Item = Shown> {
        self.book.notices.iter().map(|notice| show_str(notice))
    }

    /// What to call the file.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// When the file was last changed.
    pub fn modified(&self) -> Option<Timestamp> {
        self.modified
    }

    fn reading<T>(&self, value: T, cut: bool) -> Reading<T> {
        let proof = if cut {
            Completeness::Incomplete(
                "the file holds only a part of the members of a group".to_owned(),
            )
        } else {
            self.book.proof.clone()
        };
        Reading { value, proof }
    }

    fn below(&self, group: &DirectoryGroupId) -> Result<Reading<MembersAndPeople>, Problem> {
        if !self.book.groups.contains_key(group) {
            return Err(Problem::new(
                Kind::NotFound,
                format!("{} holds no group {}", self.label, group.show()),
            ));
        }
        let below = self.book.below(group);
        let people = below
            .members
            .iter()
            .filter_map(|member| self.book.people.get(&member.person).cloned())
            .collect();
        Ok(self.reading((below.members, people), below.cut))
    }

    fn above(&self, person: &PersonId) -> Result<Reading<Vec<Way>>, Problem> {
        if !self.book.people.contains_key(person) {
            return Err(Problem::new(
                Kind::NotFound,
                format!("{} holds nobody with the id {}", self.label, person.show()),
            ));
        }
        let ways = self.book.above(person);
        // Whoever stands in the part that is missing is on no way that can be seen.
        let cut = self.book.direct.values().any(|direct| direct.cut);
        Ok(self.reading(ways, cut))
    }

    fn find(&self, query: &PeopleQuery) -> Result<Vec<Arc<Person>>, Problem> {
        let people = self.book.people.values();
        let mut found: Vec<Arc<Person>> = match query {
            PeopleQuery::All => people.cloned().collect(),
            PeopleQuery::Find(text) => {
                let text = text.trim().to_lowercase();
                people
                    .filter(|person| names(person).any(|name| name.key().contains(&text)))
                    .cloned()
                    .collect()
            }
            PeopleQuery::Ids(ids) => ids
                .iter()
                .filter_map(|id| self.book.people.get(id))
                .cloned()
                .collect(),
            PeopleQuery::Addresses(addresses) => {
                let wanted: std::collections::BTreeSet<String> =
                    addresses.iter().map(Raw::key).collect();
                people
                    .filter(|person| person.signs().any(|sign| wanted.contains(&sign.key())))
                    .cloned()
                    .collect()
            }
            PeopleQuery::Filter(text) => {
                let filter = Filter::parse(text)?;
                people
                    .filter(|person| filter.fits(person))
                    .cloned()
                    .collect()
            }
        };
        found.sort_by_cached_key(|person| (person.name.key(), person.id.clone()));
        Ok(found)
    }
}

/// What a typed text may stand in.
fn names(person: &Person) -> impl Iterator<Item = &Raw> {
    std::iter::once(&person.name)
        .chain(&person.upn)
        .chain(&person.sam)
        .chain(person.mails())
}

impl Directory for FileDirectory {
    fn describe(&self) -> (SourceKind, String) {
        (SourceKind::File, self.label.clone())
    }

    fn about(&self) -> Work<'_, Result<About, Problem>> {
        let about = About {
            as_of: self.modified,
            ..About::default()
        };
        Box::pin(async { Ok(about) })
    }

    fn groups<'a>(
        &'a self,
        search: Option<&'a str>,
    ) -> Work<'a, Result<Reading<Vec<DirectoryGroup>>, Problem>> {
        let wanted = search.map(|text| text.trim().to_lowercase());
        let mut groups: Vec<DirectoryGroup> = self
            .book
            .groups
            .values()
            .filter(|group| {
                wanted.as_ref().is_none_or(|wanted| {
                    group.name.key().contains(wanted)
                        || group
                            .description
                            .as_ref()
                            .is_some_and(|text| text.key().contains(wanted))
                })
            })
            .cloned()
            .collect();
        groups.sort_by_cached_key(|group| (group.name.key(), group.id.clone()));
        std::future::ready(Ok(self.reading(groups, false))).boxed()
    }

    fn members<'a>(
        &'a self,
        group: &'a DirectoryGroupId,
    ) -> Work<'a, Result<Reading<MembersAndPeople>, Problem>> {
        std::future::ready(self.below(group)).boxed()
    }

    fn groups_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> Work<'a, Result<Reading<Vec<Way>>, Problem>> {
        std::future::ready(self.above(person)).boxed()
    }

    fn people<'a>(
        &'a self,
        query: &'a PeopleQuery,
    ) -> Work<'a, Result<Reading<Vec<Arc<Person>>>, Problem>> {
        std::future::ready(self.find(query).map(|people| self.reading(people, false))).boxed()
    }
}
