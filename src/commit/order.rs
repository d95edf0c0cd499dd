//! Which operation waits for which. `needs` of the plan gate on success; the order of operations
//! on the same person, row or switch is kept besides, and gates on having a verdict only.
//! Licenses go in blocks of one kind, so that freed seats are there before they are given.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Assignee, Change, Operation, OperationId, OperationKind, Plan};

/// The order of a plan's operations, by index.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Operations that must hold before this one is sent.
    pub(super) needs: Vec<BTreeSet<usize>>,
    /// Operations released (one step) when this one is judged.
    pub(super) releases: Vec<Vec<usize>>,
    /// How many must be judged first.
    pub(super) blockers: Vec<usize>,
    /// License operations by block, in order.
    pub(super) blocks: Vec<BTreeSet<usize>>,
    /// Block of a license operation.
    pub(super) block_of: BTreeMap<usize, usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Shares,
    Owns,
}

#[derive(Default)]
struct Key {
    owner: Option<usize>,
    sharers: Vec<usize>,
}

/// What an operation touches.
fn touches(operation: &Operation) -> Vec<(String, Access)> {
    let user = |assignee: &Assignee| match assignee {
        Assignee::User(id) | Assignee::Bot(id) => format!("id {}", id.expose()),
        Assignee::NewUser(subject) => format!("subject {}", subject.key()),
        Assignee::Group(id) => format!("group {}", id.expose()),
        Assignee::NewGroup(name) => format!("new group {}", name.expose()),
    };
    match &operation.change {
        Change::CreateUser { subject, .. } => {
            vec![(format!("subject {}", subject.key()), Access::Owns)]
        }
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => vec![
            (format!("subject {}", target.subject.key()), Access::Owns),
            (format!("id {}", target.id.expose()), Access::Owns),
        ],
        Change::CreateGroup { target, .. } => {
            vec![(format!("new group {}", target.expose()), Access::Owns)]
        }
        Change::AddLicense { after, .. } => license_keys(&[after.subject.key()]),
        Change::RemoveLicense { before, .. } => license_keys(&[before.subject.key()]),
        Change::ChangeLicense { before, after, .. } | Change::MoveLicense { before, after, .. } => {
            license_keys(&[before.subject.key(), after.subject.key()])
        }
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => {
            let who = user(&target.assignee);
            vec![
                (
                    format!("space {} {who}", target.space.id.expose()),
                    Access::Owns,
                ),
                (who, Access::Shares),
            ]
        }
        Change::SetAutoAssign { .. } => Vec::new(),
    }
}

fn license_keys(subjects: &[String]) -> Vec<(String, Access)> {
    let distinct: BTreeSet<&String> = subjects.iter().collect();
    distinct
        .into_iter()
        .flat_map(|subject| {
            [
                (format!("seat {subject}"), Access::Owns),
                (format!("subject {subject}"), Access::Shares),
            ]
        })
        .collect()
}

/// Works the order out.
pub(super) fn order(plan: &Plan) -> Order {
    let count = plan.operations.len();
    let index: BTreeMap<&OperationId, usize> = plan
        .operations
        .iter()
        .enumerate()
        .map(|(index, operation)| (&operation.id, index))
        .collect();
    let makers = makers(plan);
    let mut order = Order {
        needs: vec![BTreeSet::new(); count],
        releases: vec![Vec::new(); count],
        blockers: vec![0; count],
        ..Order::default()
    };
    let mut keys: BTreeMap<String, Key> = BTreeMap::new();
    let mut switch: Option<usize> = None;
    let mut last_license: Option<OperationKind> = None;
    for (this, operation) in plan.operations.iter().enumerate() {
        let needs: BTreeSet<usize> = operation
            .needs
            .iter()
            .filter_map(|id| index.get(id).copied())
            .chain(makers.get(&this).copied())
            .filter(|need| *need < this)
            .collect();
        let mut waits: BTreeSet<usize> = needs.iter().copied().chain(switch).collect();
        for (key, access) in touches(operation) {
            take(keys.entry(key).or_default(), this, access, &mut waits);
        }
        let kind = operation.change.kind();
        if kind == OperationKind::SetAutoAssign {
            switch = Some(this);
        }
        if kind.is_batched() {
            if last_license != Some(kind) {
                order.blocks.push(BTreeSet::new());
            }
            last_license = Some(kind);
            order.block_of.insert(this, order.blocks.len() - 1);
        }
        waits.remove(&this);
        order.blockers[this] = waits.len();
        for earlier in waits {
            order.releases[earlier].push(this);
        }
        order.needs[this] = needs;
    }
    order
}

/// Space operations on somebody the plan itself makes, with the operation that makes them.
fn makers(plan: &Plan) -> BTreeMap<usize, usize> {
    let mut made: BTreeMap<Assignee, usize> = BTreeMap::new();
    let mut makers = BTreeMap::new();
    for (this, operation) in plan.operations.iter().enumerate() {
        match &operation.change {
            Change::CreateUser { subject, .. } => {
                made.insert(Assignee::NewUser(subject.clone()), this);
            }
            Change::CreateGroup { target, .. } => {
                made.insert(Assignee::NewGroup(target.clone()), this);
            }
            Change::AddSpaceAssignment { target, .. } => {
                if let Some(maker) = made.get(&target.assignee) {
                    makers.insert(this, *maker);
                }
            }
            _ => {}
        }
    }
    makers
}

fn take(key: &mut Key, this: usize, access: Access, waits: &mut BTreeSet<usize>) {
    waits.extend(key.owner);
    match access {
        Access::Shares => key.sharers.push(this),
        Access::Owns => {
            waits.extend(key.sharers.drain(..));
            key.owner = Some(this);
        }
    }
}
