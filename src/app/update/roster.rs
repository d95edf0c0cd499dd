//! The Roster screen: moving, marking, filtering, and which rows are shown.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::app::actions::Screen;
use crate::app::derived::{is_stranger, needs_decision};
use crate::app::effect::Effect;
use crate::app::filter::Filter;
use crate::app::list::Step;
use crate::app::message::PeopleWish;
use crate::app::model::{App, Load, Tone};
use crate::app::roster::{Pane, Preset, SortBy};
use crate::domain::{DirectoryGroupId, Match, PersonId, Row, RowKey, SpaceId, Target, UserId};
use crate::planner::roster::{Index, Scope};

/// The inspector and the middle pane follow a moving cursor once it has rested for so long, so that
/// one arrow key costs few bytes.
const REST: Duration = Duration::from_millis(120);

impl App {
    /// The row under the cursor.
    pub fn current_row(&self) -> Option<&Row> {
        let at = self.roster.shown.get(self.roster.list.cursor)?;
        self.derived.row(*at)
    }

    /// Name of a directory group; safe to show.
    pub fn group_name(&self, id: &DirectoryGroupId) -> String {
        match self.data.snapshot.directory.group(id) {
            Some(group) => group.name.show().to_string(),
            None => id.show().to_string(),
        }
    }

    /// Name of a space; safe to show.
    pub fn space_name(&self, id: &SpaceId) -> String {
        let spaces = &self.data.snapshot.tenant.spaces.value;
        match spaces.iter().find(|space| space.id == *id) {
            Some(space) => space.name.show().to_string(),
            None => id.show().to_string(),
        }
    }

    /// What a verb acts on: in the groups pane the marked groups (or the one under the cursor), else
    /// the marked rows (or the one under the cursor).
    pub fn targets(&self) -> Vec<Target> {
        if self.roster.pane == Pane::Groups {
            let groups = self.roster.tree.chosen();
            if groups.is_empty() {
                return vec![Target::AllPeople];
            }
            return groups.into_iter().map(Target::Group).collect();
        }
        if !self.roster.marks.is_empty() {
            return self.roster.marks.iter().cloned().map(Target::Row).collect();
        }
        let row = self.current_row().map(|row| Target::Row(row.key.clone()));
        row.into_iter().collect()
    }

    /// Whether a verb has anything to act on.
    pub fn has_targets(&self) -> bool {
        self.roster.pane == Pane::Groups
            || !self.roster.marks.is_empty()
            || self.current_row().is_some()
    }

    /// What [`Self::targets`] is, for a heading; safe to show.
    pub fn targets_words(&self) -> String {
        let targets = self.targets();
        match targets.as_slice() {
            [Target::AllPeople] => "everybody in the directory".to_owned(),
            [Target::Group(id)] => format!("the group {}", self.group_name(id)),
            [Target::Row(_)] if self.roster.marks.is_empty() => self
                .current_row()
                .and_then(Row::name)
                .map_or_else(|| "this row".to_owned(), |name| name.show().to_string()),
            [Target::Group(_), ..] => format!("{} groups", targets.len()),
            rows => format!(
                "{} marked row{}",
                rows.len(),
                if rows.len() == 1 { "" } else { "s" }
            ),
        }
    }

    /// E-mail matches that could be accepted: of the marked rows, else of all shown.
    pub fn candidates(&self) -> Vec<(PersonId, UserId)> {
        let marks = &self.roster.marks;
        self.roster
            .shown
            .iter()
            .filter_map(|at| self.derived.row(*at))
            .filter(|row| marks.is_empty() || marks.contains(&row.key))
            .filter(|row| row.matched == Match::Email { accepted: false })
            .filter_map(|row| {
                Some((
                    row.person.as_ref()?.id.clone(),
                    row.user.as_ref()?.id.clone(),
                ))
            })
            .collect()
    }

