//! Verdicts as rows and counts, of a run under way and of past ones.

use super::pen::{Pen, Piece, piece};
use super::theme::Mean;
use super::words::{change, number, verdict, verdict_detail};
use crate::app::{App, Area, GroupBy};
use crate::domain::{Counts, Operation, OperationId, Outcome, Plan};

/// Counts per verdict; with little room, those that occur.
pub(super) fn counts(counts: &Counts, cells: usize) -> Vec<Piece> {
    let short = cells < 78;
    let all = [
        ("applied", counts.applied, Mean::Add),
        ("already", counts.already, Mean::Plain),
        ("not applied", counts.not_applied, Mean::Remove),
        ("unknown", counts.unknown, Mean::Warn),
        ("skipped", counts.skipped, Mean::Warn),
    ];
    let mut pieces = Vec::new();
    for (word, count, mean) in all {
        let plain = matches!(word, "applied" | "already");
        if short && count == 0 && word != "applied" {
            continue;
        }
        let gap = if pieces.is_empty() { "" } else { "   " };
        let mean = if plain || count > 0 {
            mean
        } else {
            Mean::Quiet
        };
        pieces.push(piece(mean, format!("{gap}{word} {}", number(count))));
    }
    pieces
}

pub(super) fn operation<'a>(plan: Option<&'a Plan>, id: &OperationId) -> Option<&'a Operation> {
    plan?
        .operations
        .iter()
        .find(|operation| operation.id == *id)
}

pub(super) fn outcome_row(
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
pub(super) fn row(
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
    pen.cell(
        x,
        y,
        what_cells,
        &what,
        if cursor { Mean::Cursor } else { Mean::Plain },
    );
    x += u16::try_from(what_cells + 1).unwrap_or(0);
    pen.prose(
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
