//! Look-ups in the tenant: groups by claim, spaces, assignments, who reaches a space through a group.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Assignee, Completeness, DirectoryGroup, DirectoryGroupId, Group, GroupId, GroupProvider,
    PersonId, Snapshot, Space, SpaceAssignment, SpaceId, UserId,
};
use crate::text::Raw;

/// Whether a space can be planned for.
#[derive(Clone, Copy, Debug)]
pub(in crate::planner) enum SpaceState<'a> {
    /// Known, with all its assignments.
    Ready(&'a Space),
    /// No such space in the reading.
    Unknown,
    /// Its assignments were not read.
    Unread(&'a Space),
    /// Its assignments were read in part; the cause.
    Partial(&'a Space, &'a str),
}

/// The tenant, prepared for look-ups.
#[derive(Debug)]
pub(in crate::planner) struct TenantView<'a> {
    snapshot: &'a Snapshot,
    groups: BTreeMap<&'a str, &'a Group>,
    spaces: BTreeMap<&'a SpaceId, &'a Space>,
    assignments: BTreeMap<&'a SpaceId, BTreeMap<&'a Assignee, &'a SpaceAssignment>>,
    claims: BTreeMap<&'a str, Vec<&'a DirectoryGroup>>,
    by_id: bool,
}

impl<'a> TenantView<'a> {
    pub(in crate::planner) fn new(snapshot: &'a Snapshot) -> Self {
        let tenant = &snapshot.tenant;
        let groups: BTreeMap<&str, &Group> = tenant
            .groups
            .value
            .iter()
            .filter(|group| group.provider == GroupProvider::Idp)
            .map(|group| (group.name.expose(), group))
            .collect();
        let by_id = claims_are_ids(snapshot, &groups);
        let mut claims: BTreeMap<&str, Vec<&DirectoryGroup>> = BTreeMap::new();
        for group in &snapshot.directory.groups.value {
            claims
                .entry(claim(group, by_id).expose())
                .or_default()
                .push(group);
        }
        Self {
            snapshot,
            groups,
            spaces: tenant
                .spaces
                .value
                .iter()
                .map(|space| (&space.id, space))
                .collect(),
            assignments: tenant
                .assignments
                .iter()
                .map(|(space, reading)| {
                    let rows = reading.value.iter().map(|row| (&row.assignee, row));
                    (space, rows.collect())
                })
                .collect(),
            claims,
            by_id,
        }
    }

