//! A list to choose from: every picker, the palette and the guards are one of these. It knows what
//! is offered, what is not and why; what a choice does is decided in `update/choose.rs`.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::collections::BTreeSet;

use super::actions::Action;
use super::input::Field;
use super::licenses::SeatSort;
use super::list::{List, Step};
use super::roster::{Preset, SortBy};
use super::spaces::Holder;
use crate::domain::{
    Decision, DirectoryGroupId, Ladder, LicenseWish, PersonId, RoleId, RowKey, RunId, ShortStock,
    SpaceId, SpaceRole, Target, UserId,
};
use crate::planner::holders::Pick;

/// What an entry stands for.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each says what is chosen")]
pub enum Choice {
    License(Option<LicenseWish>),
    Space(SpaceId),
    SpaceRole(SpaceRole),
    SpaceRemove,
    Role(RoleId),
    Whom(Vec<Target>),
    Seating(Vec<(SpaceId, Holder, Vec<SpaceRole>)>),
    Nearest(Vec<SpaceId>, SpaceRole),
    Access(UserId),
    Ladder(Option<Ladder>),
    Preset(Preset),
    Sort(SortBy),
    Pick(Option<Pick>),
    Idle(u32),
    SeatSort(SeatSort),
    LookAtUse,
    Mend(BTreeSet<RowKey>, Action),
    ToLicenses(Pick),
    Short(ShortStock),
    Accept(PersonId, UserId),
    AcceptAll(Vec<(PersonId, UserId)>),
    Unaccept(PersonId),
    Groups(PersonId),
    Records(RowKey),
    Walk(PersonId, Vec<DirectoryGroupId>),
    Run(Action),
    Copy(String),
    Export(Format),
    Switch(Switch),
    Resume(RunId),
    GoOn(RunId),
    AskDiscard(RunId),
    Discard(RunId),
    Decide(Decision, bool),
    Quit,
    Nothing,
}

/// The automatic switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "license types")]
pub enum Switch {
    Professional,
    Analyzer,
}

/// Form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "file formats")]
pub enum Format {
    Csv,
    Json,
    Markdown,
}

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Key that chooses it at once, where it has one.
    pub hot: Option<char>,
    /// What it says; safe to show.
    pub text: String,
    /// Beside it, quieter; safe to show.
    pub note: String,
    /// Why it cannot be chosen.
    pub refused: Option<String>,
    /// Ticked, in a list of several.
    pub ticked: bool,
    /// What it stands for.
    pub choice: Choice,
}

impl Item {
    /// An entry that can be chosen.
    pub fn new(text: impl Into<String>, note: impl Into<String>, choice: Choice) -> Self {
        Self {
            hot: None,
            text: text.into(),
            note: note.into(),
            refused: None,
            ticked: false,
            choice,
        }
    }

    /// With a key of its own.
    #[must_use]
    pub fn hot(mut self, key: char) -> Self {
        self.hot = Some(key);
        self
    }

    /// Cannot be chosen, for this reason.
    #[must_use]
    pub fn refused(mut self, why: Option<String>) -> Self {
        self.refused = why;
        self
    }
}

/// A list to choose from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Menu {
    /// Heading; safe to show.
    pub title: String,
    /// Lines above the entries; safe to show.
    pub lead: Vec<String>,
    /// Entries.
    pub items: Vec<Item>,
    /// Typing narrows the list.
    pub filter: Option<Field>,
    /// Several may be ticked.
    pub several: bool,
    /// Indices of `items` that fit the filter, best first.
    pub shown: Vec<usize>,
    /// Cursor in `shown`.
    pub list: List,
}

/// Entries that a menu shows at once.
pub const MENU_ROWS: usize = 12;

impl Menu {
    /// A plain list.
    pub fn new(title: impl Into<String>, items: Vec<Item>) -> Self {
        let mut menu = Self {
            title: title.into(),
            items,
            ..Self::default()
        };
        menu.list.height = MENU_ROWS;
        menu.narrow();
        menu
    }

    /// With lines above the entries.
    #[must_use]
    pub fn lead(mut self, lines: Vec<String>) -> Self {
        self.lead = lines;
        self
    }

    /// With a filter line.
    #[must_use]
    pub fn fuzzy(mut self) -> Self {
        self.filter = Some(Field::default());
        self
    }

    /// Of which several may be ticked.
    #[must_use]
    pub fn several(mut self) -> Self {
        self.several = true;
        self
    }

    /// With the cursor on the first entry that stands for `choice`.
    #[must_use]
    pub fn at(mut self, choice: &Choice) -> Self {
        if let Some(index) = self.items.iter().position(|item| item.choice == *choice) {
            self.list.select(index, self.shown.len());
        }
        self
    }

    /// Fits the entries to the filter.
    pub fn narrow(&mut self) {
        let text = self.filter.as_ref().map_or("", Field::text);
        self.shown = if text.trim().is_empty() {
            (0..self.items.len()).collect()
        } else {
            best(text, self.items.iter().map(|item| item.text.as_str()))
        };
        self.list.settle(self.shown.len());
    }

    /// Moves the cursor.
    pub fn step(&mut self, step: Step) -> bool {
        self.list.step(step, self.shown.len())
    }

    /// The entry under the cursor.
    pub fn current(&self) -> Option<&Item> {
        self.items.get(*self.shown.get(self.list.cursor)?)
    }

    /// Ticks or unticks the entry under the cursor, when it may be.
    pub fn tick(&mut self) {
        if let Some(index) = self.shown.get(self.list.cursor).copied()
            && let Some(item) = self.items.get_mut(index)
            && item.refused.is_none()
        {
            item.ticked = !item.ticked;
        }
    }

    /// What is ticked; the entry under the cursor when nothing is.
    pub fn chosen(&self) -> Vec<&Item> {
        let ticked: Vec<&Item> = self.items.iter().filter(|item| item.ticked).collect();
        if ticked.is_empty() {
            return self.current().into_iter().collect();
        }
        ticked
    }

    /// Puts the cursor on the entry with this key.
    pub fn hot(&mut self, key: char) -> bool {
        let found = self.shown.iter().position(|index| {
            self.items
                .get(*index)
                .is_some_and(|item| item.hot == Some(key))
        });
        match found {
            Some(place) => {
                self.list.select(place, self.shown.len());
                true
            }
            None => false,
        }
    }
}

/// Indices of the texts that fit a fuzzy pattern, best first, ties in their order.
pub(super) fn best<'a>(pattern: &str, texts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let pattern = Pattern::parse(pattern, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, usize)> = texts
        .enumerate()
        .filter_map(|(index, text)| {
            let score = pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher)?;
            Some((score, index))
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, index)| index).collect()
}

/// What a row is, for a dialog about it.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Which row.
    pub row: RowKey,
    /// Where to in the text.
    pub list: List,
}
