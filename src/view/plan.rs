//! The Plan screen, drawn from the sealed plan: counts first, removals apart, then operations
//! grouped by person or by space, with why; and what was found.

use super::pen::{Pen, Piece, piece};
use super::theme::Mean;
use super::words::{change, counted, left, number, span};
use crate::app::{Action, App, GroupBy, PLAN_HEAD, PlanLine, waits, wrap};
use crate::domain::{Finding, FindingCode, Operation, OperationKind, Plan, Severity};
use crate::planner::{finality, words};
use crate::text::{show_str, width};

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.body;
    let Some(plan) = app.plan.plan.as_deref() else {
        return waiting(app, pen);
    };
    head(app, pen, plan);
    pen.line(area, area.y + PLAN_HEAD - 1);
    let lines = &app.plan.lines;
    if lines.is_empty() {
        let cells = usize::from(area.width).saturating_sub(3);
        pen.put(
            area.x + 3,
            area.y + PLAN_HEAD + 1,
            cells,
            "nothing to do: everything is so already",
            Mean::Plain,
        );
    }
    let window = app.plan.list.window(lines.len());
    for (index, y) in window.zip(area.y + PLAN_HEAD..area.y + area.height) {
        let cursor = index == app.plan.list.cursor;
        match lines.get(index) {
            Some(PlanLine::Heading(text)) => {
                let mean = if *text == "Removals" {
                    Mean::Remove
                } else {
                    Mean::Title
                };
                pen.put(
                    area.x + 1,
                    y,
                    usize::from(area.width),
                    text,
                    if cursor { Mean::Cursor } else { mean },
                );
            }
            Some(PlanLine::Group(name, indices)) => {
                let operations: Vec<&Operation> = indices
                    .iter()
                    .filter_map(|i| plan.operations.get(*i))
                    .collect();
                let head = (name.show().to_string(), app.plan.by);
                group(app, pen, y, &head, &operations, cursor);
            }
            Some(PlanLine::Finding(at, text)) => {
                if let Some(found) = plan.findings.get(*at) {
                    finding(app, pen, y, (found, text), cursor);
                }
            }
            Some(PlanLine::More(at, text)) => {
                if let Some(found) = plan.findings.get(*at) {
                    said(app, pen, y, (found, text), cursor);
                }
            }
            None => {}
        }
    }
    if let Some(why) = app.stopped(plan) {
        stop(app, pen, &why);
    }
}

/// A plan that a guard emptied: why, and what to do, in full, below its findings.
fn stop(app: &App, pen: &mut Pen<'_>, why: &str) {
    let area = app.layout.body;
    let cells = app.layout.stop_cells();
    let lines = wrap(why, cells);
    let high = u16::try_from(lines.len()).unwrap_or(area.height);
    let first = area.y + area.height.saturating_sub(high);
    for (line, y) in lines.iter().zip(first..area.y + area.height) {
        pen.cell(area.x + 3, y, cells, line, Mean::Warn);
    }
}

fn waiting(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.body;
    let text = if app.plan.building {
        "building the plan…".to_owned()
    } else if app.plan.wanted {
        let reading: Vec<String> = app
            .data
            .loading
            .iter()
            .map(|load| load.words(app))
            .collect();
        format!("first reading {}…", reading.join(", "))
    } else {
        let key = app.setup.keymap.key(Action::Plan);
        match (Action::Plan.spec().applies)(app) {
            Ok(()) => format!("no plan yet: {key} builds one from what is staged"),
            Err(why) => format!("no plan yet: {why}"),
        }
    };
    pen.put(
        area.x + 2,
        area.y + 2,
        usize::from(area.width).saturating_sub(3),
        &text,
        Mean::Quiet,
    );
}

fn head(app: &App, pen: &mut Pen<'_>, plan: &Plan) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    let rows = [
        title(app, plan, cells),
        adds(plan),
        takes(plan),
        notes(app, plan),
    ];
    for (row, y) in rows.iter().zip(area.y..) {
        pen.sentence(area.x + 1, y, cells, row);
    }
}

