//! State of the Licenses screen: who holds which seat, picked, filtered and sorted.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::filter::{Facts, Filter};
use super::hay::fold;
use super::input::Field;
use super::list::List;
use crate::domain::{Row, RowKey, SeatHistory, Usage, UserId};
use crate::planner::Outlook;
use crate::planner::holders::{Holder, LastUse, Pick, Review, Standing, Unused, day, reaches};
use crate::text::Raw;

/// Columns to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeatSort {
    /// By name.
    #[default]
    Name,
    /// By license type.
    License,
    /// The oldest seat first.
    Since,
    /// The longest unused first; whose use is not known last.
    LastUse,
    /// By what entitles them.
    Entitled,
}

impl SeatSort {
    /// All, in the order of the menu.
    pub const ALL: [Self; 5] = [
        Self::Name,
        Self::License,
        Self::Since,
        Self::LastUse,
        Self::Entitled,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::License => "license",
            Self::Since => "since",
            Self::LastUse => "last use",
            Self::Entitled => "entitled by",
        }
    }
}

/// What a review found, and with what it was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reviewed {
    /// Everybody who holds a seat.
    pub review: Review,
    /// When they were last seen, where somebody looked.
    pub usage: Option<Arc<Usage>>,
    /// What those own who would be proposed, where somebody asked.
    pub owned: Arc<BTreeMap<UserId, Vec<Raw>>>,
    /// Seats of earlier days.
    pub history: Arc<SeatHistory>,
    /// Why the use may not be all.
    pub gap: Option<String>,
}

/// The screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LicensesScreen {
    /// Cursor and window, in `shown`.
    pub list: List,
    /// What is known; `None` before the first review.
    pub found: Option<Arc<Reviewed>>,
    /// Places in the review, sorted.
    pub order: Vec<u32>,
    /// Places that pass pick and filter.
    pub shown: Vec<u32>,
    /// How many each pick has; `None` where it cannot be told.
    pub counts: Vec<(Pick, Option<usize>)>,
    /// Marked rows. A row with several seats is marked with all of them.
    pub marks: BTreeSet<RowKey>,
    /// Where a range mark began, in `shown`.
    pub range: Option<usize>,
    /// The filter line.
    pub filter: Field,
    /// Whether the filter line has the keys.
    pub typing: bool,
    /// The filter, read.
    pub asked: Filter,
    /// Ready-made selection.
    pub pick: Option<Pick>,
    /// Order.
    pub sort: SeatSort,
    /// What counts as unused.
    pub rule: Unused,
    /// Whether a review is wanted because something changed.
    pub stale: bool,
    /// Whether one is being made.
    pub making: bool,
    /// Texts that the filter searches, one a holder.
    hay: Vec<String>,
}

impl LicensesScreen {
    /// The review, when there is one.
    pub fn review(&self) -> Option<&Review> {
        self.found.as_ref().map(|found| &found.review)
    }

    /// The holder at a place of the review.
    pub fn holder(&self, at: u32) -> Option<&Holder> {
        self.review()?.holders.get(usize::try_from(at).ok()?)
    }

    /// The holder under the cursor.
    pub fn current(&self) -> Option<&Holder> {
        self.holder(*self.shown.get(self.list.cursor)?)
    }

    /// The row under the cursor.
    pub fn current_row(&self) -> Option<&Row> {
        self.review()?.rows.get(&self.current()?.row)
    }

    /// Takes a review, keeping the cursor on its holder.
    pub(super) fn put(&mut self, found: Arc<Reviewed>, outlook: &Outlook, wall: Timestamp) {
        let kept = self
            .current()
            .map(|one| (one.row.clone(), one.license.clone()));
        self.hay = found.review.holders.iter().map(text_of).collect();
        self.found = Some(found);
        let rows = self.found.as_ref().map(|found| &found.review.rows);
        self.marks
            .retain(|key| rows.is_some_and(|rows| rows.contains_key(key)));
        self.reorder(outlook, wall);
        let same = |at: &u32| {
            let one = self.holder(*at);
            one.map(|one| (one.row.clone(), one.license.clone())) == kept
        };
        let place = self.shown.iter().position(same).unwrap_or(0);
        self.list.select(place, self.shown.len());
    }

