//! Moving, marking and filtering on the Roster screen.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::app::actions::{Action, Screen};
use crate::app::effect::Effect;
use crate::app::filter::Filter;
use crate::app::list::Step;
use crate::app::message::PeopleWish;
use crate::app::model::{App, Load, Tone};
use crate::app::roster::Pane;
use crate::app::tree::Entry;
use crate::domain::RowKey;
use crate::planner::roster::Scope;

/// The inspector and the middle pane follow a moving cursor once it has rested for so long, so that
/// one arrow key costs few bytes.
const REST: Duration = Duration::from_millis(120);

impl App {
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
            Screen::Licenses => self.licenses.list.step(step, self.licenses.shown.len()),
            Screen::Spaces => self.step_spaces(step),
            Screen::Plan => self.plan.list.step(step, self.plan.lines.len()),
            Screen::Runs => self.step_runs(step),
        };
        self.dirty |= changed;
    }

    pub(super) fn lag(&mut self) -> bool {
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
        if self.screen == Screen::Spaces {
            self.settle_spaces();
            self.dirty = true;
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
        if self.screen == Screen::Spaces {
            self.sideways(true);
            return Vec::new();
        }
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
        match self.roster.tree.current()?.entry.clone() {
            Entry::Group(group) => self.read_members(group),
            Entry::Query(name) => self.read_query(&name),
            Entry::Everybody => self.read_everybody(),
        }
    }

    pub(super) fn rebuild_tree(&mut self) {
        let snapshot = Arc::clone(&self.data.snapshot);
        self.roster.tree.rebuild(&snapshot.directory.groups.value);
        self.lag();
        self.dirty = true;
    }

    pub(super) fn mark(&mut self) -> Vec<Effect> {
        self.dirty = true;
        if self.screen == Screen::Licenses {
            self.mark_holder();
            return Vec::new();
        }
        if self.screen == Screen::Spaces {
            if self.spaces.pane == Pane::Groups {
                self.mark_space();
            } else {
                self.mark_seat();
            }
            return Vec::new();
        }
        if self.roster.pane == Pane::Groups {
            return self.mark_entry();
        }
        self.mark_row();
        Vec::new()
    }

    fn mark_row(&mut self) {
        let Some(key) = self.roster_row().map(|row| row.key.clone()) else {
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
        if self.screen == Screen::Spaces {
            return self.range_of_seats();
        }
        self.dirty = true;
        if self.screen == Screen::Licenses {
            return self.range_holders();
        }
        let cursor = self.roster.list.cursor;
        let Some(start) = self.roster.range.take() else {
            self.roster.range = Some(cursor);
            return self.range_begins();
        };
        let (low, high) = (start.min(cursor), start.max(cursor));
        let keys: Vec<RowKey> = self.keys_shown(low, high);
        self.say(Tone::Plain, format!("{} rows marked", keys.len()));
        self.roster.marks.extend(keys);
    }

    /// Says how a range ends.
    pub(super) fn range_begins(&mut self) {
        let key = self.setup.keymap.key(Action::Range);
        let text = format!("range begins here; move, then {key} again marks it");
        self.say(Tone::Plain, text);
    }

    fn keys_shown(&self, low: usize, high: usize) -> Vec<RowKey> {
        let places = self.roster.shown.iter().skip(low).take(high + 1 - low);
        places
            .filter_map(|at| self.derived.row(*at))
            .map(|row| row.key.clone())
            .collect()
    }

    pub(super) fn mark_all(&mut self) {
        if self.screen == Screen::Licenses {
            return self.mark_all_holders();
        }
        if self.screen == Screen::Spaces {
            return match self.spaces.pane {
                Pane::Groups => self.mark_all_spaces(),
                Pane::People | Pane::Detail => self.mark_all_seats(),
            };
        }
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
        if self.screen == Screen::Licenses {
            self.licenses.typing = true;
        } else if self.screen == Screen::Spaces {
            self.spaces.typing = true;
        } else if self.roster.pane == Pane::Groups {
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