fn title(app: &App, plan: &Plan, cells: usize) -> Vec<Piece> {
    let summary = &plan.summary;
    let seconds = plan.expires.as_second() - app.wall.as_second();
    let holds = seconds > 0;
    let expiry = if holds {
        format!("expires in {}", left(seconds))
    } else {
        "EXPIRED".to_owned()
    };
    let facts = format!(
        "  {expiry}  {}  {}  about {}",
        counted(summary.people, "person", "people"),
        counted(summary.requests, "request", "requests"),
        span(i64::try_from(summary.seconds).unwrap_or(i64::MAX)),
    );
    let head = format!("Plan {} ", plan.hash.short());
    let room = cells.saturating_sub(width(&head) + width(&facts));
    let named = words(&plan.hash);
    // Whole words only: half a word would be compared wrongly.
    let mut named = named.as_str();
    while width(named) > room {
        named = named.rsplit_once('-').map_or("", |(head, _)| head);
    }
    vec![
        piece(Mean::Title, head),
        piece(Mean::Mark, named),
        piece(if holds { Mean::Plain } else { Mean::Error }, facts),
    ]
}

/// Sign, one, several.
fn kind_words(kind: OperationKind, count: u64) -> (&'static str, &'static str, Mean) {
    let (sign, one, several, mean) = match kind {
        OperationKind::CreateUser => ("+", "user", "users", Mean::Add),
        OperationKind::UpdateUser => ("~", "user record", "user records", Mean::Change),
        OperationKind::DisableUser => ("-", "user disabled", "users disabled", Mean::Remove),
        OperationKind::DeleteUser => ("-", "user DELETED", "users DELETED", Mean::Remove),
        OperationKind::AddLicense => ("+", "license", "licenses", Mean::Add),
        OperationKind::ChangeLicense => ("~", "license type", "license types", Mean::Change),
        OperationKind::MoveLicense => (">", "license moves", "licenses move", Mean::Change),
        OperationKind::RemoveLicense => ("-", "license", "licenses", Mean::Remove),
        OperationKind::CreateGroup => ("+", "group", "groups", Mean::Add),
        OperationKind::AddSpaceAssignment => {
            ("+", "space assignment", "space assignments", Mean::Add)
        }
        OperationKind::ChangeSpaceAssignment => {
            ("~", "space assignment", "space assignments", Mean::Change)
        }
        OperationKind::RemoveSpaceAssignment => {
            ("-", "space assignment", "space assignments", Mean::Remove)
        }
        OperationKind::SetRoles => ("~", "role list", "role lists", Mean::Change),
        OperationKind::SetAutoAssign => {
            ("~", "automatic switch", "automatic switches", Mean::Change)
        }
    };
    (sign, if count == 1 { one } else { several }, mean)
}

fn adds(plan: &Plan) -> Vec<Piece> {
    let mut pieces = vec![piece(Mean::Plain, "  ")];
    for (kind, count) in &plan.summary.kinds {
        let (sign, words, mean) = kind_words(*kind, *count);
        if sign != "-" {
            pieces.push(piece(mean, format!("{sign} {} {words}   ", number(*count))));
        }
    }
    pieces
}

fn takes(plan: &Plan) -> Vec<Piece> {
    let summary = &plan.summary;
    let mean = if summary.removals > 0 {
        Mean::Remove
    } else {
        Mean::Quiet
    };
    let mut pieces = vec![piece(
        mean,
        format!("  - {} removals  ", number(summary.removals)),
    )];
    for (kind, count) in &summary.kinds {
        let (sign, words, mean) = kind_words(*kind, *count);
        if sign == "-" {
            pieces.push(piece(mean, format!("- {} {words}   ", number(*count))));
        }
    }
    if summary.skipped > 0 {
        pieces.push(piece(
            Mean::Warn,
            format!("{} skipped  ", number(summary.skipped)),
        ));
    }
    if summary.waiting > 0 {
        pieces.push(piece(
            Mean::Warn,
            format!("{} wait for a seat", number(summary.waiting)),
        ));
    }
    pieces
}

/// What cannot be taken back comes before everything else that is to be known.
fn notes(app: &App, plan: &Plan) -> Vec<Piece> {
    // A plan that is out of date is not applied: that comes first, and has the line to itself.
    if app.plan.stale {
        return note(app, plan);
    }
    let last = finality(plan).map(|words| piece(Mean::Remove, format!("{words}   ")));
    last.into_iter().chain(note(app, plan)).collect()
}