    /// Sorts and filters anew.
    pub(super) fn reorder(&mut self, outlook: &Outlook, wall: Timestamp) {
        let Some(found) = self.found.clone() else {
            return;
        };
        let holders = &found.review.holders;
        let mut order: Vec<u32> = (0..u32::try_from(holders.len()).unwrap_or(u32::MAX)).collect();
        let of = |at: &u32| holders.get(usize::try_from(*at).unwrap_or(usize::MAX));
        match self.sort {
            // The review comes by name.
            SeatSort::Name => {}
            SeatSort::License => {
                order.sort_by_cached_key(|at| of(at).map(|one| one.license.clone()));
            }
            SeatSort::Since => order.sort_by_key(|at| {
                let since = of(at).and_then(|one| one.since);
                (since.is_none(), since)
            }),
            SeatSort::LastUse => order.sort_by_key(|at| {
                let last = of(at).and_then(|one| seen(one.last_use));
                (last.is_none(), last)
            }),
            SeatSort::Entitled => {
                order.sort_by_cached_key(|at| of(at).map(|one| rank(&one.standing)));
            }
        }
        self.order = order;
        self.count(wall);
        self.refilter(outlook, wall);
    }

    /// Applies pick and filter.
    pub(super) fn refilter(&mut self, outlook: &Outlook, wall: Timestamp) {
        let Some(found) = self.found.clone() else {
            return;
        };
        let base = match self.pick {
            Some(pick) => self.picked(&found, pick, wall),
            None => self.order.clone(),
        };
        let seats = Seats {
            screen: self,
            outlook,
        };
        self.shown = self.asked.run(&seats, &base, self.sort == SeatSort::Name);
        self.range = None;
        self.list.resize(self.list.height, self.shown.len());
    }

    /// In the order of the screen, but the longest unused first where it is about that.
    fn picked(&self, found: &Reviewed, pick: Pick, wall: Timestamp) -> Vec<u32> {
        if self.why_untold(pick, wall).is_some() {
            return Vec::new();
        }
        let picked = crate::planner::holders::picked(&found.review, pick, self.rule, wall);
        let picked: Vec<u32> = picked
            .into_iter()
            .filter_map(|at| at.try_into().ok())
            .collect();
        if pick.wants_use() && self.sort == SeatSort::Name {
            return picked;
        }
        let those: BTreeSet<u32> = picked.into_iter().collect();
        let order = self.order.iter().copied();
        order.filter(|at| those.contains(at)).collect()
    }

    fn count(&mut self, wall: Timestamp) {
        let Some(found) = self.found.clone() else {
            return;
        };
        let asked = |pick: Pick| {
            let untold = self.why_untold(pick, wall).is_some()
                || pick == Pick::Strangers && self.is_unasked();
            let count = || crate::planner::holders::picked(&found.review, pick, self.rule, wall);
            (!untold).then(|| count().len())
        };
        self.counts = Pick::ALL.map(|pick| (pick, asked(pick))).to_vec();
    }

    /// Why it cannot be told who does not use a seat: nothing is taken on the strength of a log that was
    /// not read whole, or that does not reach back so far (I6).
    pub fn why_untold(&self, pick: Pick, wall: Timestamp) -> Option<String> {
        if !pick.wants_use() {
            return None;
        }
        let found = self.found.as_ref();
        let Some(usage) = found.and_then(|found| found.usage.as_deref()) else {
            return Some("when people were last seen was not read yet".to_owned());
        };
        if let Some(gap) = found.and_then(|found| found.gap.as_ref()) {
            return Some(format!("the use was not read whole: {gap}"));
        }
        let days = self.rule.days;
        (!reaches(usage.from, days, wall)).then(|| {
            format!(
                "use is known since {} only, which is less than {days} days",
                day(usage.from)
            )
        })
    }

