//! What the tenant holds now, as far as a plan is about it: read whole before anything is sent, to
//! compare it with the plan and to know whom the guards protect.

use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::collections::BTreeSet;

use super::second_look::settle_protection;
use crate::domain::{
    Change, Claim, Guards, List, Plan, SpaceId, Subject, TenantSnapshot, UseSince, UserId,
    unknown_protection,
};
use crate::ports::{Kind, Observation, Problem, Question, Tenant};
use crate::text::Raw;

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
                "the plan is for tenant {} at {}, the profile is for {} at {}",
                plan.tenant.id.show(),
                plan.tenant.url.show(),
                live.tenant.id.show(),
                live.tenant.url.show()
            ),
        )
        .hint("Choose the profile that the plan was made with: --profile NAME"));
    }
    settle_protection(tenant, &mut live, &plan.operations).await?;
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

/// People whose content is asked for at once.
const OWNERS_AT_ONCE: usize = 8;

/// Signs that these people have used since then what a run gave them: sign-ins by the audit log,
/// and what they own that was made since. What cannot be read is said, not guessed.
pub async fn use_since(tenant: &dyn Tenant, people: &[UserId], since: Timestamp) -> UseSince {
    let mut signs = UseSince::default();
    if people.is_empty() {
        return signs;
    }
    let wanted: BTreeSet<&UserId> = people.iter().collect();
    let question = Question::SignInsSince(since);
    match tenant.observe(&question).await {
        Ok(Observation::SignIns(mut all)) => {
            all.retain(|user, _| wanted.contains(user));
            signs.signed_in = all;
        }
        Ok(_) => signs
            .unread
            .push("who signed in since: another answer came".to_owned()),
        Err(problem) => signs
            .unread
            .push(format!("who signed in since: {}", problem.text())),
    }
    let questions = people.iter().cloned();
    let questions: Vec<_> = questions.map(|owner| owned(tenant, owner, since)).collect();
    let mut answers = futures_util::stream::iter(questions).buffer_unordered(OWNERS_AT_ONCE);
    let mut failed: Option<String> = None;
    while let Some((owner, answer)) = answers.next().await {
        match answer {
            Ok(Observation::Owned(names)) if names.is_empty() => {}
            Ok(Observation::Owned(names)) => {
                signs.owned.insert(owner, names);
            }
            Ok(_) => failed = Some("another answer came".to_owned()),
            Err(problem) => failed = Some(problem.text().to_owned()),
        }
    }
    if let Some(cause) = failed {
        signs
            .unread
            .push(format!("who owns content made since: {cause}"));
    }
    signs
}

async fn owned(
    tenant: &dyn Tenant,
    owner: UserId,
    since: Timestamp,
) -> (UserId, Result<Observation, Problem>) {
    let question = Question::OwnedSince {
        owner: owner.clone(),
        since,
    };
    (owner, tenant.observe(&question).await)
}

/// The guards as the send gate meets them. Whom they protect is known only from whole lists. A plan
/// that cannot be read takes nothing.
///
/// # Errors
/// `Guard` when something is to be taken away and users, roles or groups were not read whole (I6,
/// I7).
pub fn guarded(
    guards: &Guards,
    live: &TenantSnapshot,
    plan: Option<&Plan>,
) -> Result<Guards, Problem> {
    let operations = plan.map_or(&[][..], |plan| &plan.operations);
    let takes = operations.iter().any(|one| one.change.is_removal());
    let unsettled = live.unsettled(operations).into_iter();
    let mut unsettled = unsettled.filter(|list| List::PROTECTION.contains(list));
    let unknown = unknown_protection(live).or_else(|| Some(unsettled.next()?.word()));
    if let Some(what) = unknown.filter(|_| takes) {
        return Err(Problem::new(
            Kind::Guard,
            format!(
                "{what} could not be read completely, so nobody knows who is protected; nothing was sent"
            ),
        )
        .hint("Try again: the tenant may be changing just now."));
    }
    let mut guards = guards.resolved(live, operations);
    if let Some(plan) = plan {
        guards.protected.extend(not_nobodys(live, plan));
    }
    Ok(guards)
}

/// Subjects whose seats the plan takes as nobody's and that are somebody's now, or may be: a run that
/// was cut off goes on without being compared with its plan, and here it is asked again.
fn not_nobodys(live: &TenantSnapshot, plan: &Plan) -> Vec<Raw> {
    let users = live.users.value.iter().map(|user| user.subject.key());
    let users: BTreeSet<String> = users.collect();
    let is_somebodys = |subject: &Subject| {
        let planned = plan.orphans.contains(subject);
        if users.contains(&subject.key()) {
            return planned;
        }
        match live.claim(subject) {
            Claim::There(_) => true,
            Claim::Untold(_) => planned && !plan.takes_untold(),
            Claim::Nobody => false,
        }
    };
    let taken = plan.operations.iter().filter_map(|one| match &one.change {
        Change::RemoveLicense { subject, .. } => Some(subject),
        _ => None,
    });
    let taken = taken.filter(|subject| is_somebodys(subject));
    taken.map(|subject| subject.raw().clone()).collect()
}

