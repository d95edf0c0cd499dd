//! The left and the middle pane of the Spaces screen: spaces below their types, and who has roles in the
//! one under the cursor, with what is staged about it signed in place.

use std::collections::BTreeSet;

use super::groups::filter_line;
use super::pen::{Pen, Piece, piece, taken};
use super::theme::Mean;
use super::words::{counted, number};
use crate::app::{App, Fate, Holder, Load, Pane, Seat, SpaceLine, wrap};
use crate::domain::{Assignee, Completeness, Space, SpaceRole, SpaceWish};
use crate::text::width;

/// From this width on the left pane names owners.
const OWNERS: usize = 34;
/// Cells of an owner, with a blank on either side.
const OWNER: usize = 14;

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.groups;
    let cells = usize::from(area.width);
    let spaces = &app.spaces;
    let focus = spaces.pane == Pane::Groups;
    let title = if focus { Mean::Focus } else { Mean::Title };
    pen.put(area.x + 1, area.y, cells.saturating_sub(1), "Spaces", title);
    let known = &app.data.snapshot.tenant.spaces;
    let text = match known.proof {
        Completeness::Unread if app.data.loading.is_empty() => "not read".to_owned(),
        Completeness::Unread => "reading…".to_owned(),
        _ => match app.unread_spaces().count() {
            0 => number(known.value.len() as u64),
            some => format!("{some} of {} not read", number(known.value.len() as u64)),
        },
    };
    pen.right(area.x, area.y, cells, &text, Mean::Quiet);
    let typing = focus && spaces.typing;
    let room = cells.saturating_sub(1);
    filter_line(pen, area.x + 1, area.y + 1, room, &spaces.filter, typing);
    let window = spaces.list.window(spaces.lines.len());
    for (index, y) in window.zip(area.y + 2..area.y + area.height) {
        if let Some(line) = spaces.lines.get(index) {
            space_line(app, pen, line, y, index == spaces.list.cursor);
        }
    }
}

fn space_line(app: &App, pen: &mut Pen<'_>, line: &SpaceLine, y: u16, cursor: bool) {
    let area = app.layout.groups;
    let cells = usize::from(area.width);
    match line {
        SpaceLine::Kind(kind, count) => {
            let mean = if cursor { Mean::Cursor } else { Mean::Title };
            let count = number(*count as u64);
            let room = cells.saturating_sub(3 + width(&count));
            if cursor {
                pen.cell(area.x + 1, y, room, kind.word(), mean);
            } else {
                pen.put(area.x + 1, y, room, kind.word(), mean);
            }
            pen.right(area.x, y, cells, &count, Mean::Quiet);
        }
        SpaceLine::Space(at, _) => {
            if let Some(space) = app.data.snapshot.tenant.spaces.value.get(*at) {
                one_space(app, pen, space, y, cursor);
            }
        }
    }
}

fn one_space(app: &App, pen: &mut Pen<'_>, space: &Space, y: u16, cursor: bool) {
    let area = app.layout.groups;
    let cells = usize::from(area.width);
    let marked = app.spaces.marks.contains(&space.id);
    let mark = if marked { "*" } else { " " };
    pen.put(area.x + 1, y, 1, mark, Mean::Mark);
    let (sign, mean) = staged_sign(app, space);
    pen.put(area.x + 2, y, 1, sign, mean);
    let assigned = assigned(app, space);
    pen.right(area.x, y, cells, &assigned, Mean::Quiet);
    // Owners stand below each other beside numbers of any length.
    let mut room = cells.saturating_sub(5 + width(&assigned).max(4));
    let from = area.x + 4;
    let name = space.name.show().to_string();
    // A name that has no room beside its owner takes the room.
    if cells >= OWNERS
        && taken(&name) + OWNER <= room
        && let Some(owner) = &space.owner
    {
        room = room.saturating_sub(OWNER);
        let x = from + u16::try_from(room + 1).unwrap_or(0);
        pen.put(x, y, OWNER - 2, &app.user_name(owner), Mean::Quiet);
    }
    if cursor {
        pen.cell(from, y, room, &name, Mean::Cursor);
    } else {
        let mean = if marked { Mean::Mark } else { Mean::Plain };
        pen.put(from, y, room, &name, mean);
    }
}

/// How many are assigned, or that nobody knows.
fn assigned(app: &App, space: &Space) -> String {
    if app
        .data
        .loading
        .contains(&Load::Assignments(space.id.clone()))
    {
        return "reading…".to_owned();
    }
    match app.data.snapshot.tenant.assignments.get(&space.id) {
        None => "not read".to_owned(),
        Some(reading) if reading.proof.is_proven() => number(reading.value.len() as u64),
        Some(reading) => format!("{}?", number(reading.value.len() as u64)),
    }
}

