//! Keys and pastes for whatever lies on top; opening, closing, help, quitting.

use crossterm::event::KeyCode;

use crate::app::actions::Screen;
use crate::app::chosen::Chosen;
use crate::app::dialog::{Dialog, MenuKind};
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::list::{List, Step};
use crate::app::menu::{About, Choice, Item, Menu};
use crate::app::model::{App, Tone};
use crate::app::planned::PlanLine;
use crate::app::roster::Pane;
use crate::app::wrapped::wrap;
use crate::domain::{Match, PersonId, Row, RowKey};

/// Cells of the word before a line about a row.
const HANG: usize = 14;

impl Dialog {
    /// Tells how many lines fit.
    pub(super) fn resize(&mut self, room: usize) {
        match self {
            Self::Help(list) => list.height = room,
            Self::Text { list, lines, .. } => list.resize(room, lines.len()),
            Self::Menu(_, menu) => {
                let rows = room
                    .saturating_sub(menu.lead.len() + 1)
                    .clamp(1, crate::app::MENU_ROWS);
                menu.list.resize(rows, menu.shown.len());
            }
            Self::About(..) | Self::List(_) | Self::Confirm(_) | Self::Number(_) => {}
        }
    }
}

fn step_of(key: Key) -> Option<Step> {
    Some(match key.code {
        KeyCode::Up => Step::Up,
        KeyCode::Down => Step::Down,
        KeyCode::PageUp => Step::PageUp,
        KeyCode::PageDown => Step::PageDown,
        KeyCode::Home => Step::Home,
        KeyCode::End => Step::End,
        _ => return None,
    })
}

impl App {
    pub(super) fn dialog_key(&mut self, key: Key) -> Vec<Effect> {
        if key.is_chord() {
            self.dialog_chord(key);
            return Vec::new();
        }
        let Some(dialog) = self.dialogs.last_mut() else {
            return Vec::new();
        };
        match dialog {
            Dialog::Confirm(_) => return self.confirm_key(key),
            Dialog::Number(_) => return self.number_key(key),
            Dialog::List(_) => return self.list_key(key),
            Dialog::Help(_) => {
                let lines = self.help().len();
                if let (Some(step), Some(Dialog::Help(list))) =
                    (step_of(key), self.dialogs.last_mut())
                {
                    // The cursor is the first line shown.
                    let room = list.height.max(1);
                    self.dirty |= list.step(step, (lines + 1).saturating_sub(room).max(1));
                } else {
                    self.close_dialog();
                }
            }
            Dialog::Text { list, lines, .. } => {
                let len = lines.len();
                if let Some(step) = step_of(key) {
                    self.dirty |= list.step(step, len);
                } else {
                    self.close_dialog();
                }
            }
            Dialog::Menu(..) | Dialog::About(..) => return self.menu_key(key),
        }
        Vec::new()
    }

    /// With Control or Alt a key edits the field on top, if there is one, and answers nothing.
    fn dialog_chord(&mut self, key: Key) {
        let edited = match self.dialogs.last_mut() {
            Some(Dialog::Menu(_, menu) | Dialog::About(_, menu)) => {
                let edited = menu.filter.as_mut().is_some_and(|field| field.key(key));
                if edited {
                    menu.list.cursor = 0;
                    menu.narrow();
                }
                edited
            }
            Some(Dialog::List(list)) => list.field.key(key),
            Some(Dialog::Confirm(confirm)) if confirm.number.is_some() => confirm.typed.key(key),
            Some(Dialog::Number(number)) => number.typed.key(key),
            _ => false,
        };
        self.dirty |= edited;
    }