    /// Whether no groups are approved, so that nobody can be called a stranger.
    pub fn is_unasked(&self) -> bool {
        let mut holders = self.review().into_iter().flat_map(|review| &review.holders);
        holders.any(|one| one.standing == Standing::NotAsked)
    }

    /// How many seats a row holds.
    pub fn seats_of(&self, row: &RowKey) -> usize {
        let holders = self.review().into_iter().flat_map(|review| &review.holders);
        holders.filter(|one| one.row == *row).count()
    }

    /// Marked rows among those shown.
    pub fn marked_shown(&self) -> usize {
        if self.marks.is_empty() {
            return 0;
        }
        let shown = self.shown.iter().filter_map(|at| self.holder(*at));
        let rows: BTreeSet<&RowKey> = shown.map(|one| &one.row).collect();
        rows.into_iter()
            .filter(|row| self.marks.contains(*row))
            .count()
    }
}

/// The seats as a filter asks about them, and what is staged.
struct Seats<'a> {
    screen: &'a LicensesScreen,
    outlook: &'a Outlook,
}

impl Facts for Seats<'_> {
    fn haystack(&self, row: u32) -> &str {
        let at = usize::try_from(row).unwrap_or(usize::MAX);
        self.screen.hay.get(at).map_or("", String::as_str)
    }

    fn text(&self, row: u32) -> String {
        self.screen.holder(row).map(words).unwrap_or_default()
    }

    fn fits(&self, row: u32, key: &str, value: &str) -> Option<bool> {
        let holder = self.screen.holder(row)?;
        let person = || {
            self.screen
                .review()?
                .rows
                .get(&holder.row)?
                .person
                .as_deref()
        };
        Some(match key {
            "name" => holder.name.key().contains(value),
            "mail" => holder
                .email
                .as_ref()
                .is_some_and(|mail| mail.key().contains(value)),
            "subject" => holder.subject.key().contains(value),
            "dept" => person().is_some_and(|one| {
                let department = one.department.as_ref();
                department.is_some_and(|text| text.key().contains(value))
            }),
            "dir" => match person().map(|one| one.enabled) {
                None => "none".starts_with(value),
                Some(crate::domain::Enabled::No) => "disabled".starts_with(value),
                Some(_) => "enabled".starts_with(value),
            },
            "qlik" => holder
                .status
                .as_ref()
                .map_or("none", |status| status.word())
                .starts_with(value),
            "license" => holder
                .license
                .as_ref()
                .is_some_and(|license| license.key().starts_with(value)),
            "is" => match value {
                "stranger" => holder.standing == Standing::Stranger,
                "conflict" => matches!(holder.standing, Standing::Unknown(_)),
                "owner" => !holder.owns.is_empty(),
                "staged" => self.outlook.of(&holder.row).is_some(),
                _ => return None,
            },
            _ => return None,
        })
    }
}

fn words(holder: &Holder) -> String {
    let email = holder.email.as_ref().map_or("", Raw::expose);
    format!(
        "{} {email} {}",
        holder.name.expose(),
        holder.subject.expose()
    )
}

fn text_of(holder: &Holder) -> String {
    fold(&words(holder))
}

fn seen(last: LastUse) -> Option<Timestamp> {
    match last {
        LastUse::At(at) | LastUse::NotSince(at) | LastUse::NeverSince(at) => Some(at),
        LastUse::NotRead | LastUse::NoUser => None,
    }
}

fn rank(standing: &Standing) -> (u8, String) {
    let names = |groups: &[Raw]| groups.iter().map(Raw::key).collect::<Vec<_>>().join(" ");
    match standing {
        Standing::Stranger => (0, String::new()),
        Standing::Unknown(why) => (1, why.clone()),
        Standing::Nested(way) => (2, names(way)),
        Standing::Excepted(why) => (3, why.key()),
        Standing::Protected(why) => (4, (*why).to_owned()),
        Standing::Member(groups) => (5, names(groups)),
        Standing::Elsewhere(name) => (6, name.clone()),
        Standing::NotAsked => (7, String::new()),
    }
}