/// What is staged about a space: the heaviest of it.
fn staged_sign(app: &App, space: &Space) -> (&'static str, Mean) {
    let wishes = app.stage.staging.wishes.values();
    let here = wishes.filter_map(|wish| wish.spaces.get(&space.id));
    let weight = here.map(|wish| match wish {
        SpaceWish::Add(_) => 1,
        SpaceWish::Exactly(_) => 2,
        SpaceWish::Remove => 3,
    });
    match weight.max() {
        None | Some(0) => (" ", Mean::Plain),
        Some(1) => ("+", Mean::Add),
        Some(2) => ("~", Mean::Change),
        Some(_) => ("-", Mean::Remove),
    }
}

/// Cells of the columns of the middle pane; 0 leaves one out.
struct Columns {
    name: usize,
    kind: usize,
    roles: usize,
}

/// Mark, sign, blank.
const SIGNS: usize = 3;

impl Columns {
    fn new(cells: usize) -> Self {
        let kind = if cells < 40 { 0 } else { 5 };
        let rest = cells.saturating_sub(SIGNS + 1 + kind + usize::from(kind > 0));
        let name = (rest * 2 / 5).min(32);
        Self {
            name,
            kind,
            roles: rest.saturating_sub(name),
        }
    }
}

pub(super) fn assignments(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.people;
    let cells = usize::from(area.width).saturating_sub(1);
    heading(app, pen, cells);
    let columns = Columns::new(cells);
    let mut x = area.x + 1 + u16::try_from(SIGNS).unwrap_or(0);
    for (title, wide) in [
        ("Name", columns.name),
        ("By", columns.kind),
        ("Roles", columns.roles),
    ] {
        if wide > 0 {
            pen.put(x, area.y + 1, wide, title, Mean::Quiet);
            x += u16::try_from(wide + 1).unwrap_or(0);
        }
    }
    let spaces = &app.spaces;
    let window = spaces.seat_list.window(spaces.shown.len());
    if window.is_empty() {
        return empty(app, pen);
    }
    for (index, y) in window.zip(area.y + 2..area.y + area.height) {
        if let Some(seat) = spaces.shown_at(index) {
            let cursor = index == spaces.seat_list.cursor;
            let between = spaces.range.is_some_and(|start| {
                let end = spaces.seat_list.cursor;
                (start.min(end)..=start.max(end)).contains(&index)
            });
            seat_line(app, pen, seat, y, &columns, (cursor, between));
        }
    }
}

/// Which space, whose, and how many have roles there.
fn heading(app: &App, pen: &mut Pen<'_>, cells: usize) {
    let area = app.layout.people;
    let focus = app.spaces.pane == Pane::People;
    let mean = if focus { Mean::Focus } else { Mean::Title };
    let open = app.spaces.open.as_ref();
    let Some(space) = open.and_then(|id| app.space(id)) else {
        let text = "no space under the cursor";
        pen.put(area.x + 1, area.y, cells, text, Mean::Quiet);
        return;
    };
    let name = space.name.show().to_string();
    let room = cells.min(width(&name).max(cells / 3));
    let used = pen.put(area.x + 1, area.y, room, &name, mean);
    let mut facts = format!("  {}", space.kind.word());
    if let Some(owner) = &space.owner {
        facts = format!("{facts}  owner {}", app.user_name(owner));
    }
    facts = format!("{facts}  {}", how_many(app, space));
    let x = area.x + 1 + u16::try_from(used).unwrap_or(0);
    let room = cells.saturating_sub(used);
    pen.put(x, area.y, room, &facts, Mean::Plain);
}

fn how_many(app: &App, space: &Space) -> String {
    let Some(reading) = app.data.snapshot.tenant.assignments.get(&space.id) else {
        return String::new();
    };
    let groups = reading.value.iter();
    let groups = groups.filter(|row| matches!(row.assignee, Assignee::Group(_)));
    let groups = groups.count();
    let users = reading.value.len() - groups;
    let mut text = format!(
        "{}, {}",
        counted(users as u64, "user", "users"),
        counted(groups as u64, "group", "groups")
    );
    if reading.proof.gap().is_some() {
        text = format!("{text}, incomplete");
    }
    text
}

