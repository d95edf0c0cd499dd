//! The spaces of a plan: which can be planned for, who reaches them through which group, and what
//! was found illegal. Filled while planning, read by each later step.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Assignee, Change, FindingCode, GroupId, PersonId, Space, SpaceId, SpaceRef, SpaceRole, Wish,
};
use crate::planner::build::Pad;
use crate::planner::desk::{Case, Desk, SpaceState};
use crate::text::Raw;

/// Roles of a space that people reach through a group, now or by this plan.
#[derive(Debug)]
pub(super) struct Cover<'a> {
    /// The group as Qlik knows it; `None` while this plan makes it.
    pub(super) group: Option<&'a GroupId>,
    pub(super) name: Raw,
    pub(super) roles: BTreeSet<SpaceRole>,
    /// Direct members by the directory.
    pub(super) people: BTreeSet<&'a PersonId>,
    /// Whether it stands already.
    pub(super) stands: bool,
}

/// The spaces at work.
#[derive(Debug)]
pub(super) struct Work<'a> {
    ready: BTreeMap<&'a SpaceId, &'a Space>,
    covers: BTreeMap<&'a SpaceId, Vec<Cover<'a>>>,
}

impl<'a> Work<'a> {
    /// Opens every wished space; one that cannot be planned for is an error finding.
    pub(super) fn new(pad: &mut Pad<'_, 'a>) -> Self {
        let desk: &Desk<'a> = pad.desk;
        let wished: BTreeSet<&SpaceId> = desk
            .staging
            .wishes
            .values()
            .flat_map(|wish: &Wish| wish.spaces.keys())
            .collect();
        let mut work = Self {
            ready: BTreeMap::new(),
            covers: BTreeMap::new(),
        };
        for id in wished {
            match desk.view.space(id) {
                SpaceState::Ready(space) => work.open(desk, space),
                SpaceState::Unknown => pad.error(
                    FindingCode::UnknownSpace,
                    id.raw(),
                    "there is no such space, as far as spaces were read",
                    "check the name, refresh, or see whether the credential may read all spaces",
                ),
                SpaceState::Unread(space) => pad.error(
                    FindingCode::NotChecked,
                    &space.name,
                    "its assignments were not read, so nothing is planned for it",
                    "open the space or refresh, then plan again",
                ),
                SpaceState::Partial(space, cause) => pad.error(
                    FindingCode::IncompleteSource,
                    &space.name,
                    format!("its assignments were not read completely ({cause}), so nothing is planned for it"),
                    "refresh, then plan again",
                ),
            }
        }
        work
    }

    fn open(&mut self, desk: &Desk<'a>, space: &'a Space) {
        let names = &desk.snapshot.tenant.groups.value;
        let covers = desk.view.groups_in(&space.id).map(|(group, row)| {
            let name = names.iter().find(|known| known.id == *group);
            Cover {
                group: Some(group),
                name: name.map_or_else(|| group.raw().clone(), |known| known.name.clone()),
                roles: row.roles.iter().cloned().collect(),
                people: desk.view.direct_members(group),
                stands: true,
            }
        });
        self.covers.insert(&space.id, covers.collect());
        self.ready.insert(&space.id, space);
    }

    pub(super) fn space(&self, id: &SpaceId) -> Option<&'a Space> {
        self.ready.get(id).copied()
    }

    pub(super) fn spaces(&self) -> impl Iterator<Item = &'a Space> + use<'a, '_> {
        self.ready.values().copied()
    }

    pub(super) fn cover(&mut self, space: &'a SpaceId, cover: Cover<'a>) {
        self.covers.entry(space).or_default().push(cover);
    }

    /// What a row reaches in a space through groups: the roles, and the groups that stand already.
    pub(super) fn reached(&self, space: &SpaceId, case: &Case) -> (BTreeSet<SpaceRole>, Vec<&Raw>) {
        let person = case.row.person.as_ref().map(|person| &person.id);
        let known = case.user.as_ref().map(|user| &user.groups);
        let mut roles = BTreeSet::new();
        let mut through = Vec::new();
        for cover in self.covers.get(space).into_iter().flatten() {
            let by_directory = person.is_some_and(|person| cover.people.contains(person));
            let by_tenant = cover
                .group
                .is_some_and(|group| known.is_some_and(|groups| groups.contains(group)));
            if by_directory || by_tenant {
                roles.extend(cover.roles.iter().cloned());
                // A wish on a group that stands already covers its people a second time.
                if cover.stands && !through.contains(&&cover.name) {
                    through.push(&cover.name);
                }
            }
        }
        (roles, through)
    }
}

/// A space by id, with name and type for the reader.
pub(super) fn reference(space: &Space) -> SpaceRef {
    SpaceRef {
        id: space.id.clone(),
        name: space.name.clone(),
        kind: space.kind.clone(),
    }
}

/// Splits wished roles into legal and illegal ones.
pub(super) fn split(
    space: &Space,
    roles: &BTreeSet<SpaceRole>,
) -> (BTreeSet<SpaceRole>, Vec<SpaceRole>) {
    let (legal, illegal): (BTreeSet<_>, BTreeSet<_>) = roles
        .iter()
        .cloned()
        .partition(|role| space.assignable_roles.contains(role));
    (legal, illegal.into_iter().collect())
}

/// Held roles that this kind of space does not take (any more). An assignment is written as a whole, and
/// the tenant would refuse all of it with one of these in it.
pub(super) fn illegal(space: &Space, held: &BTreeSet<SpaceRole>) -> BTreeSet<SpaceRole> {
    split(space, held).1.into_iter().collect()
}

/// Whether something is planned already for somebody's assignment in a space.
pub(super) fn is_written(pad: &Pad<'_, '_>, space: &Space, assignee: &Assignee) -> bool {
    pad.drafts.iter().any(|draft| match &draft.change {
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => {
            target.space.id == space.id && target.assignee == *assignee
        }
        _ => false,
    })
}

/// "consumer + producer".
pub(super) fn sum<'r>(roles: impl IntoIterator<Item = &'r SpaceRole>) -> String {
    let all: BTreeSet<&str> = roles.into_iter().map(SpaceRole::expose).collect();
    all.into_iter().collect::<Vec<_>>().join(" + ")
}
