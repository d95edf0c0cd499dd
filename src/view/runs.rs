//! The Runs screen: past runs, one of them opened, and the run under way.

use super::moved;
use super::pen::{Pen, Piece, piece};
use super::theme::Mean;
use super::words::{age, change, number, span, tier, verdict, verdict_detail};
use crate::app::{App, Area, GroupBy, Live, Opened, Progress, RUN_HEAD, can_resume};
use crate::domain::{Counts, Operation, OperationId, Outcome, Plan, RunSummary};
use crate::text::fit;

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    match (&app.runs.live, &app.runs.opened) {
        (Some(live), _) if app.runs.watching && !live.moved.is_empty() => {
            moved::draw(app, pen, live);
        }
        (Some(live), _) if app.runs.watching => draw_live(app, pen, live),
        (_, Some(opened)) => draw_opened(app, pen, opened),
        _ => draw_list(app, pen),
    }
}

fn counts(counts: &Counts) -> Vec<Piece> {
    let loud = |count: u64, mean| if count > 0 { mean } else { Mean::Quiet };
    vec![
        piece(Mean::Add, format!("applied {}   ", number(counts.applied))),
        piece(
            Mean::Plain,
            format!("already {}   ", number(counts.already)),
        ),
        piece(
            loud(counts.not_applied, Mean::Remove),
            format!("not applied {}   ", number(counts.not_applied)),
        ),
        piece(
            loud(counts.unknown, Mean::Warn),
            format!("unknown {}   ", number(counts.unknown)),
        ),
        piece(
            loud(counts.skipped, Mean::Warn),
            format!("skipped {}", number(counts.skipped)),
        ),
    ]
}

fn draw_live(app: &App, pen: &mut Pen<'_>, live: &Live) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    pen.pieces(area.x + 1, area.y, cells, &live_title(app, live));
    bar(pen, area, area.y + 1, live);
    pen.pieces(area.x + 1, area.y + 2, cells, &counts(&live.all_counts()));
    pen.line(area, area.y + RUN_HEAD - 1);
    let list = app.runs.live_list;
    for (index, y) in list
        .window(live.order.len())
        .zip(area.y + RUN_HEAD..area.y + area.height)
    {
        if let Some(id) = live.order.get(index) {
            live_row(app, pen, area, y, live, id, index == list.cursor);
        }
    }
}

fn live_title(app: &App, live: &Live) -> Vec<Piece> {
    let (done, total) = live.done();
    let name = live.run.as_ref().map_or_else(
        || "starting".to_owned(),
        |run| run.show().elided(13).to_string(),
    );
    let mut pieces = vec![
        piece(Mean::Title, format!("Run {name}  ")),
        piece(
            Mean::Plain,
            format!("{} of {}  ", number(done), number(total)),
        ),
    ];
    if let Some((used, of)) = live.window {
        pieces.push(piece(
            Mean::Quiet,
            format!("{used} of {of} in this window  "),
        ));
    }
    let (text, mean) = match (&live.stopped, live.over, live.stopping, &live.paused) {
        (Some(why), ..) => (format!("stopped: {why}"), Mean::Error),
        (None, true, ..) => ("over".to_owned(), Mean::Mark),
        (None, false, true, _) => ("stopping after what is in flight".to_owned(), Mean::Warn),
        (None, false, false, Some((paused, until, asked))) => {
            let left = until.saturating_sub(app.now).as_secs();
            let why = if *asked {
                "the server asks for it"
            } else {
                "the window is used up"
            };
            (
                format!("{} paused, {left} s left: {why}", tier(*paused)),
                Mean::Warn,
            )
        }
        (None, false, false, None) => {
            let spent = app.now.saturating_sub(live.began).as_secs();
            (
                format!("running for {}", span(i64::try_from(spent).unwrap_or(0))),
                Mean::Plain,
            )
        }
    };
    pieces.push(piece(mean, text));
    pieces
}

fn bar(pen: &mut Pen<'_>, area: Area, y: u16, live: &Live) {
    let (done, total) = live.done();
    let cells = usize::from(area.width).saturating_sub(9);
    let full = usize::try_from(done * (cells as u64) / total.max(1))
        .unwrap_or(0)
        .min(cells);
    let used = pen.put(area.x + 1, y, cells, &"█".repeat(full), Mean::Add);
    let x = area.x + 1 + u16::try_from(used).unwrap_or(0);
    pen.put(x, y, cells - full, &"░".repeat(cells - full), Mean::Quiet);
    let percent = format!("{:>3} %", done * 100 / total.max(1));
    pen.right(
        area.x,
        y,
        usize::from(area.width).saturating_sub(1),
        &percent,
        Mean::Plain,
    );
}

fn operation<'a>(plan: Option<&'a Plan>, id: &OperationId) -> Option<&'a Operation> {
    plan?
        .operations
        .iter()
        .find(|operation| operation.id == *id)
}

