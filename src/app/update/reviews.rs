//! Reviews of seats for the Licenses screen: what they need, when one is made, and the look at the use.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::actions::Screen;
use crate::app::dialog::MenuKind;
use crate::app::effect::{Effect, ReviewRequest};
use crate::app::licenses::Reviewed;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::message::{AUDIT_LOG, PeopleWish, Trouble};
use crate::app::model::{App, Load, Tone};
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, SubscriptionModel, USE_NAMES, Usage, UserId,
};
use crate::planner::holders::day;
use crate::text::{Raw, show_str};

impl App {
    /// Looks the approved groups up, after the directory's groups were read.
    pub(super) fn find_approved(&mut self) {
        let approved = self.found_approved();
        self.licenses.stale |= approved != self.derived.approved;
        self.derived.approved = approved;
    }

    /// The approved groups, and what speaks against telling strangers by them; safe to show.
    fn found_approved(&self) -> (Vec<DirectoryGroupId>, Option<String>) {
        let groups = &self.data.snapshot.directory.groups;
        let mut found = Vec::new();
        for name in &self.setup.entitled.groups {
            let wanted = name.expose();
            let exact = |one: &&DirectoryGroup| one.id.expose() == wanted;
            if let Some(one) = groups.value.iter().find(exact) {
                found.push(one.id.clone());
                continue;
            }
            // Another one of this name may be in what was not read.
            if let Some(gap) = groups.proof.gap() {
                let text = format!("groups of the directory: {gap}");
                return (Vec::new(), Some(text));
            }
            match self.groups_called(name).as_slice() {
                [one] => found.push((*one).clone()),
                [] => {
                    let text = format!("the directory has no approved group {}", name.show());
                    return (Vec::new(), Some(text));
                }
                many => {
                    let (many, name) = (many.len(), name.show());
                    let text = format!("{many} groups are called {name}: approve by id");
                    return (Vec::new(), Some(text));
                }
            }
        }
        (found, None)
    }

    /// Groups of this name: exactly, else without regard to case.
    fn groups_called(&self, name: &Raw) -> Vec<&DirectoryGroupId> {
        let groups = &self.data.snapshot.directory.groups.value;
        let exact = groups.iter().filter(|one| one.name == *name);
        let exact: Vec<&DirectoryGroupId> = exact.map(|one| &one.id).collect();
        if !exact.is_empty() {
            return exact;
        }
        let key = name.key();
        let loose = groups.iter().filter(|one| one.name.key() == key);
        loose.map(|one| &one.id).collect()
    }

    /// Reads what a review needs, and asks for one when something changed.
    pub(super) fn review_when_ready(&mut self) -> Vec<Effect> {
        if self.screen != Screen::Licenses || self.is_gone() || !self.data.tenant_read {
            return Vec::new();
        }
        let licensing = &self.data.snapshot.tenant.licensing.value;
        if licensing.model == SubscriptionModel::Capacity {
            return Vec::new();
        }
        let mut effects = self.read_for_review();
        if self.licenses.stale && !self.licenses.making {
            self.licenses.stale = false;
            self.licenses.making = true;
            let request = Box::new(self.review_request());
            effects.push(Effect::Review(self.data.epoch, request));
        }
        effects
    }

    fn review_request(&self) -> ReviewRequest {
        ReviewRequest {
            snapshot: Arc::clone(&self.data.snapshot),
            index: self.derived.index.clone(),
            groups: self.derived.approved.0.clone(),
            accepted: self.stage.staging.accepted.clone(),
            rule: self.licenses.rule,
            known: self.licenses.found.clone(),
        }
    }

    /// Everybody, and the members of the approved groups: who is in none of them is known only then.
    fn read_for_review(&mut self) -> Vec<Effect> {
        let directory = &self.data.snapshot.directory;
        let open = |proof: Option<&Completeness>| match proof {
            None | Some(Completeness::Unread) => true,
            Some(proof) => proof.is_of_last_session(),
        };
        let approved = self.derived.approved.0.iter();
        let mut wanted: Vec<Load> = approved
            .filter(|id| open(directory.members.get(id).map(|reading| &reading.proof)))
            .cloned()
            .map(Load::Members)
            .collect();
        if open(Some(&directory.people.proof)) {
            wanted.push(Load::People(PeopleWish::All));
        }
        wanted.retain(|load| !self.data.troubles.contains_key(load));
        let wanted = wanted.into_iter();
        wanted.filter_map(|load| self.load(load)).collect()
    }

