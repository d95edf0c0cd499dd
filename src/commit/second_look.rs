//! A second look at lists that nothing but their last page calls whole, before something is taken on
//! the strength of them (reliability C2): who pages while others write may miss somebody.

use std::collections::BTreeSet;

use crate::domain::{Completeness, Doubt, List, Operation, TenantSnapshot};
use crate::ports::{Kind, Problem, Tenant};
use crate::text::Raw;

/// So many readings may differ from the one before; then removals are off.
const LOOKS: usize = 3;

/// Reads each of these lists again until two readings in a row hold the same ids, and puts the last
/// one in its place. Gives the lists of which that never was so: nothing may be taken then.
///
/// # Errors
/// The tenant refuses us altogether.
pub async fn look_again(
    tenant: &dyn Tenant,
    live: &mut TenantSnapshot,
    lists: &BTreeSet<List>,
) -> Result<Vec<Doubt>, Problem> {
    let mut doubts = Vec::new();
    for list in lists {
        if let Some(cause) = settle(tenant, live, list).await? {
            doubts.push(Doubt {
                what: Raw::from(list.word()),
                cause,
                count: None,
                of_tenant: true,
            });
        }
    }
    Ok(doubts)
}

/// The same for the lists that tell who is protected, before a plan with removals is sent. One that
/// does not settle counts as not whole, so that nothing is taken.
///
/// # Errors
/// As [`look_again`].
pub async fn settle_protection(
    tenant: &dyn Tenant,
    live: &mut TenantSnapshot,
    operations: &[Operation],
) -> Result<(), Problem> {
    for list in live.unsettled(operations) {
        if !List::PROTECTION.contains(&list) {
            continue;
        }
        if let Some(cause) = settle(tenant, live, &list).await? {
            let proof = Completeness::Incomplete(format!("{} {cause}", list.word()));
            if let Some(listing) = live.listing(&list) {
                live.put(listing.proven(proof));
            }
        }
    }
    Ok(())
}

/// Why a list did not settle.
async fn settle(
    tenant: &dyn Tenant,
    live: &mut TenantSnapshot,
    list: &List,
) -> Result<Option<String>, Problem> {
    let Some(mut before) = live.listing(list) else {
        return Ok(Some("were not read".to_owned()));
    };
    let mut cause = String::new();
    for _ in 0..LOOKS {
        let now = match tenant.again(list).await {
            Ok(now) => now,
            Err(problem) if problem.is_dead_end() || problem.kind == Kind::Auth => {
                return Err(problem);
            }
            Err(problem) => return Ok(Some(format!("could not be read again: {problem}"))),
        };
        if let Completeness::Incomplete(why) = now.proof() {
            return Ok(Some(format!("did not come whole when read again: {why}")));
        }
        let (old, new) = (before.ids(), now.ids());
        if old == new {
            let proof = Completeness::proven("read twice, with the same ids");
            live.put(now.proven(proof));
            return Ok(None);
        }
        cause = format!(
            "held other things each time they were read, {} times in a row (last {} and {}, of which {} differ)",
            LOOKS + 1,
            old.len(),
            new.len(),
            old.symmetric_difference(&new).count()
        );
        before = now;
    }
    live.put(before);
    Ok(Some(cause))
}

#[cfg(test)]
#[path = "second_look_tests.rs"]
mod tests;
