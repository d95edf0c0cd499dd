//! The Spaces screen: what its panes show, and what is read as one goes through.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::actions::Screen;
use crate::app::effect::Effect;
use crate::app::menu::best;
use crate::app::model::{App, Load, Tone};
use crate::app::roster::Pane;
use crate::app::spaces::SpaceLine;
use crate::domain::{DirectoryGroupId, GroupId, Space, SpaceId, SpaceType, UserId};
use crate::planner;

/// Spaces read side by side when all are wanted.
const SIDE_BY_SIDE: usize = 8;

impl App {
    /// Goes to the screen.
    pub(super) fn show_spaces(&mut self) {
        self.go(Screen::Spaces);
        self.rebuild_spaces();
        self.lag();
    }

    /// The space of a line of the left pane, or the one with this id.
    pub fn space(&self, id: &SpaceId) -> Option<&Space> {
        let spaces = &self.data.snapshot.tenant.spaces.value;
        spaces.iter().find(|space| space.id == *id)
    }

    /// Name of a group as Qlik knows it; safe to show.
    pub fn qlik_group_name(&self, id: &GroupId) -> String {
        let groups = &self.data.snapshot.tenant.groups.value;
        match groups.iter().find(|group| group.id == *id) {
            Some(group) => group.name.show().to_string(),
            None => id.show().to_string(),
        }
    }

    /// The name of a user; safe to show.
    pub fn user_name(&self, id: &UserId) -> String {
        let users = &self.data.snapshot.tenant.users.value;
        match users.iter().find(|user| user.id == *id) {
            Some(user) => user.name.show().to_string(),
            None => id.show().to_string(),
        }
    }

    /// The group of the directory behind a group as Qlik knows it.
    pub(super) fn twin(&self, id: &GroupId) -> Option<DirectoryGroupId> {
        planner::twin(&self.data.snapshot, id).cloned()
    }

    /// Reads who is in a group of Qlik, as far as the directory knows it.
    pub(super) fn read_qlik_group(&mut self, id: &GroupId) -> Option<Effect> {
        let twin = self.twin(id)?;
        self.read_members(twin)
    }

    /// Makes the left pane anew, with the cursor where it was.
    pub(super) fn rebuild_spaces(&mut self) {
        let at = self.spaces.line().cloned();
        let spaces = &self.data.snapshot.tenant.spaces.value;
        self.spaces.lines = lines(spaces, self.spaces.filter.text());
        let same = |line: &SpaceLine| match (line, &at) {
            (SpaceLine::Space(_, one), Some(SpaceLine::Space(_, other))) => one == other,
            (SpaceLine::Kind(one, _), Some(SpaceLine::Kind(other, _))) => one == other,
            _ => false,
        };
        let first = |line: &SpaceLine| matches!(line, SpaceLine::Space(..));
        let lines = &self.spaces.lines;
        let place = lines.iter().position(same);
        let place = place.or_else(|| lines.iter().position(first)).unwrap_or(0);
        let len = lines.len();
        self.spaces.list.select(place, len);
        let known: BTreeSet<&SpaceId> = spaces.iter().map(|space| &space.id).collect();
        self.spaces.marks.retain(|id| known.contains(id));
        self.regard();
        self.dirty = true;
    }

    /// The space under the cursor of the left pane.
    pub fn current_space(&self) -> Option<&Space> {
        match self.spaces.line()? {
            SpaceLine::Space(at, id) => {
                let spaces = &self.data.snapshot.tenant.spaces.value;
                spaces.get(*at).filter(|space| space.id == *id)
            }
            SpaceLine::Kind(..) => None,
        }
    }

    /// What a verb about spaces acts on: the marked ones, else the one under the cursor.
    pub(in crate::app) fn spaces_at_hand(&self) -> Vec<SpaceId> {
        if !self.spaces.marks.is_empty() {
            return self.spaces.marks.iter().cloned().collect();
        }
        let here = self.current_space().map(|space| space.id.clone());
        here.into_iter().collect()
    }

    /// Spaces of which it is not known who is assigned.
    pub fn unread_spaces(&self) -> impl Iterator<Item = &SpaceId> {
        let tenant = &self.data.snapshot.tenant;
        let unread = |id: &&SpaceId| match tenant.assignments.get(id) {
            None => true,
            Some(reading) => !reading.proof.is_proven(),
        };
        tenant
            .spaces
            .value
            .iter()
            .map(|space| &space.id)
            .filter(unread)
    }

    /// Whether a space was not asked about in this session, and is not being asked about.
    fn is_unasked(&self, id: &SpaceId) -> bool {
        let load = Load::Assignments(id.clone());
        if self.data.loading.contains(&load) || self.data.troubles.contains_key(&load) {
            return false;
        }
        match self.data.snapshot.tenant.assignments.get(id) {
            None => true,
            Some(reading) => reading.proof.is_of_last_session(),
        }
    }

    /// What the screen is about to show is read: the space on which the cursor rests; and of all, when
    /// all were asked for, so many side by side.
    pub(super) fn read_spaces(&mut self) -> Vec<Effect> {
        let ready = self.data.tenant_read && !self.data.cached;
        let here = self.screen == Screen::Spaces && self.roster.rest.is_none();
        let open = self.spaces.open.clone().filter(|_| ready && here);
        let mut wanted: Vec<SpaceId> = open.into_iter().filter(|id| self.is_unasked(id)).collect();
        if self.spaces.reading_all && ready {
            let reading = |load: &&Load| matches!(load, Load::Assignments(_));
            let busy = self.data.loading.iter().filter(reading).count() + wanted.len();
            let unread = self.unread_spaces().filter(|id| self.is_unasked(id));
            let more: Vec<SpaceId> = unread
                .take(SIDE_BY_SIDE.saturating_sub(busy))
                .cloned()
                .collect();
            if busy == 0 && more.is_empty() {
                self.all_read();
            }
            wanted.extend(more);
        }
        let loads = wanted.into_iter().map(Load::Assignments);
        let loads: Vec<Load> = loads.collect();
        loads
            .into_iter()
            .filter_map(|load| self.load(load))
            .collect()
    }

