//! The right pane: seats, automatic switches, and the inspector with its first-login check.

use super::header::{seats, switches};
use super::pen::{Pen, Piece, piece, taken};
use super::theme::Mean;
use crate::app::{Action, App, Pane, wrap};
use crate::domain::Subject;
use crate::planner::{Check, CheckState, SeatMeter};
use crate::text::{Raw, is_altered, width};

/// People named who do not fit; more are counted.
const NAMED: usize = 3;

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.detail;
    let cells = usize::from(area.width).saturating_sub(1);
    let lines = lines(app, cells);
    let room = usize::from(area.height);
    let offset = app
        .roster
        .detail_offset
        .min(lines.len().saturating_sub(room));
    for (line, y) in lines.iter().skip(offset).zip(area.y..area.y + area.height) {
        pen.pieces(area.x + 1, y, cells, line);
    }
}

/// The pane in one line, where it does not fit beside the others.
pub(super) fn draw_folded(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.folded;
    let cells = usize::from(area.width);
    let mut pieces = vec![piece(Mean::Quiet, " seats")];
    pieces.extend(seats(app, true));
    let used = pen.pieces(area.x, area.y, cells, &pieces);
    let short: usize = app
        .derived
        .outlook
        .meters()
        .iter()
        .map(|meter| meter.short.len())
        .sum();
    let keys = &app.setup.keymap;
    let mut hint = format!("{} inspect ", keys.key(Action::Open));
    if short > 0 {
        hint = format!("{} who waits  {hint}", keys.key(Action::Short));
    }
    let room = cells.saturating_sub(used);
    if width(&hint) < room {
        let from = area.x + u16::try_from(used).unwrap_or(0);
        pen.right(from, area.y, room, &hint, Mean::Quiet);
    }
}

fn lines(app: &App, cells: usize) -> Vec<Vec<Piece>> {
    let focus = app.roster.pane == Pane::Detail;
    let title = if focus { Mean::Focus } else { Mean::Title };
    let mut lines = vec![vec![piece(title, "Seats")]];
    for meter in app.derived.outlook.meters() {
        lines.extend(meter_lines(app, meter, cells));
    }
    if app.derived.outlook.meters().is_empty() {
        lines.push(vec![piece(Mean::Quiet, "no pool of seats read")]);
    }
    lines.push(vec![switches(app)]);
    lines.push(Vec::new());
    lines.extend(inspector(app, cells));
    lines
}

fn meter_lines(app: &App, meter: &SeatMeter, cells: usize) -> Vec<Vec<Piece>> {
    let name = meter.license.show().elided(14).to_string();
    let numbers = format!("{} / {}", meter.used, meter.total);
    let staged = if meter.staged == 0 {
        String::new()
    } else {
        format!(" {:+}", meter.staged)
    };
    let gap = cells.saturating_sub(taken(&name) + width(&numbers) + width(&staged));
    let mean = if meter.staged < 0 {
        Mean::Remove
    } else {
        Mean::Add
    };
    let mut lines = vec![
        vec![
            piece(Mean::Plain, name),
            piece(Mean::Plain, format!("{}{numbers}", " ".repeat(gap.max(1)))),
            piece(mean, staged),
        ],
        bar(meter, cells),
    ];
    if !meter.short.is_empty() {
        let key = app.setup.keymap.key(Action::Short);
        lines.push(vec![
            piece(Mean::Warn, format!("{} do not fit: ", meter.short.len())),
            piece(Mean::Key, key),
            piece(Mean::Plain, " chooses"),
        ]);
        lines.extend(
            meter
                .short
                .iter()
                .take(NAMED)
                .map(|key| vec![piece(Mean::Warn, format!("  {}", app.row_name(key)))]),
        );
        if meter.short.len() > NAMED {
            lines.push(vec![piece(
                Mean::Quiet,
                format!("  and {} more", meter.short.len() - NAMED),
            )]);
        }
    }
    lines
}