fn live_row(
    app: &App,
    pen: &mut Pen<'_>,
    area: Area,
    y: u16,
    live: &Live,
    id: &OperationId,
    cursor: bool,
) {
    let found = operation(live.plan.as_deref(), id);
    match live.state.get(id) {
        Some(Progress::Judged(outcome)) => outcome_row(app, pen, area, y, found, outcome, cursor),
        Some(Progress::Checking) => {
            row(
                app,
                pen,
                area,
                y,
                ("??", Mean::Warn),
                found,
                id,
                "no answer; checking whether it happened",
                cursor,
            );
        }
        Some(Progress::Sending) | None => row(
            app,
            pen,
            area,
            y,
            ("..", Mean::Quiet),
            found,
            id,
            "sending",
            cursor,
        ),
    }
}

fn outcome_row(
    app: &App,
    pen: &mut Pen<'_>,
    area: Area,
    y: u16,
    found: Option<&Operation>,
    outcome: &Outcome,
    cursor: bool,
) {
    let detail = verdict_detail(&outcome.verdict);
    let status = outcome
        .status
        .map_or_else(String::new, |status| format!("{status}  "));
    let text = format!("{status}{} ms  {detail}", outcome.millis);
    row(
        app,
        pen,
        area,
        y,
        verdict(&outcome.verdict),
        found,
        &outcome.operation,
        &text,
        cursor,
    );
}

#[expect(clippy::too_many_arguments, reason = "a row has that many cells")]
fn row(
    app: &App,
    pen: &mut Pen<'_>,
    area: Area,
    y: u16,
    sign: (&str, Mean),
    found: Option<&Operation>,
    id: &OperationId,
    detail: &str,
    cursor: bool,
) {
    let cells = usize::from(area.width).saturating_sub(4);
    let (kind, what) = match found {
        Some(operation) => (
            operation.change.kind().word(),
            format!(
                "{}  {}",
                subject(app, operation),
                change(&operation.change, GroupBy::Person).0
            ),
        ),
        None => ("", id.show().to_string()),
    };
    pen.put(area.x + 1, y, 2, sign.0, sign.1);
    let kind_cells = if cells >= 90 { 22 } else { 0 };
    let what_cells = (cells - kind_cells) / 2;
    let mut x = area.x + 4;
    pen.put(x, y, kind_cells, kind, Mean::Quiet);
    x += u16::try_from(kind_cells).unwrap_or(0);
    pen.put(
        x,
        y,
        what_cells,
        &fit(&what, what_cells),
        if cursor { Mean::Cursor } else { Mean::Plain },
    );
    x += u16::try_from(what_cells + 1).unwrap_or(0);
    pen.put(
        x,
        y,
        cells.saturating_sub(kind_cells + what_cells + 1),
        detail,
        sign.1,
    );
}

/// Whom an operation is about; safe to show.
fn subject(app: &App, operation: &Operation) -> String {
    use crate::domain::{Assignee, Change};
    match &operation.change {
        Change::CreateUser { after, .. } => after.name.show().to_string(),
        Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => {
            let name = app.plan.names.get(&subject.key()).unwrap_or(subject.raw());
            name.show().elided(24).to_string()
        }
        Change::UpdateUser { target, .. }
        | Change::DisableUser { target, .. }
        | Change::DeleteUser { target, .. }
        | Change::SetRoles { target, .. } => target.name.show().to_string(),
        Change::CreateGroup { target, .. } => target.show().to_string(),
        Change::AddSpaceAssignment { target, .. }
        | Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => match target.assignee {
            Assignee::Group(_) | Assignee::NewGroup(_) => target.space.name.show().to_string(),
            Assignee::User(_) | Assignee::NewUser(_) | Assignee::Bot(_) => {
                target.name.show().to_string()
            }
        },
        Change::SetAutoAssign { .. } => "Automatic licenses".to_owned(),
    }
}

fn draw_opened(app: &App, pen: &mut Pen<'_>, opened: &Opened) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    pen.put(
        area.x + 1,
        area.y,
        cells,
        &format!("Run {}", opened.run.show()),
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

fn state_words(app: &App, run: &RunSummary) -> String {
    let state = match (&run.trouble, run.finished) {
        (Some(trouble), _) => format!("journal: {}", crate::text::show_str(trouble)),
        (None, true) => "finished".to_owned(),
        (None, false) if can_resume(run, &app.setup.tenant) => {
            "interrupted; c resumes it".to_owned()
        }
        (None, false) => format!("interrupted, of another tenant: {}", run.tenant.show()),
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
    let interrupted = app.runs.runs.iter().filter(|run| run.resumable).count();
    let count = app.runs.runs.len();
    let runs = if count == 1 { "run" } else { "runs" };
    let title = format!("{count} {runs} on record, {interrupted} interrupted");
    pen.put(area.x + 1, area.y, cells, &title, Mean::Title);
    let heads = "Began              Plan   Done         Not applied  Unknown  Skipped  State";
    pen.put(
        area.x + 3,
        area.y + 2,
        cells.saturating_sub(2),
        heads,
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
        (None, false) => ("! interrupted", Mean::Warn),
        (None, true) if counts.applied + counts.already == counts.total => ("done", Mean::Add),
        (None, true) => ("partial", Mean::Warn),
    };
    pen.put(x, y, cells.saturating_sub(17 + used), state, mean);
}
