//! The only kind of plan that is applied: sealed, unexpired, sound in itself, and made for this
//! tenant and this identity. Anything else is refused before a byte is sent.

use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Identity, Plan, Severity, TenantInfo};
use crate::planner::file;
use crate::ports::{Kind, Problem};

/// A plan that may be applied.
#[derive(Clone, Debug)]
pub struct ApprovedPlan(Arc<Plan>);

impl ApprovedPlan {
    /// Takes a plan that somebody approved.
    ///
    /// # Errors
    /// `User` for another version; `Stale` when it was edited or has expired; `Guard` when it is not
    /// sound in itself or has findings that forbid it.
    pub fn new(plan: Plan, now: Timestamp) -> Result<Self, Problem> {
        let approved = Self::sealed(plan, now)?;
        let plan = approved.plan();
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
    pub(super) fn begun(plan: Plan) -> Result<Self, Problem> {
        Self::sealed(plan, Timestamp::MIN)
    }

    fn sealed(plan: Plan, now: Timestamp) -> Result<Self, Problem> {
        file::check(&plan, now)?;
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
