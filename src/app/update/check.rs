//! The first-login check of several rows at once: who would get in, who would not, by which cause, and
//! the verb that mends it for one or for all who have that cause.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::actions::{ACTIONS, Action, Screen, Spec};
use crate::app::dialog::{Dialog, MenuKind};
use crate::app::effect::Effect;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::{App, Load};
use crate::domain::{Row, RowKey, SpaceId};
use crate::planner::{Check, CheckState, Logins};

/// So many spaces are read by a check by itself.
const READ_AT_ONCE: usize = 200;

/// How a sign-in of somebody would go.
enum Way {
    Through,
    Staged,
    Untold,
    /// The first cause that stops it, and its verb.
    Stopped(String, Option<&'static Spec>),
}

impl App {
    /// The rows that a check is about: those marked, else all shown.
    pub fn checked_rows(&self) -> Vec<RowKey> {
        if !self.marks().is_empty() {
            return self.marks().iter().cloned().collect();
        }
        let shown = self.rows_shown().into_iter();
        shown.map(|row| row.key.clone()).collect()
    }

    /// Opens the check, and reads the spaces on which it depends.
    pub(super) fn check_selection(&mut self) -> Vec<Effect> {
        let unread: Vec<SpaceId> = self.unread_spaces().cloned().collect();
        let effects = if unread.len() > READ_AT_ONCE {
            Vec::new()
        } else {
            self.read_assignments(&unread)
        };
        self.open_check();
        effects
    }

    /// Makes the check anew where it stands on top, after spaces were read.
    pub(super) fn refresh_check(&mut self) {
        if matches!(self.dialog(), Some(Dialog::Menu(MenuKind::Check, _))) {
            self.close_dialog();
            self.open_check();
        }
    }

    fn open_check(&mut self) {
        let Some(index) = self.derived.index.clone() else {
            return;
        };
        let accepted = &self.stage.staging.accepted;
        let keys = self.checked_rows();
        let rows = keys.iter().filter_map(|key| index.row(key, accepted));
        let logins = Logins::new(&self.data.snapshot, &self.stage.staging);
        let groups = match self.screen {
            Screen::Licenses => self.derived.approved.0.clone(),
            _ => self.roster.tree.groups(),
        };
        let unread = self.unread_spaces().count();
        let mut ways: Vec<(Row, Way)> = rows
            .map(|row| {
                let checks = logins.check(&row, &self.derived.outlook, &groups);
                let way = self.way_in(&checks, unread);
                (row, way)
            })
            .collect();
        ways.sort_by_cached_key(|(row, _)| {
            (row.name().map(crate::text::Raw::key), row.key.clone())
        });
        let count = |fits: fn(&Way) -> bool| ways.iter().filter(|(_, way)| fits(way)).count();
        let mut lead = vec![format!(
            "{} would get in, {} once what is staged is applied, {} would not, {} cannot be told.",
            count(|way| matches!(way, Way::Through)),
            count(|way| matches!(way, Way::Staged)),
            count(|way| matches!(way, Way::Stopped(..))),
            count(|way| matches!(way, Way::Untold)),
        )];
        if unread > 0 {
            let reading = self.data.loading.iter();
            let reading = reading
                .filter(|load| matches!(load, Load::Assignments(_)))
                .count();
            let doing = if reading > 0 {
                "they are being read"
            } else {
                "the Spaces screen reads them all"
            };
            lead.push(format!(
                "Roles in {unread} spaces are not known yet; {doing}."
            ));
        }
        let mut items = self.shared_causes(&ways);
        items.extend(ways.iter().filter_map(|(row, way)| {
            let Way::Stopped(cause, spec) = way else {
                return None;
            };
            Some(self.cause_item(
                &self.row_name(&row.key),
                cause,
                *spec,
                [row.key.clone()].into(),
            ))
        }));
        items.push(Item::new("back", "nothing was written", Choice::Nothing));
        let title = match ways.as_slice() {
            [(row, _)] => format!("First login of {}", self.row_name(&row.key)),
            many => format!("First login of {} people", many.len()),
        };
        self.open_menu(MenuKind::Check, Menu::new(title, items).lead(lead));
    }

    fn way_in(&self, checks: &[Check], unread: usize) -> Way {
        if let Some(failed) = checks.iter().find(|one| one.state == CheckState::Failed) {
            let about = if failed.about.is_blank() {
                String::new()
            } else {
                format!(" in {}", failed.about.show())
            };
            let cause = format!("{}{about}: {}", failed.what.words(), failed.cause.show());
            // Dropping what is staged mends nobody.
            let mend = failed.mend.filter(|key| *key != 'x');
            return Way::Stopped(cause, mend.and_then(|key| self.verb(key)));
        }
        let any = |state| checks.iter().any(|one| one.state == state);
        if any(CheckState::Unknown) || unread > 0 {
            Way::Untold
        } else if any(CheckState::Staged) {
            Way::Staged
        } else {
            Way::Through
        }
    }

    /// Causes that several share: mended at once.
    fn shared_causes(&self, ways: &[(Row, Way)]) -> Vec<Item> {
        let mut shared: BTreeMap<&str, (Option<&'static Spec>, BTreeSet<RowKey>)> = BTreeMap::new();
        for (row, way) in ways {
            if let Way::Stopped(cause, spec) = way {
                let entry = shared.entry(cause).or_insert((*spec, BTreeSet::new()));
                entry.1.insert(row.key.clone());
            }
        }
        let several = shared.into_iter().filter(|(_, (_, rows))| rows.len() > 1);
        several
            .map(|(cause, (spec, rows))| {
                let who = format!("all {}", rows.len());
                self.cause_item(&who, cause, spec, rows)
            })
            .collect()
    }

    fn cause_item(
        &self,
        who: &str,
        cause: &str,
        spec: Option<&'static Spec>,
        rows: BTreeSet<RowKey>,
    ) -> Item {
        let Some(spec) = spec else {
            let why = format!("{cause}; no key here mends this");
            return Item::new(who, "", Choice::Nothing).refused(Some(why));
        };
        let key = self.setup.keymap.key(spec.action);
        let note = format!("{key} {}   {cause}", spec.title);
        Item::new(who, note, Choice::Mend(rows, spec.action))
    }

    /// The verb of this screen on a key of the product's table.
    fn verb(&self, key: char) -> Option<&'static Spec> {
        let key = key.to_string();
        let mut specs = ACTIONS.iter();
        specs.find(|spec| spec.keys.contains(&key.as_str()) && spec.on(self.screen))
    }

    /// An entry that does what mends a check.
    pub(super) fn mend_item(&self, row: &RowKey, check: &Check, key: char) -> Option<Item> {
        let spec = self.verb(key)?;
        let words = format!("{}: {}", check.what.words(), check.cause.show());
        let rows = BTreeSet::from([row.clone()]);
        let mut item = Item::new(spec.title, words, Choice::Mend(rows, spec.action));
        item.hot = self.setup.keymap.key(spec.action).chars().next();
        Some(item)
    }

    /// Does what mends these, whatever is marked.
    pub(super) fn mend(&mut self, rows: BTreeSet<RowKey>, action: Action) -> Vec<Effect> {
        self.aimed = Some(rows);
        self.act(action)
    }
}
