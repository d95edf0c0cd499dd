//! The middle pane: one row per human, differences in the middle, pending changes signed in place.

use super::pen::Pen;
use super::theme::Mean;
use super::words::{counted, directory, license, number, qlik, sign, spaces};
use crate::app::{Action, App, Area, Load, Pane, PeopleWish, Trouble, needs_decision, wrap};
use crate::domain::{Base, DirectoryGroupId, Enabled, Match, PeopleSet, Row};
use crate::planner::roster::Scope;
use crate::text::{show_str, width};

/// Cells of each column; 0 leaves it out.
struct Columns {
    name: usize,
    directory: usize,
    qlik: usize,
    license: usize,
    spaces: usize,
}

/// Mark, sign, blank.
const SIGNS: usize = 3;

impl Columns {
    fn new(cells: usize) -> Self {
        let (directory, qlik, license, spaces) = match cells {
            0..36 => (0, 8, 8, 0),
            36..56 => (8, 9, 10, 0),
            56..62 => (10, 9, 12, 0),
            62..80 => (10, 9, 14, 5),
            _ => (16, 14, 16, 6),
        };
        let taken = SIGNS
            + [directory, qlik, license, spaces]
                .iter()
                .filter(|c| **c > 0)
                .map(|c| c + 1)
                .sum::<usize>();
        Self {
            name: cells.saturating_sub(taken).min(40),
            directory,
            qlik,
            license,
            spaces,
        }
    }
}

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.people;
    let cells = usize::from(area.width);
    heading(app, pen, cells);
    let columns = Columns::new(cells.saturating_sub(1));
    let mut x = area.x + 1 + u16::try_from(SIGNS).unwrap_or(0);
    for (title, wide) in [
        ("Name", columns.name),
        ("Directory", columns.directory),
        ("Qlik", columns.qlik),
        ("License", columns.license),
        ("Space", columns.spaces),
    ] {
        if wide > 0 {
            pen.put(x, area.y + 1, wide, title, Mean::Quiet);
            x += u16::try_from(wide + 1).unwrap_or(0);
        }
    }
    let window = app.roster.list.window(app.roster.shown.len());
    if window.is_empty() {
        return empty(app, pen);
    }
    for (index, y) in window.zip(area.y + 2..area.y + area.height) {
        let at = app.roster.shown.get(index);
        if let Some(row) = at.and_then(|at| app.derived.row(*at)) {
            let ranged = app.roster.range.is_some_and(|start| {
                (start.min(app.roster.list.cursor)..=start.max(app.roster.list.cursor))
                    .contains(&index)
            });
            draw_row(
                app,
                pen,
                row,
                y,
                &columns,
                index == app.roster.list.cursor,
                ranged,
            );
        }
    }
}

fn draw_row(
    app: &App,
    pen: &mut Pen<'_>,
    row: &Row,
    y: u16,
    columns: &Columns,
    cursor: bool,
    ranged: bool,
) {
    let pending = app.derived.pending(&row.key);
    let marked = app.roster.marks.contains(&row.key);
    let mut x = app.layout.people.x + 1;
    pen.mark(x, y, marked, ranged);
    let (text, mean) = sign(row, pending);
    pen.put(x + 1, y, 1, text, mean);
    x += u16::try_from(SIGNS).unwrap_or(0);
    let name = row.name().map_or_else(
        || {
            row.licenses
                .first()
                .map_or_else(String::new, |seat| seat.subject.show().to_string())
        },
        |name| name.show().to_string(),
    );
    pen.name((x, y), columns.name, &name, (cursor, marked));
    x += u16::try_from(columns.name + 1).unwrap_or(0);
    let held = row
        .joined_user()
        .map_or(0, |user| app.derived.spaces_of(&user.id));
    for ((text, mean), wide) in [
        (directory(app, row), columns.directory),
        (qlik(row, pending), columns.qlik),
        (license(row, pending), columns.license),
        (spaces(held, pending), columns.spaces),
    ] {
        if wide > 0 {
            pen.put(x, y, wide, &text, mean);
            x += u16::try_from(wide + 1).unwrap_or(0);
        }
    }
}

/// Whose rows, and what stands out among them.
fn heading(app: &App, pen: &mut Pen<'_>, cells: usize) {
    let area = app.layout.people;
    let mean = if app.roster.pane == Pane::People {
        Mean::Focus
    } else {
        Mean::Title
    };
    let name = scope_name(app);
    let room = cells.saturating_sub(1);
    let used = pen.put(
        area.x + 1,
        area.y,
        room.min(width(&name).max(room / 3)),
        &name,
        mean,
    );
    let facts = facts(app);
    let from = area.x + 1 + u16::try_from(used).unwrap_or(0);
    pen.put(
        from,
        area.y,
        room.saturating_sub(used),
        &format!("  {facts}"),
        Mean::Plain,
    );
}

fn scope_name(app: &App) -> String {
    match &app.roster.scope {
        Scope::Groups(groups) => app.groups_words(groups.iter()),
        Scope::Sets(sets) => sets_name(app, sets),
        Scope::People(_) => "List".to_owned(),
        Scope::AllPeople | Scope::Users => "Everybody known".to_owned(),
    }
}

/// Where sets begin; what narrows them has a line of its own.
fn sets_name(app: &App, sets: &[PeopleSet]) -> String {
    let mut names = sets.iter().map(|set| match &set.base {
        Base::Everybody => "Everybody known".to_owned(),
        Base::Query(name) => show_str(name).to_string(),
        Base::Groups(groups) => app.groups_words(groups.iter()),
    });
    match (names.next(), names.next(), names.next()) {
        (Some(one), None, _) => one,
        (Some(one), Some(two), None) => format!("{one}, {two}"),
        _ => format!("{} groups and queries", sets.len()),
    }
}

