//! A set-up on the whole screen: its steps at the left, what is said and asked at the right.

use ratatui::Frame;

use super::pen::{Pen, Piece, piece};
use super::theme::{Mean, Theme};
use crate::app::Area;
use crate::app::form::{Asked, Form, FormLine, FormStep, Look, Outcome, StepState};
use crate::text::{show_str, width};

/// Draws everything.
pub fn form(form: &Form, frame: &mut Frame<'_>) {
    let mut pen = Pen::new(frame.buffer_mut(), Theme::new(form.capabilities));
    let (columns, rows) = form.size;
    let cells = usize::from(columns);
    if form.is_tiny() {
        let text = if form.leaving {
            "Leave? y leaves · Esc stays"
        } else {
            "qroll needs 40x10 here · Esc leaves"
        };
        let cut: String = text.chars().take(cells).collect();
        pen.put(0, 0, cells, &cut, Mean::Plain);
        return;
    }
    head(form, &mut pen, cells);
    let left = form.left();
    if left > 0 {
        let area = Area {
            x: 0,
            y: 2,
            width: left,
            height: rows.saturating_sub(4),
        };
        steps(form, &mut pen, area);
        pen.rule(left, area);
    }
    let x = if left > 0 { left + 2 } else { 1 };
    right(form, &mut pen, x);
    foot(form, &mut pen, cells, rows);
}

/// What is set up, and how far it is.
fn head(form: &Form, pen: &mut Pen<'_>, cells: usize) {
    pen.put(
        1,
        0,
        cells.saturating_sub(2),
        &show_str(&form.title).to_string(),
        Mean::Title,
    );
    let taken = width(&form.title) + 4;
    if let Some(step) = form.step {
        let title = form.steps.get(step).map_or("", |step| &step.title);
        let (number, all) = (step + 1, form.steps.len());
        // With the steps at the left their titles need not stand here.
        let text = if form.left() > 0 {
            format!("step {number} of {all}")
        } else {
            format!("{number}/{all} {title}")
        };
        let room = cells.saturating_sub(taken + 1);
        pen.right(
            u16::try_from(taken).unwrap_or(0),
            0,
            room,
            &text,
            Mean::Plain,
        );
    }
    let across = Area {
        x: 0,
        y: 1,
        width: form.size.0,
        height: 1,
    };
    pen.line(across, 1);
}

fn sign(state: StepState) -> (&'static str, Mean) {
    match state {
        StepState::Waiting => ("  ", Mean::Quiet),
        StepState::Now => ("..", Mean::Mark),
        StepState::Done => ("ok", Mean::Add),
        StepState::Flawed => ("no", Mean::Remove),
    }
}

fn title_look(state: StepState) -> Mean {
    match state {
        StepState::Waiting => Mean::Quiet,
        StepState::Now => Mean::Title,
        StepState::Done | StepState::Flawed => Mean::Plain,
    }
}

/// The steps. Where there is no room for all answers, those of the open step stay.
fn steps(form: &Form, pen: &mut Pen<'_>, area: Area) {
    let room = usize::from(area.height);
    let all: usize = form.steps.iter().map(|step| 1 + step.answers.len()).sum();
    let open = |step: &FormStep| step.state == StepState::Now || all <= room;
    let cells = usize::from(area.width);
    let mut y = area.y;
    let end = area.y.saturating_add(area.height);
    for step in &form.steps {
        if y >= end {
            return;
        }
        let (sign, mean) = sign(step.state);
        pen.put(area.x + 1, y, 2, sign, mean);
        let title = title_look(step.state);
        pen.prose(area.x + 4, y, cells.saturating_sub(5), &step.title, title);
        y += 1;
        for answer in step.answers.iter().filter(|_| open(step)) {
            if y < end {
                let shown = show_str(answer).to_string();
                pen.put(area.x + 4, y, cells.saturating_sub(5), &shown, Mean::Quiet);
                y += 1;
            }
        }
    }
}

fn look(look: Look) -> Mean {
    match look {
        Look::Plain | Look::Typing => Mean::Plain,
        Look::Quiet | Look::Head => Mean::Quiet,
        Look::Title => Mean::Title,
        Look::Good => Mean::Add,
        Look::Know => Mean::Warn,
        Look::Bad => Mean::Remove,
        Look::Cursor => Mean::Cursor,
    }
}

