//! Digests of what was read, so that a plan names its facts: SHA-256 over the sorted digests of the
//! items, hence independent of the order in which pages came.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::domain::{
    Completeness, DirectoryGroupId, SourceProof, SpaceWish, Target, TenantSnapshot,
};
use crate::planner::canonical::hex;
use crate::planner::desk::Desk;

pub(super) fn proofs(desk: &Desk<'_>) -> Vec<SourceProof> {
    vec![tenant(desk), directory(desk)]
}

/// The digest of everything that was read of a tenant.
pub(in crate::planner) fn tenant_digest(tenant: &TenantSnapshot) -> String {
    let mut bag = Bag::default();
    bag.all("user", &tenant.users.value);
    bag.all("group", &tenant.groups.value);
    bag.all("role", &tenant.roles.value);
    bag.all("space", &tenant.spaces.value);
    bag.all("seat", &tenant.licensing.value.assignments);
    bag.all("pool", &tenant.licensing.value.allotments);
    bag.one("switches", &tenant.licensing.value.auto_assign);
    for (space, reading) in &tenant.assignments {
        for row in &reading.value {
            bag.one("assignment", &(space, row));
        }
    }
    bag.digest()
}

fn tenant(desk: &Desk<'_>) -> SourceProof {
    let tenant = &desk.snapshot.tenant;
    let wishes = desk.staging.wishes.values();
    let mut relied = vec![&tenant.users.proof];
    if wishes
        .clone()
        .any(|wish| wish.license.is_some() || wish.ladder.is_some())
    {
        relied.push(&tenant.licensing.proof);
    }
    let mut spaces: Vec<_> = wishes.clone().flat_map(|wish| wish.spaces.keys()).collect();
    spaces.sort();
    spaces.dedup();
    if !spaces.is_empty() {
        relied.push(&tenant.spaces.proof);
    }
    let readings = spaces.iter().map(|space| tenant.assignments.get(*space));
    relied.extend(readings.map(|reading| reading.map_or(&Completeness::Unread, |all| &all.proof)));
    if groups(desk).next().is_some() {
        relied.push(&tenant.groups.proof);
    }
    let cause = relied.into_iter().find_map(Completeness::gap);
    let cause = cause.map(str::to_owned).or_else(|| doubted(desk, true));
    SourceProof {
        role: "tenant".to_owned(),
        kind: None,
        label: tenant.tenant.url.show().to_string(),
        digest: tenant_digest(tenant),
        complete: cause.is_none(),
        cause,
        read_at: tenant.read_at,
    }
}

fn directory(desk: &Desk<'_>) -> SourceProof {
    let directory = &desk.snapshot.directory;
    let mut bag = Bag::default();
    bag.all("group", &directory.groups.value);
    for person in directory.people.value.values() {
        bag.one("person", person);
    }
    for (group, reading) in &directory.members {
        for member in &reading.value {
            bag.one("member", &(group, member));
        }
    }
    for (query, reading) in &directory.queries {
        for person in &reading.value {
            bag.one("query", &(query, person));
        }
    }
    let cause = desk.staging.wishes.keys().find_map(|target| match target {
        // Whoever was picked by a reading with a gap is told below; who is in a group of the tenant is
        // asked where something is taken from it.
        Target::Row(_) | Target::QlikGroup(_) => None,
        Target::AllPeople => directory.people.proof.gap().map(str::to_owned),
        Target::Group(id) => {
            let members = directory.members.get(id);
            let proof = members.map_or(&Completeness::Unread, |reading| &reading.proof);
            proof.gap().map(str::to_owned)
        }
        Target::Set(set) => {
            let gaps = set.unknown(directory).into_iter();
            let mut gaps = gaps.chain(set.gaps(directory));
            gaps.next().map(|gap| gap.cause)
        }
    });
    let cause = cause
        .or_else(|| desk.gaps.first().map(|gap| gap.cause.clone()))
        .or_else(|| doubted(desk, false))
        .or_else(|| namesakes(desk));
    SourceProof {
        role: "directory".to_owned(),
        kind: Some(directory.kind),
        label: directory.label.clone(),
        digest: bag.digest(),
        complete: cause.is_none(),
        cause,
        read_at: directory.read_at,
    }
}

/// What is hard to believe of the tenant, or of the directory.
fn doubted(desk: &Desk<'_>, of_tenant: bool) -> Option<String> {
    let mut doubts = desk.doubts.iter();
    let doubt = doubts.find(|doubt| doubt.of_tenant == of_tenant)?;
    Some(format!("{} {}", doubt.what.show(), doubt.cause))
}

/// Groups for which a space is wished.
fn groups<'d>(desk: &'d Desk<'_>) -> impl Iterator<Item = &'d DirectoryGroupId> {
    desk.staging.wishes.iter().filter_map(|(target, wish)| {
        let mut spaces = wish.spaces.values();
        let gives = spaces.any(|one| !matches!(one, SpaceWish::Remove));
        match target {
            Target::Group(id) if gives => Some(id),
            _ => None,
        }
    })
}

/// Why the names of these groups may not be theirs alone.
fn namesakes(desk: &Desk<'_>) -> Option<String> {
    let cause = groups(desk).find_map(|id| desk.view.namesakes(id));
    cause.map(str::to_owned)
}

/// Digests of items, in no order.
#[derive(Default)]
struct Bag(Vec<[u8; 32]>);

impl Bag {
    fn all<T: Serialize>(&mut self, kind: &str, items: &[T]) {
        for item in items {
            self.one(kind, item);
        }
    }

    fn one<T: Serialize>(&mut self, kind: &str, item: &T) {
        let mut hash = Sha256::new();
        hash.update(kind.as_bytes());
        hash.update([0]);
        // Items are plain data; one that cannot be written digests as its kind alone.
        hash.update(serde_json::to_vec(item).unwrap_or_default());
        self.0.push(hash.finalize().into());
    }

    fn digest(mut self) -> String {
        self.0.sort_unstable();
        let mut hash = Sha256::new();
        for one in &self.0 {
            hash.update(one);
        }
        hex(&hash.finalize())
    }
}
