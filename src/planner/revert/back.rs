//! A walk over a run from its end to its beginning, against what the tenant holds now.

use std::collections::BTreeSet;

use super::model::Model;
use super::stand::{Standing, left, roll_back, stand};
use crate::domain::{
    Assignee, Change, Done, Operation, OperationId, PastRun, TenantSnapshot, UserId, Verdict,
};
use crate::text::Raw;

/// How one operation of a past run stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Which.
    pub operation: OperationId,
    /// How.
    pub standing: Standing,
    /// What the operation leaves when it is applied.
    pub left: Raw,
    /// What is there now.
    pub now: Raw,
}

/// What one step of the walk sees: the operation, what is known of it, how it stands, the tenant
/// as it stands behind it.
pub(super) struct Step<'s, 'a> {
    pub(super) operation: &'s Operation,
    pub(super) done: &'s Done,
    pub(super) found: Stand,
    pub(super) model: &'s Model<'a>,
}

/// Walks backwards. Operations that were never sent, refused or skipped are left out unless `all`.
pub(super) fn walk<'a>(
    past: &PastRun,
    live: &'a TenantSnapshot,
    all: bool,
    mut visit: impl FnMut(Step<'_, 'a>),
) {
    let mut model = Model::new(live);
    for operation in past.plan.operations.iter().rev() {
        let Some(done) = past.done.get(&operation.id) else {
            continue;
        };
        if !all && !touched(done) {
            continue;
        }
        let (standing, now) = stand(&operation.change, done, &model);
        let found = Stand {
            operation: operation.id.clone(),
            standing,
            left: Raw::from(left(&operation.change)),
            now: Raw::from(now),
        };
        visit(Step {
            operation,
            done,
            found,
            model: &model,
        });
        if standing == Standing::Ours && touched(done) {
            roll_back(&operation.change, &mut model);
        }
    }
}

/// Whether the operation may have left something.
fn touched(done: &Done) -> bool {
    match &done.verdict {
        Some(Verdict::Applied | Verdict::Already | Verdict::Unknown { .. }) => true,
        Some(Verdict::NotApplied { .. } | Verdict::Skipped { .. }) => false,
        None => done.sent,
    }
}

/// How every operation of a run stands now, in the order of its plan.
pub fn look_back(past: &PastRun, live: &TenantSnapshot) -> Vec<Stand> {
    let mut found = Vec::new();
    walk(past, live, true, |step| found.push(step.found));
    found.reverse();
    found
}

/// Users about whom a run's applied operations are: whose use since then is worth asking for.
pub fn people(past: &PastRun, live: &TenantSnapshot) -> Vec<UserId> {
    let model = Model::new(live);
    let applied = past.plan.operations.iter().filter(|operation| {
        let done = past.done.get(&operation.id);
        done.is_some_and(|done| done.verdict == Some(Verdict::Applied))
    });
    let users: BTreeSet<UserId> = applied
        .filter_map(|operation| user_of(&operation.change, &model))
        .collect();
    users.into_iter().collect()
}

/// The user record that a change is about, as far as there is one.
pub(super) fn user_of(change: &Change, model: &Model<'_>) -> Option<UserId> {
    match change {
        Change::CreateUser { subject, .. }
        | Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => model.subjects.get(&subject.key()).cloned(),
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => Some(target.id.clone()),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => match model.resolve(&target.assignee)? {
            Assignee::User(id) | Assignee::Bot(id) => Some(id),
            _ => None,
        },
        Change::CreateGroup { .. } | Change::SetAutoAssign { .. } => None,
    }
}
