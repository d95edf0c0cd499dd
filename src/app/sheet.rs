//! What the panes of the Spaces screen show, as a table that can leave the screen.

use serde_json::{Value, json};

use super::export::Table;
use super::menu::{Choice, Item};
use super::model::App;
use super::roster::Pane;
use super::spaces::{Fate, Holder, Regarded, Seat, SpaceLine, Told};
use crate::domain::{Assignee, Space, SpaceRole, Target};
use crate::planner::access::Source;
use crate::text::{Raw, json_line};

const SPACES: [&str; 8] = [
    "type",
    "name",
    "owner",
    "assigned",
    "users",
    "groups",
    "legal_roles",
    "id",
];
const SEATS: [&str; 8] = [
    "space", "type", "kind", "name", "mail", "roles", "staged", "assignee",
];
const ACCESS: [&str; 8] = [
    "name", "mail", "space", "type", "roles", "from", "note", "user_id",
];

fn table(name: &'static str, head: &'static [&'static str]) -> Table {
    Table {
        name,
        head,
        rows: Vec::new(),
        lines: Vec::new(),
    }
}

fn put(table: &mut Table, cells: &[Raw], data: &Value) {
    table.rows.push(cells.to_vec());
    table.lines.extend(json_line(data).ok());
}

impl App {
    /// What an export would hold, in words; safe to show.
    pub(super) fn sheet_words(&self) -> String {
        let sheet = self.sheet();
        format!("the {} {}", sheet.rows.len(), sheet.name)
    }

    /// What the pane that has the keys shows.
    pub(super) fn sheet(&self) -> Table {
        match self.spaces.pane {
            Pane::Groups => self.spaces_sheet(),
            Pane::People => self.seats_sheet(),
            Pane::Detail => self.access_sheet(),
        }
    }

    fn spaces_sheet(&self) -> Table {
        let spaces = &self.data.snapshot.tenant.spaces.value;
        let mut table = table("spaces", &SPACES);
        for line in &self.spaces.lines {
            if let SpaceLine::Space(at, _) = line
                && let Some(space) = spaces.get(*at)
            {
                self.space_row(&mut table, space);
            }
        }
        table
    }

    fn space_row(&self, table: &mut Table, space: &Space) {
        let reading = self.data.snapshot.tenant.assignments.get(&space.id);
        let whole = reading.is_some_and(|reading| reading.proof.is_proven());
        let rows = reading.map(|reading| &reading.value);
        let groups = rows.map(|rows| {
            let groups = rows.iter();
            groups
                .filter(|row| matches!(row.assignee, Assignee::Group(_)))
                .count()
        });
        let all = rows.map(Vec::len);
        let number = |number: Option<usize>| match number {
            Some(number) if whole => number.to_string(),
            Some(number) => format!("{number} read so far"),
            None => "not read".to_owned(),
        };
        let owner = space.owner.as_ref();
        let owner_name = owner.map(|id| self.name_of_user(id)).unwrap_or_default();
        let cells = [
            Raw::from(space.kind.word()),
            space.name.clone(),
            owner_name.clone(),
            Raw::from(number(all)),
            Raw::from(number(all.zip(groups).map(|(all, groups)| all - groups))),
            Raw::from(number(groups)),
            roles_raw(&space.assignable_roles),
            space.id.raw().clone(),
        ];
        put(
            table,
            &cells,
            &json!({
                "type": space.kind,
                "name": space.name,
                "owner": owner,
                "owner_name": owner_name,
                "complete": whole,
                "assigned": all,
                "groups": groups,
                "assignable_roles": space.assignable_roles,
                "id": space.id,
            }),
        );
    }

    fn name_of_user(&self, id: &crate::domain::UserId) -> Raw {
        let index = self.derived.index.as_ref();
        let user = index.and_then(|index| index.user(id));
        user.map_or_else(|| id.raw().clone(), |user| user.name.clone())
    }

    fn seats_sheet(&self) -> Table {
        let mut table = table("assignments", &SEATS);
        let open = self.spaces.open.as_ref().and_then(|id| self.space(id));
        let Some(space) = open else { return table };
        for place in 0..self.spaces.shown.len() {
            if let Some(seat) = self.spaces.shown_at(place) {
                let cells = seat_cells(space, seat);
                put(&mut table, &cells, &seat_data(space, seat));
            }
        }
        table
    }

    fn access_sheet(&self) -> Table {
        let mut table = table("accesses", &ACCESS);
        let Some(regarded) = &self.spaces.regarded else {
            return table;
        };
        match &regarded.told {
            Told::User(user, ways) => {
                for way in ways {
                    let (roles, from, notes) = way.words(regarded.analyzer);
                    let group = match &way.source {
                        Source::Group(name) => Some(name),
                        Source::Owner | Source::Direct => None,
                    };
                    let from_raw = group.map_or_else(
                        || Raw::from(from.as_str()),
                        |name| Raw::from(format!("group {}", name.expose())),
                    );
                    let held = if way.source == Source::Owner {
                        Raw::from(roles)
                    } else {
                        roles_raw(&way.roles)
                    };
                    let cells = [
                        regarded.name.clone(),
                        regarded.mail.clone(),
                        way.space.clone(),
                        way.kind.clone(),
                        held,
                        from_raw,
                        Raw::from(notes.join(", ")),
                        user.raw().clone(),
                    ];
                    put(
                        &mut table,
                        &cells,
                        &json!({
                            "user": user,
                            "name": regarded.name,
                            "email": regarded.mail,
                            "space_id": way.place,
                            "space": way.space,
                            "type": way.kind,
                            "roles": way.roles,
                            "source": match way.source {
                                Source::Owner => "owner",
                                Source::Direct => "direct",
                                Source::Group(_) => "group",
                            },
                            "group": group,
                            "redundant": way.redundant,
                        }),
                    );
                }
            }
            Told::Group { places, .. } => group_rows(&mut table, regarded, places),
            Told::Nobody => {}
        }
        table
    }

    /// What can be copied of the line under the cursor.
    pub(super) fn copy_space(&self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut add = |key, what: &str, text: &Raw| {
            if !text.is_blank() {
                let safe = text.show().to_string();
                items.push(Item::new(what, safe.clone(), Choice::Copy(safe)).hot(key));
            }
        };
        let open = self.spaces.open.as_ref().and_then(|id| self.space(id));
        if self.spaces.pane == Pane::Groups {
            if let Some(space) = self.current_space() {
                add('n', "name", &space.name);
                add('i', "space id", space.id.raw());
            }
            return items;
        }
        if let (Some(space), Some(seat)) = (open, self.spaces.seat()) {
            add('n', "name", &seat.name);
            add('m', "mail", &seat.mail);
            add('i', "Qlik id", &id_of(&seat.holder));
            let cells = seat_cells(space, seat);
            let cells = cells.iter().map(|cell| cell.show().to_string());
            let line = cells.collect::<Vec<_>>().join("\t");
            let shown = line.replace('\t', "  ");
            items.push(Item::new("row", shown, Choice::Copy(line)).hot('r'));
        }
        items
    }
}

fn group_rows(table: &mut Table, regarded: &Regarded, places: &[(Raw, Raw, Vec<SpaceRole>)]) {
    for (space, kind, roles) in places {
        let cells = [
            regarded.name.clone(),
            Raw::default(),
            space.clone(),
            kind.clone(),
            roles_raw(roles),
            Raw::from("direct"),
            Raw::default(),
            Raw::default(),
        ];
        put(
            table,
            &cells,
            &json!({
                "group": regarded.name,
                "space": space,
                "type": kind,
                "roles": roles,
                "source": "direct",
            }),
        );
    }
}

fn roles_raw<'r>(roles: impl IntoIterator<Item = &'r SpaceRole>) -> Raw {
    let all: Vec<&str> = roles.into_iter().map(SpaceRole::expose).collect();
    Raw::from(all.join(" + "))
}

