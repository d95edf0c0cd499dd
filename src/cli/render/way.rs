//! What to do about a finding, in options: what the plan says of it, and what a person may decide.

use crate::domain::{Decision, Finding, FindingCode, Plan, RunId, Severity};
use crate::text::show_str;

/// The hint with the way to decide; empty when there is neither.
pub(in crate::cli) fn hint(plan: &Plan, finding: &Finding) -> String {
    let hint = here(plan, finding);
    match way(plan, finding) {
        Some(way) if hint.is_empty() => way,
        Some(way) => format!("{hint}; {way}"),
        None => hint,
    }
}

/// What the plan advises, in words that mean something on the command line: there is no row to mark
/// and no key to press.
fn here(plan: &Plan, finding: &Finding) -> String {
    let hint = finding.hint.show().to_string();
    let forward = plan.reverts.is_none();
    let instead = match finding.code {
        FindingCode::EmailCandidate => {
            "if it is the same person: --accept-email with that subject, or match = [\"subject\", \"email\"] under identity in the profile; if not, correct the e-mail"
        }
        FindingCode::WaitsForSeat if forward => {
            "--short fallback --fallback TYPE gives another license, --short leave-out leaves them out; else take seats back, or buy"
        }
        FindingCode::FellBack if forward => {
            "--short wait keeps them in line for it, --short leave-out leaves them out; else take seats back, or buy"
        }
        FindingCode::LeftOut if forward => {
            "--short wait does the rest for them and keeps them in line, --short fallback --fallback TYPE gives another license"
        }
        FindingCode::UserDisabled => {
            "named by --person the record is enabled again; --group and --all never do that"
        }
        FindingCode::KeepsHigherLicense => {
            "named by --person they get exactly the license that is asked for"
        }
        FindingCode::DisabledPerson => {
            "enable the account in the directory, or leave the person out of what is planned for"
        }
        FindingCode::AutoAssignOn => {
            "switch it off on the Roster screen of qroll, or in the tenant's administration"
        }
        FindingCode::RemovalGuard if finding.severity == Severity::Warning => {
            let number = plan.summary.removals;
            return format!(
                "apply asks for the number {number} to be typed, or takes it as --allow-removals {number}"
            );
        }
        FindingCode::NotSettled => return hint.replace("RUN", &run(plan.reverts.as_ref())),
        _ => return without_keys(&hint),
    };
    if hint.contains("overage") {
        return format!("{instead}; overage would cost and is not used");
    }
    instead.to_owned()
}

/// Hints that name a key of the screen, with what stands for it here.
fn without_keys(hint: &str) -> String {
    [
        ("refresh, then mark the row again", "plan again"),
        ("refresh, then plan again", "plan again"),
        ("open the space or plan again", "plan again"),
        ("refresh", "plan again"),
        ("then refresh", "then plan again"),
        ("deprovision on Roster", "the Roster screen of qroll"),
    ]
    .into_iter()
    .fold(hint.to_owned(), |hint, (key, words)| {
        hint.replace(key, words)
    })
}

fn way(plan: &Plan, finding: &Finding) -> Option<String> {
    Some(match finding.decision.as_ref()? {
        // It is confirmed.
        _ if finding.is_settled() => return None,
        Decision::LookAlike(subject) => {
            let Some(subject) = quoted(subject.expose()) else {
                return Some(elsewhere("subject"));
            };
            format!("qroll plan --accept-lookalike={subject}")
        }
        Decision::Admin(subject) => {
            let Some(subject) = quoted(subject.expose()) else {
                return Some(elsewhere("subject"));
            };
            format!("for this one: --allow-admin={subject} with plan and with apply")
        }
        Decision::Size { name, count } => {
            // The option takes the name without blanks around it.
            let bare = name.expose().trim() == name.expose();
            let size = quoted(&format!("{}={count}", name.expose())).filter(|_| bare);
            let Some(size) = size else {
                return Some(elsewhere("name"));
            };
            format!("qroll plan --accept-size={size}")
        }
        Decision::Removals { number, rest } => removals(*number, *rest, plan.reverts.as_ref()),
        Decision::Unproven { number } => {
            format!("--allow-unproven {number} lets exactly these {number} pass")
        }
        Decision::Orphans { number } => {
            format!("--allow-orphans {number} takes exactly these {number} back")
        }
        Decision::Held => "plan again without --hold-removals to take it".to_owned(),
        Decision::Include(subject) => {
            let Some(subject) = quoted(subject.expose()) else {
                return Some(elsewhere("subject"));
            };
            let run = run(plan.reverts.as_ref());
            format!("to take it back all the same: qroll revert {run} --include={subject}")
        }
    })
}

/// Text from outside as one word of a shell (POSIX, 2.2.2 Single-Quotes). None when it is shown
/// otherwise than it is: what is copied would name nobody.
fn quoted(text: &str) -> Option<String> {
    let shown = show_str(text);
    let same = shown.as_str() == text;
    same.then(|| format!("'{}'", text.replace('\'', "'\\''")))
}

/// The way when there is nothing to copy.
fn elsewhere(what: &str) -> String {
    format!(
        "its {what} has characters that cannot be copied from here: decide on the Plan screen of qroll"
    )
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

    #[test]
    fn data_in_a_command_is_one_quoted_word() {
        for (text, word) in [
            ("CORP\\ada", "'CORP\\ada'"),
            ("$(id)`id`\"x; ls", "'$(id)`id`\"x; ls'"),
            ("O'Brien", "'O'\\''Brien'"),
            ("", "''"),
            ("--yes", "'--yes'"),
        ] {
            assert_eq!(quoted(text).as_deref(), Some(word));
        }
    }

    #[test]
    fn what_cannot_be_copied_as_it_is_stands_in_no_command() {
        for text in ["a\nb", "a\u{202e}b", "e\u{301}", "\u{301}x", "a\u{1b}[1m"] {
            assert_eq!(quoted(text), None, "{text:?}");
        }
    }
}
