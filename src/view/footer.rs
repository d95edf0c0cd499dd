//! The last two lines: what is marked and filtered, or what was last said; and the keys that work.

use super::groups::filter_line;
use super::licenses;
use super::pen::{Pen, Piece, piece};
use super::theme::Mean;
use crate::app::{App, Pane, Screen, Spec, Tone, wrap};
use crate::text::{show_str, width};

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    status(app, pen);
    keys(app, pen);
}

fn status(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.status;
    let cells = usize::from(area.width).saturating_sub(2);
    let typed = match app.screen {
        Screen::Roster if app.roster.typing => Some(&app.roster.filter),
        Screen::Licenses if app.licenses.typing => Some(&app.licenses.filter),
        _ => None,
    };
    if let Some(field) = typed.filter(|_| app.dialogs.is_empty()) {
        filter_line(pen, area.x + 1, area.y, cells / 2, field, true);
        if let Some(status) = &app.status {
            pen.prose(
                area.x + 1 + area.width / 2,
                area.y,
                cells / 2,
                &status.text,
                Mean::Warn,
            );
        }
        return;
    }
    let seats = app.screen == Screen::Spaces && app.spaces.pane != Pane::Groups;
    if seats && app.spaces.typing && app.dialogs.is_empty() {
        let field = &app.spaces.seat_filter;
        return filter_line(pen, area.x + 1, area.y, cells, field, true);
    }
    if let Some(status) = &app.status {
        let (sign, mean) = match status.tone {
            Tone::Plain => ("", Mean::Plain),
            Tone::Refusal => ("not now: ", Mean::Warn),
            Tone::Error => ("! ", Mean::Error),
        };
        said(app, pen, &format!("{sign}{}", status.text), mean);
        return;
    }
    match app.screen {
        Screen::Roster => {
            pen.pieces(area.x + 1, area.y, cells, &roster_line(app));
        }
        Screen::Licenses => {
            pen.pieces(area.x + 1, area.y, cells, &licenses::status(app));
        }
        Screen::Spaces => {
            pen.pieces(area.x + 1, area.y, cells, &spaces_line(app));
        }
        Screen::Plan | Screen::Runs => {}
    }
}

/// What was last said, in full: a long sentence takes lines of the screen above until the next key.
fn said(app: &App, pen: &mut Pen<'_>, text: &str, mean: Mean) {
    let area = app.layout.status;
    let cells = usize::from(area.width).saturating_sub(2);
    let plan = app
        .plan
        .plan
        .as_deref()
        .filter(|_| app.screen == Screen::Plan);
    let stop = plan.and_then(|plan| app.stopped(plan));
    let lines = wrap(text, cells);
    // What stopped a plan stands above already, in full.
    if let Some(sign) = stop.and_then(|why| text.strip_suffix(&why).map(str::to_owned)) {
        let text = format!("{sign}a guard stopped this plan, as it says above");
        pen.prose(area.x + 1, area.y, cells, &text, mean);
        return;
    }
    if lines.len() > usize::from(app.layout.height / 3) {
        pen.prose(area.x + 1, area.y, cells, text, mean);
        return;
    }
    let above = u16::try_from(lines.len()).unwrap_or(1).saturating_sub(1);
    for (line, y) in lines.iter().zip(area.y.saturating_sub(above)..) {
        pen.cell(0, y, 1, "", Mean::Plain);
        pen.cell(area.x + 1, y, cells + 1, line, mean);
    }
}

fn roster_line(app: &App) -> Vec<Piece> {
    let roster = &app.roster;
    let marked = roster.marks.len();
    let mean = if marked > 0 { Mean::Mark } else { Mean::Quiet };
    let mut pieces = vec![piece(
        mean,
        format!("{marked} of {} marked   ", app.derived.rows.len()),
    )];
    if roster.filter.is_empty() {
        pieces.push(piece(Mean::Quiet, "filter: -   "));
    } else {
        let text = show_str(roster.filter.text()).elided(40);
        pieces.push(piece(Mean::Mark, format!("filter: {text}   ")));
    }
    if let Some(preset) = roster.preset {
        pieces.push(piece(Mean::Mark, format!("only: {}   ", preset.title())));
    }
    if let Some(back) = app.way_back() {
        pieces.push(piece(Mean::Mark, format!("{back}   ")));
    }
    if roster.range.is_some() {
        pieces.push(piece(Mean::Mark, "range…   "));
    }
    pieces.push(piece(
        Mean::Quiet,
        format!("sorted by {}", roster.sort.title()),
    ));
    pieces
}

fn spaces_line(app: &App) -> Vec<Piece> {
    let spaces = &app.spaces;
    let marked = |count: usize, what: &str| {
        let mean = if count > 0 { Mean::Mark } else { Mean::Quiet };
        piece(mean, format!("{count} {what} marked   "))
    };
    let mut pieces = vec![
        marked(spaces.marks.len(), "spaces"),
        marked(spaces.chosen.len(), "assignments"),
    ];
    for (what, field) in [
        ("spaces", &spaces.filter),
        ("assignments", &spaces.seat_filter),
    ] {
        if !field.is_empty() {
            let text = show_str(field.text()).elided(30);
            pieces.push(piece(Mean::Mark, format!("{what} filter: {text}   ")));
        }
    }
    if spaces.range.is_some() {
        pieces.push(piece(Mean::Mark, "range…   "));
    }
    pieces
}

/// Only what works here and now.
fn keys(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.footer;
    let mut specs: Vec<&Spec> = app.offers.iter().map(|action| action.spec()).collect();
    let label = |spec: &Spec| (app.setup.keymap.key(spec.action), spec.title);
    // Help and quit keep their place; the least important of the others go first.
    let long = |specs: &[&Spec]| -> usize {
        specs
            .iter()
            .map(|spec| {
                let (key, title) = label(spec);
                width(&key) + width(title) + 3
            })
            .sum()
    };
    let room = usize::from(area.width).saturating_sub(1);
    while long(&specs) > room && specs.len() > 2 {
        let place = specs.len().saturating_sub(4).max(1);
        specs.remove(place.min(specs.len() - 1));
    }
    let mut pieces = Vec::new();
    for spec in specs {
        let (key, title) = label(spec);
        pieces.push(piece(Mean::Key, key));
        pieces.push(piece(Mean::Quiet, format!(" {title}  ")));
    }
    pen.pieces(area.x + 1, area.y, room, &pieces);
}
