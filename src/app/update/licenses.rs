//! The Licenses screen: what it reads, how it is picked, filtered and marked, and the look at the use.

use crossterm::event::KeyCode;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::actions::{Action, Screen};
use crate::app::dialog::MenuKind;
use crate::app::effect::{Effect, ReviewRequest};
use crate::app::filter::Filter;
use crate::app::input::Field;
use crate::app::key::Key;
use crate::app::layout::LICENSE_POOLS;
use crate::app::licenses::{Reviewed, SeatSort};
use crate::app::list::Step;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::message::{PeopleWish, Trouble};
use crate::app::model::{App, Load, Tone};
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, LicenseType, RowKey, SubscriptionModel, Usage,
    UserId,
};
use crate::planner::holders::{Holder, Pick, reaches, rows};
use crate::text::{Raw, show_str};

/// Days after which a seat may be called unused.
const DAYS: [u32; 4] = [30, 60, 90, 180];

impl App {
    pub(super) fn show_licenses(&mut self) {
        self.go(Screen::Licenses);
        self.licenses.stale |= self.licenses.found.is_none();
    }

    /// The approved groups, and what speaks against telling strangers by them; safe to show.
    pub fn approved(&self) -> (Vec<DirectoryGroupId>, Option<String>) {
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
            groups: self.approved().0,
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
        let mut wanted: Vec<Load> = self
            .approved()
            .0
            .into_iter()
            .filter(|id| open(directory.members.get(id).map(|reading| &reading.proof)))
            .map(Load::Members)
            .collect();
        if open(Some(&directory.people.proof)) {
            wanted.push(Load::People(PeopleWish::All));
        }
        wanted.retain(|load| !self.data.troubles.contains_key(load));
        let wanted = wanted.into_iter();
        wanted.filter_map(|load| self.load(load)).collect()
    }

    /// Lines for holders: below the pools, a shortage, the numbers and the heads of the columns.
    pub(super) fn holder_rows(&self) -> usize {
        let meters = self.derived.outlook.meters();
        let allotments = &self.data.snapshot.tenant.licensing.value.allotments;
        let pools = meters.len().max(allotments.len()).clamp(1, LICENSE_POOLS);
        let short = usize::from(meters.iter().any(|meter| !meter.short.is_empty()));
        usize::from(self.layout.body.height)
            .saturating_sub(pools + short + self.layout.pick_rows() + 2)
    }

    /// A review is there.
    pub(super) fn reviewed(&mut self, result: Result<Arc<Reviewed>, Trouble>) {
        self.licenses.making = false;
        match result {
            // Made before a look that is over by now: what that found stays.
            Ok(found) if self.known_use().is_some() && found.usage != self.known_use() => {
                self.licenses.stale = true;
            }
            Ok(found) => {
                let outlook = &self.derived.outlook;
                self.licenses.put(found, outlook, self.wall);
            }
            Err(trouble) => self.say(Tone::Error, trouble.line()),
        }
        self.arrange();
        self.dirty = true;
    }

