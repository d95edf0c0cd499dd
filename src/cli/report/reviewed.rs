//! Holders as they are judged for a session, with their use and what they own where that is wanted.

use futures_util::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::known::{Looked, look};
use crate::cli::out::Out;
use crate::cli::session::Session;
use crate::domain::{DirectoryGroupId, Snapshot, Usage, UserId};
use crate::planner::holders::{Review, Unused, review, unused};
use crate::planner::roster::Index;
use crate::ports::{Kind, Observation, Problem, Question};
use crate::text::Raw;

/// People who are asked about at once.
const AT_ONCE: usize = 8;

/// Everybody who holds a seat.
pub(in crate::cli) fn judged(
    session: &Session,
    snapshot: &Snapshot,
    groups: &[DirectoryGroupId],
    usage: Option<&Usage>,
) -> Review {
    let index = Index::new(snapshot, &session.rule);
    let (entitled, guards) = (&session.entitled, &session.guards);
    let now = session.clock.wall();
    review(&index, snapshot, entitled, groups, guards, usage, now)
}

/// The same after a look at when they were last seen, and at what those own who would be proposed.
///
/// # Errors
/// What the tenant says.
pub(in crate::cli) async fn with_use(
    session: &Session,
    snapshot: &Snapshot,
    groups: &[DirectoryGroupId],
    rule: Unused,
    out: Out,
) -> Result<(Review, Looked), Problem> {
    let now = session.clock.wall();
    let days = SignedDuration::from_hours(i64::from(rule.days) * 24);
    let since = now.saturating_sub(days).unwrap_or(Timestamp::MIN);
    let tenant = &snapshot.tenant.tenant.id;
    let place = (&*session.disk, &*session.state, tenant);
    let people = users(&judged(session, snapshot, groups, None));
    let looked = look(&*session.tenant, place, (since, now), &people, out).await?;
    let mut review = judged(session, snapshot, groups, Some(&looked.usage));
    let owned = owned(session, &review, rule, now, out).await?;
    for holder in &mut review.holders {
        let theirs = holder.user.as_ref().and_then(|user| owned.get(user));
        for name in theirs.into_iter().flatten() {
            if !holder.owns.contains(name) {
                holder.owns.push(name.clone());
            }
        }
    }
    Ok((review, looked))
}

/// What those own who would be proposed: a seat that is taken from an owner leaves apps behind.
async fn owned(
    session: &Session,
    review: &Review,
    rule: Unused,
    now: Timestamp,
    out: Out,
) -> Result<BTreeMap<UserId, Vec<Raw>>, Problem> {
    let proposed = unused(review, rule, now);
    let open = proposed.iter().filter(|one| one.spared.is_none());
    let open: Vec<UserId> = open.filter_map(|one| one.holder.user.clone()).collect();
    let all = open.len();
    let asked = stream::iter(open).map(|owner| async move {
        let question = Question::OwnedSince {
            owner: owner.clone(),
            since: Timestamp::MIN,
        };
        (owner, session.tenant.observe(&question).await)
    });
    let mut answers = asked.buffer_unordered(AT_ONCE);
    let mut owned = BTreeMap::new();
    while let Some((owner, answer)) = answers.next().await {
        let names = match answer {
            Ok(Observation::Owned(names)) => names,
            Err(problem) if problem.kind == Kind::Auth => return Err(problem),
            // Who cannot be asked about is not proposed.
            _ => vec![Raw::from("what could not be read")],
        };
        owned.insert(owner, names);
        out.foot(|_| format!("Asking what {all} people own: {} answers", owned.len()));
    }
    Ok(owned)
}

/// Users who hold a seat.
fn users(review: &Review) -> Vec<UserId> {
    let mut users: Vec<UserId> = review
        .holders
        .iter()
        .filter_map(|holder| holder.user.clone())
        .collect();
    users.sort();
    users.dedup();
    users
}
