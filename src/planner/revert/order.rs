//! The order of a reversal: the run's order backwards, with seats freed before they are given; what
//! needed an operation is taken back before it.

use std::collections::BTreeMap;

use crate::domain::{Change, LicenseType, Operation, OperationId, TenantSnapshot, Undo};
use crate::text::Raw;

/// An operation of a reversal before it has a number.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The operation that it takes back.
    pub(super) of: Operation,
    pub(super) change: Change,
    pub(super) undo: Undo,
}

/// Place of a kind; within one the run's order backwards decides.
fn rank(change: &Change) -> u8 {
    match change {
        Change::CreateUser { .. }
        | Change::UpdateUser { .. }
        | Change::CreateGroup { .. }
        | Change::SetRoles { .. } => 0,
        Change::AddSpaceAssignment { .. }
        | Change::ChangeSpaceAssignment { .. }
        | Change::RemoveSpaceAssignment { .. } => 1,
        Change::RemoveLicense { .. } => 2,
        Change::ChangeLicense { .. } => 3,
        Change::MoveLicense { .. } => 4,
        Change::AddLicense { .. } => 5,
        Change::DisableUser { .. } | Change::DeleteUser { .. } => 6,
        Change::SetAutoAssign { .. } => 7,
    }
}

/// Sorts drafts that come in the run's order backwards.
pub(super) fn sort(drafts: &mut [Draft]) {
    drafts.sort_by_key(|draft| rank(&draft.change));
}

/// Takes out what finds no seat any more, in the order in which seats are freed and given.
pub(super) fn without_seat(drafts: &mut Vec<Draft>, live: &TenantSnapshot) -> Vec<Draft> {
    let pools = &live.licensing.value.allotments;
    let mut left: BTreeMap<LicenseType, i64> = pools
        .iter()
        .filter(|pool| pool.name.expose() != "analyzer_time")
        .map(|pool| (pool.name.clone(), pool.units - pool.used))
        .collect();
    let mut out = Vec::new();
    drafts.retain(|draft| {
        let (takes, gives) = match &draft.change {
            Change::AddLicense { after, .. } => (Some(&after.license), None),
            Change::ChangeLicense { before, after, .. } => {
                (Some(&after.license), Some(&before.license))
            }
            Change::RemoveLicense { before, .. } => (None, Some(&before.license)),
            _ => (None, None),
        };
        if let Some(room) = takes.and_then(|license| left.get_mut(license)) {
            if *room <= 0 {
                out.push(draft.clone());
                return false;
            }
            *room -= 1;
        }
        if let Some(room) = gives.and_then(|license| left.get_mut(license)) {
            *room += 1;
        }
        true
    });
    out
}

/// Numbers them and turns the run's needs around.
pub(super) fn number(drafts: Vec<Draft>, why: &str) -> Vec<Operation> {
    let id = |at: usize| OperationId::new(format!("op-{:04}", at + 1));
    let places: BTreeMap<OperationId, usize> = drafts
        .iter()
        .enumerate()
        .map(|(at, draft)| (draft.of.id.clone(), at))
        .collect();
    let mut needs: Vec<Vec<OperationId>> = vec![Vec::new(); drafts.len()];
    for (at, draft) in drafts.iter().enumerate() {
        for need in draft.of.needs.iter().filter_map(|need| places.get(need)) {
            if at < *need
                && let Some(list) = needs.get_mut(*need)
            {
                list.push(id(at));
            }
        }
    }
    drafts
        .into_iter()
        .zip(needs)
        .enumerate()
        .map(|(at, (draft, needs))| Operation {
            id: id(at),
            change: draft.change,
            name: draft.of.name,
            mail: draft.of.mail,
            why: Raw::from(format!("{why}, {}", draft.of.id.expose())),
            undo: draft.undo,
            needs,
        })
        .collect()
}
