//! A review after a look at the use: the look itself, and what those own who would be proposed.

use futures_util::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::path::Path;

use super::known::look;
use crate::domain::{TenantId, Usage, UserId};
use crate::planner::holders::{Inquiry, Review, Spared, Unused, review, unused};
use crate::ports::{Disk, Kind, Observation, Problem, Question, Tenant, UsageTold};
use crate::text::Raw;

/// People who are asked about at once.
const AT_ONCE: usize = 8;

/// Where looks at a tenant are kept.
#[derive(Clone, Copy)]
pub struct Shelf<'a> {
    /// Files.
    pub disk: &'a dyn Disk,
    /// The state directory.
    pub state: &'a Path,
    /// Which tenant.
    pub tenant: &'a TenantId,
}

/// How a look goes.
#[derive(Debug)]
pub enum Told {
    /// The use.
    Use(UsageTold),
    /// Asked of so many what they own, of so many.
    Owned(usize, usize),
    /// What was found could not be kept for the next time.
    NotKept(Problem),
}

/// What a look found.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// When people were last seen.
    pub usage: Usage,
    /// What those own who would be proposed; whoever could not be asked about owns something.
    pub owned: BTreeMap<UserId, Vec<Raw>>,
    /// Why the use may not be all.
    pub gap: Option<String>,
}

impl Looked {
    /// Takes what people own into a review.
    pub fn put_owned(owned: &BTreeMap<UserId, Vec<Raw>>, review: &mut Review) {
        for holder in &mut review.holders {
            let theirs = holder.user.as_ref().and_then(|user| owned.get(user));
            holder.owns_read |= theirs.is_some();
            for name in theirs.into_iter().flatten() {
                if !holder.owns.contains(name) {
                    holder.owns.push(name.clone());
                }
            }
        }
    }
}

/// Looks at when the holders were last seen, and at what those own who would be proposed.
///
/// # Errors
/// What the tenant says.
pub async fn with_use(
    tenant: &dyn Tenant,
    shelf: &Shelf<'_>,
    inquiry: &Inquiry<'_>,
    rule: Unused,
    told: &(dyn Fn(Told) + Send + Sync),
) -> Result<(Review, Looked), Problem> {
    let now = inquiry.now;
    let days = SignedDuration::from_hours(i64::from(rule.days) * 24);
    let since = now.saturating_sub(days).unwrap_or(Timestamp::MIN);
    let people = users(&review(&Inquiry {
        usage: None,
        ..*inquiry
    }));
    let seen = look(tenant, shelf, (since, now), &people, told).await?;
    let mut found = review(&Inquiry {
        usage: Some(&seen.usage),
        ..*inquiry
    });
    let owned = owned(tenant, &found, rule, now, told).await?;
    Looked::put_owned(&owned, &mut found);
    let looked = Looked {
        usage: seen.usage,
        owned,
        gap: seen.gap,
    };
    Ok((found, looked))
}

/// What those own who would be proposed: a seat that is taken from an owner leaves apps behind.
async fn owned(
    tenant: &dyn Tenant,
    review: &Review,
    rule: Unused,
    now: Timestamp,
    told: &(dyn Fn(Told) + Send + Sync),
) -> Result<BTreeMap<UserId, Vec<Raw>>, Problem> {
    let proposed = unused(review, rule, now);
    let open = proposed
        .iter()
        .filter(|one| one.spared == Some(Spared::NotAsked));
    let open: Vec<UserId> = open.filter_map(|one| one.holder.user.clone()).collect();
    let all = open.len();
    let asked = stream::iter(open).map(|owner| async move {
        let question = Question::OwnedSince {
            owner: owner.clone(),
            since: Timestamp::MIN,
        };
        (owner, tenant.observe(&question).await)
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
        told(Told::Owned(owned.len(), all));
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
