//! The directory port over Graph.

use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::above::groups_of;
use super::client::{Client, EntraConfig};
use super::list::read_list;
use super::members::members;
use super::permissions::{beyond, permissions};
use super::query::{GROUP, PERSON, TOP, any_address, any_id, search};
use super::records::{GroupRecord, PersonRecord};
use super::refusal::cause;
use super::sign_in::Attendant;
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, Members, People, Person, PersonId, Reading,
    SourceKind, Way,
};
use crate::ports::{About, Clock, Directory, Kind, PeopleQuery, Problem, Rng, Wire, Work};
use crate::text::{Pool, Raw, show_str};

/// Clauses that one `$filter` may hold are few (Graph: 15 in an `or`).
const IDS_A_FILTER: usize = 15;
/// Four clauses each.
const ADDRESSES_A_FILTER: usize = 3;
/// Beyond so many, reading everybody is cheaper than asking piece by piece.
const FILTERS_AT_MOST: usize = 40;

/// A Microsoft Entra ID tenant.
pub struct EntraDirectory {
    client: Client,
}

impl EntraDirectory {
    /// A directory. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` when an address is none or the tenant is not named.
    pub fn new(
        wire: Arc<dyn Wire>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        config: EntraConfig,
    ) -> Result<Self, Problem> {
        let client = Client::new(wire, clock, rng, config)?;
        Ok(Self { client })
    }

    /// Signs a person in, where that is the way; for an app there is nothing to do. Everything asked
    /// before is refused.
    ///
    /// # Errors
    /// `Declined` when the person said no or left, `Auth` and `Guard` when it did not work out,
    /// `Network` when the sign-in service cannot be reached.
    pub async fn sign_in(&self, attendant: &dyn Attendant) -> Result<(), Problem> {
        self.client.sign_in(attendant).await
    }

    /// What the token says that it may do.
    async fn about(&self) -> Result<About, Problem> {
        let bearer = self.client.bearer(None).await?;
        let told = permissions(&bearer.secret);
        let fact = format!("permissions {}", told.join(" "));
        Ok(About {
            facts: (!told.is_empty())
                .then(|| show_str(&fact))
                .into_iter()
                .collect(),
            beyond: beyond(&told),
            as_of: None,
        })
    }

