//! What the tenant holds now, as far as a plan is about it: read whole before anything is sent, to
//! compare it with the plan and to know whom the guards protect.

use std::collections::BTreeSet;

use crate::domain::{Change, Plan, SpaceId, TenantSnapshot};
use crate::ports::{Kind, Problem, Tenant};

/// Reads the tenant, and the assignments of the plan's spaces beside each other.
///
/// # Errors
/// The tenant cannot be read, or is another than the plan's (`Guard`).
pub async fn survey(tenant: &dyn Tenant, plan: &Plan) -> Result<TenantSnapshot, Problem> {
    let mut live = tenant.load(&|_| {}).await?;
    if live.tenant.id != plan.tenant.id {
        return Err(Problem::new(
            Kind::Guard,
            format!(
                "the plan is for the tenant {}, the profile is for {}",
                plan.tenant.url.show(),
                live.tenant.url.show()
            ),
        )
        .hint("Choose the profile that the plan was made with: --profile NAME"));
    }
    let spaces: BTreeSet<&SpaceId> = plan
        .operations
        .iter()
        .filter_map(|operation| space_of(&operation.change))
        .collect();
    let reads = spaces.into_iter().map(|space| async move {
        Ok::<_, Problem>((space.clone(), tenant.assignments(space).await?))
    });
    live.assignments
        .extend(futures_util::future::try_join_all(reads).await?);
    Ok(live)
}

fn space_of(change: &Change) -> Option<&SpaceId> {
    match change {
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => Some(&target.space.id),
        _ => None,
    }
}
