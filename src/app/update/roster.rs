//! The Roster screen: what verbs act on, and which rows are shown in which order.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::actions::Screen;
use crate::app::derived::{is_stranger, needs_decision};
use crate::app::filter::Filter;
use crate::app::model::{App, Load};
use crate::app::roster::{Pane, Preset, SortBy};
use crate::domain::{
    DirectoryGroupId, Match, PeopleSet, PersonId, Row, RowKey, SpaceId, Target, UserId,
};
use crate::planner::roster::{Index, Scope};

impl App {
    /// The row under the cursor of this screen.
    pub fn current_row(&self) -> Option<&Row> {
        match self.screen {
            Screen::Licenses => self.licenses.current_row(),
            _ => self.roster_row(),
        }
    }

    /// The rows that the verbs act on instead of the cursor's: those that a mend is about, else those
    /// marked on this screen.
    pub fn marks(&self) -> &BTreeSet<RowKey> {
        if let Some(aimed) = &self.aimed {
            return aimed;
        }
        match self.screen {
            Screen::Licenses => &self.licenses.marks,
            _ => &self.roster.marks,
        }
    }

    /// Whether the verbs are about groups, and not about rows.
    pub(super) fn is_about_groups(&self) -> bool {
        self.aimed.is_none() && self.screen != Screen::Licenses && self.roster.pane == Pane::Groups
    }

