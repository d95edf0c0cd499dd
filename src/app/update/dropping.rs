//! Dropping what is staged: for rows and groups on Roster, for the line under the cursor in Plan.

use crate::app::actions::Screen;
use crate::app::effect::Effect;
use crate::app::model::{App, Tone};
use crate::app::planned::PlanLine;
use crate::domain::{Assignee, Base, Change, PeopleSet, StageEdit, Subject, Target, Wish};

impl App {
    /// Drops what is staged for the targets; a row that only inherits a wish says from where.
    pub(super) fn drop_staged(&mut self) -> Vec<Effect> {
        if self.screen == Screen::Spaces {
            return self.drop_in_spaces();
        }
        let in_plan = self.screen == Screen::Plan;
        let targets = if in_plan {
            self.plan_targets()
        } else {
            self.targets()
        };
        let here: Vec<(Target, Option<Wish>)> = targets
            .iter()
            .filter(|target| self.stage.staging.wishes.contains_key(target))
            .map(|target| (target.clone(), None))
            .collect();
        let here = match (here.is_empty(), in_plan) {
            (true, false) => self.staged_sets_here(),
            _ => here,
        };
        if here.is_empty() {
            self.say(Tone::Refusal, self.why_nothing_to_drop(&targets));
            return Vec::new();
        }
        let count = here.len();
        self.stage(
            format!("{count} staged change(s) dropped"),
            StageEdit {
                wishes: here,
                ..StageEdit::default()
            },
        );
        if !in_plan {
            return Vec::new();
        }
        if self.stage.staging.is_empty() {
            self.plan = crate::app::PlanScreen::default();
            self.go(Screen::Roster);
            return Vec::new();
        }
        self.want_plan()
    }

    /// What is staged for sets that begin with what is chosen in the groups pane, however they were
    /// narrowed then.
    fn staged_sets_here(&self) -> Vec<(Target, Option<Wish>)> {
        if !self.is_about_groups() {
            return Vec::new();
        }
        let here = self.roster.tree.choice();
        let begins = |set: &PeopleSet| match &set.base {
            Base::Everybody => here.is_unmarked(),
            Base::Groups(groups) => !groups.is_disjoint(&here.groups),
            Base::Query(name) => here.queries.contains(name),
        };
        let staged = self.stage.staging.wishes.keys();
        let sets = staged.filter(|target| matches!(target, Target::Set(set) if begins(set)));
        sets.map(|target| (target.clone(), None)).collect()
    }

    fn why_nothing_to_drop(&self, targets: &[Target]) -> String {
        let from: Vec<String> = self
            .stage
            .staging
            .wishes
            .keys()
            .filter_map(|target| match target {
                Target::Group(id) => Some(self.group_name(id)),
                Target::AllPeople => Some("everybody".to_owned()),
                Target::Set(set) => Some(format!("those {}", self.set_words(set))),
                Target::QlikGroup(id) => Some(self.qlik_group_name(id)),
                Target::Row(_) => None,
            })
            .collect();
        let pending = targets.iter().any(|target| match target {
            Target::Row(key) => self.derived.pending(key).is_some(),
            Target::Group(_) | Target::AllPeople | Target::Set(_) | Target::QlikGroup(_) => false,
        });
        if from.is_empty() || !(pending || self.screen == Screen::Plan) {
            return "nothing is staged for these".to_owned();
        }
        format!(
            "this comes from what is staged for {}; drop it there (x in the groups pane), or stage these rows themselves",
            from.join(", ")
        )
    }

    /// Which staged targets the line under the cursor of the plan came from.
    fn plan_targets(&self) -> Vec<Target> {
        let Some(PlanLine::Group(..)) = self.plan.lines.get(self.plan.list.cursor) else {
            return Vec::new();
        };
        let mut targets: Vec<Target> = Vec::new();
        for operation in self.plan.operations() {
            for target in self.stage.staging.wishes.keys() {
                if self.is_behind(target, &operation.change) && !targets.contains(target) {
                    targets.push(target.clone());
                }
            }
        }
        targets
    }

    fn is_behind(&self, target: &Target, change: &Change) -> bool {
        let Target::Row(key) = target else {
            return match (target, change) {
                (Target::Group(id), Change::CreateGroup { target: name, .. }) => self
                    .data
                    .snapshot
                    .directory
                    .group(id)
                    .is_some_and(|group| group.name == *name),
                (
                    Target::QlikGroup(id),
                    Change::AddSpaceAssignment { target, .. }
                    | Change::ChangeSpaceAssignment { target, .. }
                    | Change::RemoveSpaceAssignment { target, .. },
                ) => target.assignee == Assignee::Group(id.clone()),
                _ => false,
            };
        };
        let row = self
            .derived
            .index
            .as_ref()
            .and_then(|index| index.row(key, &self.stage.staging.accepted));
        let Some(row) = row else {
            return false;
        };
        let subject_of = |subject: &Subject| {
            let same = |own: &Subject| own.key() == subject.key();
            row.subject.as_ref().is_some_and(same)
                || row.user.as_ref().is_some_and(|user| same(&user.subject))
        };
        match change {
            Change::CreateUser { subject, .. }
            | Change::AddLicense { subject, .. }
            | Change::ChangeLicense { subject, .. }
            | Change::MoveLicense { subject, .. }
            | Change::RemoveLicense { subject, .. } => subject_of(subject),
            Change::UpdateUser { target, .. }
            | Change::DisableUser { target, .. }
            | Change::DeleteUser { target, .. }
            | Change::SetRoles { target, .. } => subject_of(&target.subject),
            Change::AddSpaceAssignment { target, .. }
            | Change::ChangeSpaceAssignment { target, .. }
            | Change::RemoveSpaceAssignment { target, .. } => match &target.assignee {
                Assignee::NewUser(subject) => subject_of(subject),
                Assignee::User(id) => row.user.as_ref().is_some_and(|user| user.id == *id),
                _ => false,
            },
            Change::CreateGroup { .. } | Change::SetAutoAssign { .. } => false,
        }
    }
}