    /// A review is there.
    pub(super) fn reviewed(&mut self, result: Result<Arc<Reviewed>, Trouble>) {
        self.licenses.making = false;
        // Made before a look that is over by now: what that found stays.
        let known = self.known_use();
        let is_old = |found: &Arc<Reviewed>| known.is_some() && found.usage != known;
        if result.as_ref().is_ok_and(is_old) {
            self.licenses.stale = true;
            return;
        }
        self.take_review(result);
    }

    /// A look at the use is over.
    pub(super) fn use_read(&mut self, result: Result<Arc<Reviewed>, Trouble>) {
        self.data.loading.remove(&Load::Use);
        self.data.progress.remove(AUDIT_LOG);
        let gap = result.as_ref().ok().map(|found| found.gap.clone());
        self.take_review(result);
        // What changed meanwhile is not in it.
        self.licenses.stale = true;
        match gap {
            Some(Some(gap)) => self.say(Tone::Error, format!("the use was not read whole: {gap}")),
            Some(None) => self.say(Tone::Plain, "read when everybody was last seen"),
            // Why was just said.
            None => {}
        }
    }

    fn take_review(&mut self, result: Result<Arc<Reviewed>, Trouble>) {
        match result {
            Ok(found) => {
                let outlook = &self.derived.outlook;
                self.licenses.put(found, outlook, self.wall);
            }
            Err(trouble) => self.say(Tone::Error, trouble.line()),
        }
        self.arrange();
        self.dirty = true;
    }

    fn known_use(&self) -> Option<Arc<Usage>> {
        self.licenses.found.as_ref()?.usage.clone()
    }

    fn users_to_look_at(&self) -> usize {
        let review = self.licenses.review();
        let holders = review.into_iter().flat_map(|review| &review.holders);
        let users: BTreeSet<&UserId> = holders.filter_map(|one| one.user.as_ref()).collect();
        users.len()
    }

    /// Asks whether to look, with what it costs at most.
    pub(super) fn ask_look(&mut self) {
        let (users, days) = (self.users_to_look_at(), self.licenses.rule.days);
        let mut lead = vec![format!(
            "{users} users hold seats. Their use of the last {days} days stands in the audit log; reading it \
             takes at most {} requests (up to {USE_NAMES} a person), fewer where the whole log is shorter: the \
             first pages tell, and the cheaper way is taken.",
            users * USE_NAMES
        )];
        let known = self
            .licenses
            .found
            .as_ref()
            .and_then(|found| found.usage.clone());
        lead.extend(known.map(|usage| {
            format!(
                "Known from {} to {}; only what came since is asked for.",
                day(usage.from),
                day(usage.until)
            )
        }));
        lead.push("Then each who was not seen is asked about once: what they own.".to_owned());
        let items = vec![
            Item::new("read it", "nothing is written", Choice::LookAtUse).hot('r'),
            Item::new("not now", "", Choice::Nothing).hot('n'),
        ];
        self.open_menu(
            MenuKind::Plain,
            Menu::new("When were they last seen?", items).lead(lead),
        );
    }

    pub(super) fn look_at_use(&mut self) -> Vec<Effect> {
        if !self.data.loading.insert(Load::Use) {
            return Vec::new();
        }
        self.data.troubles.remove(&Load::Use);
        self.say(Tone::Plain, "reading the audit log");
        let request = Box::new(self.review_request());
        vec![Effect::LookAtUse(self.data.epoch, request)]
    }

    /// Why nobody can be called a stranger here.
    pub fn why_no_picked_strangers(&self) -> Option<String> {
        if self.setup.entitled.groups.is_empty() {
            return Some(format!(
                "no groups are approved: name them in [profile.{}.licenses] approved",
                show_str(&self.setup.profile)
            ));
        }
        self.derived.approved.1.clone()
    }

    /// Why the numbers on the Licenses screen are not all; safe to show.
    pub fn why_not_all(&self) -> Option<String> {
        let found = self.licenses.found.as_ref()?;
        if self.is_reading_directory() {
            return Some("the directory is still being read".to_owned());
        }
        if self.setup.entitled.groups.is_empty() {
            return self.why_no_picked_strangers();
        }
        let approved = self.derived.approved.1.clone();
        approved
            .or_else(|| found.gap.clone().map(|gap| format!("use: {gap}")))
            .or_else(|| found.review.gaps.first().cloned())
            .map(|gap| format!("not read whole: {gap}"))
            .or_else(|| found.review.unmet.first().cloned())
    }

    /// Whether people or members are being read: a row may still turn into that of a person.
    pub fn is_reading_directory(&self) -> bool {
        let mut loading = self.data.loading.iter();
        loading.any(|load| matches!(load, Load::Members(_) | Load::People(PeopleWish::All)))
    }
}
