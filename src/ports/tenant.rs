//! The Qlik tenant: what can be read, what can be written, and how clear an answer was.
//!
//! Writes go through [`Tenant::send`], which wants a [`Durable`]: the journal alone mints it, after
//! the intent is on disk, so "no intent, no write" (I2) is checked by the compiler.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

use super::Work;
use super::problem::{Kind, Problem};
use super::wire::Method;
use crate::domain::{
    Assignee, AssignmentId, AutoAssign, Group, Identity, LicenseAssignment, LicenseState,
    LicenseType, List, Listing, Reading, RoleId, SpaceAssignment, SpaceId, SpaceRole, Subject,
    TenantInfo, TenantSnapshot, Tier, Usage, User, UserDraft, UserId, UserState,
};
use crate::text::Raw;

/// Parts of a tenant, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the field's")]
pub enum Part {
    Users,
    Licenses,
    Spaces,
    Groups,
    Roles,
    Settings,
    Assignments,
}

/// How far a load is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadProgress {
    /// Of which part.
    pub part: Part,
    /// Items read.
    pub read: u64,
    /// Items in all, where the server tells.
    pub total: Option<u64>,
}

/// Proof that an intent record is durable. Minted by the journal only.
#[derive(Debug)]
pub struct Durable {
    seq: u64,
}

impl Durable {
    /// For the journal: the record with this number is on disk.
    pub(crate) fn minted_by_the_journal(seq: u64) -> Self {
        Self { seq }
    }

    /// Number of the record.
    pub fn seq(&self) -> u64 {
        self.seq
    }
}

/// One mutating call, with everything resolved to ids.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields as in the operations of a plan")]
pub enum WriteCall {
    CreateUser {
        subject: Subject,
        draft: UserDraft,
    },
    UpdateUser {
        user: UserId,
        before: UserState,
        after: UserState,
    },
    DeleteUser {
        user: UserId,
    },
    SetRoles {
        user: UserId,
        roles: Vec<RoleId>,
    },
    CreateGroup {
        name: Raw,
    },
    AddLicenses {
        items: Vec<LicenseState>,
    },
    /// Change of type (same subject) or of subject (same type): source, then destination.
    UpdateLicenses {
        items: Vec<(LicenseState, LicenseState)>,
    },
    RemoveLicenses {
        items: Vec<LicenseState>,
    },
    AddAssignment {
        space: SpaceId,
        assignee: Assignee,
        roles: Vec<SpaceRole>,
    },
    ChangeAssignment {
        space: SpaceId,
        assignment: AssignmentId,
        roles: Vec<SpaceRole>,
    },
    RemoveAssignment {
        space: SpaceId,
        assignment: AssignmentId,
    },
    SetAutoAssign {
        to: AutoAssign,
    },
}

/// A call as it will stand on the wire, for the intent record and the sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Method.
    pub method: Method,
    /// Path below the origin, with query.
    pub path: String,
    /// JSON body; empty for none.
    pub body: Vec<u8>,
    /// Rate class.
    pub tier: Tier,
}

/// How many requests of a rate class may go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// So many may go without waiting.
    pub free: usize,
    /// When none is free: time until one is.
    pub wait: Duration,
}

impl Room {
    /// Nothing limits.
    pub const ENDLESS: Self = Self {
        free: usize::MAX,
        wait: Duration::ZERO,
    };
}

/// One item of a 207.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemReply {
    /// Echoed subject.
    pub subject: Subject,
    /// Echoed type.
    pub license: Option<LicenseType>,
    /// Item status.
    pub status: u16,
    /// `LICENSES-011` and the like.
    pub code: Option<Raw>,
    /// Its sentence.
    pub title: Option<Raw>,
}

/// How clear the answer to a write was (reliability 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// 2xx, whole, parsed, echoing our key. `id` is the server's id of what was made.
    Yes {
        /** HTTP status. */
        status: u16,
        /** Id of what was made. */
        id: Option<String>,
        /** Request id. */
        trace: Option<Raw>,
    },
    /// 207 with an outcome per item, in the server's order.
    Items {
        /** Outcomes. */
        items: Vec<ItemReply>,
        /** Request id. */
        trace: Option<Raw>,
    },
    /// A parsed refusal that had no effect.
    No {
        /** HTTP status. */
        status: u16,
        /** Code. */
        code: Option<Raw>,
        /** Sentence. */
        reason: Raw,
        /** Request id. */
        trace: Option<Raw>,
    },
    /// 429; the tier is paused for so long. Does not use up an attempt.
    Throttled {
        /** As asked by the server, if it did. */
        wait: Option<Duration>,
    },
    /// Nothing of the request left this machine.
    NotSent {
        /** Cause. */
        cause: Raw,
    },
    /// Nothing of the request left this machine, and trying again does not help: the certificate
    /// is refused (A13).
    Barred {
        /** Cause. */
        cause: Raw,
    },
    /// 401 without effect, and there is another token now: send again, as a request of its own.
    Renewed {
        /** Request id. */
        trace: Option<Raw>,
    },
    /// Not the tenant's own answer: a redirect, a page for a browser, a record that is not ours
    /// (A10, A11). What became of the request only reading tells, and nothing more may go this way.
    Foreign {
        /** HTTP status. */
        status: u16,
        /** What came instead. */
        cause: Raw,
        /** Request id. */
        trace: Option<Raw>,
    },
    /// Timeout, reset, 5xx, cut or unreadable answer, 409: only reading tells.
    Ambiguous {
        /** HTTP status, where one came. */
        status: Option<u16>,
        /** Cause. */
        cause: Raw,
        /** Request id. */
        trace: Option<Raw>,
    },
}