/// Used, staged, free: three textures, so that it reads without colour too.
pub(super) fn bar(meter: &SeatMeter, cells: usize) -> Vec<Piece> {
    let total = usize::try_from(meter.total.max(1)).unwrap_or(1);
    let part = |count: i64| usize::try_from(count.max(0)).unwrap_or(0).min(total) * cells / total;
    let used = part(meter.used);
    let after = part(meter.used + meter.staged);
    let (full, staged) = (used.min(after), used.abs_diff(after));
    let mean = if meter.staged < 0 {
        Mean::Remove
    } else {
        Mean::Add
    };
    vec![
        piece(Mean::Plain, "█".repeat(full)),
        piece(mean, "▒".repeat(staged)),
        piece(Mean::Quiet, "░".repeat(cells.saturating_sub(full + staged))),
    ]
}

fn inspector(app: &App, cells: usize) -> Vec<Vec<Piece>> {
    let Some(inspection) = &app.roster.inspection else {
        return vec![vec![piece(Mean::Quiet, "no row under the cursor")]];
    };
    let accepted = &app.stage.staging.accepted;
    let row = app
        .derived
        .index
        .as_ref()
        .and_then(|index| index.row(&inspection.row, accepted));
    let mut lines = Vec::new();
    if let Some(row) = &row {
        let name = app.row_name(&row.key);
        lines.push(vec![piece(Mean::Title, name)]);
        let person = row.person.as_deref();
        let user = row.user.as_deref();
        let mail = person
            .and_then(|p| p.mail.as_ref())
            .or(user.and_then(|u| u.email.as_ref()));
        let subject = row.subject.as_ref().or(user.map(|u| &u.subject));
        for text in [mail, subject.map(Subject::raw)].into_iter().flatten() {
            lines.push(vec![piece(
                Mean::Plain,
                Raw::show(text).elided(cells).to_string(),
            )]);
        }
    }
    let memberships = inspection.memberships.iter();
    let told = memberships.flat_map(|line| {
        if is_altered(line) {
            // On one line with its mark: of two, only the one with the trace would carry it.
            vec![line.clone()]
        } else {
            wrap(line, cells)
        }
    });
    lines.extend(told.map(|line| vec![piece(Mean::Quiet, line)]));
    lines.push(Vec::new());
    lines.push(vec![piece(Mean::Title, "First login")]);
    for check in &inspection.checks {
        lines.extend(check_lines(app, check, cells));
    }
    lines
}

fn check_lines(app: &App, check: &Check, cells: usize) -> Vec<Vec<Piece>> {
    let (sign, mean) = match check.state {
        CheckState::Ok => ("ok", Mean::Add),
        CheckState::Staged => ("..", Mean::Change),
        CheckState::Failed => ("no", Mean::Remove),
        CheckState::Unknown => ("??", Mean::Warn),
    };
    let words = check.what.words();
    let about = check.about.show().to_string();
    let one = width(words) + width(&about) + 6 <= cells;
    let tail = if about.is_empty() || !one {
        String::new()
    } else {
        format!(": {about}")
    };
    let mut lines = vec![vec![
        piece(mean, sign),
        piece(Mean::Plain, format!("  {words}{tail}")),
    ]];
    if !about.is_empty() && !one {
        lines.push(vec![piece(Mean::Plain, format!("    {about}"))]);
    }
    if !check.cause.is_blank() {
        let cause = check.cause.show().to_string();
        let wrapped = wrap(&cause, cells.saturating_sub(4));
        let quiet = |line| vec![piece(Mean::Quiet, format!("    {line}"))];
        lines.extend(wrapped.into_iter().map(quiet));
    }
    if let Some(key) = check.mend.filter(|_| check.state == CheckState::Failed) {
        let name = key.to_string();
        let spec = crate::app::ACTIONS
            .iter()
            .find(|spec| spec.keys.contains(&name.as_str()) && spec.on(app.screen));
        let (key, words) = spec.map_or((name.clone(), "mends it"), |spec| {
            (app.setup.keymap.key(spec.action), spec.title)
        });
        lines.push(vec![
            piece(Mean::Plain, "    "),
            piece(Mean::Key, key),
            piece(Mean::Plain, format!("  {words}")),
        ]);
    }
    lines
}
