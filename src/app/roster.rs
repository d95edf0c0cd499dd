//! State of the Roster screen: three panes, what is marked, what is shown.

use std::collections::BTreeSet;
use std::time::Duration;

use super::chosen::Chosen;
use super::filter::Filter;
use super::input::Field;
use super::list::List;
use super::tree::{Entry, Tree};
use crate::domain::RowKey;
use crate::planner::Check;
use crate::planner::roster::Scope;
use crate::text::Raw;

/// The panes, left to right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// Directory groups.
    #[default]
    Groups,
    /// Rows.
    People,
    /// Seats and inspector.
    Detail,
}

impl Pane {
    /// The next one to the right, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Groups => Self::People,
            Self::People => Self::Detail,
            Self::Detail => Self::Groups,
        }
    }

    /// The next one to the left, around the end.
    #[must_use]
    pub fn previous(self) -> Self {
        self.next().next()
    }
}

/// Ready-made filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// People without a user record.
    NoUser,
    /// Rows without a license.
    NoLicense,
    /// Seats of nobody in the marked groups.
    Strangers,
    /// Not used for long.
    Unused,
    /// Needs a decision: conflicts and e-mail candidates.
    Conflict,
    /// With something staged.
    Staged,
}

impl Preset {
    /// All, in the order of the menu.
    pub const ALL: [Self; 6] = [
        Self::NoUser,
        Self::NoLicense,
        Self::Strangers,
        Self::Unused,
        Self::Conflict,
        Self::Staged,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::NoUser => "no user",
            Self::NoLicense => "no license",
            Self::Strangers => "strangers",
            Self::Unused => "unused",
            Self::Conflict => "conflict",
            Self::Staged => "staged",
        }
    }
}

/// Columns to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// By name; by how well it fits while a fuzzy filter is on.
    #[default]
    Name,
    /// Directory column.
    Directory,
    /// Qlik column.
    Qlik,
    /// License column.
    License,
    /// Staged first, then what needs a decision.
    Signs,
}

impl SortBy {
    /// All, in the order of the menu.
    pub const ALL: [Self; 5] = [
        Self::Name,
        Self::Directory,
        Self::Qlik,
        Self::License,
        Self::Signs,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Directory => "directory",
            Self::Qlik => "Qlik status",
            Self::License => "license",
            Self::Signs => "signs",
        }
    }
}

/// A pasted list in place of the groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The rows found.
    pub rows: BTreeSet<RowKey>,
    /// Addresses that nobody has, as they came.
    pub unknown: Vec<Raw>,
}

/// A place that was left on the way from a person to a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// Which pane had the keys.
    pub pane: Pane,
    /// What the cursor of the groups pane was on.
    pub entry: Option<Entry>,
    /// What was marked there.
    pub chosen: Chosen,
    /// What it was filtered by.
    pub filter: Field,
    /// The list that stood in place of the groups.
    pub listed: Option<Listed>,
    /// The row from which it was left.
    pub row: RowKey,
}

/// What the right pane tells about one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Which row.
    pub row: RowKey,
    /// How it is in the groups read so far, one line each; safe to show.
    pub memberships: Vec<String>,
    /// The first-login check.
    pub checks: Vec<Check>,
}

/// The screen.
#[derive(Clone, Debug, PartialEq)]
pub struct RosterScreen {
    /// Which pane has the keys.
    pub pane: Pane,
    /// Left pane.
    pub tree: Tree,
    /// Cursor and window of the middle pane, in `shown`.
    pub list: List,
    /// Whose rows.
    pub scope: Scope,
    /// A pasted list takes the place of the groups until `Esc`.
    pub listed: Option<Listed>,
    /// Places to go back to, the last one first to be gone to.
    pub left: Vec<Left>,
    /// Rows of the scope, sorted.
    pub rows: Vec<u32>,
    /// Rows that pass filter and preset.
    pub shown: Vec<u32>,
    /// Marked rows.
    pub marks: BTreeSet<RowKey>,
    /// Where a range mark began, in `shown`.
    pub range: Option<usize>,
    /// The filter line.
    pub filter: Field,
    /// Whether the filter line has the keys.
    pub typing: bool,
    /// The filter, read.
    pub asked: Filter,
    /// What was shown for the shorter filters on the way to this one.
    pub trail: Vec<(Filter, Vec<u32>)>,
    /// Ready-made filter.
    pub preset: Option<Preset>,
    /// Order.
    pub sort: SortBy,
    /// Right pane.
    pub inspection: Option<Inspection>,
    /// The inspector follows the cursor once it has rested until then.
    pub rest: Option<Duration>,
    /// First line shown of the right pane.
    pub detail_offset: usize,
}

impl RosterScreen {
    /// At the start, with these saved queries.
    pub fn with(queries: Vec<String>) -> Self {
        let mut screen = Self::default();
        screen.tree.queries = queries;
        screen.tree.rebuild(&[]);
        screen
    }
}

impl Default for RosterScreen {
    fn default() -> Self {
        Self {
            pane: Pane::default(),
            tree: Tree::default(),
            list: List::default(),
            scope: Scope::AllPeople,
            listed: None,
            left: Vec::new(),
            rows: Vec::new(),
            shown: Vec::new(),
            marks: BTreeSet::new(),
            range: None,
            filter: Field::default(),
            typing: false,
            asked: Filter::default(),
            trail: Vec::new(),
            preset: None,
            sort: SortBy::default(),
            inspection: None,
            rest: None,
            detail_offset: 0,
        }
    }
}
