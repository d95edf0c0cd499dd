//! A directory source: Entra, LDAP, a file. Reading only.

use jiff::Timestamp;

use super::Work;
use super::problem::Problem;
use crate::domain::{
    DirectoryGroup, DirectoryGroupId, Members, People, PersonId, Reading, SourceKind, Way,
};
use crate::text::{Raw, Shown};

/// Which people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleQuery {
    /// Everybody.
    All,
    /// Names, logins and addresses that fit a typed text.
    Find(String),
    /// These ids.
    Ids(Vec<PersonId>),
    /// These mail addresses, logins or ids, e.g. a pasted list.
    Addresses(Vec<Raw>),
    /// A query saved under a name in the profile, or a filter in the source's own language.
    Filter(String),
}

/// The members of a group and the records of the people among them.
pub type MembersAndPeople = (Members, People);

/// What a source tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Product, version, where it is searched: one short fact each.
    pub facts: Vec<Shown>,
    /// Rights that the sign-in brings and that reading does not need.
    pub beyond: Vec<Shown>,
    /// When what it holds was last changed, where that is one moment: a file's.
    pub as_of: Option<Timestamp>,
}

/// Reads people and groups. A reading says whether it is whole; an `Err` means nothing was read.
pub trait Directory: Send + Sync {
    /// Kind and label (host or file name).
    fn describe(&self) -> (SourceKind, String);

    /// What the source tells of itself, asked of it now; nothing for sources that tell nothing.
    fn about(&self) -> Work<'_, Result<About, Problem>> {
        Box::pin(async { Ok(About::default()) })
    }

    /// Groups whose name or description fits `search`, all for `None`; sorted by name.
    fn groups<'a>(
        &'a self,
        search: Option<&'a str>,
    ) -> Work<'a, Result<Reading<Vec<DirectoryGroup>>, Problem>>;

    /// People below a group, nested ones included, with the way to each, and their records.
    fn members<'a>(
        &'a self,
        group: &'a DirectoryGroupId,
    ) -> Work<'a, Result<Reading<MembersAndPeople>, Problem>>;

    /// Every group that holds a person, directly or through others, with a shortest way from each.
    fn groups_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> Work<'a, Result<Reading<Vec<Way>>, Problem>>;

    /// People by query.
    fn people<'a>(&'a self, query: &'a PeopleQuery) -> Work<'a, Result<Reading<People>, Problem>>;
}