fn space_of(change: &Change) -> Option<&SpaceId> {
    match change {
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => Some(&target.space.id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{live, plan, unseat, user};
    use crate::domain::{
        Completeness, Decision, Finding, FindingCode, Loser, OtherTenant, Protected, Reading,
        Severity,
    };

    fn south(tenant: &mut TenantSnapshot, subjects: &[&str]) {
        let subjects = subjects.iter().map(|one| Subject::from(*one).key());
        tenant.others = vec![OtherTenant {
            name: "South".to_owned(),
            subjects: Reading::proven(subjects.collect(), "a test"),
        }];
    }

    /// Whether the gate lets nothing be taken from this subject.
    fn is_kept(tenant: &TenantSnapshot, plan: &Plan, name: &str) -> bool {
        let guards = guarded(&Guards::default(), tenant, Some(plan)).expect("whole");
        let subject = Some(format!("corp\\{name}"));
        Protected::new(&guards).covers(&Loser::Person { id: None, subject })
    }

    #[test]
    fn a_seat_that_another_tenant_uses_is_protected_at_the_gate() {
        let mut tenant = live(vec![user("ann", false)]);
        south(&mut tenant, &["CORP\\ann", "CORP\\bob"]);
        let plan = plan(["ann", "bob", "cid"].map(unseat).into());
        let kept = ["ann", "bob", "cid"].map(|name| is_kept(&tenant, &plan, name));
        assert_eq!(kept, [false, true, false]);
    }

    #[test]
    fn whose_a_seat_of_nobody_is_now_is_asked_again_at_the_gate() {
        let mut plan = plan(["ann", "bob"].map(unseat).into());
        plan.orphans = ["CORP\\bob".into()].into();
        let kept = |tenant: &TenantSnapshot, plan: &Plan| {
            ["ann", "bob"].map(|name| is_kept(tenant, plan, name))
        };
        let mut tenant = live(vec![user("ann", false)]);
        south(&mut tenant, &[]);
        assert_eq!(kept(&tenant, &plan), [false, false], "still nobody's");

        let mut now = live(vec![user("ann", false), user("bob", false)]);
        south(&mut now, &[]);
        assert_eq!(kept(&now, &plan), [false, true], "a user here now");
        south(&mut tenant, &["corp\\BOB"]);
        assert_eq!(kept(&tenant, &plan), [false, true], "a user of South now");

        south(&mut tenant, &[]);
        tenant.others[0].subjects.proof = Completeness::Unread;
        assert_eq!(kept(&tenant, &plan), [false, true], "South was not read");
        tenant.others.clear();
        assert_eq!(kept(&tenant, &plan), [false, true], "nobody was asked");

        plan.findings = vec![typed(1)];
        assert_eq!(
            kept(&tenant, &plan),
            [false, false],
            "their number was typed"
        );
        assert_eq!(
            kept(&now, &plan),
            [false, true],
            "no number takes it from a user"
        );
        south(&mut tenant, &["CORP\\bob"]);
        assert_eq!(kept(&tenant, &plan), [false, true], "nor from one of South");
    }

    fn typed(number: u64) -> Finding {
        Finding {
            severity: Severity::Note,
            code: FindingCode::OrphanSeat,
            who: Raw::default(),
            text: Raw::default(),
            hint: Raw::default(),
            decision: Some(Decision::Orphans { number }),
        }
    }

    #[test]
    fn nothing_is_taken_while_nobody_knows_who_is_protected() {
        let guards = Guards::default();
        let (none, one) = (plan(Vec::new()), plan(vec![unseat("ann")]));
        for list in ["users", "roles", "groups"] {
            let mut tenant = live(Vec::new());
            let cut = Completeness::Incomplete("page 2 of 3".to_owned());
            match list {
                "users" => tenant.users.proof = cut,
                "roles" => tenant.roles.proof = cut,
                _ => tenant.groups.proof = cut,
            }
            let refused = guarded(&guards, &tenant, Some(&one)).expect_err(list);
            assert_eq!(refused.kind, Kind::Guard);
            assert!(refused.text().starts_with(list), "{}", refused.text());
            assert!(
                guarded(&guards, &tenant, Some(&none)).is_ok(),
                "additions go on"
            );
        }
        assert!(guarded(&guards, &live(Vec::new()), Some(&one)).is_ok());
    }
}
