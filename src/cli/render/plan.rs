//! A plan for a person to review, from the file alone: counts first, removals apart, then
//! everything grouped by person or by space.

use jiff::Timestamp;
use std::collections::BTreeMap;

use super::change::{Roles, heading, sign, what};
use super::way::hint;
use crate::domain::{Finding, Operation, Plan, Severity, Undo};
use crate::planner::{finality, losses, words};
use crate::text::show_str;

/// Findings of one kind that are written out; the rest is counted.
const EACH: usize = 50;

/// The lines.
pub(in crate::cli) fn plan(plan: &Plan) -> Vec<String> {
    let mut lines = head(plan);
    lines.extend(numbers(plan));
    lines.extend(findings(plan));
    let (removals, rest): (Vec<_>, Vec<_>) = plan
        .operations
        .iter()
        .partition(|operation| operation.change.is_removal());
    lines.extend(section("Removals", &removals, &plan.roles));
    lines.extend(section("Operations", &rest, &plan.roles));
    if plan.operations.is_empty() {
        let mut found = plan.findings.iter();
        let as_wished = found.all(|finding| finding.severity == Severity::Note);
        let words = if as_wished {
            "Nothing to do: everything is as wished."
        } else {
            "Nothing to do. What is not as wished, and why, stands under Findings."
        };
        lines.extend([String::new(), words.to_owned()]);
    }
    lines
}

fn head(plan: &Plan) -> Vec<String> {
    let mut lines = vec![
        format!("Plan {}  {}", plan.hash.0, words(&plan.hash)),
        format!(
            "  tenant    {} ({})",
            plan.tenant.url.show(),
            plan.tenant.id.show()
        ),
        format!(
            "  as        {} ({})",
            plan.identity.name.show(),
            plan.identity.subject.show()
        ),
        format!(
            "  made      {}, holds until {}",
            moment(plan.created),
            moment(plan.expires)
        ),
    ];
    if let Some(run) = &plan.reverts {
        lines.push(format!("  reverts   run {}", run.show()));
    }
    for source in &plan.sources {
        let state = match (&source.cause, source.complete) {
            (_, true) => "complete".to_owned(),
            (Some(cause), false) => format!("not complete: {}", show_str(cause)),
            (None, false) => "not complete".to_owned(),
        };
        // A plan file may come from anybody: its hash only says that it is whole.
        let (role, label) = (show_str(&source.role), show_str(&source.label));
        lines.push(format!("  {role:<9} {label}, {state}"));
    }
    lines
}

fn numbers(plan: &Plan) -> Vec<String> {
    let summary = &plan.summary;
    let mut lines = vec![
        String::new(),
        format!(
            "{} people: {} operations, {} removals, {} waiting, {} skipped; {} requests, about {}",
            summary.people,
            summary.operations,
            summary.removals,
            summary.waiting,
            summary.skipped,
            summary.requests,
            span(summary.seconds)
        ),
    ];
    lines.extend(
        summary
            .kinds
            .iter()
            .map(|(kind, count)| format!("  {count:>6}  {}", kind.word().replace('_', " "))),
    );
    let finals = [finality(plan), losses(plan)];
    lines.extend(finals.into_iter().flatten());
    lines
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn findings(plan: &Plan) -> Vec<String> {
    let findings = &plan.findings;
    if findings.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), format!("Findings ({})", findings.len())];
    let mut shown: BTreeMap<_, usize> = BTreeMap::new();
    let hints: Vec<String> = findings.iter().map(|one| hint(plan, one)).collect();
    // Where several in a row have the same hint, it stands once, below the last of them.
    let mut same = 0;
    for (at, finding) in findings.iter().enumerate() {
        let count = shown.entry((finding.severity, finding.code)).or_default();
        *count += 1;
        same += 1;
        if *count <= EACH {
            lines.push(line(finding));
        }
        let hint = hints.get(at).map_or("", String::as_str);
        let next = findings
            .get(at + 1)
            .is_some_and(|next| next.code == finding.code);
        if next && hints.get(at + 1).is_some_and(|next| next == hint) {
            continue;
        }
        // Whoever is only counted has no hint of its own.
        let listed = count.saturating_sub(same) < EACH;
        match (hint, same) {
            (hint, 1) if listed && !hint.is_empty() => lines.push(format!("            {hint}")),
            (hint, many) if listed && !hint.is_empty() => {
                lines.push(format!("            these {many}: {hint}"));
            }
            _ => {}
        }
        same = 0;
    }
    let more: usize = shown.values().map(|count| count.saturating_sub(EACH)).sum();
    if more > 0 {
        lines.push(format!(
            "  and {more} more of the same kinds; --json lists them all"
        ));
    }
    lines
}

fn line(finding: &Finding) -> String {
    let mark = mark(finding.severity);
    let text = finding.text.show();
    if finding.who.is_blank() {
        format!("  {mark} {text}")
    } else {
        format!("  {mark} {}: {text}", finding.who.show())
    }
}

fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error    ",
        Severity::Warning => "warning  ",
        Severity::Note => "note     ",
    }
}

fn section(title: &str, operations: &[&Operation], roles: &Roles) -> Vec<String> {
    if operations.is_empty() {
        return Vec::new();
    }
    // First come, first shown: the order of execution decides the order of the groups.
    let mut groups: Vec<(String, Vec<&Operation>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for operation in operations {
        let name = heading(operation);
        let place = *places.entry(name.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(operation),
            None => groups.push((name, vec![operation])),
        }
    }
    let mut lines = vec![String::new(), format!("{title} ({})", operations.len())];
    for (name, group) in groups {
        lines.push(format!("  {name}"));
        for operation in group {
            lines.push(format!(
                "    {} {}{}",
                sign(&operation.change),
                what(&operation.change, roles),
                undo(operation.undo)
            ));
            if !operation.why.is_blank() {
                lines.push(format!("        {}", operation.why.show()));
            }
        }
    }
    lines
}

fn undo(undo: Undo) -> &'static str {
    match undo {
        Undo::Reversible => "",
        Undo::Lossy => "  (taking it back loses something)",
        Undo::Impossible => "  (cannot be taken back)",
    }
}
