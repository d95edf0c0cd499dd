//! Puts drafts in the order of a commit, numbers them and resolves what needs what.

use std::collections::BTreeMap;

use super::draft::{Draft, Key};
use crate::domain::{Operation, OperationId};
use crate::text::{Pool, Raw};

pub(super) fn operations(mut drafts: Vec<Draft>) -> Vec<Operation> {
    drafts.sort_by(|one, other| (one.step, &one.order).cmp(&(other.step, &other.order)));
    let id = |at: usize| OperationId::new(format!("op-{:04}", at + 1));
    let mut makers: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        if let Some(key) = &draft.makes {
            makers.entry(key).or_default().push(at);
        }
    }
    let needs: Vec<Vec<OperationId>> = drafts
        .iter()
        .map(|draft| {
            let found = draft.needs.iter().filter_map(|key| makers.get(key));
            let mut all: Vec<usize> = found.flatten().copied().collect();
            all.sort_unstable();
            all.dedup();
            all.into_iter().map(id).collect()
        })
        .collect();
    let mut reasons = Pool::default();
    drafts
        .into_iter()
        .zip(needs)
        .enumerate()
        .map(|(at, (draft, needs))| Operation {
            id: id(at),
            change: draft.change,
            name: None,
            mail: None,
            why: reasons.share(Raw::from(draft.why)),
            undo: draft.undo,
            needs,
        })
        .collect()
}
