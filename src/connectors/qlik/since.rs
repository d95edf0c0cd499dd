//! What happened since a moment: who signed in, by the audit log, and what somebody made. There is
//! no field of a last login (qlik.dev users), and audit events end after 90 days.

use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

use super::client::{Ask, Client};
use super::paging::Chain;
use crate::domain::UserId;
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// The login event and its name until 2026 (changelog 244); both are asked for and merged.
const LOGINS: [&str; 2] = [
    "com.qlik.core.user-session.begun",
    "com.qlik.user-session.begin",
];
/// Pages of a hundred events after which the log is too long to be read for this.
const PAGES: usize = 200;
/// An interval of the log has an end; this one is far enough ahead of any clock.
const AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 365);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord {
    event_time: Option<Timestamp>,
    user_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemRecord {
    name: Option<Raw>,
    owner_id: Option<String>,
    created_at: Option<Timestamp>,
}

/// The last sign-in of each user since then.
pub(super) async fn sign_ins(
    client: &Client,
    since: Timestamp,
) -> Result<BTreeMap<UserId, Timestamp>, Problem> {
    let until = since.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    let mut found: BTreeMap<UserId, Timestamp> = BTreeMap::new();
    for event in LOGINS {
        let parameters = vec![
            ("eventTime", format!("{since}/{until}")),
            ("eventType", event.to_owned()),
        ];
        let ask = Ask::get("/api/v1/audits");
        let mut chain = Chain::<EventRecord>::new(client, ask, parameters);
        let mut pages = 0;
        while !chain.ended() {
            if pages == PAGES {
                return Err(Problem::new(
                    Kind::Network,
                    "there are too many sign-ins since then to read them all",
                ));
            }
            pages += 1;
            for event in chain.next().await? {
                let (Some(time), Some(user)) = (event.event_time, event.user_id) else {
                    continue;
                };
                let last = found.entry(UserId::new(user)).or_insert(time);
                *last = (*last).max(time);
            }
        }
    }
    Ok(found)
}

/// Names of what this user owns that was made since then. What does not say when it was made
/// counts: it may have been.
pub(super) async fn owned(
    client: &Client,
    owner: &UserId,
    since: Timestamp,
) -> Result<Vec<Raw>, Problem> {
    let mut names = Vec::new();
    for path in ["/api/v1/items", "/api/v1/spaces"] {
        let parameters = vec![("ownerId", owner.expose().to_owned())];
        let mut chain = Chain::<ItemRecord>::new(client, Ask::get(path), parameters);
        while !chain.ended() {
            let page = chain.next().await?;
            let theirs = page.into_iter().filter(|item| {
                item.owner_id.as_deref() == Some(owner.expose())
                    && item.created_at.is_none_or(|made| made >= since)
            });
            names.extend(
                theirs.map(|item| item.name.unwrap_or_else(|| Raw::from("without a name"))),
            );
        }
    }
    names.sort();
    Ok(names)
}
