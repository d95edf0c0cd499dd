//! What becomes of a plan that was made: the file, what is printed of it, what to do next, and the
//! exit code. Shared by `qroll plan` and `qroll revert`.

use serde::Serialize;
use std::path::Path;

use super::keep::keep_others;
use super::out::Out;
use super::world::SERVE_A_WORLD;
use super::{render, show};
use crate::domain::{Finding, FindingCode, Plan, Severity, SourceKind, SourceProof, Summary};
use crate::planner::file;
use crate::ports::{Disk, Kind, Problem};
use crate::text::{Raw, show_str};

/// Findings that are repeated at the end when they block the plan.
const BLOCKING: usize = 3;

/// `qroll plan --json`.
#[derive(Serialize)]
struct Said<'a> {
    hash: &'a str,
    summary: &'a Summary,
    findings: Vec<Finding>,
}

/// Writes the plan where it is wanted, and prints it.
pub(super) fn deliver(
    disk: &dyn Disk,
    path: Option<&Path>,
    plan: &Plan,
    out: Out,
) -> Result<(), Problem> {
    if let Some(path) = path {
        write(disk, path, plan)?;
    }
    if out.json {
        out.json(&Said {
            hash: &plan.hash.0,
            summary: &plan.summary,
            findings: plan.findings.iter().map(|one| told(plan, one)).collect(),
        });
        return Ok(());
    }
    for line in render::plan(plan) {
        out.line(line);
    }
    Ok(())
}

/// A finding with the options by which somebody decides about it.
fn told(plan: &Plan, finding: &Finding) -> Finding {
    Finding {
        hint: Raw::from(render::hint(plan, finding)),
        ..finding.clone()
    }
}

/// What to do next: what blocks the plan before anything else.
pub(super) fn advise(path: Option<&Path>, plan: &Plan, demo: bool, out: Out) {
    if out.json {
        return;
    }
    let blocking: Vec<&Finding> = errors(plan).collect();
    if !blocking.is_empty() {
        out.note("\nNot to be applied:");
        for finding in blocking.iter().take(BLOCKING) {
            out.note(format!("  {}", finding.text.show()));
            let hint = render::hint(plan, finding);
            if !hint.is_empty() {
                out.note(format!("    {hint}"));
            }
        }
        if blocking.len() > BLOCKING {
            out.note(format!("  and {} more", blocking.len() - BLOCKING));
        }
    }
    let Some(path) = path.filter(|_| !plan.operations.is_empty()) else {
        return;
    };
    let path = path.display();
    if !blocking.is_empty() {
        out.note(format!("Written to {path}, to be looked at only."));
    } else if demo {
        out.note(format!(
            "\nWritten to {path}, to be looked at only: the demo's tenant ends here."
        ));
        for line in SERVE_A_WORLD {
            out.note(format!("  {line}"));
        }
    } else {
        out.note(format!("\nWritten to {path}. Next: qroll apply {path}"));
    }
}

/// What the plan does not rest on, last, so that it is not missed.
pub(super) fn doubts(plan: &Plan, out: Out) {
    for source in unread(plan) {
        let cause = source.cause.as_deref().unwrap_or("not read to its end");
        out.note(format!(
            "\n{} {} is not proven whole: {}. Nothing is taken away on the strength of it.",
            source.role,
            show_str(&source.label),
            show_str(cause)
        ));
    }
}

/// Sources of which something is missing or hard to believe. A file that does not declare itself
/// complete was read as it is: it takes nothing, and that is no error.
fn unread(plan: &Plan) -> impl Iterator<Item = &SourceProof> {
    let doubted = has(plan, FindingCode::SourceDoubt);
    plan.sources.iter().filter(move |source| {
        let is_file = source.kind == Some(SourceKind::File);
        !source.complete && (doubted || !is_file)
    })
}

fn has(plan: &Plan, code: FindingCode) -> bool {
    plan.findings.iter().any(|finding| finding.code == code)
}

fn errors(plan: &Plan) -> impl Iterator<Item = &Finding> {
    plan.findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
}

/// Writes the file and reads it back: what is reviewed and applied is what stands there.
fn write(disk: &dyn Disk, path: &Path, plan: &Plan) -> Result<(), Problem> {
    keep_others(path, Some(&plan.tenant))?;
    disk.replace(path, file::to_json(plan).as_bytes())?;
    let written = show::read(path)?;
    if written == *plan {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Internal,
        format!(
            "the plan file {} does not read back as it was made",
            path.display()
        ),
    )
    .hint("Do not apply it."))
}

/// 0 nothing to do, 2 changes, 3 something is held by a limit, 1 a source was not read whole or is
/// hard to believe; a plan that may not be applied says why by its code.
pub(super) fn exit_code(plan: &Plan) -> u8 {
    let mut errors = errors(plan).peekable();
    if errors.peek().is_none() {
        return if unread(plan).next().is_some() {
            1
        } else if has(plan, FindingCode::RemovalHeld) {
            3
        } else if plan.operations.is_empty() {
            0
        } else {
            2
        };
    }
    let guarded = errors.all(|finding| {
        matches!(
            finding.code,
            FindingCode::RemovalGuard
                | FindingCode::Protected
                | FindingCode::DeleteNotArmed
                | FindingCode::LookAlike
        )
    });
    if guarded { Kind::Guard.exit_code() } else { 1 }
}