/// What to read to learn the live state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is asked")]
pub enum Question {
    /// Users by subject or by e-mail, of every status; exact (case-insensitive) matches only.
    UsersBySubject(Vec<Subject>),
    UsersByEmail(Vec<Raw>),
    User(UserId),
    /// Groups of provider idp with exactly this name.
    GroupByName(Raw),
    /// Seats of these subjects, over the whole license.
    LicensesOf(Vec<Subject>),
    AssignmentOf {
        space: SpaceId,
        assignee: Assignee,
    },
    AutoAssign,
    Allotments,
    /// Sign-ins since then, over all users (audit log).
    SignInsSince(Timestamp),
    /// What this user owns that was made since then: apps and other items, spaces.
    OwnedSince {
        owner: UserId,
        since: Timestamp,
    },
}

/// The live state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "answers to the questions of the same name")]
pub enum Observation {
    Users(Vec<User>),
    /// `None`: there is no such user (404).
    User(Option<User>),
    Groups(Vec<Group>),
    Licenses(Vec<LicenseAssignment>),
    Assignment(Option<SpaceAssignment>),
    AutoAssign(AutoAssign),
    Allotments(Vec<crate::domain::Allotment>),
    /// The last sign-in of each user.
    SignIns(BTreeMap<UserId, Timestamp>),
    /// Names.
    Owned(Vec<Raw>),
}

/// Which use is asked for.
#[derive(Clone, Copy, Debug)]
pub struct LookAt<'a> {
    /// Since when.
    pub since: Timestamp,
    /// Whose use is wanted. Others may be told of too, where that costs nothing.
    pub people: &'a [UserId],
}

/// What a look at the use costs, in requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageCost {
    /// All events, page by page; estimated by the first pages.
    pub by_event: u64,
    /// The newest event of each person.
    pub by_person: u64,
}

impl UsageCost {
    /// Whether asking person by person takes fewer requests.
    pub fn is_by_person(self) -> bool {
        self.by_person < self.by_event
    }

    /// Requests of the cheaper way.
    pub fn requests(self) -> u64 {
        self.by_person.min(self.by_event)
    }
}

/// How a look at the use goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageTold {
    /// What it will cost, before most of it is spent.
    Estimated(UsageCost),
    /// Requests answered so far.
    Read(u64),
}

/// Reads and writes a tenant.
pub trait Tenant: Send + Sync {
    /// Which tenant, and who we are: the cheapest proof that address and credential are right.
    fn identify(&self) -> Work<'_, Result<(TenantInfo, Identity), Problem>>;

    /// Everything but space assignments, in parallel; of these as many as came for free while the
    /// long lists were read. The rest is in [`Tenant::assignments`]. Parts that fail are marked
    /// incomplete; the call fails only when nothing useful can be shown.
    fn load<'a>(
        &'a self,
        progress: &'a (dyn Fn(LoadProgress) + Send + Sync),
    ) -> Work<'a, Result<TenantSnapshot, Problem>>;

    /// Assignments of one space.
    fn assignments<'a>(
        &'a self,
        space: &'a SpaceId,
    ) -> Work<'a, Result<Reading<Vec<SpaceAssignment>>, Problem>>;

    /// One list once more, as far as it can be read by itself.
    fn again<'a>(&'a self, list: &'a List) -> Work<'a, Result<Listing, Problem>> {
        Box::pin(async move {
            if let List::Assignments(space) = list {
                let rows = self.assignments(space).await?;
                return Ok(Listing::Assignments(space.clone(), rows));
            }
            let live = self.load(&|_| {}).await?;
            live.listing(list)
                .ok_or_else(|| Problem::new(Kind::Internal, "a list that no tenant has"))
        })
    }

    /// Reads the live state of something.
    fn observe<'a>(&'a self, question: &'a Question) -> Work<'a, Result<Observation, Problem>>;

    /// When users were last seen, as far back as the tenant remembers.
    fn usage<'a>(
        &'a self,
        _look: &'a LookAt<'a>,
        _told: &'a (dyn Fn(UsageTold) + Send + Sync),
    ) -> Work<'a, Result<Reading<Usage>, Problem>> {
        Box::pin(async { Err(Problem::new(Kind::Internal, "this tenant tells no use")) })
    }

    /// The exact request of a call. Pure: equal calls give equal bytes.
    fn prepare(&self, call: &WriteCall) -> Prepared;

    /// The proxy between us and the tenant, without its password, for the journal.
    fn through(&self) -> Option<String> {
        None
    }

    /// How many requests of this rate class may go now, without waiting in [`Tenant::send`]. A
    /// write is checked and recorded only when there is room for it, so that its check is not old
    /// when it leaves.
    fn room(&self, _tier: Tier) -> Room {
        Room::ENDLESS
    }

    /// What other processes did before: how long ago they sent requests of this class, and how
    /// long the server wants none. They count as if they had gone through here.
    fn remember(&self, _tier: Tier, _sent: &[Duration], _paused: Duration) {}

    /// What the token may do, as the sign-in told; `None` where none was told.
    fn scopes(&self) -> Option<Raw> {
        None
    }

    /// How far the server's clock is ahead of ours, as the last answer told.
    fn skew(&self) -> Option<SignedDuration> {
        None
    }

    /// Whatever connection there was is not to be trusted any more: the machine slept (D5).
    fn reconnect(&self) {}

    /// Sends once. Never retries, never follows, never guesses.
    fn send(&self, durable: Durable, call: Prepared) -> Work<'_, Reply>;
}