    /// Joins anew after something was read.
    pub(super) fn rejoin(&mut self) {
        let index = Index::new(&self.data.snapshot, &self.setup.rule);
        self.derived.index = Some(Arc::new(index));
        self.derived.count_spaces(&self.data.snapshot);
        self.rescope();
        self.restage();
    }

    /// The scope that the left pane asks for.
    fn wanted_scope(&self) -> Scope {
        if let Some(listed) = &self.roster.listed {
            let people = listed.rows.iter().filter_map(|key| match key {
                RowKey::Person(id) => Some(id.clone()),
                RowKey::User(_) | RowKey::Seat(_) => None,
            });
            return Scope::People(people.collect());
        }
        let groups = self.roster.tree.chosen();
        if groups.is_empty() {
            Scope::AllPeople
        } else {
            Scope::Groups(groups)
        }
    }

    /// Fetches the rows of the scope, keeping the cursor on its row.
    pub(super) fn rescope(&mut self) {
        let Some(index) = self.derived.index.clone() else {
            return;
        };
        let scope = self.wanted_scope();
        let kept = self.current_row().map(|row| row.key.clone());
        let roster = index.roster(&self.data.snapshot, &scope, &self.stage.staging.accepted);
        let same = self.roster.scope == scope;
        self.roster.scope = scope;
        self.roster.range = None;
        self.derived.put_rows(roster.rows);
        self.reorder();
        let place = kept.filter(|_| same).and_then(|key| {
            self.roster
                .shown
                .iter()
                .position(|at| self.derived.row(*at).is_some_and(|row| row.key == key))
        });
        self.roster
            .list
            .select(place.unwrap_or(0), self.roster.shown.len());
        self.inspect();
        self.dirty = true;
    }

    /// Sorts the rows of the scope.
    pub(super) fn reorder(&mut self) {
        let mut rows: Vec<u32> =
            (0..u32::try_from(self.derived.rows.len()).unwrap_or(u32::MAX)).collect();
        let derived = &self.derived;
        match self.roster.sort {
            // Rows without a name (seats of nobody) come last.
            SortBy::Name => {
                rows.sort_by_key(|at| derived.row(*at).is_none_or(|row| row.name().is_none()));
            }
            SortBy::Directory => rows.sort_by_cached_key(|at| derived.row(*at).map(by_directory)),
            SortBy::Qlik => rows.sort_by_cached_key(|at| {
                derived
                    .row(*at)
                    .and_then(|row| row.user.as_ref())
                    .map(|user| user.status.word())
            }),
            SortBy::License => rows.sort_by_cached_key(|at| {
                let license = derived
                    .row(*at)
                    .and_then(Row::license)
                    .map(crate::domain::LicenseType::key);
                (license.is_none(), license)
            }),
            SortBy::Signs => rows.sort_by_cached_key(|at| {
                let row = derived.row(*at);
                (
                    row.is_none_or(|row| derived.pending(&row.key).is_none()),
                    !row.is_some_and(needs_decision),
                )
            }),
        }
        self.roster.rows = rows;
        self.refilter(None);
    }

    /// Applies preset and filter; `before` is what was asked until now, when it may be narrowed.
    pub(super) fn refilter(&mut self, before: Option<&Filter>) {
        if !self.roster.asked.is_empty() {
            self.derived.make_hay();
        }
        let ranked = self.roster.sort == SortBy::Name;
        let narrows = before.is_some_and(|before| {
            self.roster.asked.narrows(before) && self.roster.preset.is_none()
        });
        let shown = if narrows {
            let mut from = std::mem::take(&mut self.roster.shown);
            if ranked {
                from.sort_unstable();
            }
            self.roster.asked.run(&self.derived, &from, ranked)
        } else {
            let base = self.preset_rows();
            self.roster.asked.run(&self.derived, &base, ranked)
        };
        self.roster.shown = shown;
        self.roster.range = None;
        self.roster
            .list
            .resize(self.layout.people_rows(), self.roster.shown.len());
        self.dirty = true;
    }

