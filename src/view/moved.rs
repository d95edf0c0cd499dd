//! What moved between the plan and its run: nothing was sent, and each row is shown three ways.

use super::pen::{Pen, piece};
use super::theme::Mean;
use crate::app::{Action, App, Area, Live, RUN_HEAD};
use crate::planner::{DriftKind, DriftRow, tally};

/// Widths of the columns; the last one takes the rest.
struct Columns {
    who: usize,
    drift: usize,
    value: usize,
}

impl Columns {
    fn of(cells: usize) -> Self {
        let drift = 23;
        let rest = cells.saturating_sub(drift + 6);
        let who = (rest * 2 / 5).min(30);
        Self {
            who,
            drift,
            value: rest.saturating_sub(who) / 3,
        }
    }
}

pub(super) fn draw(app: &App, pen: &mut Pen<'_>, live: &Live) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    let title = [
        piece(Mean::Title, "Nothing was sent: "),
        piece(
            Mean::Error,
            "the tenant has moved on since this plan was built",
        ),
    ];
    pen.sentence(area.x + 1, area.y, cells, &title);
    pen.prose(
        area.x + 1,
        area.y + 1,
        cells,
        &counts(app, live),
        Mean::Warn,
    );
    let heads = ["Who", "", "Planned from", "Now", "Wished"].map(str::to_owned);
    row(pen, area, area.y + 2, &heads, Mean::Quiet, Mean::Quiet);
    pen.line(area, area.y + RUN_HEAD - 1);
    let list = app.runs.live_list;
    for (index, y) in list
        .window(live.moved.len())
        .zip(area.y + RUN_HEAD..area.y + area.height)
    {
        if let Some(moved) = live.moved.get(index) {
            let texts = texts(app, moved);
            let name = if index == list.cursor {
                Mean::Cursor
            } else {
                Mean::Plain
            };
            row(pen, area, y, &texts, name, mean(moved.drift));
        }
    }
}

/// What moved, counted as the command counts it.
fn counts(app: &App, live: &Live) -> String {
    let plan = live.plan.as_deref();
    let counted = plan.map_or_else(String::new, |plan| tally(plan, &live.moved));
    let key = app.setup.keymap.key(Action::Plan);
    format!("{counted}; {key} builds the plan again")
}

fn mean(kind: DriftKind) -> Mean {
    match kind {
        DriftKind::Already => Mean::Quiet,
        DriftKind::Changed | DriftKind::Unread => Mean::Warn,
        DriftKind::NoSeat => Mean::Remove,
    }
}

fn texts(app: &App, row: &DriftRow) -> [String; 5] {
    let name = app.plan.names.get(&row.who.key()).unwrap_or(&row.who);
    [
        name.show().to_string(),
        row.drift.word().to_owned(),
        row.planned_from.show().to_string(),
        row.now.show().to_string(),
        row.planned_to.show().to_string(),
    ]
}

fn row(pen: &mut Pen<'_>, area: Area, y: u16, texts: &[String; 5], name: Mean, rest: Mean) {
    let columns = Columns::of(usize::from(area.width).saturating_sub(2));
    let widths = [
        columns.who,
        columns.drift,
        columns.value,
        columns.value,
        columns.value,
    ];
    let mut x = area.x + 1;
    for (index, (text, cells)) in texts.iter().zip(widths).enumerate() {
        let mean = if index == 0 { name } else { rest };
        pen.cell(x, y, cells, text, mean);
        x = x.saturating_add(u16::try_from(cells + 1).unwrap_or(u16::MAX));
    }
}
