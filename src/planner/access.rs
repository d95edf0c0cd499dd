//! Who may what in which space, and where it comes from. A person sees a space by their own
//! assignment, by a group that Qlik knows them to be in, or as its owner; the owner has every role
//! and no assignment (qlik.dev, spaces).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Assignee, GroupId, Snapshot, Space, SpaceAssignment, SpaceId, SpaceRole, TenantSnapshot, User,
    UserId, UserStatus,
};
use crate::text::Raw;

/// Where an access comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Owns the space.
    Owner,
    /// An assignment of their own.
    Direct,
    /// An assignment of a group, by its name.
    Group(Raw),
}

/// One way in which somebody may enter a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: Raw,
    /// Their address; two people may share a name.
    pub email: Option<Raw>,
    /// Whether the record may sign in.
    pub enabled: bool,
    /// Which space.
    pub place: SpaceId,
    /// The space's name.
    pub space: Raw,
    /// Its type, in the tenant's word.
    pub kind: Raw,
    /// Roles; none for an owner, who has all.
    pub roles: Vec<SpaceRole>,
    /// Where they come from.
    pub source: Source,
    /// Whether another of their ways gives all of this too.
    pub redundant: bool,
}

/// Every access that is known, by name, then space, then source. What was not read of spaces is not in
/// it; see the proofs of the snapshot.
pub fn access(snapshot: &Snapshot) -> Vec<Access> {
    of(&snapshot.tenant, None)
}

/// The same of one user.
pub fn access_of(snapshot: &Snapshot, user: &UserId) -> Vec<Access> {
    of(&snapshot.tenant, Some(user))
}

/// Where somebody holds roles by an assignment of their own, by the name of the space.
pub fn places_of<'a>(
    snapshot: &'a Snapshot,
    assignee: &Assignee,
) -> Vec<(&'a Space, &'a SpaceAssignment)> {
    let tenant = &snapshot.tenant;
    let spaces = tenant.spaces.value.iter().filter_map(|space| {
        let mut rows = tenant.assignments.get(&space.id)?.value.iter();
        Some((space, rows.find(|row| row.assignee == *assignee)?))
    });
    let mut places: Vec<_> = spaces.collect();
    places.sort_by_cached_key(|(space, _)| (space.name.key(), space.id.clone()));
    places
}

fn of(tenant: &TenantSnapshot, only: Option<&UserId>) -> Vec<Access> {
    let users = tenant.users.value.iter().map(|user| &**user);
    let users = users.filter(|user| only.is_none_or(|only| user.id == *only));
    let known: BTreeMap<&UserId, &User> = users.map(|user| (&user.id, user)).collect();
    let groups = members(&known);
    let mut all = Vec::new();
    for space in &tenant.spaces.value {
        all.extend(of_space(tenant, space, &groups, &known, only));
    }
    all.sort_by_cached_key(|one| {
        (
            one.name.key(),
            one.user.clone(),
            one.space.key(),
            one.source.clone(),
        )
    });
    all
}

/// Users by the groups that Qlik knows them to be in.
fn members<'a>(known: &BTreeMap<&UserId, &'a User>) -> BTreeMap<&'a GroupId, Vec<&'a User>> {
    let mut groups: BTreeMap<&GroupId, Vec<&User>> = BTreeMap::new();
    for user in known.values() {
        for group in &user.groups {
            groups.entry(group).or_default().push(user);
        }
    }
    groups
}

fn of_space(
    tenant: &TenantSnapshot,
    space: &Space,
    groups: &BTreeMap<&GroupId, Vec<&User>>,
    known: &BTreeMap<&UserId, &User>,
    only: Option<&UserId>,
) -> Vec<Access> {
    let meant = |user: &UserId| only.is_none_or(|only| user == only);
    let mut ways: BTreeMap<&UserId, Vec<(Source, Vec<SpaceRole>)>> = BTreeMap::new();
    if let Some(owner) = space.owner.as_ref().filter(|owner| meant(owner)) {
        ways.entry(owner)
            .or_default()
            .push((Source::Owner, Vec::new()));
    }
    let rows = tenant.assignments.get(&space.id);
    for row in rows.into_iter().flat_map(|reading| &reading.value) {
        match &row.assignee {
            Assignee::User(user) | Assignee::Bot(user) if meant(user) => {
                let way = (Source::Direct, row.roles.clone());
                ways.entry(user).or_default().push(way);
            }
            // A name is looked up only for a group that holds somebody who is meant.
            Assignee::Group(group) if groups.contains_key(group) => {
                let name = tenant.groups.value.iter().find(|one| one.id == *group);
                let name = name.map_or_else(|| Raw::from(group.expose()), |one| one.name.clone());
                for user in groups.get(group).into_iter().flatten() {
                    let way = (Source::Group(name.clone()), row.roles.clone());
                    ways.entry(&user.id).or_default().push(way);
                }
            }
            Assignee::User(_)
            | Assignee::Bot(_)
            | Assignee::Group(_)
            | Assignee::NewUser(_)
            | Assignee::NewGroup(_) => {}
        }
    }
    let ways = ways.into_iter();
    ways.flat_map(|(user, mut ways)| {
        // Of two that give the same one's own is the one too many: it can be taken from them alone.
        ways.sort_by_key(|(source, _)| *source == Source::Direct);
        let record = known.get(user).copied();
        let entries = (0..ways.len()).map(|at| {
            let (source, roles) = ways
                .get(at)
                .cloned()
                .unwrap_or((Source::Direct, Vec::new()));
            Access {
                user: user.clone(),
                name: record.map_or_else(|| Raw::from(user.expose()), |one| one.name.clone()),
                email: record.and_then(|one| one.email.clone()),
                enabled: record.is_some_and(|one| one.status != UserStatus::Disabled),
                place: space.id.clone(),
                space: space.name.clone(),
                kind: Raw::from(space.kind.word()),
                redundant: is_redundant(&ways, at),
                roles,
                source,
            }
        });
        entries.collect::<Vec<_>>()
    })
    .collect()
}

/// Whether another way gives all that this one gives; of two equal ones the later one.
fn is_redundant(ways: &[(Source, Vec<SpaceRole>)], at: usize) -> bool {
    let Some((source, roles)) = ways.get(at) else {
        return false;
    };
    if *source == Source::Owner {
        return false;
    }
    let roles: BTreeSet<&SpaceRole> = roles.iter().collect();
    ways.iter().enumerate().any(|(other, (source, theirs))| {
        let theirs: BTreeSet<&SpaceRole> = theirs.iter().collect();
        let covers = *source == Source::Owner || roles.is_subset(&theirs);
        other != at && covers && (*source == Source::Owner || roles != theirs || other < at)
    })
}
