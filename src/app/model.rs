//! The model: everything the screen knows, and nothing that the screen could not show again from a
//! recording of messages.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::actions::{Action, Screen};
use super::derived::Derived;
use super::dialog::{Dialog, Seen};
use super::keymap::Keymap;
use super::layout::Layout;
use super::licenses::LicensesScreen;
use super::message::{Epoch, PeopleWish, Source, Trouble};
use super::planned::PlanScreen;
use super::roster::RosterScreen;
use super::runs::RunsScreen;
use super::spaces::SpacesScreen;
use crate::domain::{
    DirectoryGroupId, DirectorySnapshot, Entitled, Guards, Identity, PersonId, Reading, RowKey,
    Snapshot, SpaceId, StageEdit, Staging, Subject, TenantId, TenantInfo, TenantSnapshot, UserId,
    Way,
};
use crate::planner::IdentityRule;
use crate::text::Raw;

/// What the terminal can do, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A UTF-8 locale; without it only ASCII is drawn.
    pub unicode: bool,
    /// Colours.
    pub palette: Palette,
}

/// Which colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// On a dark background.
    Dark,
    /// On a light background.
    Light,
    /// `NO_COLOR`: attributes and signs only.
    None,
}

/// What is known before anything was read.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Name of the profile.
    pub profile: String,
    /// Host of the tenant.
    pub tenant: String,
    /// The directory.
    pub source: Source,
    /// How a subject is made, and which matches count.
    pub rule: IdentityRule,
    /// What may be done.
    pub guards: Guards,
    /// Who may hold a seat.
    pub entitled: Entitled,
    /// What the terminal can do.
    pub capabilities: Capabilities,
    /// Keys.
    pub keymap: Keymap,
    /// Saved queries of the profile, by name.
    pub queries: BTreeMap<String, String>,
    /// Now, on the wall.
    pub wall: Timestamp,
    /// Size of the terminal: columns, rows.
    pub size: (u16, u16),
}

/// Something being read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say what is read")]
pub enum Load {
    Tenant,
    Groups,
    Members(DirectoryGroupId),
    People(PeopleWish),
    GroupsOf(PersonId),
    Assignments(SpaceId),
    Use,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Data {
    /// Both sides, as far as they were read.
    pub snapshot: Arc<Snapshot>,
    /// Whether the tenant was read at all.
    pub tenant_read: bool,
    /// What is being read now.
    pub loading: BTreeSet<Load>,
    /// How far, for the header.
    pub progress: BTreeMap<&'static str, (u64, Option<u64>)>,
    /// What could not be read.
    pub troubles: BTreeMap<Load, Trouble>,
    /// Answers to older epochs are dropped.
    pub epoch: Epoch,
    /// Whether what is shown came from disk and is being read again.
    pub cached: bool,
    /// People whose records come from the last session and were not read again so far.
    pub old_people: BTreeSet<PersonId>,
    /// Groups that hold somebody, of those about whom the directory was asked in this session.
    pub groups_of: BTreeMap<PersonId, Reading<Vec<Way>>>,
    /// Whether this state was handed over for keeping.
    pub kept: bool,
}

/// What is staged, and the way back.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// What is staged.
    pub staging: Arc<Staging>,
    /// Counts the changes of the staging: a plan says of which it was made.
    pub generation: u64,
    /// Edits that take back, newest last, each with what it was.
    pub undo: Vec<(String, StageEdit)>,
    /// Edits that do again, newest last.
    pub redo: Vec<(String, StageEdit)>,
}

/// How a line of status is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Done, or how it stands.
    Plain,
    /// Did not work, and why.
    Refusal,
    /// Went wrong.
    Error,
}

/// The last thing said to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How it is meant.
    pub tone: Tone,
    /// A sentence; safe to show.
    pub text: String,
}

/// The application.
#[derive(Clone, Debug)]
pub struct App {
    /// What is known from the start.
    pub setup: Setup,
    /// Monotonic time of the last message that carried one.
    pub now: Duration,
    /// Wall time of the last tick.
    pub wall: Timestamp,
    /// Which screen.
    pub screen: Screen,
    /// Sizes of everything on it.
    pub layout: Layout,
    /// What was read.
    pub data: Data,
    /// What follows from it and from what is staged.
    pub derived: Derived,
    /// What is staged.
    pub stage: Stage,
    /// Roster screen.
    pub roster: RosterScreen,
    /// Licenses screen.
    pub licenses: LicensesScreen,
    /// Spaces screen.
    pub spaces: SpacesScreen,
    /// Plan screen.
    pub plan: PlanScreen,
    /// Runs screen.
    pub runs: RunsScreen,
    /// What the verbs act on while a mend is chosen, in place of marks and cursor.
    pub aimed: Option<BTreeSet<RowKey>>,
    /// What lies on top, newest last.
    pub dialogs: Vec<Dialog>,
    /// The last thing said.
    pub status: Option<Status>,
    /// Times of the last keys, to tell typing from a burst.
    pub(super) recent: VecDeque<Duration>,
    /// The keys that work here, for the footer; they lag behind a moving cursor.
    pub offers: Vec<Action>,
    /// Whether the dialog on top has been seen.
    pub(super) seen: Seen,
    /// Frames drawn so far.
    pub(super) frame: u64,
    pub(super) dirty: bool,
    pub(super) gone: bool,
    pub(super) broken: bool,
    /// The exit code once the run under way has finished what is in flight.
    pub(super) leaving: Option<u8>,
    pub(super) exit: Option<u8>,
}

