//! What the tenant holds now, as far as a plan is about it: read whole before anything is sent, to
//! compare it with the plan and to know whom the guards protect.

use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::collections::BTreeSet;

use super::second_look::settle_protection;
use crate::domain::{
    Change, Guards, List, Operation, Plan, SpaceId, TenantSnapshot, UseSince, UserId,
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

/// The guards as the send gate meets them. Whom they protect is known only from whole lists.
///
/// # Errors
/// `Guard` when something is to be taken away and users, roles or groups were not read whole (I6,
/// I7).
pub fn guarded(
    guards: &Guards,
    live: &TenantSnapshot,
    operations: &[Operation],
) -> Result<Guards, Problem> {
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
    guards.protected.extend(used_elsewhere(live, operations));
    Ok(guards)
}

/// Subjects that are no users here, and are in another tenant on the license: a run that was cut off
/// may have been planned before they were.
fn used_elsewhere(live: &TenantSnapshot, operations: &[Operation]) -> Vec<Raw> {
    if live.others.is_empty() {
        return Vec::new();
    }
    let users: BTreeSet<String> = live
        .users
        .value
        .iter()
        .map(|user| user.subject.key())
        .collect();
    let taken = operations.iter().filter_map(|one| match &one.change {
        Change::RemoveLicense { subject, .. } => Some(subject),
        _ => None,
    });
    let orphans = taken.filter(|subject| !users.contains(&subject.key()));
    let elsewhere = orphans.filter(|subject| live.used_in(subject).is_some());
    elsewhere.map(|subject| subject.raw().clone()).collect()
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
    use crate::domain::testing::{live, unseat, user};
    use crate::domain::{Completeness, OtherTenant, Reading};

    #[test]
    fn a_seat_that_another_tenant_uses_is_protected_at_the_gate() {
        let mut tenant = live(vec![user("ann", false)]);
        let subjects = ["corp\\ann", "corp\\bob"].map(str::to_owned).into();
        tenant.others = vec![OtherTenant {
            name: "south".to_owned(),
            subjects: Reading::proven(subjects, "a test"),
        }];
        let operations = ["ann", "bob", "cid"].map(unseat);
        let guards = guarded(&Guards::default(), &tenant, &operations).expect("whole");
        let covered = |name: &str| {
            let subject = Some(format!("corp\\{name}"));
            let protected = crate::domain::Protected::new(&guards);
            protected.covers(&crate::domain::Loser::Person { id: None, subject })
        };
        assert_eq!(["ann", "bob", "cid"].map(covered), [false, true, false]);
    }

    #[test]
    fn nothing_is_taken_while_nobody_knows_who_is_protected() {
        let guards = Guards::default();
        for list in ["users", "roles", "groups"] {
            let mut tenant = live(Vec::new());
            let cut = Completeness::Incomplete("page 2 of 3".to_owned());
            match list {
                "users" => tenant.users.proof = cut,
                "roles" => tenant.roles.proof = cut,
                _ => tenant.groups.proof = cut,
            }
            let refused = guarded(&guards, &tenant, &[unseat("ann")]).expect_err(list);
            assert_eq!(refused.kind, Kind::Guard);
            assert!(refused.text().starts_with(list), "{}", refused.text());
            assert!(guarded(&guards, &tenant, &[]).is_ok(), "additions go on");
        }
        assert!(guarded(&guards, &live(Vec::new()), &[unseat("ann")]).is_ok());
    }
}
