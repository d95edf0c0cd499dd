//! When users were last seen, by the audit log (dossier, section 8): sign-ins and app openings, under
//! the old and the new name of each event. The log keeps events for a while only, and one row comes
//! for every sign-in, so it may be cheaper to ask person by person; the first page tells.

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use super::client::{Ask, Client};
use super::paging::Chain;
use crate::connectors::http::parse_json;
use crate::domain::{Reading, USE_NAMES, Usage, UserId};
use crate::ports::{LookAt, Problem, UsageCost, UsageTold};
use crate::text::show_str;

/// Sign-ins, by their names since 2026 and before (changelog 244).
const SIGN_INS: [&str; 2] = [
    "com.qlik.core.user-session.begun",
    "com.qlik.user-session.begin",
];
/// Sign-ins and app openings, by their names since 2026 and before (changelog 244); all that the tenant
/// has are asked for and merged.
const EVENTS: [&str; USE_NAMES] = [SIGN_INS[0], SIGN_INS[1], "com.qlik.v1.app.opened"];
/// Kept where the tenant does not say how long (dossier, section 8).
const USUALLY_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// An interval of the log has an end; this one is far enough ahead of any clock.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 365);
/// Questions about single people under way at once.
const AT_ONCE: usize = 8;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord {
    event_time: Option<Timestamp>,
    user_id: Option<String>,
}

#[derive(Deserialize)]
struct Types {
    data: Vec<String>,
}

#[derive(Deserialize)]
struct SettingsAnswer {
    data: Settings,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(rename = "EventTTL")]
    kept: Option<i64>,
}

/// One event name's list, and what its first page held.
struct Log<'a> {
    chain: Chain<'a, EventRecord>,
    first: Vec<EventRecord>,
}

/// Reads them. See [`crate::ports::Tenant::usage`].
pub(super) async fn usage(
    client: &Client,
    look: &LookAt<'_>,
    told: &(dyn Fn(UsageTold) + Send + Sync),
) -> Result<Reading<Usage>, Problem> {
    let now = client.clock.wall();
    let ((names, unnamed), (kept, unsaid)) = tokio::join!(names(client), kept(client));
    let oldest = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
    let from = look.since.max(oldest);
    let mut logs = Vec::new();
    for name in &names {
        let ask = Ask::get("/api/v1/audits");
        let mut chain = Chain::<EventRecord>::new(client, ask, parameters(name, from));
        let first = chain.next().await?;
        logs.push(Log { chain, first });
    }
    let by_event: u64 = logs.iter().map(|log| pages(log, from, now)).sum();
    let by_person = (look.people.len() * names.len()) as u64;
    let cost = UsageCost {
        by_event,
        by_person,
    };
    told(UsageTold::Estimated(cost));
    let (mut last, mut only) = (BTreeMap::new(), None);
    if cost.is_by_person() {
        only = Some(look.people.iter().cloned().collect());
        for log in &logs {
            take(&mut last, &log.first);
        }
        one_by_one(client, look.people, &names, from, told, &mut last).await?;
    } else {
        let read = AtomicU64::new(logs.len() as u64);
        for found in try_join_all(logs.into_iter().map(|log| rest(log, &read, told))).await? {
            for (user, at) in found {
                let known = last.entry(user).or_insert(at);
                *known = (*known).max(at);
            }
        }
    }
    let value = Usage {
        from,
        until: now,
        only,
        last,
    };
    Ok(match unnamed.or(unsaid) {
        Some(gap) => Reading::incomplete(value, &show_str(gap)),
        None => Reading::proven(value, "every event was read to the last page"),
    })
}

/// The last event of each user in one log, read to its end; the logs side by side.
async fn rest(
    log: Log<'_>,
    read: &AtomicU64,
    told: &(dyn Fn(UsageTold) + Send + Sync),
) -> Result<BTreeMap<UserId, Timestamp>, Problem> {
    let mut last = BTreeMap::new();
    take(&mut last, &log.first);
    let mut chain = log.chain;
    while !chain.ended() {
        take(&mut last, &chain.next().await?);
        told(UsageTold::Read(read.fetch_add(1, Ordering::Relaxed) + 1));
    }
    Ok(last)
}