/// Whether something by which sets are worked out is being read.
fn is_reading(app: &App, sets: &[PeopleSet]) -> bool {
    app.data.loading.iter().any(|load| match load {
        Load::Members(id) => sets.iter().flat_map(PeopleSet::groups).any(|one| one == id),
        Load::People(PeopleWish::Query(name, _)) => {
            let mut bases = sets.iter().map(|set| &set.base);
            bases.any(|base| matches!(base, Base::Query(own) if own == name))
        }
        _ => false,
    })
}

/// Counts over a roster of any size cost too much for each frame; above this only the total shows.
const COUNTED: usize = 5_000;

fn facts(app: &App) -> String {
    let rows = &app.derived.rows;
    if let Scope::Groups(groups) = &app.roster.scope {
        let members = &app.data.snapshot.directory.members;
        let loading =
            |id: &&DirectoryGroupId| app.data.loading.contains(&Load::Members((*id).clone()));
        if rows.is_empty() && !groups.iter().any(|id| members.contains_key(id)) {
            return if groups.iter().any(|id| loading(&id)) {
                "being read".to_owned()
            } else {
                format!(
                    "not read yet: {} reads it",
                    app.setup.keymap.key(Action::Open)
                )
            };
        }
    }
    if let Scope::Sets(sets) = &app.roster.scope
        && rows.is_empty()
        && is_reading(app, sets)
    {
        return "being read".to_owned();
    }
    let total = number(rows.len() as u64);
    let shown = app.roster.shown.len();
    let mut text = if shown == rows.len() {
        counted(rows.len() as u64, "person", "people")
    } else {
        format!("{} of {total}", number(shown as u64))
    };
    if rows.len() > COUNTED {
        return text;
    }
    let disabled = rows
        .iter()
        .filter(|row| {
            row.person
                .as_ref()
                .is_some_and(|p| p.enabled == Enabled::No)
        })
        .count();
    let other = rows
        .iter()
        .filter(|row| matches!(row.matched, Match::Email { .. }))
        .count();
    let conflicts = rows
        .iter()
        .filter(|row| needs_decision(row) && matches!(row.matched, Match::Conflict(_)))
        .count();
    for (count, words) in [
        (disabled, "disabled"),
        (other, "other subject"),
        (conflicts, "in conflict"),
    ] {
        if count > 0 {
            text = format!("{text}  {count} {words}");
        }
    }
    text
}

fn empty(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.people;
    let cells = usize::from(area.width).saturating_sub(2);
    let filtered = !app.derived.rows.is_empty();
    if let Some(trouble) = app
        .data
        .troubles
        .get(&Load::Tenant)
        .filter(|_| !app.data.tenant_read)
    {
        return not_read(pen, area, trouble);
    }
    let key = |action| app.setup.keymap.key(action);
    let why = app.why_no_rows();
    let text = match &app.roster.scope {
        _ if why.is_some() => format!("nobody is shown: {}", why.unwrap_or_default()),
        _ if filtered => format!("nobody fits; {} clears the filter", key(Action::Close)),
        Scope::Groups(groups) => match groups.first() {
            Some(group) if app.data.loading.contains(&Load::Members(group.clone())) => {
                format!("reading the members of {}…", app.group_name(group))
            }
            Some(group) if app.data.snapshot.directory.members.contains_key(group) => {
                "nobody is in this group".to_owned()
            }
            _ => format!(
                "{} reads the members, {} marks the group",
                key(Action::Open),
                key(Action::Mark)
            ),
        },
        Scope::Sets(sets) if is_reading(app, sets) => "reading who that is…".to_owned(),
        Scope::Sets(sets) => nobody_in(app, sets),
        _ if !app.data.tenant_read => "reading the tenant…".to_owned(),
        _ => format!(
            "nobody known yet: {} on All people reads the directory",
            key(Action::Open)
        ),
    };
    for (line, y) in wrap(&text, cells)
        .iter()
        .zip(area.y + 3..area.y + area.height)
    {
        pen.put(area.x + 1, y, cells, line, Mean::Quiet);
    }
}

/// Sets that are read and hold nobody, or queries that were not asked yet.
fn nobody_in(app: &App, sets: &[PeopleSet]) -> String {
    let directory = &app.data.snapshot.directory;
    let unasked = |set: &PeopleSet| match &set.base {
        Base::Query(name) => !directory.queries.contains_key(name),
        Base::Everybody | Base::Groups(_) => false,
    };
    if sets.iter().any(unasked) {
        let key = |action| app.setup.keymap.key(action);
        return format!(
            "{} asks the directory who fits, {} marks the query",
            key(Action::Open),
            key(Action::Mark)
        );
    }
    let words: Vec<String> = sets.iter().map(|set| app.set_words(set)).collect();
    format!("nobody is {}", words.join("; "))
}

/// Why the tenant could not be read, in full, and what to do.
fn not_read(pen: &mut Pen<'_>, area: Area, trouble: &Trouble) {
    let cells = usize::from(area.width).saturating_sub(2);
    let mut lines = vec![(Mean::Error, "the tenant could not be read".to_owned())];
    let mut add =
        |mean, text: &str| lines.extend(wrap(text, cells).into_iter().map(|line| (mean, line)));
    add(Mean::Plain, &trouble.text);
    for hint in &trouble.hints {
        add(Mean::Quiet, hint);
    }
    for ((mean, line), y) in lines.iter().zip(area.y + 3..area.y + area.height) {
        pen.put(area.x + 1, y, cells, line, *mean);
    }
}