    async fn groups(&self, text: Option<&str>) -> Result<Reading<Vec<DirectoryGroup>>, Problem> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let clause = text.map(|text| search(&["displayName", "description"], text));
        let mut options = vec![("$select", GROUP), ("$top", TOP), ("$count", "true")];
        if let Some(clause) = &clause {
            options.push(("$search", clause));
        }
        let url = self.client.address(&["groups"], &options);
        let needs = "GroupMember.Read.All";
        let reading = read_list(&self.client, url, needs, GroupRecord::into_group).await?;
        let mut groups = reading.value;
        groups.sort_by_cached_key(|group| (group.name.key(), group.id.clone()));
        Ok(Reading {
            value: groups,
            proof: reading.proof,
        })
    }

    async fn users(&self, option: Option<(&str, &str)>) -> Result<Reading<People>, Problem> {
        let mut options = vec![("$select", PERSON), ("$top", TOP), ("$count", "true")];
        options.extend(option);
        let url = self.client.address(&["users"], &options);
        let mut pool = Pool::default();
        let take = |record: PersonRecord| Arc::new(record.into_person(&mut pool));
        read_list(&self.client, url, "User.Read.All", take).await
    }

    /// People who were deleted less than 30 days ago; Graph names them nowhere else.
    async fn deleted(&self) -> Result<Reading<People>, Problem> {
        let path = ["directory", "deletedItems", "microsoft.graph.user"];
        let select = format!("{PERSON},deletedDateTime");
        let options = [
            ("$select", select.as_str()),
            ("$top", TOP),
            ("$count", "true"),
        ];
        let url = self.client.address(&path, &options);
        let mut pool = Pool::default();
        let take = |record: PersonRecord| Arc::new(record.into_deleted(&mut pool));
        read_list(&self.client, url, "User.Read.All", take).await
    }

    /// Everybody, the deleted ones as people who may not sign in: they have left, they are not
    /// unknown (reliability C8).
    async fn everybody(&self) -> Result<Reading<People>, Problem> {
        let (people, deleted) = tokio::join!(self.users(None), self.deleted());
        Ok(joined(people?, deleted))
    }

    /// Several filters side by side; each person once.
    async fn filtered(&self, filters: Vec<String>) -> Result<Reading<People>, Problem> {
        let asked = filters
            .iter()
            .map(|filter| self.users(Some(("$filter", filter))));
        let mut people = BTreeMap::new();
        let mut proof = Completeness::proven("every filter was read to its end");
        for reading in join_all(asked).await {
            let reading = reading?;
            people.extend(
                reading
                    .value
                    .into_iter()
                    .map(|person| (person.id.clone(), person)),
            );
            if !reading.proof.is_proven() {
                proof = reading.proof;
            }
        }
        Ok(Reading {
            value: people.into_values().collect(),
            proof,
        })
    }

    async fn people(&self, query: &PeopleQuery) -> Result<Reading<People>, Problem> {
        match query {
            PeopleQuery::All => self.everybody().await,
            PeopleQuery::Find(text) => {
                let properties = ["displayName", "mail", "userPrincipalName"];
                let clause = search(&properties, text.trim());
                self.users(Some(("$search", &clause))).await
            }
            PeopleQuery::Ids(ids) => {
                let filters = ids
                    .chunks(IDS_A_FILTER)
                    .map(|ids| any_id(ids.iter().map(PersonId::expose)))
                    .collect();
                let found = self.filtered(filters).await?;
                let whole: BTreeSet<&PersonId> = found.value.iter().map(|p| &p.id).collect();
                if ids.iter().all(|id| whole.contains(id)) {
                    return Ok(found);
                }
                let wanted: BTreeSet<String> = ids.iter().map(PersonId::key).collect();
                let mut reading = joined(found, self.deleted().await);
                reading
                    .value
                    .retain(|person| wanted.contains(&person.id.key()));
                Ok(reading)
            }
            PeopleQuery::Addresses(list) => self.addressed(list).await,
            PeopleQuery::Filter(filter) if filter.trim().is_empty() => {
                Err(Problem::new(Kind::User, "The filter is empty.")
                    .hint("Write a Graph filter, such as department eq 'Finance'."))
            }
            PeopleQuery::Filter(filter) => self.users(Some(("$filter", filter))).await,
        }
    }

    async fn addressed(&self, list: &[Raw]) -> Result<Reading<People>, Problem> {
        let wanted: BTreeSet<String> = list
            .iter()
            .map(Raw::key)
            .filter(|key| !key.is_empty())
            .collect();
        // Graph refuses an `id eq` with anything but a GUID.
        let (ids, keys): (Vec<&str>, Vec<&str>) = wanted
            .iter()
            .map(String::as_str)
            .partition(|key| uuid::Uuid::try_parse(key).is_ok());
        let addresses = keys.chunks(ADDRESSES_A_FILTER);
        let filters: Vec<String> = addresses
            .map(|keys| any_address(keys.iter().copied()))
            .chain(
                ids.chunks(IDS_A_FILTER)
                    .map(|ids| any_id(ids.iter().copied())),
            )
            .collect();
        let mut reading = match filters.len() {
            0..=FILTERS_AT_MOST => self.filtered(filters).await?,
            _ => self.users(None).await?,
        };
        let found: BTreeSet<String> = signs(&reading.value).collect();
        if !wanted.is_subset(&found) {
            reading = joined(reading, self.deleted().await);
        }
        reading
            .value
            .retain(|person| person.signs().any(|sign| wanted.contains(&sign.key())));
        Ok(reading)
    }
}

fn signs(people: &[Arc<Person>]) -> impl Iterator<Item = String> {
    people
        .iter()
        .flat_map(|person| person.signs())
        .map(Raw::key)
}

/// Both lists; whoever is in both is alive.
fn joined(people: Reading<People>, deleted: Result<Reading<People>, Problem>) -> Reading<People> {
    let (gone, gap) = match deleted {
        Ok(Reading { value, proof }) => (value, proof),
        Err(problem) => {
            let cause = format!("who was deleted lately is not known: {}", cause(&problem));
            (Vec::new(), Completeness::incomplete(&show_str(&cause)))
        }
    };
    let living: BTreeSet<PersonId> = people.value.iter().map(|p| p.id.clone()).collect();
    let mut value = people.value;
    value.extend(gone.into_iter().filter(|p| !living.contains(&p.id)));
    let proof = if people.proof.is_proven() && !gap.is_proven() {
        gap
    } else {
        people.proof
    };
    Reading { value, proof }
}

impl Directory for EntraDirectory {
    fn describe(&self) -> (SourceKind, String) {
        (SourceKind::Entra, self.client.label())
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
        Box::pin(members(&self.client, group))
    }

    fn groups_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> Work<'a, Result<Reading<Vec<Way>>, Problem>> {
        Box::pin(groups_of(&self.client, person))
    }

    fn people<'a>(&'a self, query: &'a PeopleQuery) -> Work<'a, Result<Reading<People>, Problem>> {
        Box::pin(self.people(query))
    }
}
