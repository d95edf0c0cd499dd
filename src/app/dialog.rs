//! What lies over a screen: pickers, help, the inspector in full, the list of addresses, and the
//! question before a plan is applied.

use std::sync::Arc;
use std::time::Duration;

use super::input::Field;
use super::list::List;
use super::menu::{About, Menu};
use super::message::Cautions;
use super::spaces::Holder;
use crate::domain::{Decision, PersonId, Plan, SpaceId};

/// A dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// Keys and commands for here.
    Help(List),
    /// A list to choose from.
    Menu(MenuKind, Menu),
    /// All about one row, with what can be decided about it.
    About(About, Menu),
    /// A pasted or typed list of e-mails, or the path of a file.
    List(Box<Addresses>),
    /// The question before a plan is applied.
    Confirm(Box<Confirm>),
    /// A decision that wants a number to be typed.
    Number(Box<Number>),
    /// A text to read.
    Text {
        /// Heading; safe to show.
        title: String,
        /// Lines; safe to show.
        lines: Vec<String>,
        /// Where to in them.
        list: List,
    },
}

/// What a menu is for.
#[derive(Clone, Debug, PartialEq)]
pub enum MenuKind {
    /// One choice, which does something by itself.
    Plain,
    /// Spaces, several at once; roles come next.
    Spaces,
    /// Roles in these spaces.
    SpaceRoles(Vec<SpaceId>),
    /// Roles of these assignments, several at once.
    SeatRoles(Vec<(SpaceId, Holder)>),
    /// Tenant roles, several at once.
    Roles,
    /// Groups that hold this person; more may come while it stands.
    GroupsOf(PersonId),
    /// The first-login check of several rows; spaces may still be read while it stands.
    Check,
    /// The palette.
    Palette,
    /// Whether to leave: true only while what it says is.
    Quit,
}

/// A list of addresses being entered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Addresses {
    /// A path, or one address after the other.
    pub field: Field,
    /// Addresses taken so far, as they came, without doubles.
    pub taken: Vec<crate::text::Raw>,
    /// Whether some of a paste was cut off.
    pub cut: bool,
}

/// The question before a plan is applied. Keys that were on their way before it could be read do
/// not answer it.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// What will be applied.
    pub plan: Arc<Plan>,
    /// What must be typed, when a number must.
    pub number: Option<u64>,
    /// What was typed so far.
    pub typed: Field,
    /// What speaks against this machine; no key counts until it is known.
    pub cautions: Option<Cautions>,
    /// Whether a bad place for the journal was taken into account.
    pub heeded: bool,
    /// Whether the run goes on when the session is gone.
    pub unattended: bool,
}

impl Confirm {
    /// Whether a bad place for the journal was named and not taken into account.
    pub fn wants_heed(&self) -> bool {
        let place = self.cautions.as_ref().map(|known| &known.place);
        !self.heeded && place.is_some_and(|place| !place.is_empty())
    }
}

/// A decision that wants a number to be typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// What is decided; safe to show.
    pub lines: Vec<String>,
    /// What must be typed.
    pub wanted: u64,
    /// What was typed so far.
    pub typed: Field,
    /// What is decided then.
    pub decision: Decision,
}

impl Number {
    /// What the number counts, in the plural.
    pub fn of(&self) -> &'static str {
        match self.decision {
            Decision::Unproven { .. } => "people",
            Decision::Orphans { .. } => "seats",
            _ => "removals",
        }
    }
}

/// Since when the dialog on top can be read. Keys that were on their way before that answer no
/// question (reliability, G6), and what a stuck terminal does not show cannot be approved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The last frame that was drawn before it was opened.
    pub(super) frame: u64,
    /// When the first frame with it was out.
    pub(super) since: Option<Duration>,
}

impl Seen {
    /// Keys count from here on; `None` while it is not on the screen yet.
    pub(super) fn listens_from(self) -> Option<Duration> {
        self.since.map(|since| since + Duration::from_millis(400))
    }
}