fn seat_line(
    app: &App,
    pen: &mut Pen<'_>,
    seat: &Seat,
    y: u16,
    columns: &Columns,
    (cursor, between): (bool, bool),
) {
    let mut x = app.layout.people.x + 1;
    let open = app.spaces.open.clone();
    let marked = open.is_some_and(|id| {
        let key = (id, seat.holder.clone());
        app.spaces.chosen.contains(&key)
    });
    pen.mark(x, y, marked, between);
    let (sign, mean) = match seat.fate() {
        Fate::Stays => (" ", Mean::Plain),
        Fate::Added => ("+", Mean::Add),
        Fate::Changed => ("~", Mean::Change),
        Fate::Taken => ("-", Mean::Remove),
    };
    pen.put(x + 1, y, 1, sign, mean);
    x += u16::try_from(SIGNS).unwrap_or(0);
    let name = seat.name.show().to_string();
    pen.name((x, y), columns.name, &name, (cursor, marked));
    x += u16::try_from(columns.name + 1).unwrap_or(0);
    if columns.kind > 0 {
        pen.put(x, y, columns.kind, seat.kind, Mean::Quiet);
        x += u16::try_from(columns.kind + 1).unwrap_or(0);
    }
    roles(pen, seat, x, y, columns.roles);
}

/// Roles held, and those there will be; both while they differ.
fn roles(pen: &mut Pen<'_>, seat: &Seat, x: u16, y: u16, cells: usize) {
    if matches!(seat.holder, Holder::Owner(_)) {
        pen.put(x, y, cells, "all", Mean::Quiet);
        return;
    }
    let held = sum(&seat.held);
    let pieces = match (seat.fate(), &seat.after) {
        (Fate::Added, Some(after)) => vec![piece(Mean::Add, format!("+ {}", sum(after)))],
        (Fate::Changed, Some(after)) => changed(&seat.held, after),
        (Fate::Taken, _) => vec![piece(Mean::Remove, format!("- {held}"))],
        (Fate::Stays, _) | (_, None) => vec![piece(Mean::Plain, held)],
    };
    pen.sentence(x, y, cells, &pieces);
    let used: usize = pieces.iter().map(|piece| taken(&piece.text)).sum();
    if !seat.note.is_empty() && used + 2 < cells {
        let from = x + u16::try_from(used).unwrap_or(0);
        let note = format!("  {}", seat.note);
        pen.put(from, y, cells - used, &note, Mean::Warn);
    }
}

/// What comes and what goes, then what stays.
fn changed(held: &BTreeSet<SpaceRole>, after: &BTreeSet<SpaceRole>) -> Vec<Piece> {
    let more = after.difference(held);
    let less = held.difference(after);
    let more = more.map(|role| piece(Mean::Add, format!("+{} ", role.show())));
    let less = less.map(|role| piece(Mean::Remove, format!("-{} ", role.show())));
    let kept = piece(Mean::Plain, sum(held.intersection(after)));
    more.chain(less).chain([kept]).collect()
}

fn sum<'r>(roles: impl IntoIterator<Item = &'r SpaceRole>) -> String {
    let roles = roles.into_iter();
    let all: Vec<String> = roles.map(|role| role.show().to_string()).collect();
    all.join(" + ")
}

/// Why nobody is shown.
fn empty(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.people;
    let cells = usize::from(area.width).saturating_sub(2);
    let key = |action| app.setup.keymap.key(action);
    let text = match &app.spaces.open {
        None if app.spaces.lines.is_empty() && !app.data.tenant_read => {
            "reading the tenant…".to_owned()
        }
        None if app.spaces.lines.is_empty() && !app.spaces.filter.is_empty() => {
            let close = key(crate::app::Action::Close);
            format!("no space fits; {close} clears the filter")
        }
        None if app.spaces.lines.is_empty() => {
            "the tenant has no space that this credential may see".to_owned()
        }
        None => {
            let mark = key(crate::app::Action::Mark);
            format!("{mark} marks all spaces of this type")
        }
        Some(_) if !app.spaces.seats.is_empty() => {
            let close = key(crate::app::Action::Close);
            format!("nobody fits; {close} clears the filter")
        }
        Some(id) => not_shown(app, id),
    };
    let lines = wrap(&text, cells);
    for (line, y) in lines.iter().zip(area.y + 3..area.y + area.height) {
        pen.put(area.x + 1, y, cells, line, Mean::Quiet);
    }
}

fn not_shown(app: &App, id: &crate::domain::SpaceId) -> String {
    let load = Load::Assignments(id.clone());
    if let Some(trouble) = app.data.troubles.get(&load) {
        return format!("not read: {}", trouble.line());
    }
    match app.data.snapshot.tenant.assignments.get(id) {
        Some(reading) if reading.proof.is_proven() => {
            let key = app.setup.keymap.key(crate::app::Action::PutIn);
            format!("nobody is assigned; {key} puts somebody in")
        }
        Some(_) => "nobody among those read so far".to_owned(),
        None => "reading who is assigned…".to_owned(),
    }
}