    fn preset_rows(&self) -> Vec<u32> {
        let Some(preset) = self.roster.preset else {
            return self.roster.rows.clone();
        };
        let derived = &self.derived;
        let fits = |row: &Row| match preset {
            Preset::NoUser => row.user.is_none() && row.person.is_some(),
            Preset::NoLicense => row.licenses.is_empty(),
            Preset::Strangers => is_stranger(row),
            Preset::Unused => false,
            Preset::Conflict => needs_decision(row),
            Preset::Staged => derived.pending(&row.key).is_some(),
        };
        let rows = self.roster.rows.iter().copied();
        rows.filter(|at| derived.row(*at).is_some_and(fits))
            .collect()
    }

    /// Moves the cursor of whatever has the keys.
    pub(super) fn step(&mut self, step: Step) {
        let changed = match self.screen {
            Screen::Roster => match self.roster.pane {
                Pane::Groups => {
                    let len = self.roster.tree.lines.len();
                    self.roster.tree.list.step(step, len) && self.lag()
                }
                Pane::People => {
                    let len = self.roster.shown.len();
                    self.roster.list.step(step, len) && self.lag()
                }
                Pane::Detail => self.scroll_detail(step),
            },
            Screen::Plan => self.plan.list.step(step, self.plan.lines.len()),
            Screen::Runs => self.step_runs(step),
        };
        self.dirty |= changed;
    }

    fn lag(&mut self) -> bool {
        self.roster.rest = Some(self.now + REST);
        true
    }

    fn scroll_detail(&mut self, step: Step) -> bool {
        let before = self.roster.detail_offset;
        self.roster.detail_offset = match step {
            Step::Up => before.saturating_sub(1),
            Step::Down => (before + 1).min(40),
            Step::PageUp | Step::Home => 0,
            Step::PageDown | Step::End => (before + 10).min(40),
        };
        before != self.roster.detail_offset
    }

    /// What lags behind a moving cursor catches up.
    pub(super) fn settle(&mut self) {
        if self.roster.rest.take().is_none() {
            return;
        }
        if self.roster.pane == Pane::Groups && self.roster.scope != self.wanted_scope() {
            self.rescope();
        } else {
            self.inspect();
        }
        self.dirty = true;
    }

    pub(super) fn fold(&mut self, open: bool) -> bool {
        let snapshot = Arc::clone(&self.data.snapshot);
        let changed = self
            .roster
            .tree
            .fold(open, &snapshot.directory.groups.value);
        if changed {
            self.lag();
            self.dirty = true;
        }
        changed
    }

    pub(super) fn right(&mut self) -> Vec<Effect> {
        let effects = if self.roster.pane == Pane::Groups {
            self.read_group()
        } else {
            None
        };
        self.sideways(true);
        effects.into_iter().collect()
    }

    /// Reads the members of the group under the cursor, or everybody.
    pub(super) fn read_group(&mut self) -> Option<Effect> {
        match self.roster.tree.group().cloned() {
            Some(group) => self.read_members(group),
            None if self.data.snapshot.directory.people.proof.is_proven() => None,
            None => self.load(Load::People(PeopleWish::All)),
        }
    }

    pub(super) fn read_members(&mut self, group: DirectoryGroupId) -> Option<Effect> {
        let known = self.data.snapshot.directory.members.get(&group);
        if known.is_some_and(|reading| reading.proof.is_proven()) {
            return None;
        }
        self.load(Load::Members(group))
    }

    pub(super) fn rebuild_tree(&mut self) {
        let snapshot = Arc::clone(&self.data.snapshot);
        self.roster.tree.rebuild(&snapshot.directory.groups.value);
        self.lag();
        self.dirty = true;
    }