    fn all_read(&mut self) {
        self.spaces.reading_all = false;
        let all = self.data.snapshot.tenant.spaces.value.len();
        match self.unread_spaces().count() {
            0 => self.say(
                Tone::Plain,
                format!("the assignments of all {all} spaces are read"),
            ),
            some => {
                let words = format!("{some} of {all} spaces could not be read completely");
                self.say(Tone::Error, words);
            }
        }
    }

    /// Reads who is assigned in every space.
    pub(super) fn read_all_spaces(&mut self) {
        let unread: Vec<SpaceId> = self.unread_spaces().cloned().collect();
        for id in &unread {
            self.data.troubles.remove(&Load::Assignments(id.clone()));
        }
        // One that came incomplete is asked for again.
        let snapshot = std::sync::Arc::make_mut(&mut self.data.snapshot);
        for id in &unread {
            let known = snapshot.tenant.assignments.get_mut(id);
            if let Some(reading) = known.filter(|reading| !reading.proof.is_proven()) {
                reading.proof.age();
            }
        }
        self.spaces.reading_all = true;
        let words = format!("reading who is assigned in {} spaces", unread.len());
        self.say(Tone::Plain, words);
    }

    /// Marks the space, the type or the assignment under the cursor, or takes the mark away.
    pub(super) fn mark_space(&mut self) {
        match self.spaces.line().cloned() {
            Some(SpaceLine::Space(_, id)) => {
                if !self.spaces.marks.remove(&id) {
                    self.spaces.marks.insert(id);
                }
                let len = self.spaces.lines.len();
                self.spaces.list.step(crate::app::list::Step::Down, len);
                self.lag();
            }
            Some(SpaceLine::Kind(kind, _)) => {
                let all = self.shown_spaces(|space| space.kind == kind);
                self.turn_spaces(all);
            }
            None => {}
        }
    }

    /// Marks all spaces shown, or none if all are.
    pub(super) fn mark_all_spaces(&mut self) {
        let all = self.shown_spaces(|_| true);
        self.turn_spaces(all);
    }

    fn shown_spaces(&self, fits: impl Fn(&Space) -> bool) -> BTreeSet<SpaceId> {
        let spaces = &self.data.snapshot.tenant.spaces.value;
        let shown = self.spaces.lines.iter().filter_map(|line| match line {
            SpaceLine::Space(at, _) => spaces.get(*at),
            SpaceLine::Kind(..) => None,
        });
        shown
            .filter(|space| fits(space))
            .map(|space| space.id.clone())
            .collect()
    }

    fn turn_spaces(&mut self, all: BTreeSet<SpaceId>) {
        if all.is_subset(&self.spaces.marks) {
            self.spaces.marks.retain(|id| !all.contains(id));
        } else {
            self.spaces.marks.extend(all);
        }
        let count = self.spaces.marks.len();
        self.say(Tone::Plain, format!("{count} spaces marked"));
    }

    /// `Esc` on the screen: the range, the filter, the marks of this pane, then back to Roster.
    pub(super) fn close_spaces(&mut self) {
        let spaces = &mut self.spaces;
        if spaces.range.take().is_some() {
            return;
        }
        let left = spaces.pane == Pane::Groups;
        let filter = if left {
            &mut spaces.filter
        } else {
            &mut spaces.seat_filter
        };
        if !filter.is_empty() {
            *filter = crate::app::Field::default();
            return self.refilter_spaces(left);
        }
        if left && !spaces.marks.is_empty() {
            return spaces.marks.clear();
        }
        if !left && !spaces.chosen.is_empty() {
            return spaces.chosen.clear();
        }
        if left && !spaces.chosen.is_empty() {
            return spaces.chosen.clear();
        }
        self.go(Screen::Roster);
    }

    /// Fits a pane to its filter.
    pub(super) fn refilter_spaces(&mut self, left: bool) {
        if left {
            self.rebuild_spaces();
            self.lag();
        } else {
            self.refilter_seats();
        }
    }
}

/// Spaces below their types, in the order of their names; types without any are left out.
fn lines(spaces: &[Space], filter: &str) -> Vec<SpaceLine> {
    let words = |space: &Space| format!("{} {}", space.name.show(), space.kind.word());
    let fits: Vec<usize> = if filter.trim().is_empty() {
        (0..spaces.len()).collect()
    } else {
        let texts: Vec<String> = spaces.iter().map(words).collect();
        best(filter, texts.iter().map(String::as_str))
    };
    let mut kinds: BTreeMap<&SpaceType, Vec<(usize, &Space)>> = BTreeMap::new();
    for at in fits {
        if let Some(space) = spaces.get(at) {
            kinds.entry(&space.kind).or_default().push((at, space));
        }
    }
    let mut lines = Vec::new();
    for (kind, mut inside) in kinds {
        inside.sort_by_cached_key(|(_, space)| (space.name.key(), space.id.clone()));
        lines.push(SpaceLine::Kind(kind.clone(), inside.len()));
        let inside = inside.into_iter();
        lines.extend(inside.map(|(at, space)| SpaceLine::Space(at, space.id.clone())));
    }
    lines
}
