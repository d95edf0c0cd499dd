//! Menus about what is shown: presets, sorting, export, copying, and the palette.

use crate::app::actions::{ACTIONS, Action, Screen};
use crate::app::dialog::MenuKind;
use crate::app::menu::{Choice, Format, Item, Menu};
use crate::app::model::App;
use crate::app::planned::PlanLine;
use crate::app::roster::{Preset, SortBy};
use crate::domain::Subject;

impl App {
    pub(super) fn pick_preset(&mut self) {
        if self.screen == Screen::Licenses {
            return self.pick_pick();
        }
        let items = Preset::ALL.into_iter().zip('1'..).map(|(preset, key)| {
            let (note, refused) = match preset {
                Preset::NoUser => ("people without a user record", None),
                Preset::NoLicense => ("rows without a license", None),
                Preset::Strangers => (
                    "holders of a seat who are nobody in the directory",
                    self.why_no_strangers(),
                ),
                Preset::Unused => (
                    "",
                    Some(format!(
                        "{} shows the seats, and who does not use them",
                        self.setup.keymap.key(Action::ScreenLicenses)
                    )),
                ),
                Preset::Conflict => ("conflicts and e-mail candidates", None),
                Preset::Staged => ("with something staged", None),
            };
            Item::new(preset.title(), note, Choice::Preset(preset))
                .hot(key)
                .refused(refused)
        });
        let menu = Menu::new("Show only", items.collect());
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_sort(&mut self) {
        if self.screen == Screen::Licenses {
            return self.pick_seat_sort();
        }
        let items = SortBy::ALL
            .into_iter()
            .zip('1'..)
            .map(|(sort, key)| Item::new(sort.title(), "", Choice::Sort(sort)).hot(key));
        let menu = Menu::new("Sort by", items.collect()).at(&Choice::Sort(self.roster.sort));
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_export(&mut self) {
        let what = match self.screen {
            Screen::Licenses => format!("the {} rows", self.licenses.shown.len()),
            Screen::Spaces => self.sheet_words(),
            _ => format!("the {} rows", self.roster.shown.len()),
        };
        let items = vec![
            Item::new(
                "CSV",
                "for spreadsheets; formulas are disarmed",
                Choice::Export(Format::Csv),
            )
            .hot('c'),
            Item::new("JSON", "lossless", Choice::Export(Format::Json)).hot('j'),
            Item::new("Markdown", "for a ticket", Choice::Export(Format::Markdown)).hot('m'),
        ];
        let menu = Menu::new(format!("Export {what} shown"), items);
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_copy(&mut self) {
        let items = match self.screen {
            Screen::Roster | Screen::Licenses => self.copy_row(),
            Screen::Spaces => self.copy_space(),
            Screen::Plan => self.copy_plan(),
            Screen::Runs => self.copy_run(),
        };
        let menu = Menu::new("Copy to the terminal's clipboard", items);
        self.open_menu(MenuKind::Plain, menu);
    }

    fn copy_row(&self) -> Vec<Item> {
        let Some(row) = self.current_row() else {
            return Vec::new();
        };
        let mut items = Vec::new();
        let mut add = |key, what: &str, text: Option<&crate::text::Raw>| {
            if let Some(text) = text.filter(|text| !text.is_blank()) {
                let safe = text.show().to_string();
                items.push(Item::new(what, safe.clone(), Choice::Copy(safe)).hot(key));
            }
        };
        let user = row.user.as_deref();
        let person = row.person.as_deref();
        add(
            's',
            "subject",
            row.subject
                .as_ref()
                .or(user.map(|user| &user.subject))
                .map(Subject::raw),
        );
        add('n', "name", row.name());
        add(
            'm',
            "mail",
            person
                .and_then(|p| p.mail.as_ref())
                .or(user.and_then(|u| u.email.as_ref())),
        );
        add('i', "directory id", person.map(|p| p.id.raw()));
        add('u', "Qlik user id", user.map(|u| u.id.raw()));
        let line = Self::export_line(row).join("\t");
        items.push(Item::new("row", line.replace('\t', "  "), Choice::Copy(line)).hot('r'));
        items
    }

    fn copy_plan(&self) -> Vec<Item> {
        let Some(plan) = self.plan.plan.as_deref() else {
            return Vec::new();
        };
        let mut items = vec![
            Item::new(
                "hash",
                plan.hash.0.clone(),
                Choice::Copy(plan.hash.0.clone()),
            )
            .hot('h'),
        ];
        if let Some(PlanLine::Group(name, _)) = self.plan.lines.get(self.plan.list.cursor) {
            let safe = name.show().to_string();
            items.push(Item::new("name", safe.clone(), Choice::Copy(safe)).hot('n'));
        }
        items
    }

    fn copy_run(&self) -> Vec<Item> {
        let live = self
            .runs
            .live
            .as_ref()
            .filter(|_| self.runs.watching)
            .and_then(|live| live.run.clone());
        let run = live.or_else(|| self.runs.current().map(|run| run.run.clone()));
        let text = run.map(|run| run.show().to_string()).unwrap_or_default();
        vec![Item::new("run", text.clone(), Choice::Copy(text)).hot('r')]
    }

    pub(super) fn show_palette(&mut self) {
        let screen = self.screen;
        let items = ACTIONS
            .iter()
            .filter(|spec| spec.on(screen) && spec.action != Action::Palette)
            .filter(|spec| !spec.action.is_later())
            .map(|spec| {
                let key = self.setup.keymap.key(spec.action);
                let refused = (spec.applies)(self).err();
                Item::new(spec.help, key, Choice::Run(spec.action)).refused(refused)
            });
        let menu = Menu::new("Commands", items.collect()).fuzzy();
        self.open_menu(MenuKind::Palette, menu);
    }
}
