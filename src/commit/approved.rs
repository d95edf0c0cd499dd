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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::unseat;
    use crate::domain::{Finding, FindingCode, Operation, PlanHash, PlanTenant, Summary};

    fn operation(id: &str, needs: &[&str]) -> Operation {
        Operation {
            id: id.into(),
            needs: needs.iter().map(|one| (*one).into()).collect(),
            ..unseat("anna")
        }
    }

    fn plan(operations: Vec<Operation>, findings: Vec<Finding>) -> Plan {
        file::seal(Plan {
            version: 1,
            hash: PlanHash::default(),
            created: Timestamp::UNIX_EPOCH,
            expires: Timestamp::MAX,
            tenant: PlanTenant {
                id: "t".into(),
                url: "https://acme.eu.example".into(),
            },
            identity: me("id-me"),
            reverts: None,
            orphans: BTreeSet::new(),
            roles: std::collections::BTreeMap::new(),
            sources: Vec::new(),
            summary: Summary::default(),
            operations,
            findings,
        })
    }

    fn me(user: &str) -> Identity {
        Identity {
            user: user.into(),
            subject: "CORP\\me".into(),
            name: user.into(),
        }
    }

    fn refused(plan: Plan) -> Problem {
        let problem = ApprovedPlan::new(plan, Timestamp::UNIX_EPOCH).expect_err("a refusal");
        assert_eq!(problem.kind, Kind::Guard, "{problem}");
        problem
    }

    #[test]
    fn a_plan_that_is_not_sound_in_itself_is_refused() {
        let early = refused(plan(
            vec![operation("op-1", &["op-2"]), operation("op-2", &[])],
            Vec::new(),
        ));
        assert!(
            early.to_string().contains("op-1 of the plan needs op-2"),
            "{early}"
        );
        let itself = refused(plan(vec![operation("op-1", &["op-1"])], Vec::new()));
        assert!(
            itself.to_string().contains("does not stand before it"),
            "{itself}"
        );
        let twice = refused(plan(
            vec![operation("op-1", &[]), operation("op-1", &[])],
            Vec::new(),
        ));
        assert!(twice.to_string().contains("op-1 stands twice"), "{twice}");
        let sound = plan(
            vec![operation("op-1", &[]), operation("op-2", &["op-1"])],
            Vec::new(),
        );
        assert!(ApprovedPlan::new(sound, Timestamp::UNIX_EPOCH).is_ok());
    }

    #[test]
    fn a_finding_that_forbids_it_is_told_with_its_hint() {
        let finding = |severity| Finding {
            severity,
            code: FindingCode::UnknownRole,
            who: "anna".into(),
            text: "the tenant has no such role".into(),
            hint: "choose another".into(),
            decision: None,
        };
        let warned = plan(
            vec![operation("op-1", &[])],
            vec![finding(Severity::Warning)],
        );
        assert!(ApprovedPlan::new(warned, Timestamp::UNIX_EPOCH).is_ok());
        let forbidden = refused(plan(
            vec![operation("op-1", &[])],
            vec![finding(Severity::Error)],
        ));
        assert!(
            forbidden.to_string().contains("has no such role"),
            "{forbidden}"
        );
        assert_eq!(forbidden.hints(), ["choose another"]);
    }

    #[test]
    fn it_is_for_one_tenant_and_one_identity_and_expires_at_its_moment() {
        let expires = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24);
        let plan = file::seal(Plan {
            expires,
            ..plan(Vec::new(), Vec::new())
        });
        let approved = ApprovedPlan::new(plan, Timestamp::UNIX_EPOCH).expect("approved");
        let tenant = |id: &str| TenantInfo {
            id: id.into(),
            name: "T".into(),
            url: "https://acme.eu.example".into(),
            created_by: None,
        };
        assert!(approved.check_place(&tenant("t"), &me("id-me")).is_ok());
        assert!(
            approved
                .check_place(&tenant("other"), &me("id-me"))
                .is_err()
        );
        assert!(approved.check_place(&tenant("t"), &me("id-you")).is_err());
        let just_before = expires - jiff::SignedDuration::from_nanos(1);
        assert!(!approved.is_expired(just_before) && approved.is_expired(expires));
    }
}