    /// Why a group cannot be told by its name: the list of groups is not whole, so another one may
    /// have the same name. `None` when it is, when claims are ids, and when the source knows groups
    /// by nothing but their names (a table), where namesakes are one group anyway.
    pub(in crate::planner) fn namesakes(&self, group: &DirectoryGroupId) -> Option<&'a str> {
        let known = self.snapshot.directory.group(group);
        let by_name = known.is_some_and(|known| known.id.key() == known.name.key());
        if self.by_id || by_name {
            return None;
        }
        self.snapshot.directory.groups.proof.gap()
    }

    /// What the identity provider sends for a directory group; `None` when two groups would or
    /// might merge in Qlik, or the group is not known.
    pub(in crate::planner) fn claim(&self, group: &DirectoryGroupId) -> Option<&'a Raw> {
        let group = self.snapshot.directory.group(group)?;
        let claim = claim(group, self.by_id);
        let alone = self
            .claims
            .get(claim.expose())
            .is_some_and(|all| all.len() == 1);
        (alone && self.namesakes(&group.id).is_none() && !claim.is_blank()).then_some(claim)
    }

    /// The identity provider's group of this claim, as Qlik knows it.
    pub(in crate::planner) fn group(&self, claim: &Raw) -> Option<&'a Group> {
        self.groups.get(claim.expose()).copied()
    }

    /// Whether a space can be planned for.
    pub(in crate::planner) fn space(&self, id: &SpaceId) -> SpaceState<'a> {
        let Some(space) = self.spaces.get(id).copied() else {
            return SpaceState::Unknown;
        };
        match self
            .snapshot
            .tenant
            .assignments
            .get(id)
            .map(|all| &all.proof)
        {
            Some(proof) if proof.is_proven() => SpaceState::Ready(space),
            Some(Completeness::Incomplete(cause)) => SpaceState::Partial(space, cause),
            _ => SpaceState::Unread(space),
        }
    }

    /// All spaces.
    pub(in crate::planner) fn spaces(&self) -> impl Iterator<Item = &'a Space> {
        self.spaces.values().copied()
    }

    /// The assignment of somebody in a space.
    pub(in crate::planner) fn assignment(
        &self,
        space: &SpaceId,
        assignee: &Assignee,
    ) -> Option<&'a SpaceAssignment> {
        self.assignments.get(space)?.get(assignee).copied()
    }

    /// Group assignments of a space.
    pub(in crate::planner) fn groups_in(
        &self,
        space: &SpaceId,
    ) -> impl Iterator<Item = (&'a GroupId, &'a SpaceAssignment)> {
        self.assignments
            .get(space)
            .into_iter()
            .flatten()
            .filter_map(|(assignee, row)| match assignee {
                Assignee::Group(id) => Some((id, *row)),
                _ => None,
            })
    }

    /// Direct members of a group that Qlik knows, as far as the directory was read.
    pub(in crate::planner) fn direct_members(&self, group: &GroupId) -> BTreeSet<&'a PersonId> {
        let tenant = &self.snapshot.tenant.groups.value;
        tenant
            .iter()
            .filter(|known| known.id == *group && known.provider == GroupProvider::Idp)
            .filter_map(
                |known| match self.claims.get(known.name.expose())?.as_slice() {
                    [only] => Some(&only.id),
                    _ => None,
                },
            )
            .filter(|id| self.namesakes(id).is_none())
            .flat_map(|id| self.direct(id))
            .collect()
    }

    /// The one group of the directory that sends this group's claim; `None` when there is none, the
    /// cause when that cannot be told.
    pub(in crate::planner) fn twin(
        &self,
        group: &Group,
    ) -> Result<Option<&'a DirectoryGroupId>, &'a str> {
        if group.provider != GroupProvider::Idp {
            return Ok(None);
        }
        let groups = &self.snapshot.directory.groups.proof;
        match self.claims.get(group.name.expose()).map(Vec::as_slice) {
            Some([only]) => match self.namesakes(&only.id) {
                Some(cause) => Err(cause),
                None => Ok(Some(&only.id)),
            },
            Some([_, _, ..]) => Err("several groups of the directory send its name"),
            _ => groups.gap().map_or(Ok(None), Err),
        }
    }

    /// Users whom the tenant knows to be in a group.
    pub(in crate::planner) fn users_in(&self, group: &GroupId) -> impl Iterator<Item = UserId> {
        let users = self.snapshot.tenant.users.value.iter();
        users
            .filter(move |user| user.groups.contains(group))
            .map(|user| user.id.clone())
    }

    /// Direct members of a directory group.
    pub(in crate::planner) fn direct(
        &self,
        group: &DirectoryGroupId,
    ) -> impl Iterator<Item = &'a PersonId> {
        let members = self.snapshot.directory.members.get(group);
        members
            .into_iter()
            .flat_map(|reading| &reading.value)
            .filter(|member| member.is_direct())
            .map(|member| &member.person)
    }
}

/// Groups of the directory that Qlik knows, each with its group there.
pub fn known_as<'a>(
    snapshot: &Snapshot,
    groups: impl Iterator<Item = &'a DirectoryGroupId>,
) -> BTreeMap<DirectoryGroupId, GroupId> {
    let mut groups = groups.peekable();
    if groups.peek().is_none() {
        return BTreeMap::new();
    }
    let view = TenantView::new(snapshot);
    let known = groups.filter_map(|id| Some((id.clone(), view.group(view.claim(id)?)?.id.clone())));
    known.collect()
}

/// The group of the directory behind a group as Qlik knows it, as far as it can be told.
pub fn twin<'a>(snapshot: &'a Snapshot, id: &GroupId) -> Option<&'a DirectoryGroupId> {
    let mut groups = snapshot.tenant.groups.value.iter();
    let group = groups.find(|group| group.id == *id)?;
    TenantView::new(snapshot).twin(group).ok().flatten()
}

fn claim(group: &DirectoryGroup, by_id: bool) -> &Raw {
    if by_id { group.id.raw() } else { &group.name }
}

/// Some identity providers send object ids instead of names: judged by the groups Qlik has.
fn claims_are_ids(snapshot: &Snapshot, groups: &BTreeMap<&str, &Group>) -> bool {
    let known = &snapshot.directory.groups.value;
    let by_id = known
        .iter()
        .filter(|group| groups.contains_key(group.id.expose()))
        .count();
    let by_name = known
        .iter()
        .filter(|group| groups.contains_key(group.name.expose()))
        .count();
    let guids = groups
        .keys()
        .filter(|name| uuid::Uuid::try_parse(name).is_ok())
        .count();
    by_id > by_name || (by_id + by_name == 0 && guids > 0 && guids == groups.len())
}