impl App {
    /// A start: nothing read, nothing staged.
    pub fn new(setup: Setup) -> Self {
        let directory =
            DirectorySnapshot::empty(setup.source.kind, setup.source.label.clone(), setup.wall);
        let mut app = Self {
            now: Duration::ZERO,
            wall: setup.wall,
            screen: Screen::default(),
            layout: Layout::default(),
            data: Data {
                snapshot: Arc::new(Snapshot {
                    tenant: unread(&setup),
                    directory,
                }),
                tenant_read: false,
                loading: BTreeSet::new(),
                progress: BTreeMap::new(),
                troubles: BTreeMap::new(),
                epoch: Epoch(1),
                cached: false,
                old_people: BTreeSet::new(),
                groups_of: BTreeMap::new(),
                kept: false,
            },
            derived: Derived::default(),
            stage: Stage::default(),
            roster: RosterScreen::with(setup.queries.keys().cloned().collect()),
            licenses: LicensesScreen::default(),
            spaces: SpacesScreen::default(),
            plan: PlanScreen::default(),
            runs: RunsScreen::default(),
            aimed: None,
            dialogs: Vec::new(),
            status: None,
            recent: VecDeque::new(),
            offers: Vec::new(),
            seen: Seen::default(),
            frame: 0,
            dirty: true,
            gone: false,
            broken: false,
            leaving: None,
            exit: None,
            setup,
        };
        app.arrange();
        app
    }

    /// Whether something changed since the last time this was asked.
    pub fn take_dirty(&mut self) -> bool {
        let dirty = std::mem::take(&mut self.dirty) && !self.gone;
        self.frame += u64::from(dirty);
        dirty
    }

    /// Number of the last frame that was asked for.
    pub fn frame(&self) -> u64 {
        self.frame
    }

    /// Whether a key is meant for the question on top: it could be read for long enough, and nothing
    /// comes faster than anybody types.
    pub fn listens(&self) -> bool {
        let from = self.seen.listens_from();
        from.is_some_and(|from| self.now >= from) && !self.is_burst()
    }

    /// Says why something cannot be done here.
    pub fn refuse(&mut self, why: &str) {
        self.say(Tone::Refusal, why);
    }

    /// What is to be said while the program is stopped: a run stands still with it.
    pub fn parked(&self) -> Option<String> {
        let live = self.runs.live.as_ref().filter(|live| !live.over)?;
        let (done, total) = live.done();
        Some(format!(
            "qroll stopped in the middle of a run, {done} of {total} done; fg goes on with it"
        ))
    }

    /// Whether the terminal is gone: nothing may be drawn any more.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Whether it ends because something of ours panicked.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The exit code, once it is over.
    pub fn finished(&self) -> Option<u8> {
        self.exit
    }

    /// What is to be said once the terminal is given back: a run was left before its end.
    pub fn parting(&self) -> Option<String> {
        let live = self.runs.live.as_ref().filter(|live| live.stopping)?;
        let (done, total) = live.done();
        let run = live.run.as_ref().filter(|_| done < total)?;
        Some(format!(
            "run {} stopped with {done} of {total} done",
            run.show()
        ))
    }

    /// When the next [`super::Message::Tick`] is wanted; `None` for never. Nothing ticks while
    /// nothing moves, except once a minute for the age of the snapshot.
    pub fn wake(&self) -> Option<Duration> {
        if self.gone {
            return self.runs.drain_until;
        }
        if matches!(self.dialog(), Some(Dialog::Confirm(_) | Dialog::Number(_)))
            && let Some(from) = self.seen.listens_from()
            && self.now < from
        {
            return Some(from);
        }
        if let Some(rest) = self.roster.rest {
            return Some(rest);
        }
        if self.is_animating() {
            return Some(self.now + Duration::from_millis(250));
        }
        self.data.tenant_read.then(|| self.now + MINUTE)
    }

    /// Whether something on screen moves by itself.
    pub fn is_animating(&self) -> bool {
        !self.data.loading.is_empty()
            || self.runs.live.as_ref().is_some_and(|live| !live.over)
            || self.plan.building
    }

    /// How many targets have something staged, and switches.
    pub fn staged(&self) -> usize {
        self.stage.staging.wishes.len() + usize::from(self.stage.staging.auto_assign.is_some())
    }

    /// How many e-mail matches are accepted as the same person.
    pub fn accepted(&self) -> usize {
        self.stage.staging.accepted.len()
    }

    /// Says something.
    pub(super) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.status = Some(Status {
            tone,
            text: text.into(),
        });
        self.dirty = true;
    }

    /// The dialog on top.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialogs.last()
    }
}

/// How often the age of the snapshot is looked at.
const MINUTE: Duration = Duration::from_mins(1);

/// A tenant of which nothing was read yet.
fn unread(setup: &Setup) -> TenantSnapshot {
    TenantSnapshot {
        tenant: TenantInfo {
            id: TenantId::new(""),
            name: Raw::new(""),
            url: Raw::from(setup.tenant.as_str()),
            created_by: None,
        },
        identity: Identity {
            user: UserId::new(""),
            subject: Subject::new(""),
            name: Raw::new(""),
        },
        users: Reading::default(),
        groups: Reading::default(),
        roles: Reading::default(),
        spaces: Reading::default(),
        licensing: Reading::default(),
        identity_providers: Reading::default(),
        assignments: BTreeMap::new(),
        others: Vec::new(),
        read_at: setup.wall,
    }
}
