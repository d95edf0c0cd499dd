//! A whole frame.

use ratatui::Frame;

use super::pen::Pen;
use super::theme::{Mean, Theme};
use super::{detail, dialogs, footer, groups, header, licenses, people, plan, runs};
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
        Screen::Spaces => {}
        Screen::Plan => plan::draw(app, &mut pen),
        Screen::Runs => runs::draw(app, &mut pen),
    }
    footer::draw(app, &mut pen);
    dialogs::draw(app, &mut pen);
}

fn roster(app: &App, pen: &mut Pen<'_>) {
    let layout = app.layout;
    groups::narrowing(app, pen);
    let panes = [layout.groups, layout.people, layout.detail];
    let shown: Vec<_> = panes.into_iter().filter(|area| !area.is_empty()).collect();
    for pair in shown.windows(2) {
        if let [_, right] = pair {
            pen.rule(right.x.saturating_sub(1), *right);
        }
    }
    if !layout.groups.is_empty() {
        groups::draw(app, pen);
    }
    if !layout.people.is_empty() {
        people::draw(app, pen);
    }
    if !layout.detail.is_empty() {
        detail::draw(app, pen);
    }
    if !layout.folded.is_empty() {
        detail::draw_folded(app, pen);
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
