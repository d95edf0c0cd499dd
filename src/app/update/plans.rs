//! From staging to a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::actions::{Action, Screen};
use crate::app::effect::{Effect, PlanRequest};
use crate::app::message::{PeopleWish, Trouble};
use crate::app::model::{App, Load, Tone};
use crate::app::planned::{GroupBy, names};
use crate::domain::{Change, DirectoryGroupId, Plan, SpaceId, Subject, Target};
use crate::planner::Selection;
use crate::planner::roster::Scope;
use crate::text::Raw;

impl App {
    /// Wants a plan: reads what it needs first.
    pub(super) fn want_plan(&mut self) -> Vec<Effect> {
        self.plan.wanted = true;
        self.go(Screen::Plan);
        let (groups, spaces, everybody) = self.plan_needs();
        let mut effects: Vec<Effect> = self.read_staged_sets();
        for group in groups {
            effects.extend(self.read_members(group));
        }
        effects.extend(self.read_assignments(&spaces));
        effects.extend(self.read_staged_rows());
        if everybody && !self.data.snapshot.directory.people.proof.is_proven() {
            effects.extend(self.load(Load::People(PeopleWish::All)));
        }
        effects
    }

    /// Groups and spaces that the staging names, and whether it names everybody.
    fn plan_needs(&self) -> (Vec<DirectoryGroupId>, Vec<SpaceId>, bool) {
        let (mut groups, mut spaces, mut everybody) = (Vec::new(), Vec::new(), false);
        let mut strips = false;
        for (target, wish) in &self.stage.staging.wishes {
            match target {
                Target::Group(id) => groups.push(id.clone()),
                Target::AllPeople => everybody = true,
                Target::QlikGroup(id) => groups.extend(self.twin(id)),
                Target::Row(_) | Target::Set(_) => {}
            }
            spaces.extend(wish.spaces.keys().cloned());
            strips |= wish
                .ladder
                .is_some_and(|rung| rung >= crate::domain::Ladder::StripSpaces);
        }
        if strips {
            // Somebody's direct assignments can be in any space.
            spaces.extend(
                self.data
                    .snapshot
                    .tenant
                    .spaces
                    .value
                    .iter()
                    .map(|space| space.id.clone()),
            );
        }
        spaces.sort();
        spaces.dedup();
        (groups, spaces, everybody)
    }

    /// Whether something that a plan may need is being read. When people were last seen is no part of it.
    pub(super) fn is_reading(&self) -> bool {
        self.data.loading.iter().any(|load| *load != Load::Use)
    }

    /// Builds the wanted plan once nothing it needs is still being read.
    pub(super) fn build_when_ready(&mut self) -> Option<Effect> {
        if !self.plan.wanted || self.plan.building || self.is_reading() {
            return None;
        }
        self.plan.wanted = false;
        self.plan.building = true;
        self.dirty = true;
        let request = PlanRequest {
            snapshot: Arc::clone(&self.data.snapshot),
            index: self.derived.index.clone(),
            staging: Arc::clone(&self.stage.staging),
            generation: self.stage.generation,
            selection: self.selection(),
        };
        Some(Effect::BuildPlan(self.data.epoch, Box::new(request)))
    }

    /// Marked groups (those shown) and how many people are in view.
    fn selection(&self) -> Selection {
        let groups = match &self.roster.scope {
            Scope::Groups(groups) => groups.clone(),
            Scope::Sets(_) | Scope::People(_) | Scope::AllPeople | Scope::Users => Vec::new(),
        };
        Selection {
            groups,
            people: self.derived.rows.len() as u64,
            gaps: Vec::new(),
        }
    }

    /// A plan is there. It is current when neither the staging nor the reading moved on while it was
    /// being made.
    pub(super) fn planned(&mut self, current: bool, result: Result<Arc<Plan>, Trouble>) {
        self.plan.building = false;
        self.dirty = true;
        match result {
            Ok(plan) => {
                let operations = plan.operations.len();
                self.plan.names = self.names(&plan);
                self.plan.plan = Some(plan);
                self.plan.stale = !current;
                self.arrange_plan();
                self.arrange();
                let stop = self
                    .plan
                    .plan
                    .as_deref()
                    .and_then(|plan| self.stopped(plan));
                let words = format!("plan built: {operations} operations; nothing was sent");
                if let Some(why) = stop {
                    self.say(Tone::Error, why);
                } else if current {
                    self.say(Tone::Plain, words);
                } else {
                    let key = self.setup.keymap.key(Action::Plan);
                    let why = format!("{words}; it is out of date already, {key} builds it again");
                    self.say(Tone::Refusal, why);
                }
            }
            Err(trouble) => self.say(Tone::Error, trouble.line()),
        }
    }

    /// Makes the lines of the plan anew, with what can be done about its findings.
    pub(super) fn arrange_plan(&mut self) {
        let plan = self.plan.plan.as_deref();
        let findings = plan.iter().flat_map(|plan| &plan.findings);
        self.plan.hints = findings.map(|finding| self.hint(finding)).collect();
        self.plan.room = self.layout.finding_cells();
        self.plan.arrange();
    }

    /// Names of everybody in the plan: from the plan itself, else from the roster.
    pub(super) fn names(&self, plan: &Plan) -> BTreeMap<String, Raw> {
        let mut names = names(plan);
        let unnamed: BTreeSet<String> = plan
            .operations
            .iter()
            .filter_map(|operation| license_subject(&operation.change))
            .map(Subject::key)
            .filter(|key| !names.contains_key(key))
            .collect();
        if unnamed.is_empty() {
            return names;
        }
        for row in &self.derived.rows {
            let own = row.user.as_ref().map(|user| &user.subject);
            for subject in row.subject.iter().chain(own) {
                let key = subject.key();
                if let Some(name) = row.name().filter(|_| unnamed.contains(&key)) {
                    names.insert(key, name.clone());
                }
            }
        }
        names
    }

    pub(super) fn group_by(&mut self) {
        self.plan.by = match self.plan.by {
            GroupBy::Person => GroupBy::Space,
            GroupBy::Space => GroupBy::Person,
        };
        self.plan.list.cursor = 0;
        self.arrange_plan();
        self.dirty = true;
    }

    pub(super) fn save_plan(&mut self) -> Vec<Effect> {
        match &self.plan.plan {
            Some(plan) => vec![Effect::SavePlan(self.data.epoch, Arc::clone(plan))],
            None => Vec::new(),
        }
    }
}

fn license_subject(change: &Change) -> Option<&Subject> {
    match change {
        Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => Some(subject),
        _ => None,
    }
}
