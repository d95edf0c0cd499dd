//! The left pane: everybody, saved queries and directory groups as a tree, with their sizes, how they
//! take part in what is chosen, and what is staged for them; and the line about what narrows it.

use super::pen::Pen;
use super::theme::Mean;
use super::words::number;
use crate::app::{Action, App, Entry, Field, Line, Load, Pane, Part, PeopleWish};
use crate::domain::{Base, Completeness, DirectoryGroupId, PeopleSet, Target};
use crate::text::{show_str, width};

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.groups;
    let cells = usize::from(area.width);
    let tree = &app.roster.tree;
    let focus = app.roster.pane == Pane::Groups;
    let title = if focus { Mean::Focus } else { Mean::Title };
    pen.put(area.x + 1, area.y, cells.saturating_sub(1), "Groups", title);
    let directory = &app.data.snapshot.directory;
    let known = match directory.groups.proof {
        Completeness::Unread if app.data.loading.is_empty() => "not read".to_owned(),
        Completeness::Unread => "reading…".to_owned(),
        _ => number(directory.groups.value.len() as u64),
    };
    pen.right(area.x, area.y, cells, &known, Mean::Quiet);
    filter_line(
        pen,
        area.x + 1,
        area.y + 1,
        cells.saturating_sub(1),
        &tree.filter,
        tree.typing,
    );
    let window = tree.list.window(tree.lines.len());
    for (index, y) in window.zip(area.y + 2..area.y + area.height) {
        if let Some(line) = tree.lines.get(index) {
            group_line(app, pen, line, y, index == tree.list.cursor);
        }
    }
}

/// `/ text` with a block for the cursor while it is being typed.
pub(super) fn filter_line(
    pen: &mut Pen<'_>,
    x: u16,
    y: u16,
    cells: usize,
    field: &Field,
    typing: bool,
) {
    if !typing && field.is_empty() {
        pen.put(x, y, cells, "/ -", Mean::Quiet);
        return;
    }
    let text = show_str(field.text()).to_string();
    let room = cells.saturating_sub(3);
    // What is being typed is at the end, so the end is what must be seen.
    let mut tail = text.as_str();
    while width(tail) > room {
        let mut letters = tail.chars();
        letters.next();
        tail = letters.as_str();
    }
    let mean = if typing { Mean::Key } else { Mean::Mark };
    let used = pen.put(x, y, cells, &format!("/ {tail}"), mean);
    if typing {
        pen.put(
            x + u16::try_from(used).unwrap_or(0),
            y,
            1,
            " ",
            Mean::Cursor,
        );
    }
}

fn group_line(app: &App, pen: &mut Pen<'_>, line: &Line, y: u16, cursor: bool) {
    let area = app.layout.groups;
    let cells = usize::from(area.width);
    let (name, size) = match &line.entry {
        Entry::Everybody => everybody(app),
        Entry::Query(name) => query(app, name),
        Entry::Group(id) => group(app, id),
    };
    let part = app.roster.tree.chosen.part(&line.entry);
    let fold = match (line.branches, line.open) {
        (true, true) => 'v',
        (true, false) => '>',
        (false, _) => ' ',
    };
    let mark = match (&line.entry, part) {
        (Entry::Everybody, _) => "   ",
        (_, Some(Part::Marked)) => "[x]",
        (_, Some(Part::Also)) => "[&]",
        (_, Some(Part::Not)) => "[-]",
        (_, None) => "[ ]",
    };
    let indent = usize::from(line.depth.min(6));
    let sign = if is_staged(app, &line.entry) {
        "+"
    } else {
        " "
    };
    pen.put(area.x, y, 1, sign, Mean::Add);
    let head = format!("{}{fold}{mark} ", " ".repeat(indent));
    let x = area.x + 1;
    let taking = part.is_some();
    let used = pen.put(
        x,
        y,
        cells.saturating_sub(1),
        &head,
        if taking { Mean::Mark } else { Mean::Quiet },
    );
    let marks = marks(app, line);
    let right = format!("{marks}{}{size}", if marks.is_empty() { "" } else { " " });
    let right = right.trim_end();
    let room = cells.saturating_sub(used + 2 + width(right));
    let mean = match (cursor, taking) {
        (true, _) => Mean::Cursor,
        (false, true) => Mean::Mark,
        (false, false) => Mean::Plain,
    };
    let from = x + u16::try_from(used).unwrap_or(0);
    if cursor {
        pen.cell(from, y, room, &name, mean);
    } else {
        pen.put(from, y, room, &name, mean);
    }
    pen.right(area.x, y, cells, right, Mean::Quiet);
}

