//! A whole frame.

use ratatui::Frame;

use super::pen::Pen;
use super::theme::{Mean, Theme};
use super::{
    access, detail, dialogs, footer, groups, header, licenses, people, plan, runs, spaces,
};
use crate::app::{App, Screen};

/// Draws everything.
pub fn screen(app: &App, frame: &mut Frame<'_>) {
    let theme = Theme::new(app.setup.capabilities);
    let mut pen = Pen::new(frame.buffer_mut(), theme);
    if app.layout.tiny {
        return tiny(app, &mut pen);
    }
    header::draw(app, &mut pen);
    match app.screen {
        Screen::Roster => roster(app, &mut pen),
        Screen::Licenses => licenses::draw(app, &mut pen),
        Screen::Spaces => three(
            app,
            &mut pen,
            [
                spaces::draw,
                spaces::assignments,
                access::draw,
                access::folded,
            ],
        ),
        Screen::Plan => plan::draw(app, &mut pen),
        Screen::Runs => runs::draw(app, &mut pen),
    }
    footer::draw(app, &mut pen);
    dialogs::draw(app, &mut pen);
}

fn roster(app: &App, pen: &mut Pen<'_>) {
    groups::narrowing(app, pen);
    let panes = [
        groups::draw,
        people::draw,
        detail::draw,
        detail::draw_folded,
    ];
    three(app, pen, panes);
}

/// Draws what has room: three panes side by side with rules between them, the last one folded into a
/// line where there is no room for it.
fn three(app: &App, pen: &mut Pen<'_>, panes: [fn(&App, &mut Pen<'_>); 4]) {
    let layout = app.layout;
    let areas = [layout.groups, layout.people, layout.detail];
    let shown: Vec<_> = areas.into_iter().filter(|area| !area.is_empty()).collect();
    for pair in shown.windows(2) {
        if let [_, right] = pair {
            pen.rule(right.x.saturating_sub(1), *right);
        }
    }
    let places = areas.into_iter().chain([layout.folded]);
    for (area, draw) in places.zip(panes) {
        if !area.is_empty() {
            draw(app, pen);
        }
    }
}

/// Below 40x10: one line.
fn tiny(app: &App, pen: &mut Pen<'_>) {
    let text = match app.runs.live.as_ref().filter(|live| !live.over) {
        Some(live) => {
            let (done, total) = live.done();
            format!(
                "commit {done}/{total} · {} unknown · q",
                live.counts.unknown
            )
        }
        None => format!("qroll needs 40x10 · {} staged · q", app.staged()),
    };
    let width = usize::from(app.layout.width);
    // The end matters less than the beginning here, so nothing is elided in the middle.
    let cut: String = text.chars().take(width).collect();
    pen.put(0, 0, width, &cut, Mean::Plain);
}
