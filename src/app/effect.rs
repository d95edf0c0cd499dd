//! Work that the screen asks for, as data. `terminal/effects.rs` is the only place that starts it;
//! what can touch a tenant is this short list.

use std::sync::Arc;

use super::licenses::Reviewed;
use super::message::{Epoch, PeopleWish};
use crate::domain::{
    Allowed, DirectoryGroupId, PersonId, Plan, RunId, Snapshot, SpaceId, Staging, TenantId, Weight,
};
use crate::planner::Selection;
use crate::planner::holders::Unused;
use crate::planner::roster::{Accepted, Index};
use crate::text::Raw;

/// A wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read the tenant.
    LoadTenant(Epoch),
    /// Read the directory's groups.
    LoadGroups(Epoch),
    /// Read the members of a group.
    LoadMembers(Epoch, DirectoryGroupId),
    /// Read people.
    LoadPeople(Epoch, PeopleWish),
    /// Read the groups that hold a person.
    LoadGroupsOf(Epoch, PersonId),
    /// Read who may what in a space.
    LoadAssignments(Epoch, SpaceId),
    /// Judge everybody who holds a seat.
    Review(Epoch, Box<ReviewRequest>),
    /// The same after looking at when they were last seen, and at what those own who are not.
    LookAtUse(Epoch, Box<ReviewRequest>),
    /// Make and seal a plan.
    BuildPlan(Epoch, Box<PlanRequest>),
    /// Read what the tenant holds of a run, and make and seal its inverse; with these people
    /// included though something was made since, and exactly so many removals over the limit.
    Revert(Epoch, RunId, Vec<Raw>, Option<u64>),
    /// List the runs on record.
    ListRuns(Epoch),
    /// Read one run.
    ReadRun(Epoch, RunId),
    /// Apply exactly this plan, as it was approved.
    Apply(Arc<Plan>, Box<Approval>),
    /// Go on with an interrupted run.
    Resume(RunId, Allowed),
    /// End an interrupted run for good: read back what is open, send nothing.
    Discard(RunId),
    /// Look for what speaks against this machine before a run: where its journal lies, its clock; and
    /// for what runs of the last seven days took in this tenant.
    Cautions(Epoch, Option<TenantId>),
    /// Start nothing new; what is in flight is finished and journalled.
    StopRun,
    /// Clear the terminal and draw everything anew.
    Redraw,
    /// Give the terminal back and stop until told to go on.
    Suspend,
    /// Take the terminal again after a stop, and draw everything anew.
    Reopen,
    /// Let go of a terminal that is gone: a run goes on without it.
    Detach,
    /// Hand text to the terminal's clipboard.
    Copy(String),
    /// Write a file below the state directory's `exports`; name, then content.
    Write(Epoch, String, String),
    /// Write the sealed plan as `plan.json` in the working directory.
    SavePlan(Epoch, Arc<Plan>),
    /// Read a list of addresses from a file that the operator named.
    ReadList(Epoch, String),
    /// Keep the snapshot for the next start.
    Keep(Arc<Snapshot>),
}

/// What was agreed to when a plan was approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// What was allowed beyond the profile.
    pub allowed: Allowed,
    /// How heavy it was. One that turns out to be heavier once the tenant was read is not sent.
    pub agreed: Weight,
    /// What was read when it was built: sizes that were vouched for count once it is applied.
    pub snapshot: Arc<Snapshot>,
    /// What was staged then.
    pub staging: Arc<Staging>,
}

/// Everything a review of seats is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewRequest {
    /// Both sides as read.
    pub snapshot: Arc<Snapshot>,
    /// Their join, prepared.
    pub index: Option<Arc<Index>>,
    /// The approved groups.
    pub groups: Vec<DirectoryGroupId>,
    /// E-mail matches that are accepted as the same person.
    pub accepted: Accepted,
    /// What counts as unused.
    pub rule: Unused,
    /// What the last review was made with; without one, what earlier sessions kept is used.
    pub known: Option<Arc<Reviewed>>,
}

/// Everything a plan is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRequest {
    /// Both sides as read.
    pub snapshot: Arc<Snapshot>,
    /// Their join, prepared.
    pub index: Option<Arc<Index>>,
    /// What is staged.
    pub staging: Arc<Staging>,
    /// Of which generation that is; the answer tells it again.
    pub generation: u64,
    /// What the operator was looking at.
    pub selection: Selection,
}
