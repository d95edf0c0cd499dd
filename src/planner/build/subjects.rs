//! Subjects that are new to the tenant are only as good as the template that makes them: a wrong one
//! is accepted, takes a seat, and nobody ever signs in by it. So what speaks for the template is told,
//! and where something speaks against it the plan stops until the number of people is typed.

use std::collections::BTreeSet;

use super::draft::{Pad, names};
use crate::domain::{Change, Decision, FindingCode};
use crate::planner::identity::{Difference, Doubtful, Evidence, Trust, report};
use crate::text::Raw;

pub(super) fn check(pad: &mut Pad<'_, '_>) {
    let number = new_subjects(pad);
    if number == 0 {
        return;
    }
    let evidence = Evidence::of(pad.desk.index, pad.desk.snapshot);
    let template = pad.desk.index.rule().template.to_string();
    let who = Raw::from(template.as_str());
    match evidence.trust() {
        Trust::Reproduced if evidence.differ.is_empty() => {}
        Trust::Reproduced => pad.note(
            FindingCode::SubjectUnproven,
            &who,
            format!("{}: {}", evidence.words(), users(&evidence.differ)),
            "they sign in by another subject, or are somebody else with that e-mail",
        ),
        Trust::Stated => stated(pad, &evidence, &who),
        Trust::Untold => pad.note(
            FindingCode::SubjectUnproven,
            &who,
            format!(
                "{}, and the identity provider tells nothing that proves it; {number} people get it",
                evidence.words()
            ),
            "let one of them sign in before the others are enrolled",
        ),
        Trust::Doubtful(why) => doubted(pad, &evidence, why, number, &who),
    }
    capitals(pad, &evidence, &who);
}

/// People who get a record or a license under a subject that no user has yet.
fn new_subjects(pad: &Pad<'_, '_>) -> u64 {
    let new = pad.drafts.iter().filter_map(|draft| match &draft.change {
        Change::CreateUser { subject, .. } | Change::MoveLicense { subject, .. } => {
            Some(subject.key())
        }
        _ => None,
    });
    let new: BTreeSet<String> = new.collect();
    u64::try_from(new.len()).unwrap_or(u64::MAX)
}

/// The provider says so; users who differ carry the subject of an earlier one.
fn stated(pad: &mut Pad<'_, '_>, evidence: &Evidence, who: &Raw) {
    if evidence.differ.is_empty() {
        return;
    }
    let said = report::said_by(evidence);
    pad.note(
        FindingCode::SubjectUnproven,
        who,
        format!("{said}; it {}", evidence.words()),
        "who differs still has the subject of an earlier provider; their licenses can be moved",
    );
}

fn doubted(pad: &mut Pad<'_, '_>, evidence: &Evidence, why: Doubtful, number: u64, who: &Raw) {
    let mut because = report::doubt(evidence, why);
    if why == Doubtful::Share {
        because = format!(
            "it {}: {}; {because}",
            evidence.words(),
            users(&evidence.differ)
        );
    }
    let decision = Some(Decision::Unproven { number });
    if pad.desk.staging.allowed.unproven == Some(number) {
        let text = format!("{because}; allowed for exactly {number} people");
        pad.ask(FindingCode::SubjectUnproven, who, text, "", decision);
        return;
    }
    pad.error(
        FindingCode::SubjectUnproven,
        who,
        format!("{because}; {number} people would get a subject that nobody may sign in by"),
        "correct identity.subject in the profile; `qroll doctor` proposes a template",
    );
    pad.decide(decision);
}

/// Whether sign-in minds capitals is not known (dossier, open points): what is stored is told.
fn capitals(pad: &mut Pad<'_, '_>, evidence: &Evidence, who: &Raw) {
    if evidence.by_case.is_empty() {
        return;
    }
    let number = evidence.by_case.len();
    pad.note(
        FindingCode::SubjectUnproven,
        who,
        format!(
            "{number} users have this subject in other capitals: {}",
            users(&evidence.by_case)
        ),
        "they are taken for the same; new users get exactly what the template gives",
    );
}

fn users(differences: &[Difference]) -> String {
    let subjects: Vec<Raw> = differences
        .iter()
        .map(|one| one.user.subject.raw().clone())
        .collect();
    names(&subjects)
}