    fn menu_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(Dialog::Menu(_, menu) | Dialog::About(_, menu)) = self.dialogs.last_mut() else {
            return Vec::new();
        };
        if key.code == KeyCode::Esc {
            self.close_dialog();
            return Vec::new();
        }
        if key.code == KeyCode::Enter {
            return self.choose();
        }
        let list_keys = menu.filter.is_none() || !matches!(key.code, KeyCode::Home | KeyCode::End);
        if let Some(step) = step_of(key).filter(|_| list_keys) {
            self.dirty |= menu.step(step);
            return Vec::new();
        }
        if menu.several && matches!(key.code, KeyCode::Char(' ') | KeyCode::Tab) {
            menu.tick();
            menu.step(Step::Down);
            self.dirty = true;
            return Vec::new();
        }
        if let Some(field) = &mut menu.filter {
            if field.key(key) {
                menu.list.cursor = 0;
                menu.narrow();
                self.dirty = true;
            }
            return Vec::new();
        }
        if let KeyCode::Char(letter) = key.code
            && menu.hot(letter)
        {
            self.dirty = true;
            return self.choose();
        }
        Vec::new()
    }

    pub(super) fn dialog_paste(&mut self, text: &str) {
        match self.dialogs.last_mut() {
            Some(Dialog::Menu(_, menu)) => {
                if let Some(field) = &mut menu.filter {
                    field.paste(text);
                    menu.narrow();
                }
            }
            Some(Dialog::List(_)) => self.list_paste(text),
            // A paste answers no question.
            Some(Dialog::Confirm(_) | Dialog::Number(_)) => {
                self.say(Tone::Refusal, "a paste does not confirm; type it");
            }
            _ => {}
        }
    }

    /// `Enter` outside of dialogs.
    pub(super) fn open(&mut self) -> Vec<Effect> {
        match self.screen {
            Screen::Roster if self.roster.pane == Pane::Groups => {
                let effect = self.read_group();
                let unfolded = self
                    .roster
                    .tree
                    .current()
                    .is_some_and(|line| line.branches && !line.open);
                if unfolded {
                    self.fold(true);
                    self.settle();
                } else if effect.is_none() {
                    self.sideways(true);
                }
                effect.into_iter().collect()
            }
            Screen::Roster | Screen::Licenses => {
                self.about_row();
                Vec::new()
            }
            Screen::Spaces => self.open_space_line(),
            Screen::Plan => {
                self.explain_line();
                Vec::new()
            }
            Screen::Runs => self.open_run(),
        }
    }

    /// All about the row under the cursor, with what can be decided.
    fn about_row(&mut self) {
        let Some(row) = self.current_row().cloned() else {
            return;
        };
        let mut items = decisions(&row);
        items.extend(row.person.as_ref().map(|one| self.groups_item(&one.id)));
        items.extend(row.joined_user().map(|user| {
            let note = "what this person may see, and where it comes from";
            Item::new("access", note, Choice::Access(user.id.clone())).hot('w')
        }));
        let inspection = self.inspection(&row);
        let checks = inspection.checks.iter();
        let decides = items
            .iter()
            .any(|item| matches!(item.choice, Choice::Accept(..)));
        for (check, key) in checks.filter_map(|check| Some((check, check.mend?))) {
            // The first entry is that already.
            if !(decides && key == '=') {
                items.extend(self.mend_item(&row.key, check, key));
            }
        }
        items.push(Item::new("back", "", Choice::Nothing));
        let name = row
            .name()
            .map_or_else(|| "?".to_owned(), |name| name.show().to_string());
        let mut lead = self.hung(&self.row_lines(&row));
        if self.screen == Screen::Licenses {
            lead.extend(self.hung(&self.holder_lines(&row.key)));
        }
        let records = self.hung(&self.party_lines(&row));
        // Beside the row while there is room for them, else behind a key.
        let room = usize::from(self.layout.height).saturating_sub(4);
        if lead.len() + records.len() + items.len() <= room {
            lead.extend(records);
        } else if !records.is_empty() {
            let note = "both sides of the conflict";
            let item = Item::new("records", note, Choice::Records(row.key.clone()));
            items.insert(0, item.hot('b'));
        }
        let menu = Menu::new(name, items).lead(lead);
        self.open_dialog(Dialog::About(
            About {
                row: row.key,
                list: List::default(),
            },
            menu,
        ));
    }

    /// Every record that is in the conflict of a row, to be read.
    pub(super) fn show_records(&mut self, key: &RowKey) {
        let index = self.derived.index.as_ref();
        let row = index.and_then(|index| index.row(key, &self.stage.staging.accepted));
        let Some(row) = row else { return };
        let lines = self.hung(&self.party_lines(&row));
        self.open_dialog(Dialog::Text {
            title: format!("Conflict of {}", self.row_name(key)),
            lines,
            list: List::default(),
        });
    }

    /// Lines of a word and a text, broken to the width so that the texts stay below each other.
    fn hung(&self, lines: &[String]) -> Vec<String> {
        let room = self.dialog_room().saturating_sub(HANG).max(1);
        let hang = |line: &String| {
            let (word, text) = line.split_at_checked(HANG).unwrap_or((line, ""));
            let texts = wrap(text, room).into_iter().enumerate();
            let lines = texts.map(|(at, text)| match at {
                0 => format!("{word}{text}"),
                _ => format!("{:HANG$}{text}", ""),
            });
            lines.collect::<Vec<String>>()
        };
        lines.iter().flat_map(hang).collect()
    }

    /// The way to the groups of a person.
    fn groups_item(&self, person: &PersonId) -> Item {
        let note = match self.ways_of(person).len() {
            0 => "ask the directory which".to_owned(),
            1 => "go to the one known, ask for more".to_owned(),
            many => format!("go to one of the {many} known, ask for more"),
        };
        Item::new("groups", note, Choice::Groups(person.clone())).hot('g')
    }

    /// Why the operations under the cursor of the plan are there.
    pub(super) fn explain_line(&mut self) {
        let (title, mut lines) = match self.plan.lines.get(self.plan.list.cursor) {
            Some(PlanLine::Group(name, _)) => (name.show().to_string(), Vec::new()),
            Some(PlanLine::Finding(..) | PlanLine::More(..)) => ("Finding".to_owned(), Vec::new()),
            _ => return,
        };
        for operation in self.plan.operations() {
            lines.push(format!(
                "{}  {}",
                operation.change.kind().word(),
                operation.id.show()
            ));
            lines.push(format!("  why: {}", operation.why.show()));
            lines.push(format!("  back: {}", undo_words(operation.undo)));
            if !operation.needs.is_empty() {
                let needs: Vec<String> = operation
                    .needs
                    .iter()
                    .map(|id| id.show().to_string())
                    .collect();
                lines.push(format!("  after: {}", needs.join(", ")));
            }
        }
        if let Some(finding) = self.plan.finding() {
            if let Some(menu) = Self::decision(finding) {
                self.open_menu(MenuKind::Plain, menu);
                return;
            }
            lines.push(finding.who.show().to_string());
            lines.push(finding.text.show().to_string());
            lines.push(self.hint(finding));
        }
        let room = self.dialog_room();
        let lines: Vec<String> = lines.iter().flat_map(|line| wrap(line, room)).collect();
        self.open_dialog(Dialog::Text {
            title,
            lines,
            list: List::default(),
        });
    }

    /// `Esc` outside of dialogs: close, clear the filter, unmark, in that order.
    pub(super) fn close(&mut self) -> Vec<Effect> {
        self.dirty = true;
        match self.screen {
            Screen::Runs => self.leave_run(),
            Screen::Licenses => self.close_on_licenses(),
            Screen::Plan => self.go(Screen::Roster),
            Screen::Spaces => self.close_spaces(),
            Screen::Roster => self.close_on_roster(),
        }
        Vec::new()
    }

    fn close_on_roster(&mut self) {
        if self.roster.range.take().is_some() {
            return;
        }
        if self.roster.pane == Pane::Groups && !self.roster.tree.filter.is_empty() {
            self.end_filter(true, false);
            return self.settle();
        }
        if !self.roster.filter.is_empty() || self.roster.preset.is_some() {
            self.roster.preset = None;
            self.roster.filter = crate::app::Field::default();
            self.roster.asked = crate::app::Filter::default();
            self.refilter(None);
            return self.inspect();
        }
        if !self.roster.tree.filter.is_empty() {
            self.end_filter(true, false);
            return self.settle();
        }
        let chosen = &self.roster.tree.chosen;
        if chosen.is_unmarked() && !chosen.is_narrowed() && self.walk_back() {
            return;
        }
        if self.roster.listed.take().is_some() {
            return self.rescope();
        }
        if self.roster.pane != Pane::Groups && !self.roster.marks.is_empty() {
            return self.roster.marks.clear();
        }
        if self.widen() {
            return;
        }
        let marked = !self.roster.tree.chosen.is_unmarked();
        if self.roster.pane != Pane::Groups || !marked {
            self.roster.marks.clear();
        }
        if marked {
            self.roster.tree.chosen = Chosen::default();
            self.rescope();
        }
    }

    pub(super) fn show_help(&mut self) {
        self.open_dialog(Dialog::Help(List::default()));
    }

    pub(super) fn quit(&mut self) -> Vec<Effect> {
        let nothing = self.stage.staging.is_empty() && self.accepted() == 0;
        if nothing && !self.runs.is_running() {
            return self.leave(0);
        }
        let what = if self.runs.is_running() {
            "A run is under way; what is in flight is finished, the rest can be resumed.".to_owned()
        } else {
            format!(
                "Staged: {}, accepted matches: {}. They are forgotten; what a run applied stays.",
                self.staged(),
                self.accepted()
            )
        };
        let items = vec![
            Item::new("stay", "", Choice::Nothing).hot('s'),
            Item::new("quit", "", Choice::Quit).hot('q'),
        ];
        self.open_menu(MenuKind::Quit, Menu::new("Quit?", items).lead(vec![what]));
        Vec::new()
    }
}

fn decisions(row: &Row) -> Vec<Item> {
    let (Some(person), Some(user)) = (&row.person, &row.user) else {
        return Vec::new();
    };
    match row.matched {
        Match::Email { accepted: false } => vec![
            Item::new(
                "same person",
                "the user record gets joined; a license moves without a seat",
                Choice::Accept(person.id.clone(), user.id.clone()),
            )
            .hot('='),
        ],
        Match::Email { accepted: true } => vec![
            Item::new(
                "not the same person",
                "take the acceptance back",
                Choice::Unaccept(person.id.clone()),
            )
            .hot('-'),
        ],
        _ => Vec::new(),
    }
}

fn undo_words(undo: crate::domain::Undo) -> &'static str {
    match undo {
        crate::domain::Undo::Reversible => "can be taken back",
        crate::domain::Undo::Lossy => "can be taken back with losses",
        crate::domain::Undo::Impossible => "cannot be taken back",
    }
}
