//! The left pane: directory groups as a tree, with their sizes and what is staged for them.

use super::pen::Pen;
use super::theme::Mean;
use super::words::number;
use crate::app::{App, Field, Line, Pane};
use crate::domain::{Completeness, Target};
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
    let (name, size, staged) = match &line.group {
        None => everybody(app),
        Some(id) => {
            let size = match app.data.snapshot.directory.members.get(id) {
                Some(reading) if reading.proof.is_proven() => Some(reading.value.len() as u64),
                _ => app
                    .data
                    .snapshot
                    .directory
                    .group(id)
                    .and_then(|group| group.size),
            };
            let target = Target::Group(id.clone());
            (
                app.group_name(id),
                size,
                app.stage.staging.wishes.contains_key(&target),
            )
        }
    };
    let marked = line
        .group
        .as_ref()
        .is_some_and(|id| app.roster.tree.marks.contains(id));
    let fold = match (line.branches, line.open) {
        (true, true) => 'v',
        (true, false) => '>',
        (false, _) => ' ',
    };
    let mark = match (&line.group, marked) {
        (None, _) => "   ",
        (_, true) => "[x]",
        (_, false) => "[ ]",
    };
    let indent = usize::from(line.depth.min(6));
    let sign = if staged { "+" } else { " " };
    pen.put(area.x, y, 1, sign, Mean::Add);
    let head = format!("{}{fold}{mark} ", " ".repeat(indent));
    let x = area.x + 1;
    let used = pen.put(
        x,
        y,
        cells.saturating_sub(1),
        &head,
        if marked { Mean::Mark } else { Mean::Quiet },
    );
    let size = size.map_or_else(String::new, number);
    let marks = marks(app, line);
    let right = format!("{marks}{}{size}", if marks.is_empty() { "" } else { " " });
    let right = right.trim_end();
    let room = cells.saturating_sub(used + 2 + width(right));
    let mean = match (cursor, marked) {
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

/// What is special about the group of a line: `dyn` a rule decides who is in it, `role` its members may
/// be administrators of the directory.
fn marks(app: &App, line: &Line) -> String {
    let group = line.group.as_ref();
    let group = group.and_then(|id| app.data.snapshot.directory.group(id));
    group.map_or_else(String::new, |group| group.marks().join(" "))
}

fn everybody(app: &App) -> (String, Option<u64>, bool) {
    let people = &app.data.snapshot.directory.people;
    let staged = app.stage.staging.wishes.contains_key(&Target::AllPeople);
    let size = people
        .proof
        .is_proven()
        .then_some(people.value.len() as u64);
    ("All people".to_owned(), size, staged)
}