fn right(form: &Form, pen: &mut Pen<'_>, x: u16) {
    let (lines, above, below) = form.window();
    let cells = form.right();
    for (line, y) in lines.iter().zip(2_u16..) {
        draw_line(pen, x, y, cells, line);
    }
    let edge = form.size.1.saturating_sub(2);
    let mut hidden = Vec::new();
    if above > 0 {
        hidden.push(format!("{above} lines above: PgUp"));
    }
    if below > 0 {
        hidden.push(format!("{below} below: PgDn"));
    }
    let across = Area {
        x: 0,
        y: edge,
        width: form.size.0,
        height: 1,
    };
    pen.line(across, edge);
    if !hidden.is_empty() {
        let text = format!(" {} ", hidden.join(", "));
        pen.right(x, edge, cells.saturating_sub(1), &text, Mean::Warn);
    }
}

fn draw_line(pen: &mut Pen<'_>, x: u16, y: u16, cells: usize, line: &FormLine) {
    if line.look == Look::Cursor {
        pen.cell(x, y, cells, &line.text, Mean::Cursor);
        return;
    }
    pen.put(x, y, cells, &line.text, look(line.look));
    if let Some(at) = line.cursor {
        let under = under(&line.text, at);
        let x = x.saturating_add(u16::try_from(at).unwrap_or(u16::MAX));
        pen.put(x, y, cells.saturating_sub(at), &under, Mean::Cursor);
    }
}

/// The letter at a cell, or a blank behind the end.
fn under(text: &str, cell: usize) -> String {
    let mut used = 0;
    let mut buffer = [0; 4];
    for letter in text.chars() {
        let shown = letter.encode_utf8(&mut buffer);
        if used == cell {
            return shown.to_owned();
        }
        used += width(shown);
    }
    " ".to_owned()
}

/// The keys that work now.
fn foot(form: &Form, pen: &mut Pen<'_>, cells: usize, rows: u16) {
    let y = rows.saturating_sub(1);
    let room = cells.saturating_sub(2);
    let pieces = if form.leaving {
        leaving(form)
    } else {
        keys(form, room)
    };
    pen.sentence(1, y, room, &pieces);
}

fn leaving(form: &Form) -> Vec<Piece> {
    let what = if form.outcome == Outcome::Written {
        "Leave? What was written stays.   "
    } else {
        "Leave? Nothing was written or changed.   "
    };
    vec![
        piece(Mean::Warn, what),
        piece(Mean::Key, "y"),
        piece(Mean::Plain, " leaves   "),
        piece(Mean::Key, "Esc"),
        piece(Mean::Plain, " stays"),
    ]
}

fn keys(form: &Form, cells: usize) -> Vec<Piece> {
    let mut keys: Vec<(&str, &str)> = Vec::new();
    match &form.open {
        None => {}
        Some(open) => {
            match &open.asked {
                Asked::Choice { ways, .. } if ways.len() > 1 => {
                    keys.extend([("Up Down", "choose"), ("Enter", "take it")]);
                }
                Asked::Choice { .. } => keys.push(("Enter", "go on")),
                Asked::Text {
                    default: Some(_), ..
                } => {
                    keys.extend([("Enter", "keep it"), ("End", "change it")]);
                }
                _ => keys.push(("Enter", "answer")),
            }
            if open.back {
                keys.push(("S-Tab", "back"));
            }
        }
    }
    keys.push(("Esc", "leave"));
    let (_, above, below) = form.window();
    if above + below > 0 {
        keys.push(("PgUp PgDn", "read"));
    }
    // What does not fit is left out whole; how to leave stays.
    let long = |keys: &[(&str, &str)]| -> usize {
        let cells = keys
            .iter()
            .map(|(key, title)| width(key) + width(title) + 4);
        cells.sum()
    };
    while long(&keys) > cells + 3 && keys.len() > 1 {
        let last = keys.len() - 1;
        keys.remove(if keys.last() == Some(&("Esc", "leave")) {
            0
        } else {
            last
        });
    }
    let mut pieces = Vec::new();
    for (key, title) in keys {
        pieces.push(piece(Mean::Key, key));
        pieces.push(piece(Mean::Plain, format!(" {title}   ")));
    }
    pieces
}
