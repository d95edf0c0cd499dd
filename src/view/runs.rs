//! The Runs screen: past runs, and one of them opened.

use super::outcomes::{counts, operation, outcome_row};
use super::pen::{Pen, piece};
use super::theme::Mean;
use super::words::age;
use super::{live, moved};
use crate::app::{Action, App, Area, Opened, RUN_HEAD, can_resume};
use crate::domain::RunSummary;

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    match (&app.runs.live, &app.runs.opened) {
        (Some(run), _) if app.runs.watching && !run.moved.is_empty() => {
            moved::draw(app, pen, run);
        }
        (Some(run), _) if app.runs.watching => live::draw(app, pen, run),
        (_, Some(opened)) => draw_opened(app, pen, opened),
        _ => draw_list(app, pen),
    }
}

fn draw_opened(app: &App, pen: &mut Pen<'_>, opened: &Opened) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    pen.put(
        area.x + 1,
        area.y,
        cells,
        &opened_title(app, opened),
        Mean::Title,
    );
    if let Some(summary) = app.runs.runs.iter().find(|run| run.run == opened.run) {
        pen.prose(
            area.x + 1,
            area.y + 1,
            cells,
            &state_words(app, summary),
            Mean::Plain,
        );
        let mut pieces = counts(&summary.counts, cells);
        if summary.counts.unknown > 0 {
            let key = app.setup.keymap.key(Action::Open);
            let text = format!("   {key} on one says how to check");
            pieces.push(piece(Mean::Warn, text));
        }
        pen.sentence(area.x + 1, area.y + 2, cells, &pieces);
    }
    pen.line(area, area.y + RUN_HEAD - 1);
    let Some(record) = &opened.record else {
        pen.put(
            area.x + 2,
            area.y + RUN_HEAD + 1,
            cells,
            "reading its journal…",
            Mean::Quiet,
        );
        return;
    };
    let window = opened.list.window(record.outcomes.len());
    for (index, y) in window.zip(area.y + RUN_HEAD..area.y + area.height) {
        if let Some(outcome) = record.outcomes.get(index) {
            let found = operation(record.plan.as_deref(), &outcome.operation);
            outcome_row(
                app,
                pen,
                area,
                y,
                found,
                outcome,
                index == opened.list.cursor,
            );
        }
    }
}

/// The run, and its tenant once the list is read.
fn opened_title(app: &App, opened: &Opened) -> String {
    let summary = app.runs.runs.iter().find(|run| run.run == opened.run);
    let tenant = summary.map_or(String::new(), |run| format!("   {}", run.tenant_name()));
    format!("Run {}{tenant}", opened.run.show())
}

fn state_words(app: &App, run: &RunSummary) -> String {
    let key = |action| app.setup.keymap.key(action);
    let state = match (&run.trouble, run.finished) {
        (Some(trouble), _) => format!("journal: {}", crate::text::show_str(trouble)),
        (None, true) if run.discarded => "discarded".to_owned(),
        (None, true) => "finished".to_owned(),
        (None, false) if run.under_way => "under way in another program".to_owned(),
        (None, false) if run.given_up => {
            format!("being discarded; {} goes on with it", key(Action::Discard))
        }
        (None, false) if can_resume(run, &app.setup.tenant) => {
            format!("interrupted; {} resumes it", key(Action::Resume))
        }
        (None, false) => "interrupted, of another tenant".to_owned(),
    };
    let state = match (&run.reverts, &run.reverted_by) {
        (Some(original), _) => format!("{state}; takes back run {}", original.show()),
        (None, Some(by)) => format!("{state}; reversal: run {}", by.show()),
        (None, None) => state,
    };
    // What it came to stands first: the rest may have no room.
    format!(
        "{state}   plan {}  began {}  last record {}",
        run.plan.short(),
        age(run.started, app.wall),
        age(run.last, app.wall)
    )
}

