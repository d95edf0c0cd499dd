//! Groups that hold a person. Graph's transitive list names them without the ways, so each group's own
//! groups are asked for, level by level.

use futures_util::future::join_all;

use super::client::Client;
use super::list::read_list;
use super::query::TOP;
use super::records::SubgroupRecord;
use super::refusal::cause;
use crate::connectors::climb::{Climb, in_order};
use crate::domain::{Completeness, DirectoryGroupId, PersonId, Reading, Way};
use crate::ports::{Kind, Problem};
use crate::text::show_str;

const NEEDS: &str = "GroupMember.Read.All";

/// Reads them. See [`crate::ports::Directory::groups_of`].
pub(super) async fn groups_of(
    client: &Client,
    person: &PersonId,
) -> Result<Reading<Vec<Way>>, Problem> {
    let first = holding(client, "users", person.expose()).await?;
    let mut gap = first.proof.gap().map(str::to_owned);
    let mut climb = Climb::default();
    let mut level = climb.take(&[], first.value, DirectoryGroupId::clone);
    while !level.is_empty() {
        let asked = level
            .iter()
            .map(|(group, _)| holding(client, "groups", group.expose()));
        let answers = join_all(asked).await;
        let mut next = Vec::new();
        for ((_, way), answer) in level.into_iter().zip(answers) {
            match answer {
                Ok(reading) => {
                    gap = gap.or_else(|| reading.proof.gap().map(str::to_owned));
                    next.extend(climb.take(&way, reading.value, DirectoryGroupId::clone));
                }
                Err(problem) if problem.kind == Kind::Auth => return Err(problem),
                // A group that vanished on the way, or that may not be read.
                Err(problem) => gap = gap.or_else(|| Some(cause(&problem).to_string())),
            }
        }
        level = in_order(next);
    }
    let proof = match gap {
        Some(gap) => Completeness::incomplete(&show_str(&gap)),
        None => Completeness::proven("the groups of every group above were read"),
    };
    Ok(Reading {
        value: climb.ways(),
        proof,
    })
}

/// Groups that hold a user or a group directly.
async fn holding(
    client: &Client,
    kind: &str,
    id: &str,
) -> Result<Reading<Vec<DirectoryGroupId>>, Problem> {
    let segments = [kind, id, "memberOf", "microsoft.graph.group"];
    // On a cast Graph wants the count.
    let options = [("$select", "id"), ("$top", TOP), ("$count", "true")];
    let url = client.address(&segments, &options);
    let take = |record: SubgroupRecord| DirectoryGroupId::from(record.id);
    read_list(client, url, NEEDS, take).await
}
