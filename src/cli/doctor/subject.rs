//! Whose subject is it: what speaks for the template of the profile, who differs, and which template
//! would do better.

use super::report::{Row, State};
use crate::domain::{Completeness, Snapshot};
use crate::planner::IdentityRule;
use crate::planner::identity::{Difference, Doubtful, Evidence, Stated, Trust, propose};
use crate::planner::roster::Index;
use crate::text::show_str;

/// How many who differ are named.
const NAMED: usize = 3;

pub(super) fn check(snapshot: &Snapshot, rule: &IdentityRule) -> Row {
    let evidence = Evidence::of(&Index::new(snapshot, rule), snapshot);
    let trust = evidence.trust();
    let mut said = format!("{} {}", rule.template, evidence.words());
    if let Completeness::Incomplete(_) | Completeness::Unread = snapshot.directory.people.proof {
        said.push_str(", of the people who could be read");
    }
    said.push_str("; ");
    said.push_str(&told(&evidence, &trust));
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
        row = row.mend(differs(one));
    }
    if let Some(more) = evidence
        .differ
        .len()
        .checked_sub(NAMED)
        .filter(|more| *more > 0)
    {
        row = row.mend(format!("and {more} more who differ"));
    }
    let better = propose(snapshot, rule)
        .into_iter()
        .filter(|one| one.template != rule.template)
        .filter(|one| {
            one.evidence.same > evidence.same || (one.evidence.agrees && !evidence.agrees)
        });
    for one in better {
        let said = if one.evidence.agrees {
            ", and the identity provider maps it so"
        } else {
            ""
        };
        row = row.mend(format!(
            "identity.subject = {} {}{said}",
            quoted(&one.template.to_string()),
            one.evidence.words()
        ));
    }
    match trust {
        Trust::Untold => {
            row.mend("Let one person sign in before the others are enrolled, and ask again.")
        }
        Trust::Doubtful(_) => {
            row.mend("Until then users are made only when their number is typed.")
        }
        Trust::Reproduced | Trust::Stated => row
            .mend("Who differs signs in by another subject, or is somebody else with that e-mail."),
    }
}

/// As a value of the configuration.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn told(evidence: &Evidence, trust: &Trust) -> String {
    match trust {
        Trust::Reproduced => "that proves it".to_owned(),
        Trust::Stated if evidence.agrees => "the identity provider maps it so".to_owned(),
        Trust::Stated => "the identity provider's last sign-in test shows it".to_owned(),
        Trust::Untold => "nothing proves it and nothing speaks against it".to_owned(),
        Trust::Doubtful(Doubtful::Tested) => {
            let test = evidence.tested.as_ref();
            let theirs = test.map_or_else(String::new, |test| test.user.subject.show().to_string());
            format!("the identity provider's last sign-in test gave {theirs} instead")
        }
        Trust::Doubtful(Doubtful::Pairwise) => {
            "the identity provider sends Entra's sub claim, which no directory knows".to_owned()
        }
        Trust::Doubtful(Doubtful::Share) => format!("{} % are wanted", evidence.share),
        Trust::Doubtful(Doubtful::Other) => match &evidence.stated {
            Stated::Template(other) => {
                format!("the identity provider maps {}", show_str(other))
            }
            _ => "the identity provider maps something else".to_owned(),
        },
    }
}

fn differs(one: &Difference) -> String {
    let ours = one
        .ours
        .as_ref()
        .map_or_else(|| "none".to_owned(), |ours| ours.show().to_string());
    format!(
        "{} has the subject {}, the template gives {ours}",
        one.person.name.show(),
        one.user.subject.show()
    )
}
