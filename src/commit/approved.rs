//! The only kind of plan that is applied: sealed, unexpired, sound in itself, and made for this
//! tenant and this identity. Anything else is refused before a byte is sent.

use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Identity, Plan, PlanHash, Severity, TenantInfo};
use crate::ports::{Kind, Problem};

/// Computes the hash of a plan's canonical form, its `hash` field left out.
pub type Seal = fn(&Plan) -> Result<PlanHash, Problem>;

/// The plan format that this program applies.
const VERSION: u32 = 1;

/// A plan that may be applied.
#[derive(Clone, Debug)]
pub struct ApprovedPlan(Arc<Plan>);

impl ApprovedPlan {
    /// Takes a plan that somebody approved.
    ///
    /// # Errors
    /// `Stale` when it expired; `Guard` when it was edited, is of another version, is not sound in
    /// itself or has findings that forbid it.
    pub fn new(plan: Plan, seal: Seal, now: Timestamp) -> Result<Self, Problem> {
        let approved = Self::sealed(plan, seal)?;
        let plan = approved.plan();
        if approved.is_expired(now) {
            return Err(
                Problem::new(Kind::Stale, format!("the plan expired at {}", plan.expires))
                    .hint("make a new one with `qroll plan`"),
            );
        }
        if let Some(finding) = plan
            .findings
            .iter()
            .find(|finding| finding.severity == Severity::Error)
        {
            return Err(Problem::new(
                Kind::Guard,
                format!("the plan must not be applied: {}", finding.text.show()),
            )
            .hint(finding.hint.show().as_str()));
        }
        Ok(approved)
    }

    /// A plan of an earlier run: as [`ApprovedPlan::new`], but it may have expired meanwhile.
    pub(super) fn sealed(plan: Plan, seal: Seal) -> Result<Self, Problem> {
        if plan.version != VERSION {
            return Err(Problem::new(
                Kind::Guard,
                format!("plan format {} is not known to this program", plan.version),
            )
            .hint("apply it with the version of qroll that made it"));
        }
        if seal(&plan)? != plan.hash {
            return Err(Problem::new(
                Kind::Guard,
                "the plan was edited: its content does not fit its hash",
            )
            .hint("make a new one with `qroll plan`"));
        }
        sound(&plan)?;
        Ok(Self(Arc::new(plan)))
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.0
    }

    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.0.expires
    }

    /// Whether the connection is the one that the plan was made for.
    pub(super) fn check_place(
        &self,
        tenant: &TenantInfo,
        identity: &Identity,
    ) -> Result<(), Problem> {
        if tenant.id != self.0.tenant.id {
            return Err(Problem::new(
                Kind::Guard,
                format!(
                    "the plan is for tenant {} at {}, this is {} at {}",
                    self.0.tenant.id.show(),
                    self.0.tenant.url.show(),
                    tenant.id.show(),
                    tenant.url.show()
                ),
            )
            .hint("choose the profile that the plan was made with"));
        }
        if identity.user != self.0.identity.user {
            return Err(Problem::new(
                Kind::Guard,
                format!(
                    "the plan was made as {}, the credential acts as {}",
                    self.0.identity.name.show(),
                    identity.name.show()
                ),
            )
            .hint("use the same credential, or make a new plan with this one"));
        }
        Ok(())
    }
}

/// Operations have their own names, and need only what stands before them.
fn sound(plan: &Plan) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for operation in &plan.operations {
        if let Some(need) = operation.needs.iter().find(|need| !seen.contains(*need)) {
            return Err(Problem::new(
                Kind::Guard,
                format!(
                    "operation {} of the plan needs {}, which does not stand before it",
                    operation.id.show(),
                    need.show()
                ),
            ));
        }
        if !seen.insert(&operation.id) {
            return Err(Problem::new(
                Kind::Guard,
                format!("operation {} stands twice in the plan", operation.id.show()),
            ));
        }
    }
    Ok(())
}
