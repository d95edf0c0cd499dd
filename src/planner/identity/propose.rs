//! Which templates would give the existing users their subjects: learned from the users themselves
//! (each subject that ends in an attribute of its person) and from what the provider says.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::{is, pairs};
use super::stated::{Stated, literal, stated};
use crate::domain::{Person, Snapshot, Subject, User};
use crate::planner::roster::Index;
use crate::planner::template::SubjectTemplate;

/// Attributes that identify somebody, best first: what never changes before what may.
const ATTRIBUTES: [&str; 5] = ["id", "upn", "sam", "mail", "employee_id"];

/// How many are worth reading.
const MOST: usize = 5;

/// A template with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The template.
    pub template: SubjectTemplate,
    /// Active users of whom the person is known.
    pub compared: usize,
    /// Of these, users with the subject that it gives.
    pub same: usize,
    /// Whether the identity provider says it.
    pub agrees: bool,
}

/// Templates that reproduce somebody or that the provider says, best first; at most five.
pub fn propose(index: &Index, snapshot: &Snapshot) -> Vec<Proposal> {
    let known: Vec<(&Arc<User>, &Arc<Person>)> = pairs(index).collect();
    let mut learned: BTreeMap<String, usize> = BTreeMap::new();
    for (user, person) in &known {
        for text in fitting(person, &user.subject) {
            *learned.entry(text).or_default() += 1;
        }
    }
    let said = match stated(snapshot) {
        Stated::Template(said) => Some(said),
        _ => None,
    };
    if let Some(said) = &said {
        learned.entry(said.clone()).or_default();
    }
    let mut best: Vec<(String, usize)> = learned.into_iter().collect();
    best.sort_by_key(|(text, users)| {
        (Reverse((said.as_ref() == Some(text), *users)), text.clone())
    });
    let templates = best.into_iter().take(MOST).filter_map(|(text, _)| {
        let agrees = said.as_ref() == Some(&text);
        Some((SubjectTemplate::parse(&text).ok()?, agrees))
    });
    templates
        .map(|(template, agrees)| Proposal {
            same: reproduced(&template, &known),
            compared: known.len(),
            agrees,
            template,
        })
        .collect()
}

fn reproduced(template: &SubjectTemplate, known: &[(&Arc<User>, &Arc<Person>)]) -> usize {
    let fits = |(user, person): &&(&Arc<User>, &Arc<Person>)| {
        let ours = template.render(person);
        ours.is_ok_and(|ours| is(&ours, &user.subject))
    };
    known.iter().filter(fits).count()
}

/// Templates by which this person gets this subject: some text, then one attribute.
fn fitting(person: &Person, subject: &Subject) -> Vec<String> {
    let subject = subject.expose();
    let fits = |name: &&str| {
        let value = person.attribute(name)?.expose().trim();
        let at = subject.len().checked_sub(value.len())?;
        let (prefix, rest) = (subject.get(..at)?, subject.get(at..)?);
        let clean = prefix.is_empty() || prefix.ends_with(['\\', '/', '|', ':']);
        (!value.is_empty() && clean && rest.eq_ignore_ascii_case(value))
            .then(|| format!("{}{{{name}}}", literal(prefix)))
    };
    ATTRIBUTES.iter().filter_map(fits).collect()
}
