//! The run under way, or the one that just ended: how far it is, and each operation as it comes.

use super::outcomes::{counts, operation, outcome_row, row};
use super::pen::{Pen, Piece, piece};
use super::theme::Mean;
use super::words::{number, span, tier};
use crate::app::{App, Area, Live, Manner, Progress, RUN_HEAD};
use crate::domain::OperationId;

pub(super) fn draw(app: &App, pen: &mut Pen<'_>, live: &Live) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    pen.sentence(area.x + 1, area.y, cells, &live_title(app, live));
    bar(pen, area, area.y + 1, live);
    let told = counts(&live.all_counts(), cells);
    pen.sentence(area.x + 1, area.y + 2, cells, &told);
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
    if live.manner == Manner::Alone && !live.over {
        pieces.push(piece(Mean::Mark, "goes on if you disconnect  "));
    }
    if live.manner == Manner::Discarded {
        pieces.push(piece(Mean::Warn, "being discarded, nothing is sent  "));
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
