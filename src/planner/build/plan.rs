//! The way from input to plan, in the order in which one decision needs another.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

use super::draft::Pad;
use super::{
    digest, guards, license, looks, names, numbers, order, orphans, people, removals, sources,
    subjects,
};
use crate::domain::{
    DirectoryGroupId, Doubt, Guards, List, Past, PersonId, Plan, PlanHash, PlanTenant, Snapshot,
    Staging,
};
use crate::planner::desk::Desk;
use crate::planner::roster::Index;
use crate::planner::{file, spaces};
use crate::text::Raw;

/// How long a plan may wait for its apply (reliability 4.9).
pub const PLAN_TTL: SignedDuration = SignedDuration::from_hours(24);

/// What the operator was looking at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Marked groups: the ones that may be used to write less.
    pub groups: Vec<DirectoryGroupId>,
    /// People in view: what shares of removals are measured against. The plan's own people count
    /// when they are more.
    pub people: u64,
    /// Queries and lists by which people were picked and that did not come whole.
    pub gaps: Vec<Gap>,
}

/// People picked by a query or a list of which the directory did not send everything: others may
/// be missing, and nothing is taken from those who came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The query or list, as the operator named it.
    pub name: Raw,
    /// Why it is not whole.
    pub cause: String,
    /// Who came.
    pub people: BTreeSet<PersonId>,
}

/// Everything a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    /// The prepared join of this very snapshot, with the identity rule in it.
    pub index: &'a Index,
    /// What was read.
    pub snapshot: &'a Snapshot,
    /// What is wished.
    pub staging: &'a Staging,
    /// What may be done.
    pub guards: &'a Guards,
    /// What the operator was looking at.
    pub selection: &'a Selection,
    /// What earlier runs took and earlier readings held.
    pub past: &'a Past,
    /// When it is made.
    pub now: Timestamp,
    /// How long it holds; usually [`PLAN_TTL`].
    pub ttl: SignedDuration,
}

/// Makes the plan: sealed, stable, and without anything that is already so. While removals would rely
/// on a list that nothing but its last page calls whole, nothing is taken (C2).
pub fn build(input: &PlanInput<'_>) -> Plan {
    let lists = match plan_or_look(input) {
        Ok(plan) => return plan,
        Err(lists) => lists,
    };
    let mut past = input.past.clone();
    past.doubts.extend(lists.iter().map(unlooked));
    made(&PlanInput {
        past: &past,
        ..*input
    })
}

/// The plan, or which lists of the tenant want a second look before it can be made as wished:
/// removals would rely on them. Whoever looked again builds the plan then, with what was found.
///
/// # Errors
/// The lists.
pub fn plan_or_look(input: &PlanInput<'_>) -> Result<Plan, BTreeSet<List>> {
    let plan = made(input);
    let lists = input.snapshot.tenant.unsettled(&plan.operations);
    if lists.is_empty() {
        Ok(plan)
    } else {
        Err(lists)
    }
}

/// A list at which nobody looked twice.
pub(in crate::planner) fn unlooked(list: &List) -> Doubt {
    Doubt {
        what: Raw::from(list.word()),
        cause: "were read once only, and their server tells no total".to_owned(),
        count: None,
        of_tenant: true,
    }
}

fn made(input: &PlanInput<'_>) -> Plan {
    let desk = Desk::with_gaps(
        input.index,
        input.snapshot,
        input.staging,
        input.guards,
        &input.selection.gaps,
        input.past,
    );
    let mut pad = Pad::new(&desk);
    sources::check(&mut pad);
    people::plan(&mut pad, input.selection);
    license::plan(&mut pad);
    spaces::plan(&mut pad, input.selection);
    removals::plan(&mut pad);
    looks::check(&mut pad);
    subjects::check(&mut pad);
    guards::check(&mut pad, input.selection, &input.past.week);
    let (drafts, findings) = pad.finish();
    let mut operations = order::operations(drafts);
    names::fill(&desk, &mut operations);
    let tenant = &input.snapshot.tenant;
    file::seal(Plan {
        version: file::VERSION,
        hash: PlanHash::default(),
        created: input.now,
        expires: input
            .now
            .saturating_add(input.ttl)
            .unwrap_or(Timestamp::MAX),
        tenant: PlanTenant {
            id: tenant.tenant.id.clone(),
            url: tenant.tenant.url.clone(),
        },
        identity: tenant.identity.clone(),
        reverts: None,
        orphans: orphans::taken(&desk, &operations),
        roles: names::roles(tenant, &operations),
        sources: digest::proofs(&desk),
        summary: numbers::summary(&desk, &operations, input.selection),
        operations,
        findings,
    })
}