fn draw_list(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    let interrupted = app
        .runs
        .runs
        .iter()
        .filter(|run| run.resumable && !run.under_way)
        .count();
    let count = app.runs.runs.len();
    let runs = if count == 1 { "run" } else { "runs" };
    let title = format!("{count} {runs} on record, {interrupted} interrupted");
    pen.put(area.x + 1, area.y, cells, &title, Mean::Title);
    let heads = columns(area.width).iter();
    let heads: Vec<String> = heads
        .map(|(_, head, cells)| format!("{head:<cells$}"))
        .collect();
    pen.put(
        area.x + 3,
        area.y + 2,
        cells.saturating_sub(2),
        heads.join("  ").trim_end(),
        Mean::Quiet,
    );
    pen.line(area, area.y + RUN_HEAD - 1);
    if app.runs.runs.is_empty() {
        let text = if app.runs.read {
            "no run yet: a plan is applied from the Plan screen"
        } else {
            "reading the journals…"
        };
        pen.prose(area.x + 3, area.y + RUN_HEAD + 1, cells, text, Mean::Quiet);
    }
    let list = app.runs.list;
    for (index, y) in list
        .window(app.runs.runs.len())
        .zip(area.y + RUN_HEAD..area.y + area.height)
    {
        if let Some(run) = app.runs.runs.get(index) {
            list_row(pen, area, y, run, index == list.cursor);
        }
    }
}

/// How a run ended, or did not, in at most 17 cells.
fn state(run: &RunSummary) -> (&'static str, Mean) {
    let counts = &run.counts;
    match (&run.trouble, run.finished) {
        (Some(_), _) => ("! journal damaged", Mean::Error),
        (None, _) if run.reverted_by.is_some() => ("has a reversal", Mean::Quiet),
        (None, true) if run.reverts.is_some() => ("a reversal", Mean::Plain),
        (None, false) if run.under_way => ("under way", Mean::Mark),
        (None, false) if run.given_up => ("! given up", Mean::Warn),
        (None, false) => ("! interrupted", Mean::Warn),
        (None, true) if run.discarded => ("discarded", Mean::Quiet),
        (None, true) if counts.applied + counts.already == counts.total => ("done", Mean::Add),
        (None, true) => ("partial", Mean::Warn),
    }
}

/// What stands in a column of the list.
#[derive(Clone, Copy)]
enum Column {
    Began,
    Plan,
    Done,
    NotApplied,
    Unknown,
    Skipped,
    State,
    Tenant,
}

/// Columns with their heads and widths. What a run came to is never left out: with less room the
/// counts behind it go, which a run tells when opened.
fn columns(width: u16) -> &'static [(Column, &'static str, usize)] {
    const WIDE: &[(Column, &str, usize)] = &[
        (Column::Began, "Began", 17),
        (Column::Plan, "Plan", 5),
        (Column::Done, "Done", 11),
        (Column::NotApplied, "Not applied", 11),
        (Column::Unknown, "Unknown", 7),
        (Column::Skipped, "Skipped", 7),
        (Column::State, "State", 17),
        (Column::Tenant, "Tenant", 40),
    ];
    const MIDDLE: &[(Column, &str, usize)] = &[
        (Column::Began, "Began", 17),
        (Column::Plan, "Plan", 4),
        (Column::Done, "Done", 11),
        (Column::State, "State", 17),
        (Column::Unknown, "Unknown", 7),
        (Column::Skipped, "Skipped", 7),
    ];
    match width {
        112.. => WIDE,
        93.. => &WIDE[..7],
        78.. => MIDDLE,
        60.. => &MIDDLE[..4],
        _ => &[(Column::Began, "Began", 17), (Column::State, "State", 17)],
    }
}

fn text(run: &RunSummary, column: Column) -> String {
    let counts = &run.counts;
    match column {
        Column::Began => run.started.strftime("%Y-%m-%d %H:%MZ").to_string(),
        Column::Plan => run.plan.short().to_string(),
        Column::Done => format!("{}/{}", counts.applied + counts.already, counts.total),
        Column::NotApplied => counts.not_applied.to_string(),
        Column::Unknown => (counts.unknown + run.open).to_string(),
        Column::Skipped => counts.skipped.to_string(),
        Column::State => state(run).0.to_owned(),
        Column::Tenant => run.tenant_name(),
    }
}

fn list_row(pen: &mut Pen<'_>, area: Area, y: u16, run: &RunSummary, cursor: bool) {
    let mut x = area.x + 3;
    for (column, _, cells) in columns(area.width) {
        let mean = match column {
            Column::Began if cursor => Mean::Cursor,
            Column::State => state(run).1,
            Column::Tenant => Mean::Quiet,
            _ => Mean::Plain,
        };
        let room = (*cells).min(usize::from((area.x + area.width).saturating_sub(x)));
        pen.put(x, y, room, &text(run, *column), mean);
        x = x.saturating_add(u16::try_from(cells + 2).unwrap_or(u16::MAX));
    }
}