    /// The row under the cursor of the roster.
    pub fn roster_row(&self) -> Option<&Row> {
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

    /// One group by its name, several by their number; safe to show.
    pub fn groups_words<'g>(
        &self,
        groups: impl ExactSizeIterator<Item = &'g DirectoryGroupId>,
    ) -> String {
        let count = groups.len();
        let mut groups = groups;
        match groups.next() {
            Some(one) if count == 1 => self.group_name(one),
            _ => format!("{count} groups"),
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
        if self.screen == Screen::Spaces {
            return self.spaces.whom.clone();
        }
        if self.is_about_groups() {
            return self.roster.tree.targets();
        }
        if !self.marks().is_empty() {
            return self.marks().iter().cloned().map(Target::Row).collect();
        }
        let row = self.current_row().map(|row| Target::Row(row.key.clone()));
        row.into_iter().collect()
    }

    /// Whether a verb has anything to act on.
    pub fn has_targets(&self) -> bool {
        self.is_about_groups() || !self.marks().is_empty() || self.current_row().is_some()
    }

    /// A set in words; safe to show.
    pub fn set_words(&self, set: &PeopleSet) -> String {
        let words = set.words(&self.data.snapshot.directory);
        words.show().to_string()
    }

    /// What [`Self::targets`] is, for a heading; safe to show.
    pub fn targets_words(&self) -> String {
        let targets = self.targets();
        match targets.as_slice() {
            [Target::AllPeople] => "everybody in the directory".to_owned(),
            [Target::Group(id)] => format!("the group {}", self.group_name(id)),
            [Target::Set(set)] => format!("the people {}", self.set_words(set)),
            [Target::QlikGroup(id)] => format!("the group {}", self.qlik_group_name(id)),
            [Target::Row(_)] if self.marks().is_empty() => self
                .current_row()
                .and_then(Row::name)
                .map_or_else(|| "this row".to_owned(), |name| name.show().to_string()),
            [Target::Group(_) | Target::Set(_), ..] => {
                let queries = targets.iter().filter(|one| matches!(one, Target::Set(_)));
                match queries.count() {
                    0 => format!("{} groups", targets.len()),
                    _ => format!("{} groups and queries", targets.len()),
                }
            }
            [Target::Row(key)] if self.aimed.is_some() => self.row_name(key),
            rows if self.aimed.is_some() => format!("{} people", rows.len()),
            rows => {
                let ending = if rows.len() == 1 { "" } else { "s" };
                let hidden = match self.hidden_marks() {
                    0 => String::new(),
                    count => format!(", {count} of them not shown here"),
                };
                format!("{} marked row{ending}{hidden}", rows.len())
            }
        }
    }

    /// Marked rows that this screen does not show: the verbs are about them all the same.
    fn hidden_marks(&self) -> usize {
        let marks = self.marks();
        let shown = self.rows_shown().into_iter();
        let seen = shown.filter(|row| marks.contains(&row.key)).count();
        marks.len().saturating_sub(seen)
    }

    /// E-mail matches that could be accepted: of the marked rows shown, else the one under the
    /// cursor.
    pub fn candidates(&self) -> Vec<(PersonId, UserId)> {
        self.candidate_rows()
            .into_iter()
            .filter_map(|row| {
                Some((
                    row.person.as_ref()?.id.clone(),
                    row.user.as_ref()?.id.clone(),
                ))
            })
            .collect()
    }

    /// The rows of [`Self::candidates`].
    pub(super) fn candidate_rows(&self) -> Vec<&Row> {
        let marks = self.marks();
        let at_hand = |row: &&Row| row.matched == Match::Email { accepted: false };
        if marks.is_empty() {
            return self.current_row().into_iter().filter(at_hand).collect();
        }
        let rows = self.rows_shown().into_iter();
        rows.filter(|row| marks.contains(&row.key))
            .filter(at_hand)
            .collect()
    }

    /// The rows that this screen shows, each once.
    pub(super) fn rows_shown(&self) -> Vec<&Row> {
        if self.screen == Screen::Licenses {
            let shown = self.licenses.shown.iter();
            let keys = shown.filter_map(|at| self.licenses.holder(*at));
            let keys: BTreeSet<&RowKey> = keys.map(|holder| &holder.row).collect();
            let review = self.licenses.review();
            let rows = review.map(|review| &review.rows);
            return keys.into_iter().filter_map(|key| rows?.get(key)).collect();
        }
        let shown = self.roster.shown.iter();
        shown.filter_map(|at| self.derived.row(*at)).collect()
    }

    /// Joins anew after something was read.
    pub(super) fn rejoin(&mut self) {
        self.derived.index = None;
        let index = Index::new(&self.data.snapshot, &self.setup.rule);
        self.derived.index = Some(Arc::new(index));
        self.derived.count_spaces(&self.data.snapshot);
        self.find_approved();
        self.rescope();
        if self.screen == Screen::Spaces {
            self.rebuild_spaces();
        }
        self.restage();
    }

    /// The scope that the left pane asks for.
    pub(super) fn wanted_scope(&self) -> Scope {
        if let Some(listed) = &self.roster.listed {
            let people = listed.rows.iter().filter_map(|key| match key {
                RowKey::Person(id) => Some(id.clone()),
                RowKey::User(_) | RowKey::Seat(_) => None,
            });
            return Scope::People(people.collect());
        }
        let sets = self.roster.tree.sets();
        let groups = self.roster.tree.groups();
        if !sets.is_empty() {
            Scope::Sets(sets)
        } else if groups.is_empty() {
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
        self.licenses.stale = true;
        let scope = self.wanted_scope();
        let kept = self.roster_row().map(|row| row.key.clone());
        // Two rosters of a hundred thousand rows need not stand side by side.
        self.derived.put_rows(Vec::new());
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
        let ranked = self.roster.sort == SortBy::Name;
        let shown = match before.filter(|_| self.roster.preset.is_none()) {
            _ if self.why_no_rows().is_some() => {
                self.roster.trail.clear();
                Vec::new()
            }
            Some(before) => self.filtered_again(before, ranked),
            None => {
                self.roster.trail.clear();
                let base = self.preset_rows();
                self.roster.asked.run(&self.derived, &base, ranked)
            }
        };
        self.roster.shown = shown;
        self.roster.range = None;
        self.roster
            .list
            .resize(self.layout.people_rows(), self.roster.shown.len());
        self.dirty = true;
    }

    /// Why nothing may be shown, whatever the rows are: what was asked cannot be told.
    pub fn why_no_rows(&self) -> Option<String> {
        let asked = &self.roster.asked;
        if let Some(trouble) = asked.trouble() {
            return Some(trouble.to_owned());
        }
        if let Some(why) = self.why_unknown() {
            return Some(why);
        }
        let strangers =
            self.roster.preset == Some(Preset::Strangers) || asked.asks("is", "stranger");
        strangers.then(|| self.why_no_strangers()).flatten()
    }

    /// Who is not in a group is known once all of it was read.
    fn why_unknown(&self) -> Option<String> {
        let Scope::Sets(sets) = &self.roster.scope else {
            return None;
        };
        let directory = &self.data.snapshot.directory;
        let unknown = sets.iter().find_map(|set| set.unknown(directory))?;
        let reading = sets
            .iter()
            .flat_map(|set| &set.not)
            .any(|id| self.data.loading.contains(&Load::Members(id.clone())));
        Some(if reading {
            format!("first reading the members of {}…", unknown.name.show())
        } else {
            unknown.words()
        })
    }

    /// Who is nobody in the directory is known once all of it was read.
    pub(super) fn why_no_strangers(&self) -> Option<String> {
        let whole = self.data.snapshot.directory.people.proof.is_proven();
        (!whole).then(|| {
            let open = self.setup.keymap.key(crate::app::Action::Open);
            format!("read All people first ({open} on it)")
        })
    }

    /// One letter more searches only what is shown; one letter less was searched already.
    fn filtered_again(&mut self, before: &Filter, ranked: bool) -> Vec<u32> {
        let roster = &mut self.roster;
        let known = roster
            .trail
            .iter()
            .position(|(filter, _)| *filter == roster.asked);
        if let Some((_, shown)) = known.and_then(|at| roster.trail.drain(at..).next()) {
            return shown;
        }
        if !roster.asked.narrows(before) {
            roster.trail.clear();
            return roster.asked.run(&self.derived, &roster.rows, ranked);
        }
        let from = std::mem::take(&mut roster.shown);
        let shown = if ranked {
            let mut sorted = from.clone();
            sorted.sort_unstable();
            roster.asked.run(&self.derived, &sorted, ranked)
        } else {
            roster.asked.run(&self.derived, &from, ranked)
        };
        roster.trail.push((before.clone(), from));
        shown
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
}

fn by_directory(row: &Row) -> (u8, usize) {
    let enabled = row.person.as_ref().map_or(3, |person| person.enabled as u8);
    (enabled, row.via.as_ref().map_or(0, Vec::len))
}