    /// A look at the use is over.
    pub(super) fn use_read(&mut self, result: Result<Arc<Reviewed>, Trouble>) {
        self.data.loading.remove(&Load::Use);
        self.data.progress.remove(super::answers::AUDIT_LOG);
        let gap = result.as_ref().ok().map(|found| found.gap.clone());
        match result {
            Ok(found) => {
                let outlook = &self.derived.outlook;
                self.licenses.put(found, outlook, self.wall);
            }
            Err(trouble) => self.say(Tone::Error, trouble.line()),
        }
        self.arrange();
        self.dirty = true;
        // What changed meanwhile is not in it.
        self.licenses.stale = true;
        match gap {
            Some(Some(gap)) => self.say(Tone::Error, format!("the use was not read whole: {gap}")),
            Some(None) => self.say(Tone::Plain, "read when everybody was last seen"),
            // Why was just said.
            None => {}
        }
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
             takes at most {} requests (up to {NAMES} a person), fewer where the whole log is shorter: the \
             first pages tell, and the cheaper way is taken.",
            users * NAMES
        )];
        let known = self
            .licenses
            .found
            .as_ref()
            .and_then(|found| found.usage.clone());
        lead.extend(known.map(|usage| {
            format!(
                "Known from {} to {}; only what came since is asked for.",
                crate::planner::holders::day(usage.from),
                crate::planner::holders::day(usage.until)
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

    pub(super) fn resort_holders(&mut self, sort: SeatSort) {
        self.licenses.sort = sort;
        self.licenses.reorder(&self.derived.outlook, self.wall);
        self.licenses.list.select(0, self.licenses.shown.len());
        self.dirty = true;
    }

    /// Shows these only.
    pub(super) fn pick_holders(&mut self, pick: Option<Pick>) {
        self.licenses.pick = pick;
        self.refilter_holders();
    }

    pub(super) fn idle_holders(&mut self, days: u32) {
        self.licenses.rule.days = days;
        self.licenses.pick = Some(Pick::Unused);
        self.licenses.reorder(&self.derived.outlook, self.wall);
        self.refilter_holders();
    }

    pub(super) fn refilter_holders(&mut self) {
        self.licenses.refilter(&self.derived.outlook, self.wall);
        self.licenses.list.select(0, self.licenses.shown.len());
        self.dirty = true;
    }

    /// Ready-made selections of seats, each with how many it has or why that cannot be told.
    pub(super) fn pick_pick(&mut self) {
        let look = self.setup.keymap.key(Action::LastUse);
        let unseen = self
            .licenses
            .found
            .as_ref()
            .is_none_or(|found| found.usage.is_none());
        let why_use = unseen.then(|| format!("{look} reads when people were last seen"));
        let why_strangers = self.why_no_picked_strangers();
        let mut items = vec![Item::new("everybody", "all seats", Choice::Pick(None)).hot('0')];
        for ((pick, count), key) in self.licenses.counts.clone().into_iter().zip('1'..) {
            let refused = match pick {
                Pick::Strangers => why_strangers.clone(),
                _ if pick.wants_use() => self.licenses.why_untold(pick, self.wall),
                _ => None,
            };
            let note = count.map_or_else(String::new, |count| count.to_string());
            let note = match pick {
                Pick::Unused => format!("{note}  not seen for {} days", self.licenses.rule.days),
                Pick::ToTakeBack => format!("{note}  of those, what nothing spares"),
                _ => note,
            };
            let item = Item::new(pick.title(), note, Choice::Pick(Some(pick)));
            items.push(item.hot(key).refused(refused));
        }
        for (days, key) in DAYS.into_iter().zip('a'..) {
            let usage = self
                .licenses
                .found
                .as_ref()
                .and_then(|found| found.usage.clone());
            let short = usage.filter(|usage| !reaches(usage.from, days, self.wall));
            let note = short.map_or_else(String::new, |usage| {
                format!(
                    "known since {} only",
                    crate::planner::holders::day(usage.from)
                )
            });
            let item = Item::new(format!("unused for {days} days"), note, Choice::Idle(days));
            items.push(item.hot(key).refused(why_use.clone()));
        }
        let menu = Menu::new("Show only", items).at(&Choice::Pick(self.licenses.pick));
        self.open_menu(MenuKind::Plain, menu);
    }

    /// Why nobody can be called a stranger here.
    pub fn why_no_picked_strangers(&self) -> Option<String> {
        if self.setup.entitled.groups.is_empty() {
            return Some(format!(
                "no groups are approved: name them in [profile.{}.licenses] approved",
                show_str(&self.setup.profile)
            ));
        }
        self.approved().1
    }

    pub(super) fn pick_seat_sort(&mut self) {
        let items = SeatSort::ALL
            .into_iter()
            .zip('1'..)
            .map(|(sort, key)| Item::new(sort.title(), "", Choice::SeatSort(sort)).hot(key));
        let menu = Menu::new("Sort by", items.collect()).at(&Choice::SeatSort(self.licenses.sort));
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn mark_holder(&mut self) {
        let Some(holder) = self.licenses.current() else {
            return;
        };
        if let Some(other) = holder.used_only_in() {
            let what = format!("used in {other}: nothing is taken from here");
            return self.say(Tone::Refusal, what);
        }
        let key = holder.row.clone();
        if !self.licenses.marks.remove(&key) {
            let seats = self.licenses.seats_of(&key);
            if seats > 1 {
                let what =
                    format!("this row holds {seats} seats; what you do is about all of them");
                self.say(Tone::Plain, what);
            }
            self.licenses.marks.insert(key);
        }
        let len = self.licenses.shown.len();
        self.licenses.list.step(Step::Down, len);
    }

    pub(super) fn range_holders(&mut self) {
        let cursor = self.licenses.list.cursor;
        let Some(start) = self.licenses.range.take() else {
            self.licenses.range = Some(cursor);
            return self.say(
                Tone::Plain,
                "range begins here; move, then v again marks it",
            );
        };
        let (keys, left) = self.holders_shown(start.min(cursor), start.max(cursor));
        self.say(Tone::Plain, format!("{} rows marked{left}", keys.len()));
        self.licenses.marks.extend(keys);
    }

    /// Rows of which every seat is between these places, and how many were left out for having others:
    /// a verb is about all seats of a row, and nobody means what is not shown.
    fn holders_shown(&self, low: usize, high: usize) -> (BTreeSet<RowKey>, String) {
        let Some(review) = self.licenses.review() else {
            return (BTreeSet::new(), String::new());
        };
        let places = self.licenses.shown.iter().skip(low).take(high + 1 - low);
        let holders = places.filter_map(|at| self.licenses.holder(*at));
        let holders: Vec<&Holder> = holders.filter(|one| one.used_only_in().is_none()).collect();
        let (rows, left) = rows(review, &holders);
        let left = match left.len() {
            0 => String::new(),
            1 => "; 1 is left out, who holds a seat that is not shown here".to_owned(),
            many => format!("; {many} are left out, who hold seats that are not shown here"),
        };
        (rows.into_iter().collect(), left)
    }

    pub(super) fn mark_all_holders(&mut self) {
        let (keys, left) = self.holders_shown(0, self.licenses.shown.len().saturating_sub(1));
        let marks = &mut self.licenses.marks;
        if keys.is_subset(marks) {
            marks.retain(|key| !keys.contains(key));
        } else {
            marks.extend(keys);
        }
        let count = self.licenses.marks.len();
        self.say(Tone::Plain, format!("{count} marked{left}"));
    }

    /// A key while the filter line of this screen has them.
    pub(super) fn licenses_filter_key(&mut self, key: Key) -> Vec<Effect> {
        self.dirty = true;
        match key.code {
            KeyCode::Esc => {
                self.licenses.typing = false;
                self.licenses.filter = Field::default();
                self.read_licenses_filter();
            }
            KeyCode::Enter => match self.licenses.asked.trouble() {
                Some(trouble) => {
                    let trouble = trouble.to_owned();
                    self.say(Tone::Refusal, trouble);
                }
                None => self.licenses.typing = false,
            },
            KeyCode::Up => self.step(Step::Up),
            KeyCode::Down => self.step(Step::Down),
            KeyCode::PageUp => self.step(Step::PageUp),
            KeyCode::PageDown => self.step(Step::PageDown),
            _ => {
                if self.licenses.filter.key(key) {
                    self.read_licenses_filter();
                }
            }
        }
        Vec::new()
    }

    pub(super) fn read_licenses_filter(&mut self) {
        let (filter, trouble) = Filter::parse(self.licenses.filter.text());
        if filter != self.licenses.asked {
            self.licenses.asked = filter;
            self.refilter_holders();
        }
        if let Some(trouble) = trouble {
            self.say(Tone::Refusal, trouble);
        }
    }

    /// `Esc`: range, filter, pick, marks, in that order; then back to Roster.
    pub(super) fn close_on_licenses(&mut self) {
        let licenses = &mut self.licenses;
        if licenses.range.take().is_some() {
            return;
        }
        if !licenses.filter.is_empty() {
            licenses.filter = Field::default();
            return self.read_licenses_filter();
        }
        if licenses.pick.take().is_some() {
            return self.refilter_holders();
        }
        if !licenses.marks.is_empty() {
            return licenses.marks.clear();
        }
        self.go(Screen::Roster);
    }

    /// What stands in the dialog about a row beside what its records say; safe to show.
    pub(super) fn holder_lines(&self, key: &RowKey) -> Vec<String> {
        let review = self.licenses.review();
        let holders = review.into_iter().flat_map(|review| &review.holders);
        let mut lines = Vec::new();
        for holder in holders.filter(|holder| holder.row == *key) {
            let mut add = |what: &str, text: &Raw| {
                if !text.is_blank() {
                    lines.push(format!("{what:<13} {}", text.show()));
                }
            };
            let license = holder.license.as_ref().map(LicenseType::raw);
            add("seat", license.unwrap_or(&Raw::from("type not told")));
            let since = holder.since.map(crate::planner::holders::day);
            add("  since", &Raw::from(since.unwrap_or_default()));
            add("  last use", &Raw::from(holder.last_use.words()));
            add("  entitled by", &holder.standing.words());
            for name in holder.owns.iter().take(OWNED) {
                add("  owns", name);
            }
            if holder.owns.len() > OWNED {
                add(
                    "  owns",
                    &Raw::from(format!("and {} more", holder.owns.len() - OWNED)),
                );
            }
        }
        lines
    }
}

/// Names under which a use may stand in the log: a sign-in, and the openings of an app, old and new.
const NAMES: usize = 3;
/// Owned things that are named; more are counted.
const OWNED: usize = 6;