fn seat_cells(space: &Space, seat: &Seat) -> [Raw; 8] {
    let held = match seat.holder {
        Holder::Owner(_) => Raw::from("all"),
        Holder::Held(_) | Holder::Staged(_) => roles_raw(&seat.held),
    };
    let staged = match (seat.fate(), &seat.after) {
        (Fate::Stays, _) | (_, None) => Raw::default(),
        (Fate::Taken, _) => Raw::from("taken out"),
        (Fate::Added, Some(after)) => Raw::from(format!("gets {}", roles_raw(after).expose())),
        (Fate::Changed, Some(after)) => Raw::from(format!("becomes {}", roles_raw(after).expose())),
    };
    [
        space.name.clone(),
        Raw::from(space.kind.word()),
        Raw::from(seat.kind),
        seat.name.clone(),
        seat.mail.clone(),
        held,
        staged,
        id_of(&seat.holder),
    ]
}

fn seat_data(space: &Space, seat: &Seat) -> Value {
    json!({
        "space_id": space.id,
        "space": space.name,
        "type": space.kind,
        "kind": seat.kind,
        "name": seat.name,
        "email": seat.mail,
        "assignee": id_of(&seat.holder),
        "roles": seat.held,
        "staged": seat.after,
    })
}

fn id_of(holder: &Holder) -> Raw {
    match holder {
        Holder::Owner(id) | Holder::Held(Assignee::User(id) | Assignee::Bot(id)) => {
            id.raw().clone()
        }
        Holder::Held(Assignee::Group(id)) | Holder::Staged(Target::QlikGroup(id)) => {
            id.raw().clone()
        }
        Holder::Held(Assignee::NewUser(subject)) => subject.raw().clone(),
        Holder::Held(Assignee::NewGroup(name)) => name.clone(),
        Holder::Staged(_) => Raw::default(),
    }
}
