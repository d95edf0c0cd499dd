//! What to do about a finding, in options: what the plan says of it, and what a person may decide.

use crate::domain::{Decision, Finding, Plan, RunId, Severity};

/// The hint with the way to decide; empty when there is neither.
pub(in crate::cli) fn hint(plan: &Plan, finding: &Finding) -> String {
    let hint = finding.hint.show().to_string();
    match way(plan, finding) {
        Some(way) if hint.is_empty() => way,
        Some(way) => format!("{hint}; {way}"),
        None => hint,
    }
}

fn way(plan: &Plan, finding: &Finding) -> Option<String> {
    Some(match finding.decision.as_ref()? {
        // It is confirmed.
        Decision::LookAlike(_) if finding.severity != Severity::Error => return None,
        Decision::LookAlike(subject) => {
            format!("qroll plan --accept-lookalike \"{}\"", subject.show())
        }
        Decision::Admin(subject) => format!(
            "for this one: --allow-admin \"{}\" with plan and with apply",
            subject.show()
        ),
        Decision::Size { name, count } => {
            format!("qroll plan --accept-size \"{}={count}\"", name.show())
        }
        Decision::Removals { number, rest } => removals(*number, *rest, plan.reverts.as_ref()),
        Decision::Held => "plan again without --hold-removals to take it".to_owned(),
        Decision::Include(subject) => format!(
            "to take it back all the same: qroll revert {} --include \"{}\"",
            run(plan.reverts.as_ref()),
            subject.show()
        ),
    })
}

fn removals(number: u64, rest: u64, reverts: Option<&RunId>) -> String {
    let pass = format!("--allow-removals {number} lets exactly these {number} pass");
    match (reverts, rest) {
        (Some(_), _) => format!("qroll revert {} {pass}", run(reverts)),
        (None, 0) => format!("everything in it takes something away; {pass}"),
        (None, _) => format!("--hold-removals plans the other {rest} without them, {pass}"),
    }
}

fn run(reverts: Option<&RunId>) -> String {
    reverts.map_or_else(|| "RUN".to_owned(), |run| run.show().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_anything_else_to_plan_holding_is_no_way_out() {
        let all = removals(3, 0, None);
        assert!(!all.contains("--hold-removals"), "{all}");
        assert!(all.contains("--allow-removals 3 lets"), "{all}");
        assert!(removals(3, 2, None).contains("--hold-removals plans the other 2"));
        let run = RunId::from("r7");
        assert!(removals(3, 0, Some(&run)).starts_with("qroll revert r7 --allow-removals 3"));
    }
}
