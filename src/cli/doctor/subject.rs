//! Whose subject is it: what speaks for the template of the profile, who differs, and which template
//! would do better.

use super::report::{Row, State};
use crate::domain::Snapshot;
use crate::planner::IdentityRule;
use crate::planner::identity::{Evidence, Trust, propose, report};
use crate::planner::roster::Index;

/// How many who differ are named.
const NAMED: usize = 3;

pub(in crate::cli) fn check(snapshot: &Snapshot, rule: &IdentityRule) -> Row {
    let index = Index::new(snapshot, rule);
    let evidence = Evidence::of(&index, snapshot);
    let trust = evidence.trust();
    let part = match snapshot.directory.people.proof.gap() {
        Some(_) => ", of the people who could be read",
        None => "",
    };
    let said = format!(
        "{} {}{part}; {}",
        rule.template,
        evidence.words(),
        report::verdict(&evidence).show()
    );
    let state = match &trust {
        Trust::Reproduced | Trust::Stated if evidence.differ.is_empty() => State::Ok,
        Trust::Reproduced | Trust::Stated | Trust::Untold => State::Warn,
        Trust::Doubtful(_) => State::Fail,
    };
    let mut row = Row::new("subject", state, said);
    if state == State::Ok {
        return row;
    }
    for one in evidence.differ.iter().take(NAMED) {
        row = row.mend(report::difference(one).show().to_string());
    }
    let more = evidence.differ.len().saturating_sub(NAMED);
    if more > 0 {
        row = row.mend(format!("and {more} more who differ"));
    }
    let better = propose(&index, snapshot).into_iter().filter(|one| {
        one.template != rule.template
            && (one.same > evidence.same || one.agrees && !evidence.agrees)
    });
    for one in better {
        row = row.mend(format!(
            "identity.subject = {} {}",
            quoted(&one.template.to_string()),
            report::fit(&one)
        ));
    }
    row.mend(match trust {
        Trust::Untold => "Let one person sign in before the others are enrolled, and ask again.",
        Trust::Doubtful(_) => "Until then users are made only when their number is typed.",
        Trust::Reproduced | Trust::Stated => {
            "Who differs signs in by another subject, or is somebody else with that e-mail."
        }
    })
}

/// As a value of the configuration.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
