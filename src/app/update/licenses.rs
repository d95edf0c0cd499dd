//! The Licenses screen: how it is picked, sorted, filtered and marked.

use crossterm::event::KeyCode;
use std::collections::BTreeSet;

use crate::app::actions::{Action, Screen};
use crate::app::dialog::MenuKind;
use crate::app::effect::Effect;
use crate::app::filter::Filter;
use crate::app::input::Field;
use crate::app::key::Key;
use crate::app::layout::LICENSE_POOLS;
use crate::app::licenses::SeatSort;
use crate::app::list::Step;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::{App, Tone};
use crate::domain::{LicenseType, RowKey};
use crate::planner::holders::{Holder, Pick, day, reaches, rows};
use crate::text::Raw;

/// Days after which a seat may be called unused.
const DAYS: [u32; 4] = [30, 60, 90, 180];

impl App {
    pub(super) fn show_licenses(&mut self) {
        self.go(Screen::Licenses);
        self.licenses.stale |= self.licenses.found.is_none();
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
                format!("known since {} only", day(usage.from))
            });
            let item = Item::new(format!("unused for {days} days"), note, Choice::Idle(days));
            items.push(item.hot(key).refused(why_use.clone()));
        }
        let menu = Menu::new("Show only", items).at(&Choice::Pick(self.licenses.pick));
        self.open_menu(MenuKind::Plain, menu);
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
            return self.range_begins();
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
            let since = holder.since.map(day);
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

/// Owned things that are named; more are counted.
const OWNED: usize = 6;