    pub(super) fn mark(&mut self) -> Vec<Effect> {
        self.dirty = true;
        if self.roster.pane != Pane::Groups {
            self.mark_row();
            return Vec::new();
        }
        let Some(group) = self.roster.tree.group().cloned() else {
            self.say(
                Tone::Plain,
                "everybody is the scope when no group is marked",
            );
            return self.read_group().into_iter().collect();
        };
        self.roster.listed = None;
        let on = !self.roster.tree.marks.remove(&group);
        if on {
            self.roster.tree.marks.insert(group.clone());
        }
        self.rescope();
        if on {
            self.read_members(group).into_iter().collect()
        } else {
            Vec::new()
        }
    }

    fn mark_row(&mut self) {
        let Some(key) = self.current_row().map(|row| row.key.clone()) else {
            return;
        };
        if !self.roster.marks.remove(&key) {
            self.roster.marks.insert(key);
        }
        let len = self.roster.shown.len();
        self.roster.list.step(Step::Down, len);
        self.lag();
    }

    pub(super) fn range(&mut self) {
        self.dirty = true;
        let cursor = self.roster.list.cursor;
        let Some(start) = self.roster.range.take() else {
            self.roster.range = Some(cursor);
            self.say(
                Tone::Plain,
                "range begins here; move, then v again marks it",
            );
            return;
        };
        let (low, high) = (start.min(cursor), start.max(cursor));
        let keys: Vec<RowKey> = self.keys_shown(low, high);
        self.say(Tone::Plain, format!("{} rows marked", keys.len()));
        self.roster.marks.extend(keys);
    }

    fn keys_shown(&self, low: usize, high: usize) -> Vec<RowKey> {
        let places = self.roster.shown.iter().skip(low).take(high + 1 - low);
        places
            .filter_map(|at| self.derived.row(*at))
            .map(|row| row.key.clone())
            .collect()
    }

    pub(super) fn mark_all(&mut self) {
        let keys: BTreeSet<RowKey> = self
            .keys_shown(0, self.roster.shown.len().saturating_sub(1))
            .into_iter()
            .collect();
        if keys.is_subset(&self.roster.marks) {
            self.roster.marks.retain(|key| !keys.contains(key));
        } else {
            self.roster.marks.extend(keys);
        }
        let count = self.roster.marks.len();
        self.say(Tone::Plain, format!("{count} marked"));
    }

    pub(super) fn begin_filter(&mut self) {
        if self.roster.pane == Pane::Groups {
            self.roster.tree.typing = true;
        } else {
            self.roster.typing = true;
        }
        self.dirty = true;
    }

    pub(super) fn end_filter(&mut self, groups: bool, keep: bool) {
        self.roster.typing = false;
        self.roster.tree.typing = false;
        if keep {
            return;
        }
        if groups {
            self.roster.tree.filter = crate::app::Field::default();
            self.rebuild_tree();
        } else {
            self.roster.filter = crate::app::Field::default();
            self.read_filter();
        }
    }

    pub(super) fn read_filter(&mut self) {
        let (filter, trouble) = Filter::parse(self.roster.filter.text());
        let before = std::mem::replace(&mut self.roster.asked, filter);
        if self.roster.asked != before {
            self.refilter(Some(&before));
            self.lag();
        }
        if let Some(trouble) = trouble {
            self.say(Tone::Refusal, trouble);
        }
    }

    /// `Enter` on a filter over everybody also asks the directory, which may know more people.
    pub(super) fn find_in_directory(&mut self) -> Vec<Effect> {
        let whole = self.data.snapshot.directory.people.proof.is_proven();
        let text = self.roster.filter.text().trim().to_owned();
        let simple = !text.is_empty() && !text.contains([':', '!', '~']);
        if self.roster.scope != Scope::AllPeople || whole || !simple {
            return Vec::new();
        }
        self.load(Load::People(PeopleWish::Find(text)))
            .into_iter()
            .collect()
    }
}

fn by_directory(row: &Row) -> (u8, usize) {
    let enabled = row.person.as_ref().map_or(3, |person| person.enabled as u8);
    (enabled, row.via.as_ref().map_or(0, Vec::len))
}