fn note(app: &App, plan: &Plan) -> Vec<Piece> {
    if app.plan.stale && plan.reverts.is_some() {
        return vec![piece(
            Mean::Warn,
            "! this reversal was applied or is out of date; make it again on Runs",
        )];
    }
    if app.plan.stale {
        let key = app.setup.keymap.key(Action::Plan);
        return vec![piece(
            Mean::Warn,
            format!("! staging has changed since; {key} builds it again"),
        )];
    }
    if app.stopped(plan).is_some() {
        return vec![piece(
            Mean::Error,
            "! a guard stopped this plan: nothing of it would be done",
        )];
    }
    if let Some(source) = plan.sources.iter().find(|source| !source.complete) {
        let cause = source.cause.as_deref().unwrap_or("not read completely");
        return vec![piece(
            Mean::Warn,
            format!(
                "! {} incomplete: {}",
                show_str(&source.label),
                show_str(cause)
            ),
        )];
    }
    let found = plan.findings.iter();
    let unchecked = found.filter(|one| one.code == FindingCode::NotChecked);
    let unchecked = unchecked.count() as u64;
    if unchecked > 0 {
        // What it is would not fit here; the findings say it.
        let text = format!("{} not checked", number(unchecked));
        return vec![piece(Mean::Warn, text)];
    }
    let by = match app.plan.by {
        GroupBy::Person => "by person",
        GroupBy::Space => "by space",
    };
    if let Some(run) = &plan.reverts {
        let text = format!("Takes back run {}, {by}", run.show());
        return vec![piece(Mean::Plain, text)];
    }
    vec![piece(
        Mean::Quiet,
        format!("Operations {by}, in the order of the run"),
    )]
}

fn group(
    app: &App,
    pen: &mut Pen<'_>,
    y: u16,
    (name, under): &(String, GroupBy),
    operations: &[&Operation],
    cursor: bool,
) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(4);
    let name_cells = app.layout.name_cells();
    let why_cells = if cells >= 90 { cells * 2 / 5 } else { 0 };
    pen.cell(
        area.x + 3,
        y,
        name_cells,
        name,
        if cursor { Mean::Cursor } else { Mean::Plain },
    );
    let mut pieces = vec![piece(Mean::Plain, "  ")];
    for operation in operations.iter().take(6) {
        let (text, mean) = change(&operation.change, *under);
        pieces.push(piece(mean, text));
        pieces.push(piece(Mean::Plain, "   "));
    }
    if operations.len() > 6 {
        pieces.push(piece(
            Mean::Quiet,
            format!("and {} more", operations.len() - 6),
        ));
    }
    let room = cells.saturating_sub(name_cells + why_cells);
    let x = area.x + 3 + u16::try_from(name_cells).unwrap_or(0);
    pen.pieces(x, y, room, &pieces);
    if let Some(first) = operations.first().filter(|_| why_cells > 0) {
        let from = x + u16::try_from(room).unwrap_or(0);
        let why = format!(" why: {}", first.why.show());
        pen.prose(from, y, why_cells, &why, Mean::Quiet);
    }
}

/// The mark of a finding. That of the key which decides means that it acts here and nothing else.
fn sign(app: &App, finding: &Finding) -> (String, Mean) {
    let mean = match finding.severity {
        Severity::Error => Mean::Error,
        Severity::Warning => Mean::Warn,
        Severity::Note => Mean::Quiet,
    };
    let sign = match finding.severity {
        _ if waits(finding) => app.decision_sign(),
        Severity::Error => "X".to_owned(),
        Severity::Warning => "W".to_owned(),
        Severity::Note => "i".to_owned(),
    };
    (sign, mean)
}

fn finding(app: &App, pen: &mut Pen<'_>, y: u16, (found, text): (&Finding, &str), cursor: bool) {
    let area = app.layout.body;
    let (sign, mean) = sign(app, found);
    let cells = app.layout.name_cells();
    let named = if cursor { Mean::Cursor } else { Mean::Plain };
    pen.put(area.x + 1, y, 1, &sign, mean);
    pen.cell(area.x + 3, y, cells, found.who.show().as_str(), named);
    said(app, pen, y, (found, text), false);
}

/// A line of what a finding says.
fn said(app: &App, pen: &mut Pen<'_>, y: u16, (found, text): (&Finding, &str), cursor: bool) {
    let mean = match found.severity {
        _ if cursor => Mean::Cursor,
        Severity::Note => Mean::Quiet,
        Severity::Warning | Severity::Error => Mean::Plain,
    };
    let name = u16::try_from(app.layout.name_cells()).unwrap_or(0);
    let x = app.layout.body.x + 3 + name + 2;
    pen.put(x, y, app.layout.finding_cells(), text, mean);
}
