//! Spaces of a scenario, with owners and assignments.

use super::build::{BuildError, days_before};
use super::populate::Populate;
use super::scenario::{AssignmentSpec, SpaceSpec};
use super::space::{Assignee, AssigneeKind, Space, SpaceAssignment};

impl Populate<'_> {
    pub(super) fn spaces(&mut self) -> Result<(), BuildError> {
        for spec in &self.scenario.spaces {
            let owner = match &spec.owner {
                None => self.world.tenant.admin.clone(),
                Some(name) => self.user_named(&spec.name, name)?,
            };
            let mut assigned = Vec::new();
            for assignment in &spec.assignments {
                for who in self.assignees(&spec.name, assignment)? {
                    assigned.push((who, assignment.roles.clone()));
                }
            }
            for number in 1..=spec.count {
                self.space(spec, number, &owner, &assigned);
            }
        }
        Ok(())
    }

    fn space(
        &mut self,
        spec: &SpaceSpec,
        number: usize,
        owner: &str,
        assigned: &[(Assignee, Vec<String>)],
    ) {
        let id = self.world.new_id();
        let created = days_before(self.world.epoch, 300, 0);
        self.world.tenant.spaces.insert(Space {
            id: id.clone(),
            name: spec.name.replace("{n}", &format!("{number:02}")),
            kind: spec.kind,
            description: spec.description.clone(),
            owner: owner.to_owned(),
            created,
            updated: created,
        });
        for (who, roles) in assigned {
            if self.world.tenant.spaces.assignment_of(&id, who).is_some() {
                continue;
            }
            let assignment = SpaceAssignment {
                id: self.world.new_id(),
                assignee: who.clone(),
                roles: roles.clone(),
                created_by: self.world.tenant.admin.clone(),
                created,
                updated: created,
            };
            self.world.tenant.spaces.assign(&id, assignment);
        }
    }

    fn user_named(&self, place: &str, name: &str) -> Result<String, BuildError> {
        let found = self.world.tenant.users.iter().find(|u| u.name == name);
        found
            .map(|u| u.id.clone())
            .ok_or_else(|| self.undefined(place, "user", name))
    }

    fn assignees(&self, place: &str, spec: &AssignmentSpec) -> Result<Vec<Assignee>, BuildError> {
        let mut out = Vec::new();
        if let Some(name) = &spec.group {
            let tenant = &self.world.tenant;
            let group = tenant
                .group_named(name, "idp")
                .or_else(|| tenant.group_named(name, "custom"));
            let group = group.ok_or_else(|| self.undefined(place, "known group", name))?;
            out.push((AssigneeKind::Group, group.id.clone()));
        }
        if let Some(name) = &spec.user {
            out.push((AssigneeKind::User, self.user_named(place, name)?));
        }
        if let Some(name) = &spec.members_of {
            let at = self.directory_group(place, name)?;
            let members = self
                .world
                .directory
                .groups
                .get(at)
                .map_or(&[][..], |g| &g.members);
            let ids = members
                .iter()
                .filter_map(|m| self.records.get(m))
                .take(spec.take);
            out.extend(ids.map(|id| (AssigneeKind::User, id.clone())));
        }
        Ok(out)
    }
}
