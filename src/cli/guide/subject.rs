//! Whose subject is it: the template that existing users speak for, or one that the operator knows.

use super::step::Step;
use super::talk::{Talk, Wrong};
use crate::cli::doctor::{Report, check_subject};
use crate::domain::Snapshot;
use crate::planner::identity::{propose, report};
use crate::planner::roster::Index;
use crate::planner::{IdentityRule, SubjectTemplate};
use crate::ports::{Kind, Problem};
use crate::text::show_str;

const WHAT: &str = "\
\x20 The subject is how your identity provider names a person to Qlik. Users that qroll makes must carry the same, or \
nobody ever signs in by them.";

/// Asks for the template, with what speaks for each. `old` is the rule of a profile that is there.
pub(super) async fn step(
    talk: Talk<'_>,
    snapshot: Option<&Snapshot>,
    old: Option<&IdentityRule>,
) -> Result<IdentityRule, Problem> {
    talk.head(Step::Subject);
    talk.say(WHAT);
    let rule = match old {
        Some(old) => old.clone(),
        None => IdentityRule::new(
            SubjectTemplate::parse("{id}")
                .map_err(|error| Problem::new(Kind::Internal, error.to_string()))?,
        ),
    };
    let Some(snapshot) = snapshot else {
        talk.say("  Both sides could not be read, so nothing speaks for a template yet; the doctor tells later.");
        return talk.round(async || typed(talk, &rule)).await;
    };
    let kept = old.map(|old| &old.template);
    loop {
        let chosen = talk
            .round(async || choose(talk, snapshot, &rule, kept))
            .await?;
        let row = check_subject(snapshot, &chosen);
        Report::new(talk.out).add(&row);
        if !row.is_failure() {
            return Ok(chosen);
        }
        let ways = [
            "Choose again",
            "Take it all the same: users are made only when their number is typed",
        ];
        if talk.way_on("How to go on?", &ways)? == 1 {
            talk.flaw();
            return Ok(chosen);
        }
    }
}

/// One of the templates that existing users speak for, or another.
fn choose(
    talk: Talk,
    snapshot: &Snapshot,
    rule: &IdentityRule,
    kept: Option<&SubjectTemplate>,
) -> Result<IdentityRule, Problem> {
    let index = Index::new(snapshot, rule);
    let mut proposals = propose(&index, snapshot);
    // What cannot be shown as it is cannot be chosen knowingly.
    proposals.retain(|one| !show_str(&one.template.to_string()).altered());
    drop(index);
    if proposals.is_empty() {
        talk.say("  No existing user of a known person shows which it is.");
        return typed(talk, rule);
    }
    let lines = proposals
        .iter()
        .map(|one| match (one.compared, one.agrees) {
            (0, true) => format!(
                "{}: no existing user to compare, and the identity provider maps it so",
                one.template
            ),
            (0, false) => format!("{}: no existing user to compare", one.template),
            _ => format!("{} {}", one.template, report::fit(one)),
        });
    let mut lines: Vec<String> = lines.collect();
    lines.push("Another template".to_owned());
    let ways: Vec<&str> = lines.iter().map(String::as_str).collect();
    let kept = kept.and_then(|kept| proposals.iter().position(|one| one.template == *kept));
    let chosen = talk.choice("Which template?", &ways, kept.unwrap_or(0))?;
    match proposals.into_iter().nth(chosen) {
        Some(one) => Ok(IdentityRule {
            template: one.template,
            ..rule.clone()
        }),
        None => typed(talk, rule),
    }
}

fn typed(talk: Talk, rule: &IdentityRule) -> Result<IdentityRule, Problem> {
    talk.say("  {id} is the id of the directory (Entra: the object id), {upn} {mail} {sam} what their names say; CORP\\{sam} has a realm.");
    let before = rule.template.to_string();
    let template = talk.checked("Template", Some(&before), parse)?;
    Ok(IdentityRule {
        template,
        ..rule.clone()
    })
}

fn parse(text: &str) -> Result<SubjectTemplate, Wrong> {
    SubjectTemplate::parse(text).map_err(|error| Wrong(error.to_string()))
}
