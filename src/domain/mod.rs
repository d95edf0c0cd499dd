//! Plain data of the field: people and groups of a directory, users, licenses and spaces of a
//! Qlik tenant, what was staged, planned and done. No IO, no async; knows nobody but `text`.

mod change;
mod decision;
mod entitled;
mod history;
mod ids;
mod license;
mod lists;
mod past;
mod person;
mod plan;
mod protected;
mod register;
mod roster;
mod run;
mod set;
mod shared;
mod snapshot;
mod space;
mod staging;
mod tenant;
#[cfg(test)]
pub(crate) mod testing;
mod toll;
mod usage;

pub use change::{
    Assignee, Change, LicenseState, Operation, OperationKind, RolesState, SpaceRef, SpaceSeat,
    Undo, UserDraft, UserRef, UserState,
};
pub use decision::{Allowed, Decision};
pub use entitled::{Entitled, Exception};
pub use history::{PoolDay, SeatHistory};
pub use ids::{
    AssignmentId, DirectoryGroupId, GroupId, LicenseType, OperationId, PersonId, RoleId, RunId,
    SpaceId, SpaceRole, Subject, TenantId, UserId,
};
pub use license::{Allotment, AutoAssign, LicenseAssignment, Licensing, SubscriptionModel};
pub use lists::{List, Listing};
pub use past::{Doubt, Past};
pub use person::{DirectoryGroup, Enabled, GroupKind, Membership, Person, PersonKind, Way};
pub use plan::{
    Finding, FindingCode, Guards, Plan, PlanHash, PlanTenant, Severity, SourceProof, Summary,
};
pub use protected::{Protected, administrators, unknown_protection};
pub use register::Register;
pub use roster::{Conflict, Match, Roster, Row, RowKey};
pub use run::{
    Counts, Done, Outcome, PastRun, RunEvent, RunSummary, SkipReason, Tier, UseSince, Verdict,
};
pub use set::{Base, Missing, PeopleSet};
pub use shared::{Claim, OtherTenant};
pub use snapshot::{
    Completeness, DirectorySnapshot, Members, People, Reading, Snapshot, SourceKind, TenantSnapshot,
};
pub use space::{Space, SpaceAssignment, SpaceType};
pub use staging::{Ladder, LicenseWish, ShortStock, SpaceWish, StageEdit, Staging, Target, Wish};
pub use tenant::{
    Group, GroupProvider, Identity, IdentityProvider, Role, RoleLevel, SignInTest, TenantInfo,
    User, UserStatus,
};
pub use toll::{Loser, Losers, Toll, Week, Weight};
pub use usage::{USE_NAMES, Usage};
