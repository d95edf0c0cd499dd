//! What speaks against a reversal, and what a reversal is measured by: lists that are hard to believe,
//! names that nobody has, what could not be found out, and how much is taken from how many.

use std::collections::BTreeSet;

use super::build::RevertInput;
use super::held::{finding, signs_of};
use super::order::Draft;
use crate::domain::{
    Decision, Doubt, Finding, FindingCode, Losers, Register, Severity, Toll, UserStatus, Week,
    Weight,
};
use crate::text::Raw;

/// Takes nothing while a list is hard to believe, and says so.
pub(super) fn doubted(drafts: &mut Vec<Draft>, doubts: &[Doubt]) -> Vec<Finding> {
    if doubts.is_empty() {
        return Vec::new();
    }
    let before = drafts.len();
    drafts.retain(|draft| !draft.change.is_removal());
    let kept = before - drafts.len();
    let said = doubts.iter().map(|doubt| {
        finding(
            Severity::Warning,
            FindingCode::SourceDoubt,
            doubt.what.clone(),
            format!("{}: removals are off, {kept} are left out", doubt.cause),
            "make the reversal again when the tenant is quiet",
        )
    });
    said.collect()
}

/// Somebody who is to be included must be somebody.
pub(super) fn unknown_names(input: &RevertInput<'_>, include: &BTreeSet<String>) -> Vec<Finding> {
    let users = &input.live.users.value;
    let known: BTreeSet<String> = users.iter().flat_map(|user| signs_of(user)).collect();
    let unknown = include.iter().filter(|name| !known.contains(*name));
    unknown
        .map(|name| {
            finding(
                Severity::Error,
                FindingCode::UnknownPerson,
                Raw::from(name.as_str()),
                "is no user of the tenant, so nobody can be included by that name".to_owned(),
                "name a subject, an id or an e-mail as the findings do",
            )
        })
        .collect()
}

/// What was not found out, and what stays because others had done it.
pub(super) fn unread(input: &RevertInput<'_>, already: u64) -> Vec<Finding> {
    let mut found: Vec<Finding> = input
        .signs
        .unread
        .iter()
        .map(|cause| {
            finding(
                Severity::Warning,
                FindingCode::NotChecked,
                Raw::default(),
                format!("not found out: {cause}"),
                "look yourself before people lose what they use",
            )
        })
        .collect();
    if already > 0 {
        found.push(finding(
            Severity::Note,
            FindingCode::RecordStays,
            Raw::default(),
            format!(
                "{already} operations of the run found what they wished already there; that stays"
            ),
            "",
        ));
    }
    found
}

/// Users of the tenant.
pub(super) fn everybody(input: &RevertInput<'_>) -> u64 {
    let there = input.live.users.value.iter();
    let there = there.filter(|user| user.status != UserStatus::Deleted && !user.bot);
    (there.count() as u64).max(1)
}

/// A reversal is measured like any other plan: against everybody in the tenant.
pub(super) fn guard(input: &RevertInput<'_>, drafts: &mut Vec<Draft>, findings: &mut Vec<Finding>) {
    let removals = || drafts.iter().filter(|draft| draft.change.is_removal());
    let mut losers = Losers::default();
    for draft in removals() {
        losers.take(&draft.change);
    }
    let (register, week) = (Register::of(input.live), Week::default());
    let (count, of, guards) = (removals().count(), everybody(input), input.guards);
    let toll = Toll::new(count, 0, of, &losers, &week, Some(&register));
    let (people, groups) = (toll.people, toll.groups);
    let more = if groups {
        ", and from everybody in a group"
    } else {
        ""
    };
    match guards.weigh(&toll) {
        Weight::Light => {}
        Weight::Typed => findings.push(finding(
            Severity::Warning,
            FindingCode::RemovalGuard,
            Raw::default(),
            format!("{count} removals take something from {people} of {of} users{more}"),
            &format!("apply asks for the number {count} to be typed"),
        )),
        Weight::Stopped => {
            drafts.clear();
            let stopped = finding(
                Severity::Error,
                FindingCode::RemovalGuard,
                Raw::default(),
                format!(
                    "{count} removals would take something from {people} of {of} users{more}, more than {} %{}: the whole plan stops",
                    guards.stop_percent,
                    guards.other_number(toll.removals)
                ),
                "look at each removal",
            );
            let decision = Some(Decision::Removals {
                number: toll.removals,
                rest: 0,
            });
            findings.push(Finding {
                decision,
                ..stopped
            });
        }
    }
}
