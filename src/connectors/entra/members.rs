//! People below a group and the shortest way to each. The direct members of the group and of every
//! group below it are the transitive members; reading these (two lists a group) tells the ways as
//! well, and Graph's own transitive count proves that nobody is missing.

use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::client::Client;
use super::list::read_list;
use super::query::{PERSON, TOP};
use super::records::{PersonRecord, SubgroupRecord};
use super::refusal::cause;
use crate::connectors::http::parse_json;
use crate::domain::{
    Completeness, DirectoryGroupId, Members, Membership, Person, PersonId, Reading,
};
use crate::ports::{Kind, Problem};
use crate::text::{Pool, show_str};

const NEEDS: &str = "GroupMember.Read.All";

/// A group on the walk and the way to it, itself included; empty for the group asked about.
type Way = Vec<DirectoryGroupId>;
type Lists = (Reading<Vec<Met>>, Reading<Vec<SubgroupRecord>>);

/// A person, and whether nothing but the id came.
type Met = (Arc<Person>, bool);

/// What the walk gathered.
struct Walk {
    ways: BTreeMap<PersonId, Way>,
    people: BTreeMap<PersonId, Arc<Person>>,
    visited: BTreeSet<String>,
    hollow: usize,
    gap: Option<String>,
}

/// Reads the members. See [`crate::ports::Directory::members`].
pub(super) async fn members(
    client: &Client,
    group: &DirectoryGroupId,
) -> Result<Reading<(Members, Vec<Arc<Person>>)>, Problem> {
    let (counted, walk) = tokio::join!(count(client, group), walk(client, group));
    let walk = walk?;
    if walk.hollow > 0 && walk.hollow == walk.people.len() {
        return Err(Problem::new(
            Kind::Denied,
            "Graph names the members of the group by id only: the app may not read users.",
        )
        .hint(format!(
            "Give the app registration the {} of Microsoft Graph and consent to it.",
            client.permission("User.Read.All")
        )));
    }
    let mut proof = proof(&walk, counted);
    // Of a group with hidden members Graph shows none to most apps: empty need not mean empty.
    if proof.is_proven() && walk.is_empty() && is_hidden(client, group).await? {
        proof = hidden(client);
    }
    let members = walk
        .ways
        .into_iter()
        .map(|(person, via)| Membership { person, via })
        .collect();
    Ok(Reading {
        value: (members, walk.people.into_values().collect()),
        proof,
    })
}

fn proof(walk: &Walk, counted: Result<u64, Problem>) -> Completeness {
    let read = walk.people.len() as u64;
    let gap = match (&walk.gap, counted) {
        (Some(gap), _) => gap.clone(),
        (None, Err(problem)) => cause(&problem).to_string(),
        (None, Ok(total)) if total != read => {
            format!("Graph counts {total} people below the group, {read} were read")
        }
        (None, Ok(_)) if walk.hollow > 0 => {
            format!(
                "{} people came without name: User.Read.All is missing",
                walk.hollow
            )
        }
        (None, Ok(_)) => {
            return Completeness::proven(
                "every group below was read, and the transitive count agrees",
            );
        }
    };
    Completeness::incomplete(&show_str(&gap))
}

fn hidden(client: &Client) -> Completeness {
    let cause = format!(
        "the group hides its members; to read them takes the {}",
        client.permission("Member.Read.Hidden")
    );
    Completeness::incomplete(&show_str(&cause))
}

async fn is_hidden(client: &Client, group: &DirectoryGroupId) -> Result<bool, Problem> {
    let url = client.address(&["groups", group.expose()], &[("$select", "id,visibility")]);
    let response = client.get(&url, NEEDS).await;
    let response = response.map_err(|refused| refused.problem)?;
    let record: SubgroupRecord = parse_json(&response, &format!("GET {}", url.path()))?;
    Ok(record.is_hidden())
}

/// How many people Graph sees below the group.
async fn count(client: &Client, group: &DirectoryGroupId) -> Result<u64, Problem> {
    let segments = [
        "groups",
        group.expose(),
        "transitiveMembers",
        "microsoft.graph.user",
        "$count",
    ];
    let url = client.address(&segments, &[]);
    let response = client
        .get(&url, NEEDS)
        .await
        .map_err(|refused| refused.problem)?;
    let text = String::from_utf8_lossy(&response.body);
    text.trim_start_matches('\u{feff}')
        .trim()
        .parse()
        .map_err(|_| {
            Problem::new(
                Kind::Protocol,
                "Graph's count of the members is not a number.",
            )
        })
}

/// Level by level, so that the first way to a person is a shortest one; a visited set ends cycles.
async fn walk(client: &Client, group: &DirectoryGroupId) -> Result<Walk, Problem> {
    let mut walk = Walk {
        ways: BTreeMap::new(),
        people: BTreeMap::new(),
        visited: BTreeSet::from([group.key()]),
        hollow: 0,
        gap: None,
    };
    let mut level: Vec<(DirectoryGroupId, Way)> = vec![(group.clone(), Vec::new())];
    let mut top = true;
    while !level.is_empty() {
        let lists = join_all(level.iter().map(|(id, _)| lists(client, id))).await;
        let mut below = Vec::new();
        for ((_, way), lists) in level.into_iter().zip(lists) {
            match lists {
                Ok(lists) => below.extend(walk.take(&way, lists)),
                Err(problem) if top || problem.kind == Kind::Auth => return Err(problem),
                // A group that vanished on the way, or that may not be read.
                Err(problem) => walk.gap = Some(cause(&problem).to_string()),
            }
        }
        below.sort();
        level = below;
        top = false;
    }
    Ok(walk)
}

impl Walk {
    /// Whether the group asked about seems to hold nobody and nothing.
    fn is_empty(&self) -> bool {
        self.people.is_empty() && self.visited.len() == 1
    }

    /// Takes one group's lists in; gives the groups below that were not met before.
    fn take(&mut self, way: &Way, (people, groups): Lists) -> Vec<(DirectoryGroupId, Way)> {
        for proof in [&people.proof, &groups.proof] {
            if let Completeness::Incomplete(cause) = proof {
                self.gap = Some(cause.clone());
            }
        }
        for (person, hollow) in people.value {
            if self.people.contains_key(&person.id) {
                continue;
            }
            self.hollow += usize::from(hollow);
            self.ways.insert(person.id.clone(), way.clone());
            self.people.insert(person.id.clone(), person);
        }
        let mut below = Vec::new();
        for record in groups.value {
            let id = DirectoryGroupId::from(record.id);
            if self.visited.insert(id.key()) {
                let mut way = way.clone();
                way.push(id.clone());
                below.push((id, way));
            }
        }
        below
    }
}

async fn lists(client: &Client, group: &DirectoryGroupId) -> Result<Lists, Problem> {
    let below = |cast: &str, select: &str| {
        let segments = ["groups", group.expose(), "members", cast];
        let options = [("$select", select), ("$top", TOP), ("$count", "true")];
        client.address(&segments, &options)
    };
    let people = below("microsoft.graph.user", PERSON);
    let groups = below("microsoft.graph.group", "id,displayName");
    let mut pool = Pool::default();
    let met = |record: PersonRecord| {
        let hollow = record.is_hollow();
        (Arc::new(record.into_person(&mut pool)), hollow)
    };
    let (people, groups) = tokio::join!(
        read_list(client, people, NEEDS, met),
        read_list(client, groups, NEEDS, |record: SubgroupRecord| record),
    );
    Ok((people?, groups?))
}
