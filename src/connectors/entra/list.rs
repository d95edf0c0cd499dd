//! A Graph list, page by page to its end (directories.md 2.5): an empty page with a next link is
//! not the end, a link that comes back is an error, an expired page token restarts the list once,
//! and the count of the first page must agree.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

use super::client::{Client, Refused};
use super::refusal::cause;
use crate::connectors::http::parse_json;
use crate::domain::Reading;
use crate::ports::{Kind, Problem};
use crate::text::{Raw, show_str};

/// More pages than this are an endless list.
const MOST_PAGES: usize = 10_000;

/// Something with an id.
pub(super) trait Entry: DeserializeOwned {
    fn id(&self) -> &Raw;
}

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

struct Progress<V> {
    found: BTreeMap<Raw, V>,
    seen: BTreeSet<String>,
    total: Option<u64>,
    restarted: bool,
}

/// Reads a list whole, by id. `needs` names the permission it takes, `take` makes of each entry what
/// is kept of it: a record has room for much that few people have.
///
/// # Errors
/// When not even the first page came; later failures give an incomplete reading.
pub(super) async fn read_list<T: Entry, V>(
    client: &Client,
    first: Url,
    needs: &str,
    mut take: impl FnMut(T) -> V,
) -> Result<Reading<Vec<V>>, Problem> {
    let mut so_far = Progress {
        found: BTreeMap::new(),
        seen: BTreeSet::new(),
        total: None,
        restarted: false,
    };
    let mut url = first.clone();
    loop {
        match step(client, &url, needs, &mut take, &mut so_far).await {
            Ok(Some(next)) => url = next,
            Ok(None) => return Ok(finish(so_far)),
            Err(refused) if url != first && !so_far.restarted && expired(&refused) => {
                so_far.restarted = true;
                so_far.seen.clear();
                url = first.clone();
            }
            Err(refused) if refused.problem.kind == Kind::Auth => return Err(refused.problem),
            // Begun anew there is something already, even where the first page fails now.
            Err(refused) if url == first && !so_far.restarted => {
                return Err(refused.problem);
            }
            Err(refused) => {
                let cause = cause(&refused.problem);
                return Ok(Reading::incomplete(values(so_far), &cause));
            }
        }
    }
}

async fn step<T: Entry, V>(
    client: &Client,
    url: &Url,
    needs: &str,
    take: &mut impl FnMut(T) -> V,
    so_far: &mut Progress<V>,
) -> Result<Option<Url>, Refused> {
    let response = client.get(url, needs).await?;
    let page: Page<T> = parse_json(&response, &format!("GET {}", url.path()))?;
    so_far.total = so_far.total.or(page.count);
    for entry in page.value {
        so_far.found.insert(entry.id().clone(), take(entry));
    }
    let Some(link) = page.next.filter(|link| !link.is_empty()) else {
        return Ok(None);
    };
    let next = client.next(&link)?;
    if so_far.seen.len() >= MOST_PAGES || !so_far.seen.insert(next.to_string()) {
        let text = format!("GET {}: the pages do not end.", url.path());
        return Err(Problem::new(Kind::Protocol, text).into());
    }
    Ok(Some(next))
}

fn expired(refused: &Refused) -> bool {
    let token = |code: &str| code.contains("ExpiredPageToken");
    refused.status == Some(410) || refused.code.as_deref().is_some_and(token)
}

fn values<T>(so_far: Progress<T>) -> Vec<T> {
    so_far.found.into_values().collect()
}

fn finish<T>(so_far: Progress<T>) -> Reading<Vec<T>> {
    let read = so_far.found.len() as u64;
    match so_far.total {
        Some(total) if total != read => {
            let cause = format!("Graph counts {total}, {read} were read");
            Reading::incomplete(values(so_far), &show_str(&cause))
        }
        Some(_) => Reading::proven(values(so_far), "read to the end, and Graph's count agrees"),
        None => Reading::proven(values(so_far), "read to the last page"),
    }
}