/// Whether something is staged for an entry, or for a set that begins with it.
fn is_staged(app: &App, entry: &Entry) -> bool {
    let wishes = &app.stage.staging.wishes;
    // Groups and sets stand behind rows, of which there may be a hundred thousand.
    let mut targets = wishes.range(Target::Group(DirectoryGroupId::from(""))..);
    targets.any(|(target, _)| match (target, entry) {
        (Target::AllPeople, Entry::Everybody) => true,
        (Target::Group(id), Entry::Group(own)) => id == own,
        (Target::Set(set), _) => match (&set.base, entry) {
            (Base::Everybody, Entry::Everybody) => true,
            (Base::Query(name), Entry::Query(own)) => name == own,
            (Base::Groups(groups), Entry::Group(own)) => groups.contains(own),
            _ => false,
        },
        _ => false,
    })
}

fn group(app: &App, id: &DirectoryGroupId) -> (String, String) {
    let directory = &app.data.snapshot.directory;
    let size = match directory.members.get(id) {
        Some(reading) if reading.proof.is_proven() => Some(reading.value.len() as u64),
        _ => directory.group(id).and_then(|group| group.size),
    };
    (app.group_name(id), size.map_or_else(String::new, number))
}

/// A saved query: how many fit, once the directory told.
fn query(app: &App, name: &str) -> (String, String) {
    let loading =
        |load: &Load| matches!(load, Load::People(PeopleWish::Query(own, _)) if own == name);
    let known = app.data.snapshot.directory.queries.get(name);
    let size = match known {
        _ if app.data.loading.iter().any(loading) => "reading…".to_owned(),
        Some(reading) => {
            let cut = if reading.proof.is_proven() { "" } else { "+" };
            format!("query {}{cut}", number(reading.value.len() as u64))
        }
        None => "query".to_owned(),
    };
    (show_str(name).to_string(), size)
}

fn everybody(app: &App) -> (String, String) {
    let people = &app.data.snapshot.directory.people;
    let size = people.proof.is_proven();
    let size = size.then(|| number(people.value.len() as u64));
    ("All people".to_owned(), size.unwrap_or_default())
}

/// What narrows the people shown, over the whole width: it is never out of sight.
pub(super) fn narrowing(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.narrowing;
    let cells = usize::from(area.width);
    if area.is_empty() {
        return;
    }
    let keys = format!("{} takes it away ", app.setup.keymap.key(Action::Close));
    let sets = app.narrowed();
    let words: Vec<String> = sets.iter().map(|set| app.set_words(set)).collect();
    let long = format!(" only {}", words.join("; "));
    let text = if width(&long) <= cells {
        long
    } else {
        let words: Vec<String> = sets.iter().map(|set| counted(app, set)).collect();
        format!(" only {}", words.join("; "))
    };
    pen.cell(area.x, area.y, cells, &text, Mean::Mark);
    if width(&text) + width(&keys) + 2 <= cells {
        pen.right(area.x, area.y, cells, &keys, Mean::Quiet);
    }
}

/// A set in few words: several groups are counted, one is named.
fn counted(app: &App, set: &PeopleSet) -> String {
    let some =
        |groups: &std::collections::BTreeSet<DirectoryGroupId>| app.groups_words(groups.iter());
    let base = match &set.base {
        Base::Everybody => "everybody".to_owned(),
        Base::Query(name) => format!("in the query {}", show_str(name)),
        Base::Groups(groups) => format!("in {}", some(groups)),
    };
    let mut parts = vec![base];
    for (word, groups) in [("also in", &set.also), ("not in", &set.not)] {
        if !groups.is_empty() {
            parts.push(format!("{word} {}", some(groups)));
        }
    }
    parts.join(", ")
}

/// What is special about the group of a line: `dyn` a rule decides who is in it, `role` its members may
/// be administrators of the directory.
fn marks(app: &App, line: &Line) -> String {
    let group = line
        .group()
        .and_then(|id| app.data.snapshot.directory.group(id));
    group.map_or_else(String::new, |group| group.marks().join(" "))
}
