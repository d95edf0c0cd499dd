//! The Runs screen: past runs, and one of them opened.

use super::outcomes::{counts, operation, outcome_row};
use super::pen::{Pen, piece};
use super::theme::Mean;
use super::words::age;
use super::{live, moved};
use crate::app::{App, Area, Opened, RUN_HEAD, can_resume};
use crate::domain::RunSummary;

const LIST_HEADS: &str =
    "Began              Plan   Done         Not applied  Unknown  Skipped  State";
/// Cells before the tenant in the list: room for the longest state.
const TENANT_AT: usize = 89;
/// Cells that the list needs for its tenants; a narrower one leaves them to the run when opened.
const WITH_TENANT: usize = TENANT_AT + 20;

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
        pen.put(
            area.x + 1,
            area.y + 1,
            cells,
            &state_words(app, summary),
            Mean::Plain,
        );
        let mut pieces = counts(&summary.counts);
        if summary.counts.unknown > 0 {
            pieces.push(piece(Mean::Warn, "   Enter on one says how to check"));
        }
        pen.pieces(area.x + 1, area.y + 2, cells, &pieces);
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
    let state = match (&run.trouble, run.finished) {
        (Some(trouble), _) => format!("journal: {}", crate::text::show_str(trouble)),
        (None, true) if run.discarded => "discarded".to_owned(),
        (None, true) => "finished".to_owned(),
        (None, false) if run.under_way => "under way in another program".to_owned(),
        (None, false) if run.given_up => "being discarded; D goes on with it".to_owned(),
        (None, false) if can_resume(run, &app.setup.tenant) => {
            "interrupted; c resumes it".to_owned()
        }
        (None, false) => "interrupted, of another tenant".to_owned(),
    };
    let state = match (&run.reverts, &run.reverted_by) {
        (Some(original), _) => format!("{state}; takes back run {}", original.show()),
        (None, Some(by)) => format!("{state}; reversal: run {}", by.show()),
        (None, None) => state,
    };
    format!(
        "plan {}  began {}  last record {}  {state}",
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
    let tenant = if cells >= WITH_TENANT { "Tenant" } else { "" };
    let heads = format!("{LIST_HEADS:<TENANT_AT$}{tenant}");
    pen.put(
        area.x + 3,
        area.y + 2,
        cells.saturating_sub(2),
        heads.trim_end(),
        Mean::Quiet,
    );
    pen.line(area, area.y + RUN_HEAD - 1);
    if app.runs.runs.is_empty() {
        let text = if app.runs.read {
            "no run yet: a plan is applied from the Plan screen"
        } else {
            "reading the journals…"
        };
        pen.put(area.x + 3, area.y + RUN_HEAD + 1, cells, text, Mean::Quiet);
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

fn list_row(pen: &mut Pen<'_>, area: Area, y: u16, run: &RunSummary, cursor: bool) {
    let cells = usize::from(area.width).saturating_sub(4);
    let began = run.started.strftime("%Y-%m-%d %H:%MZ").to_string();
    pen.put(
        area.x + 3,
        y,
        17,
        &began,
        if cursor { Mean::Cursor } else { Mean::Plain },
    );
    let counts = &run.counts;
    let text = format!(
        "  {:<5}  {:<11}  {:<11}  {:<7}  {:<7}  ",
        run.plan.short(),
        format!("{}/{}", counts.applied + counts.already, counts.total),
        counts.not_applied,
        counts.unknown + run.open,
        counts.skipped
    );
    let used = pen.put(area.x + 20, y, cells.saturating_sub(17), &text, Mean::Plain);
    let x = area.x + 20 + u16::try_from(used).unwrap_or(0);
    let (state, mean) = match (&run.trouble, run.finished) {
        (Some(_), _) => ("! journal damaged", Mean::Error),
        (None, _) if run.reverted_by.is_some() => ("has a reversal", Mean::Quiet),
        (None, true) if run.reverts.is_some() => ("a reversal", Mean::Plain),
        (None, false) if run.under_way => ("under way", Mean::Mark),
        (None, false) if run.given_up => ("! given up", Mean::Warn),
        (None, false) => ("! interrupted", Mean::Warn),
        (None, true) if run.discarded => ("discarded", Mean::Quiet),
        (None, true) if counts.applied + counts.already == counts.total => ("done", Mean::Add),
        (None, true) => ("partial", Mean::Warn),
    };
    pen.put(x, y, cells.saturating_sub(17 + used), state, mean);
    if cells + 2 >= WITH_TENANT {
        let at = area.x + 3 + u16::try_from(TENANT_AT).unwrap_or(0);
        let room = (cells + 1).saturating_sub(TENANT_AT);
        pen.put(at, y, room, &run.tenant_name(), Mean::Quiet);
    }
}
