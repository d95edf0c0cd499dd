//! The other tenants on the same license. Of each only the users are read, beside our own lists, and
//! nothing is ever written there: the whole of what is asked is [`Tenant::identify`] and one list.
//! One that cannot be read holds nobody up; its reading says why it is not whole.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

use crate::domain::{Completeness, List, Listing, OtherTenant, Reading, TenantId};
use crate::ports::{Clock, Kind, Problem, Tenant};
use crate::text::show_str;

/// How long an answer is waited for when everything else was read.
const PATIENCE: Duration = Duration::from_secs(30);
/// Readings of a list whose server tells no total, at most (reliability C2).
const LOOKS: usize = 3;

/// Another tenant on the same license, to be read.
#[derive(Clone)]
pub struct Sharer {
    /// The profile by which it is configured.
    pub name: String,
    /// The tenant, or why it cannot be asked.
    pub tenant: Result<Arc<dyn Tenant>, String>,
}

/// What one of them said: which tenant it is, where it told.
pub(super) type Told = (Option<TenantId>, OtherTenant);

/// Reads them beside each other. When `over` ends, everything else is there.
pub(super) async fn read(
    sharers: &[Sharer],
    clock: &dyn Clock,
    over: oneshot::Receiver<()>,
) -> Vec<Told> {
    let late = async {
        // It ends when the sender is dropped, too.
        let _ = over.await;
        clock.sleep(PATIENCE).await;
    };
    let late = late.shared();
    join_all(sharers.iter().map(|sharer| {
        let late = late.clone();
        async move {
            let told = tokio::select! {
                biased;
                told = subjects(sharer) => told,
                () = late => Err("did not answer in time".to_owned()),
            };
            let (id, subjects) = match told {
                Ok((id, subjects)) => (Some(id), subjects),
                Err(cause) => (None, unread(&cause)),
            };
            let name = sharer.name.clone();
            (id, OtherTenant { name, subjects })
        }
    }))
    .await
}

/// Whoever is our own tenant under another name says nothing about others.
pub(super) fn settle(told: Vec<Told>, own: &TenantId) -> Vec<OtherTenant> {
    let all = told.into_iter().map(|(id, mut other)| {
        if id.as_ref() == Some(own) {
            other.subjects = unread("its address is that of this very tenant");
        }
        other
    });
    all.collect()
}

fn unread(cause: &str) -> Reading<BTreeSet<String>> {
    Reading::incomplete(BTreeSet::new(), &show_str(cause))
}

async fn subjects(sharer: &Sharer) -> Result<(TenantId, Reading<BTreeSet<String>>), String> {
    let tenant = sharer.tenant.as_deref().map_err(Clone::clone)?;
    let (info, _) = tenant
        .identify()
        .await
        .map_err(|problem| problem.to_string())?;
    let subjects = settled(tenant)
        .await
        .map_err(|problem| problem.to_string())?;
    Ok((info.id, subjects))
}

/// Somebody who is missed would be called nobody: what only its last page calls whole is read again.
async fn settled(tenant: &dyn Tenant) -> Result<Reading<BTreeSet<String>>, Problem> {
    let mut seen = users(tenant).await?;
    for _ in 1..LOOKS {
        if !seen.proof.wants_second_look() {
            return Ok(seen);
        }
        let again = users(tenant).await?;
        if again.value == seen.value && again.proof.is_proven() {
            return Ok(Reading::proven(
                again.value,
                "read twice, with the same subjects",
            ));
        }
        seen = again;
    }
    if seen.proof.wants_second_look() {
        let cause = format!("held other users each time, {LOOKS} times in a row");
        seen.proof = Completeness::Incomplete(cause);
    }
    Ok(seen)
}

async fn users(tenant: &dyn Tenant) -> Result<Reading<BTreeSet<String>>, Problem> {
    match tenant.again(&List::Users).await? {
        Listing::Users(users) => Ok(Reading {
            value: users.value.iter().map(|user| user.subject.key()).collect(),
            proof: users.proof,
        }),
        _ => Err(Problem::new(
            Kind::Internal,
            "another list came than that of the users",
        )),
    }
}
