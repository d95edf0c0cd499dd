//! Holders of seats as those whom a plan is for: strangers, nobody here, or who does not use theirs.

use super::gather::Gathered;
use super::out::Out;
use super::plan::PlanArgs;
use super::report::{judged, with_use};
use super::session::Session;
use crate::domain::RowKey;
use crate::planner::holders::{Holder, Review, Standing, Unused, rows, unused};
use crate::ports::{Kind, Problem};

/// Seats that were given less than so many days ago are spared.
const OLDER_THAN: u32 = 30;

/// The rows of those who are asked for; `None` where the plan is for somebody else.
///
/// # Errors
/// Something was not read whole, so that it cannot be told; what the tenant says.
pub(super) async fn holders(
    args: &PlanArgs,
    session: &Session,
    gathered: &Gathered,
    out: Out,
) -> Result<Option<Vec<RowKey>>, Problem> {
    let (snapshot, groups) = (&gathered.snapshot, &gathered.groups);
    if args.strangers {
        let review = judged(session, snapshot, groups, None);
        whole("who is a stranger", review.gaps.first())?;
        let all = review.holders.iter();
        let strangers = all.filter(|holder| holder.standing == Standing::Stranger);
        return Ok(Some(told(&review, &strangers.collect::<Vec<_>>(), out)));
    }
    if args.orphans {
        let review = judged(session, snapshot, groups, None);
        whole("which seats are nobody's here", review.gaps.first())?;
        let free = orphans(&review, out);
        return Ok(Some(told(&review, &free, out)));
    }
    let Some(days) = args.unused else {
        return Ok(None);
    };
    let rule = Unused {
        days,
        older_than: OLDER_THAN,
    };
    let (review, looked) = with_use(session, snapshot, groups, rule, out).await?;
    whole(
        "who does not use a seat",
        review.gaps.first().or(looked.gap.as_ref()),
    )?;
    let idle = unused(&review, rule, session.clock.wall());
    let proposed = idle.iter().filter(|one| one.spared.is_none());
    let proposed: Vec<&Holder> = proposed.map(|one| one.holder).collect();
    Ok(Some(told(&review, &proposed, out)))
}

/// Seats of nobody here that no other tenant is known to use, and nothing spares; how many stay is said.
fn orphans(review: &Review, out: Out) -> Vec<&Holder> {
    let all = review.holders.iter().filter(|one| one.claim.is_some());
    let (elsewhere, rest): (Vec<&Holder>, Vec<&Holder>) =
        all.partition(|one| one.elsewhere.is_some());
    let spared =
        |one: &&Holder| matches!(one.standing, Standing::Protected(_) | Standing::Excepted(_));
    let (spared, free): (Vec<&Holder>, Vec<&Holder>) = rest.into_iter().partition(spared);
    for (count, why) in [
        (elsewhere.len(), "used in another tenant on the license"),
        (spared.len(), "protected, or an exception of the profile"),
    ] {
        match count {
            0 => {}
            1 => out.note(format!("1 seat of nobody here is {why}, and left alone.")),
            many => out.note(format!(
                "{many} seats of nobody here are {why}, and left alone."
            )),
        }
    }
    free
}

/// Their rows; who holds further seats that are not meant is named and left out.
fn told(review: &Review, chosen: &[&Holder], out: Out) -> Vec<RowKey> {
    let (rows, left) = rows(review, chosen);
    for holder in left {
        out.note(format!(
            "{} holds several seats, of which not all are meant, and is left out: take {} back singly.",
            holder.name.show(),
            holder.subject.show()
        ));
    }
    rows
}

/// Nothing is taken on the strength of what was not read whole (I6).
fn whole(what: &str, gap: Option<&String>) -> Result<(), Problem> {
    let Some(gap) = gap else {
        return Ok(());
    };
    let text = format!("{what} cannot be told: {gap}");
    Err(Problem::new(Kind::Guard, text)
        .hint("Nothing is taken on the strength of a list that was not read whole; try again."))
}
