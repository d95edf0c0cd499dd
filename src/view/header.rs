//! The first two lines and the banner: tenant, profile, read-only or armed, age of the snapshot,
//! seats, number staged; and the tabs.

use super::pen::{Pen, Piece, piece, taken};
use super::theme::Mean;
use super::words::age;
use crate::app::{ACTIONS, Action, App, Screen};
use crate::domain::LicenseType;
use crate::planner::SeatMeter;
use crate::text::{fit, show_str, width};

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    first_line(app, pen);
    tabs(app, pen);
    if let Some(text) = app.banner().filter(|_| !app.layout.banner.is_empty()) {
        let area = app.layout.banner;
        pen.cell(
            area.x,
            area.y,
            usize::from(area.width),
            &format!(" ! {text}"),
            Mean::Warn,
        );
    }
}

fn first_line(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.header;
    let total = usize::from(area.width);
    let wide = total >= 100;
    let mut right: Vec<Piece> = Vec::new();
    let armed = if app.setup.guards.read_only {
        piece(Mean::Warn, "read-only")
    } else {
        piece(Mean::Mark, "armed")
    };
    right.push(armed);
    right.push(piece(Mean::Plain, format!("  {}", reading(app, wide))));
    if total >= 60 {
        right.extend(seats(app, wide));
    }
    let staged = app.staged();
    let mean = if staged + app.accepted() > 0 {
        Mean::Add
    } else {
        Mean::Quiet
    };
    let accepted = match app.accepted() {
        0 => String::new(),
        count if wide => format!(", {count} accepted"),
        count if total >= 60 => format!(", {count} acc"),
        _ => String::new(),
    };
    right.push(piece(mean, format!("  {staged} staged{accepted} ")));
    let used: usize = right.iter().map(|piece| taken(&piece.text)).sum();
    let profile = show_str(&app.setup.profile).elided(16).to_string();
    let room = total.saturating_sub(used + 2);
    let tenant = show_str(&app.setup.tenant).to_string();
    let left = if wide {
        format!(" qroll  {tenant}  {profile}")
    } else {
        format!(
            " {} {profile}",
            fit(
                &tenant,
                room.saturating_sub(width(&profile) + 2).min(width(&tenant))
            )
        )
    };
    pen.put(0, area.y, room, &left, Mean::Title);
    let start = u16::try_from(total.saturating_sub(used)).unwrap_or(0);
    pen.pieces(start, area.y, used, &right);
}

fn reading(app: &App, wide: bool) -> String {
    if !app.data.tenant_read {
        return if app.data.troubles.is_empty() {
            progress(app, "reading")
        } else {
            "not read".to_owned()
        };
    }
    let age = age(app.data.snapshot.tenant.read_at, app.wall);
    if app.data.cached {
        return format!("cached {age}");
    }
    if !app.data.loading.is_empty() {
        return progress(app, "reading");
    }
    if wide { format!("read {age}") } else { age }
}

/// One figure that moves, the part that is furthest from its end.
fn progress(app: &App, word: &str) -> String {
    let part = app
        .data
        .progress
        .iter()
        .filter_map(|(part, (read, total))| Some((part, *read, (*total)?)))
        .filter(|(_, read, total)| read < total)
        .max_by_key(|(_, read, total)| total - read);
    match part {
        Some((part, read, total)) => format!("{word} {part} {}%", read * 100 / total.max(1)),
        None => format!("{word}…"),
    }
}

/// A letter for a pool: `P`, `A`.
fn letter(meter: &SeatMeter) -> String {
    match meter.license.expose() {
        LicenseType::PROFESSIONAL => "P".to_owned(),
        LicenseType::ANALYZER => "A".to_owned(),
        _ => meter.license.show().elided(8).to_string(),
    }
}

/// The pools in one line.
pub(super) fn seats(app: &App, wide: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for meter in app.derived.outlook.meters().iter().take(3) {
        pieces.push(piece(
            Mean::Plain,
            format!("  {} {}/{}", letter(meter), meter.used, meter.total),
        ));
        if meter.staged != 0 {
            let mean = if meter.staged > 0 {
                Mean::Add
            } else {
                Mean::Remove
            };
            pieces.push(piece(mean, format!("{:+}", meter.staged)));
        }
        if !meter.short.is_empty() {
            let words = if wide {
                format!(" = {} short", meter.short.len())
            } else {
                format!("!{}", meter.short.len())
            };
            pieces.push(piece(Mean::Warn, words));
        }
    }
    pieces
}

fn tabs(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.tabs;
    let tabs = [
        (Action::ScreenRoster, app.screen == Screen::Roster),
        (Action::ScreenLicenses, app.screen == Screen::Licenses),
        (Action::ScreenSpaces, app.screen == Screen::Spaces),
        (Action::ScreenRules, false),
        (Action::ScreenPlan, app.screen == Screen::Plan),
        (Action::ScreenRuns, app.screen == Screen::Runs),
    ];
    let mut x = area.x;
    for (action, open) in tabs {
        let spec = action.spec();
        let coming = ACTIONS
            .iter()
            .any(|spec| spec.action == action && (spec.applies)(app).is_err());
        let mean = match (open, coming) {
            (true, _) => Mean::Tab,
            (false, true) => Mean::Quiet,
            (false, false) => Mean::Plain,
        };
        let mut text = format!(" {} {}", app.setup.keymap.key(action), spec.title);
        if action == Action::ScreenPlan
            && let Some(plan) = app.plan.plan.as_ref().filter(|_| !app.plan.stale)
        {
            text = format!("{text}·{}", plan.operations.len());
        }
        text.push(' ');
        let room = usize::from(area.width.saturating_sub(x));
        let used = pen.put(x, area.y, room, &text, mean);
        x = x.saturating_add(u16::try_from(used).unwrap_or(u16::MAX));
    }
    let switches = switches(app);
    let room = usize::from(area.width.saturating_sub(x)).saturating_sub(1);
    if width(&switches.text) < room {
        pen.right(x, area.y, room, &switches.text, switches.mean);
    }
}

/// The automatic switches in a few words.
pub(super) fn switches(app: &App) -> Piece {
    let Some(now) = app.data.snapshot.tenant.licensing.value.auto_assign else {
        return piece(Mean::Quiet, "auto-assign ?");
    };
    let wish = app.stage.staging.auto_assign.unwrap_or(now);
    let word = |now: bool, wish: bool| match (now, wish) {
        (true, true) => "on",
        (false, false) => "off",
        (true, false) => "on~off",
        (false, true) => "off~on",
    };
    let text = format!(
        "auto-assign A {}  P {}",
        word(now.analyzer, wish.analyzer),
        word(now.professional, wish.professional)
    );
    let mean = if now == wish {
        if now.analyzer || now.professional {
            Mean::Warn
        } else {
            Mean::Quiet
        }
    } else {
        Mean::Change
    };
    piece(mean, text)
}
