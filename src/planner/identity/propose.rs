//! Which templates would give the existing users their subjects: learned from the users themselves
//! (each subject that ends in an attribute of its person) and from what the provider says.

use std::collections::BTreeMap;

use super::evidence::Evidence;
use super::stated::{Stated, literal};
use crate::domain::{Person, Snapshot, Subject, UserStatus};
use crate::planner::roster::Index;
use crate::planner::template::{IdentityRule, SubjectTemplate};

/// Attributes that identify somebody, best first: what never changes before what may.
const ATTRIBUTES: [&str; 5] = ["id", "upn", "sam", "mail", "employee_id"];

/// How many are worth reading.
const MOST: usize = 5;

/// A template with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The template.
    pub template: SubjectTemplate,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// Templates that reproduce somebody or that the provider says, best first; at most five.
pub fn propose(snapshot: &Snapshot, rule: &IdentityRule) -> Vec<Proposal> {
    let index = Index::new(snapshot, rule);
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    let users = index.users().iter();
    for user in users.filter(|user| user.status == UserStatus::Active && !user.bot) {
        let Some(address) = &user.email else { continue };
        for person in index.people_with_mail(address) {
            for text in fitting(person, &user.subject) {
                *texts.entry(text).or_default() += 1;
            }
        }
    }
    let mut texts: Vec<(String, usize)> = texts.into_iter().collect();
    texts.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
    let said = match super::stated::stated(snapshot) {
        Stated::Template(said) => Some(said),
        _ => None,
    };
    let mut wanted: Vec<String> = said.into_iter().collect();
    for (text, _) in texts {
        if wanted.len() < MOST && !wanted.contains(&text) {
            wanted.push(text);
        }
    }
    let mut found: Vec<Proposal> = wanted
        .iter()
        .filter_map(|text| SubjectTemplate::parse(text).ok())
        .map(|template| proposal(snapshot, rule, template))
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse((one.evidence.agrees, one.evidence.same)));
    found
}

fn proposal(snapshot: &Snapshot, rule: &IdentityRule, template: SubjectTemplate) -> Proposal {
    let rule = IdentityRule {
        template: template.clone(),
        ..rule.clone()
    };
    let index = Index::new(snapshot, &rule);
    Proposal {
        template,
        evidence: Evidence::of(&index, snapshot),
    }
}

/// Templates by which this person gets this subject: some text, then one attribute.
fn fitting(person: &Person, subject: &Subject) -> Vec<String> {
    let subject = subject.expose();
    let fits = |name: &&&str| {
        let value = person.attribute(name)?.expose().trim();
        let at = subject.len().checked_sub(value.len())?;
        let (prefix, rest) = (subject.get(..at)?, subject.get(at..)?);
        let clean = prefix.is_empty() || prefix.ends_with(['\\', '/', '|', ':']);
        (!value.is_empty() && clean && rest.eq_ignore_ascii_case(value))
            .then(|| format!("{}{{{name}}}", literal(prefix)))
    };
    ATTRIBUTES.iter().filter_map(|name| fits(&name)).collect()
}