fn parameters(name: &str, from: Timestamp) -> Vec<(&'static str, String)> {
    let until = from.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    vec![
        ("eventTime", format!("{from}/{until}")),
        ("eventType", name.to_owned()),
    ]
}

/// How many pages a log has: as many as its first page fits into the span. The newest come first.
fn pages(log: &Log<'_>, from: Timestamp, now: Timestamp) -> u64 {
    if log.chain.ended() {
        return 1;
    }
    let oldest = log.first.iter().filter_map(|event| event.event_time).min();
    let Some(oldest) = oldest else {
        return 1;
    };
    let seconds = |since| now.duration_since(since).as_secs().max(1).unsigned_abs();
    seconds(from).div_ceil(seconds(oldest)).max(1)
}

fn take(last: &mut BTreeMap<UserId, Timestamp>, events: &[EventRecord]) {
    for event in events {
        if let (Some(time), Some(user)) = (event.event_time, &event.user_id) {
            let known = last.entry(UserId::new(user.as_str())).or_insert(time);
            *known = (*known).max(time);
        }
    }
}

/// The newest event of each person.
async fn one_by_one(
    client: &Client,
    people: &[UserId],
    names: &BTreeSet<String>,
    from: Timestamp,
    told: &(dyn Fn(UsageTold) + Send + Sync),
    last: &mut BTreeMap<UserId, Timestamp>,
) -> Result<(), Problem> {
    let open: Vec<(UserId, String)> = people
        .iter()
        .flat_map(|person| names.iter().map(|name| (person.clone(), name.clone())))
        .collect();
    let asked = stream::iter(open).map(|(person, name)| async move {
        let mut parameters = parameters(&name, from);
        parameters.push(("userId", person.expose().to_owned()));
        let ask = Ask::get("/api/v1/audits");
        let mut chain = Chain::<EventRecord>::limited(client, ask, parameters, 1);
        Ok::<_, Problem>(chain.next().await?)
    });
    let mut answers = asked.buffer_unordered(AT_ONCE);
    let mut read = 0;
    while let Some(events) = answers.try_next().await? {
        take(last, &events);
        read += 1;
        told(UsageTold::Read(read));
    }
    Ok(())
}

/// Those of our events that this tenant has had, all of them where it does not tell; and what is missing
/// where it knows no sign-in by a name that we know.
async fn names(client: &Client) -> (BTreeSet<String>, Option<&'static str>) {
    let all: BTreeSet<String> = EVENTS.map(str::to_owned).into();
    let ask = Ask::get("/api/v1/audits/types");
    let answer = client.read(&ask).await.ok();
    let types = answer.and_then(|answer| parse_json::<Types>(&answer, &ask.label()).ok());
    let Some(types) = types else {
        return (all, None);
    };
    let had = |name: &str| types.data.iter().any(|one| one == name);
    let signs_in = SIGN_INS.iter().any(|name| had(name));
    let gap = "the audit log knows no sign-in by the names that this version knows";
    let ours: BTreeSet<String> = all.iter().filter(|name| had(name)).cloned().collect();
    (
        if ours.is_empty() { all } else { ours },
        (!signs_in).then_some(gap),
    )
}

/// How long events are kept, and what is missing where the tenant does not say: it may forget sooner than
/// is usual, and whoever came before that would seem never to have come.
async fn kept(client: &Client) -> (SignedDuration, Option<&'static str>) {
    let ask = Ask::get("/api/v1/audits/settings");
    let answer = client.read(&ask).await.ok();
    let settings =
        answer.and_then(|answer| parse_json::<SettingsAnswer>(&answer, &ask.label()).ok());
    let kept = settings.and_then(|settings| settings.data.kept);
    match kept.filter(|kept| *kept > 0) {
        Some(kept) => (SignedDuration::from_secs(kept), None),
        None => (
            USUALLY_KEPT,
            Some("the tenant does not say how long it keeps events"),
        ),
    }
}
