//! Menus that stage something: what is offered, and why something is not.

use std::collections::BTreeSet;

use crate::app::dialog::{Dialog, MenuKind, Seen};
use crate::app::menu::{Choice, Item, Menu, Switch};
use crate::app::model::App;
use crate::app::wrapped::wrap;
use crate::domain::{
    Allotment, Ladder, LicenseType, LicenseWish, Row, ShortStock, Space, SpaceId, SpaceRole,
};
use crate::planner::holders::Pick;
use crate::planner::{is_creating, nearest_roles};

impl App {
    pub(super) fn open_dialog(&mut self, dialog: Dialog) {
        self.dialogs.push(dialog);
        self.seen = Seen {
            frame: self.frame,
            since: None,
        };
        self.arrange();
        self.dirty = true;
    }

    /// Closes the dialog on top. A question that lies beneath begins anew: what was typed for the
    /// one on top does not answer it.
    pub(super) fn close_dialog(&mut self) -> Option<Dialog> {
        let closed = self.dialogs.pop();
        if matches!(self.dialog(), Some(Dialog::Confirm(_) | Dialog::Number(_))) {
            let frame = self.frame;
            self.seen = Seen { frame, since: None };
        }
        self.dirty |= closed.is_some();
        closed
    }

    pub(super) fn open_menu(&mut self, kind: MenuKind, mut menu: Menu) {
        let room = self.dialog_room();
        menu.lead = menu.lead.iter().flat_map(|line| wrap(line, room)).collect();
        self.open_dialog(Dialog::Menu(kind, menu));
    }

    pub(super) fn pick_license(&mut self) {
        let pools = &self.data.snapshot.tenant.licensing.value.allotments;
        let mut items: Vec<Item> = pools
            .iter()
            .filter(|pool| is_seat(pool))
            .map(license_item)
            .collect();
        let follow = Choice::License(Some(LicenseWish::Move));
        let note = "from an older subject to the one they sign in by; no seat used";
        items.push(Item::new("move", note, follow).hot('m'));
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
        let title = format!(
            "Roles in {} for {}",
            self.spaces_words(&spaces),
            self.targets_words()
        );
        let menu = Menu::new(title, self.space_role_items(&spaces))
            .several()
            .lead(self.assigned_words(&spaces));
        self.open_menu(MenuKind::SpaceRoles(spaces), menu);
    }

    /// What is said beside the roles grows while people and assignments are still being read.
    pub(super) fn refresh_space_roles(&mut self) {
        let Some(Dialog::Menu(MenuKind::SpaceRoles(spaces), _)) = self.dialogs.last() else {
            return;
        };
        let spaces = spaces.clone();
        let (lead, mut items) = (self.assigned_words(&spaces), self.space_role_items(&spaces));
        if let Some(Dialog::Menu(_, menu)) = self.dialogs.last_mut() {
            for (item, old) in items.iter_mut().zip(&menu.items) {
                item.ticked = old.ticked;
            }
            (menu.lead, menu.items) = (lead, items);
        }
    }

    fn space_role_items(&self, spaces: &[SpaceId]) -> Vec<Item> {
        let known = &self.data.snapshot.tenant.spaces.value;
        let chosen: Vec<&Space> = known
            .iter()
            .filter(|space| spaces.contains(&space.id))
            .collect();
        // The one wished most, and the one that gives least, stands under the cursor at first.
        let roles: BTreeSet<(bool, &SpaceRole)> = chosen
            .iter()
            .flat_map(|space| &space.assignable_roles)
            .map(|role| (role.expose() != "consumer", role))
            .collect();
        let analyzers = self.analyzers_among(&self.targets());
        let mut items: Vec<Item> = roles
            .into_iter()
            .map(|(_, role)| {
                let refusing: Vec<&&Space> = chosen
                    .iter()
                    .filter(|space| !space.assignable_roles.contains(role))
                    .collect();
                let mut notes = vec![refusing_words(role, &refusing, chosen.len())];
                if analyzers > 0 && is_creating(role) {
                    notes.push(format!("analyzers gain little: {analyzers} of them"));
                }
                notes.retain(|note| !note.is_empty());
                Item::new(
                    role.show().to_string(),
                    notes.join("; "),
                    Choice::SpaceRole(role.clone()),
                )
            })
            .collect();
        items.push(Item::new(
            "(remove)",
            "no direct assignment any more",
            Choice::SpaceRemove,
        ));
        items
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
            "off in this profile: deleting cannot be taken back (guards.allow_delete)".to_owned()
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
                "cannot be taken back",
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
            self.take_back_item(),
        ];
        let menu = Menu::new("Seats do not suffice", items)
            .lead(lead)
            .at(&Choice::Short(self.stage.staging.short.clone()));
        self.open_menu(MenuKind::Plain, menu);
    }

    /// The way to seats that could be taken back.
    fn take_back_item(&self) -> Item {
        let counts = self.licenses.counts.iter();
        let mut known = counts.filter(|(pick, _)| *pick == Pick::ToTakeBack);
        let note = match known.next() {
            Some((_, Some(count))) => format!(
                "{count} not used for {} days, with their last use",
                self.licenses.rule.days
            ),
            _ => "shows who does not use theirs, once the last use was read".to_owned(),
        };
        Item::new("take back", note, Choice::ToLicenses(Pick::ToTakeBack)).hot('t')
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

fn refusing_words(role: &SpaceRole, refusing: &[&&Space], of: usize) -> String {
    let Some(first) = refusing.first() else {
        return String::new();
    };
    let near = nearest_roles(first, role);
    let near: Vec<String> = near.iter().map(|role| role.show().to_string()).collect();
    let kinds: BTreeSet<&str> = refusing.iter().map(|space| space.kind.word()).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    format!(
        "not legal in {} of {of} ({}): left out there; nearest: {}",
        refusing.len(),
        kinds.join(", "),
        near.join(", ")
    )
}
