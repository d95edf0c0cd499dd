//! The menus: what is offered, and why something is not.

use std::collections::BTreeSet;

use crate::app::actions::{ACTIONS, Action, Screen};
use crate::app::dialog::{Dialog, MenuKind};
use crate::app::menu::{Choice, Format, Item, Menu, Switch};
use crate::app::model::App;
use crate::app::planned::PlanLine;
use crate::app::roster::{Preset, SortBy};
use crate::domain::{
    Allotment, Ladder, LicenseType, LicenseWish, Row, ShortStock, Space, SpaceId, SpaceRole,
    Subject,
};

impl App {
    pub(super) fn open_dialog(&mut self, dialog: Dialog) {
        self.dialogs.push(dialog);
        self.arrange();
        self.dirty = true;
    }

    pub(super) fn open_menu(&mut self, kind: MenuKind, menu: Menu) {
        self.open_dialog(Dialog::Menu(kind, menu));
    }

    pub(super) fn pick_license(&mut self) {
        let pools = &self.data.snapshot.tenant.licensing.value.allotments;
        let mut items: Vec<Item> = pools
            .iter()
            .filter(|pool| is_seat(pool))
            .map(license_item)
            .collect();
        let take = Choice::License(Some(LicenseWish::TakeBack));
        items.push(Item::new("none", "take the license back", take).hot('t'));
        items.push(
            Item::new(
                "leave it",
                "drop what was staged about licenses",
                Choice::License(None),
            )
            .hot('x'),
        );
        let menu = Menu::new(format!("License for {}", self.targets_words()), items);
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_spaces(&mut self) {
        let mut spaces: Vec<&Space> = self.data.snapshot.tenant.spaces.value.iter().collect();
        spaces.sort_by_key(|space| (space.name.key(), space.id.clone()));
        let items = spaces.into_iter().map(|space| {
            let note = match self.data.snapshot.tenant.assignments.get(&space.id) {
                Some(reading) => format!("{}, {} assigned", space.kind.word(), reading.value.len()),
                None => space.kind.word().to_owned(),
            };
            let none = space.assignable_roles.is_empty();
            Item::new(
                space.name.show().to_string(),
                note,
                Choice::Space(space.id.clone()),
            )
            .refused(none.then(|| "this credential may assign no role here".to_owned()))
        });
        let menu = Menu::new(
            format!("Spaces for {}", self.targets_words()),
            items.collect(),
        )
        .fuzzy()
        .several()
        .lead(vec![
            "type to find, Space ticks, Enter goes on to the roles".to_owned(),
        ]);
        self.open_menu(MenuKind::Spaces, menu);
    }

    /// Only roles that at least one of the spaces takes are offered; where a role is not legal it
    /// is not staged.
    pub(super) fn pick_space_roles(&mut self, spaces: Vec<SpaceId>) {
        let known = &self.data.snapshot.tenant.spaces.value;
        let chosen: Vec<&Space> = known
            .iter()
            .filter(|space| spaces.contains(&space.id))
            .collect();
        let roles: BTreeSet<&SpaceRole> = chosen
            .iter()
            .flat_map(|space| &space.assignable_roles)
            .collect();
        let mut items: Vec<Item> = roles
            .into_iter()
            .map(|role| {
                let refusing: Vec<&&Space> = chosen
                    .iter()
                    .filter(|space| !space.assignable_roles.contains(role))
                    .collect();
                Item::new(
                    role.show().to_string(),
                    refusing_words(&refusing, chosen.len()),
                    Choice::SpaceRole(role.clone()),
                )
            })
            .collect();
        items.push(Item::new(
            "(remove)",
            "no direct assignment any more",
            Choice::SpaceRemove,
        ));
        let title = format!(
            "Roles in {} for {}",
            self.spaces_words(&spaces),
            self.targets_words()
        );
        let menu = Menu::new(title, items)
            .several()
            .lead(self.assigned_words(&spaces));
        self.open_menu(MenuKind::SpaceRoles(spaces), menu);
    }

    /// What is assigned there already, so that nothing is replaced unseen.
    pub(super) fn assigned_words(&self, spaces: &[SpaceId]) -> Vec<String> {
        let known = &self.data.snapshot.tenant.assignments;
        let read: Vec<usize> = spaces
            .iter()
            .filter_map(|id| known.get(id))
            .map(|r| r.value.len())
            .collect();
        let mut lines = vec!["Space ticks several, Enter stages".to_owned()];
        if read.len() < spaces.len() {
            lines.push(format!(
                "reading who is assigned ({} of {})",
                read.len(),
                spaces.len()
            ));
        } else {
            lines.push(format!(
                "{} assigned there now; roles held are kept",
                read.iter().sum::<usize>()
            ));
        }
        lines
    }

    pub(super) fn pick_roles(&mut self) {
        let staged: BTreeSet<_> = self
            .targets()
            .iter()
            .filter_map(|target| self.stage.staging.wishes.get(target))
            .flat_map(|wish| wish.roles.clone())
            .collect();
        let roles = &self.data.snapshot.tenant.roles.value;
        let items = roles.iter().map(|role| {
            let note = match role.level {
                crate::domain::RoleLevel::Admin => "administrates",
                crate::domain::RoleLevel::User => "",
            };
            let mut item = Item::new(
                role.name.show().to_string(),
                note,
                Choice::Role(role.id.clone()),
            );
            item.ticked = staged.contains(&role.id);
            item
        });
        let menu = Menu::new(
            format!("Tenant roles for {}", self.targets_words()),
            items.collect(),
        )
        .several()
        .lead(vec![
            "added to those held; Space ticks several, Enter stages".to_owned(),
        ]);
        self.open_menu(MenuKind::Roles, menu);
    }

    pub(super) fn pick_ladder(&mut self) {
        let delete = (!self.setup.guards.allow_delete).then(|| {
            "off in this profile: deleting cannot be undone (guards.allow_delete)".to_owned()
        });
        let item = |key, text: &str, note: &str, rung| {
            Item::new(text, note, Choice::Ladder(rung)).hot(key)
        };
        let items = vec![
            item(
                '1',
                "take the license",
                "the seat is free for others",
                Some(Ladder::TakeLicense),
            ),
            item(
                '2',
                "and strip spaces",
                "direct assignments; those by group stay",
                Some(Ladder::StripSpaces),
            ),
            item(
                '3',
                "and disable the user",
                "sign-in refused; can be taken back",
                Some(Ladder::Disable),
            ),
            item(
                '4',
                "and delete the user",
                "cannot be undone",
                Some(Ladder::Delete),
            )
            .refused(delete),
            item('x', "leave them", "drop what was staged about this", None),
        ];
        let menu = Menu::new(format!("Deprovision {}", self.targets_words()), items);
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_short(&mut self) {
        let names: Vec<String> = self
            .derived
            .outlook
            .meters()
            .iter()
            .flat_map(|meter| meter.short.iter().map(move |key| (meter, key)))
            .map(|(meter, key)| format!("{}  {}", self.row_name(key), meter.license.show()))
            .collect();
        let mut lead = vec![format!("{} do not fit:", names.len())];
        lead.extend(names.iter().take(6).map(|name| format!("  {name}")));
        if names.len() > 6 {
            lead.push(format!("  and {} more", names.len() - 6));
        }
        let others: Vec<LicenseType> = self
            .derived
            .outlook
            .meters()
            .iter()
            .filter(|meter| meter.short.is_empty() && meter.left() > 0)
            .map(|meter| meter.license.clone())
            .filter(|license| {
                matches!(
                    license.expose(),
                    LicenseType::PROFESSIONAL | LicenseType::ANALYZER
                )
            })
            .collect();
        let to: Vec<String> = others
            .iter()
            .map(|license| license.show().to_string())
            .collect();
        let none = others
            .is_empty()
            .then(|| "no other pool has room".to_owned());
        let items = vec![
            Item::new(
                "wait",
                "in order; everything else is done for them",
                Choice::Short(ShortStock::Wait),
            )
            .hot('w'),
            Item::new(
                "fall back",
                format!("to {}", to.join(", ")),
                Choice::Short(ShortStock::FallBack(others)),
            )
            .hot('f')
            .refused(none),
            Item::new(
                "leave out",
                "nothing at all is done for them",
                Choice::Short(ShortStock::LeaveOut),
            )
            .hot('o'),
        ];
        let menu = Menu::new("Seats do not suffice", items)
            .lead(lead)
            .at(&Choice::Short(self.stage.staging.short.clone()));
        self.open_menu(MenuKind::Plain, menu);
    }

    /// Name of a row, wherever it is; safe to show.
    pub fn row_name(&self, key: &crate::domain::RowKey) -> String {
        let row = self
            .derived
            .index
            .as_ref()
            .and_then(|index| index.row(key, &self.stage.staging.accepted));
        let seat = |row: &Row| {
            row.licenses
                .first()
                .map(|seat| seat.subject.show().to_string())
        };
        match row.as_ref().and_then(Row::name) {
            Some(name) => name.show().to_string(),
            None => row
                .as_ref()
                .and_then(seat)
                .unwrap_or_else(|| "?".to_owned()),
        }
    }

    pub(super) fn pick_switches(&mut self) {
        let now = self
            .data
            .snapshot
            .tenant
            .licensing
            .value
            .auto_assign
            .unwrap_or_default();
        let wish = self.stage.staging.auto_assign.unwrap_or(now);
        let item = |key, text: &str, on: bool, wished: bool, switch| {
            let word = |on| if on { "on" } else { "off" };
            let note = format!(
                "is {}, staged {}; Enter turns it {}",
                word(on),
                word(wished),
                word(!wished)
            );
            Item::new(text, note, Choice::Switch(switch)).hot(key)
        };
        let items = vec![
            item(
                'a',
                "analyzer",
                now.analyzer,
                wish.analyzer,
                Switch::Analyzer,
            ),
            item(
                'p',
                "professional",
                now.professional,
                wish.professional,
                Switch::Professional,
            ),
        ];
        let menu = Menu::new("Automatic licenses at sign-in", items).lead(vec![
            "while one is on, whoever signs in may take a seat".to_owned(),
        ]);
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_preset(&mut self) {
        let items = Preset::ALL.into_iter().zip('1'..).map(|(preset, key)| {
            let (note, refused) = match preset {
                Preset::NoUser => ("people without a user record", None),
                Preset::NoLicense => ("rows without a license", None),
                Preset::Strangers => (
                    "holders of a seat who are nobody in the directory read so far",
                    None,
                ),
                Preset::Unused => ("", Some("last use is not read by this version".to_owned())),
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
        let items = SortBy::ALL
            .into_iter()
            .zip('1'..)
            .map(|(sort, key)| Item::new(sort.title(), "", Choice::Sort(sort)).hot(key));
        let menu = Menu::new("Sort by", items.collect()).at(&Choice::Sort(self.roster.sort));
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_export(&mut self) {
        let rows = self.roster.shown.len();
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
        let menu = Menu::new(format!("Export the {rows} rows shown"), items);
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn pick_copy(&mut self) {
        let items = match self.screen {
            Screen::Roster => self.copy_row(),
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
            .map(|spec| {
                let key = self.setup.keymap.key(spec.action);
                let refused = (spec.applies)(self).err();
                Item::new(spec.help, key, Choice::Run(spec.action)).refused(refused)
            });
        let menu = Menu::new("Commands", items.collect()).fuzzy();
        self.open_menu(MenuKind::Palette, menu);
    }
}

/// Minutes of the analyzer time pool are no seats.
fn is_seat(pool: &Allotment) -> bool {
    pool.name.expose() != "analyzer_time"
}

fn license_item(pool: &Allotment) -> Item {
    let hot = pool
        .name
        .expose()
        .chars()
        .next()
        .filter(|letter| !matches!(letter, 't' | 'x'));
    let note = format!("{} of {} used, {} left", pool.used, pool.units, pool.free());
    let choice = Choice::License(Some(LicenseWish::Hold(pool.name.clone())));
    let mut item = Item::new(pool.name.show().to_string(), note, choice);
    item.hot = hot;
    item
}

fn refusing_words(refusing: &[&&Space], of: usize) -> String {
    if refusing.is_empty() {
        return String::new();
    }
    let nearest = refusing
        .first()
        .map(|space| {
            space
                .assignable_roles
                .iter()
                .map(|role| role.show().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        })
        .unwrap_or_default();
    let kinds: BTreeSet<&str> = refusing.iter().map(|space| space.kind.word()).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    format!(
        "not legal in {} of {of} ({}): left out there; legal there: {nearest}",
        refusing.len(),
        kinds.join(", ")
    )
}
