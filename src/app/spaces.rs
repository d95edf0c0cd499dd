//! State of the Spaces screen: spaces by type, the assignments of the one under the cursor, and what the
//! assignee under the cursor may do anywhere.

use std::collections::BTreeSet;

use super::input::Field;
use super::list::List;
use super::roster::Pane;
use crate::domain::{Assignee, SpaceId, SpaceRole, SpaceType, Target, UserId};
use crate::planner::access::Access;
use crate::text::Raw;

/// A line of the left pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpaceLine {
    /// So many spaces of a type.
    Kind(SpaceType, usize),
    /// A space: its place among those read, and its id.
    Space(usize, SpaceId),
}

/// Whose line of the middle pane it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// Owns the space, and has every role without an assignment.
    Owner(UserId),
    /// Has an assignment.
    Held(Assignee),
    /// Gets one by what is staged.
    Staged(Target),
}

/// A line of the middle pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Whose.
    pub holder: Holder,
    /// Their name.
    pub name: Raw,
    /// What tells them from others of that name; empty for groups.
    pub mail: Raw,
    /// A user, a group, a bot, in a word.
    pub kind: &'static str,
    /// Roles held.
    pub held: BTreeSet<SpaceRole>,
    /// Roles there will be by what is staged, when they are others; none when all are taken.
    pub after: Option<BTreeSet<SpaceRole>>,
    /// What else is to be known; empty for nothing.
    pub note: &'static str,
}

/// What is staged about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Stays,
    /// Roles are given to somebody who has none.
    Added,
    /// Roles are replaced.
    Changed,
    /// All are taken.
    Taken,
}

impl Seat {
    /// What is staged about it.
    pub fn fate(&self) -> Fate {
        match &self.after {
            None => Fate::Stays,
            Some(after) if after.is_empty() => Fate::Taken,
            Some(_) if self.held.is_empty() => Fate::Added,
            Some(_) => Fate::Changed,
        }
    }

    /// The roles there will be.
    pub fn planned(&self) -> &BTreeSet<SpaceRole> {
        self.after.as_ref().unwrap_or(&self.held)
    }
}

/// What the right pane tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A user: every way into every space read so far.
    User(UserId, Vec<Access>),
    /// A group: where it has roles, and how many people Qlik knows to be in it.
    Group {
        /// Space, type and roles.
        places: Vec<(Raw, Raw, Vec<SpaceRole>)>,
        /// People.
        people: usize,
    },
    /// Nobody in Qlik yet.
    Nobody,
}

/// Whom the right pane is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regarded {
    /// Their name.
    pub name: Raw,
    /// What tells them from others of that name.
    pub mail: Raw,
    /// License and status in a few words; safe to show.
    pub state: String,
    /// Whether an analyzer license is all they have.
    pub analyzer: bool,
    /// What they may.
    pub told: Told,
}

/// The screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpacesScreen {
    /// Which pane has the keys: spaces, assignments or access, left to right.
    pub pane: Pane,
    /// Left pane.
    pub lines: Vec<SpaceLine>,
    /// Cursor and window in it.
    pub list: List,
    /// Its filter.
    pub filter: Field,
    /// Marked spaces.
    pub marks: BTreeSet<SpaceId>,
    /// The space that the middle pane shows.
    pub open: Option<SpaceId>,
    /// Everybody with roles there, now or by what is staged.
    pub seats: Vec<Seat>,
    /// Those who pass the filter: places in `seats`.
    pub shown: Vec<usize>,
    /// Cursor and window in `shown`.
    pub seat_list: List,
    /// The filter of the middle pane.
    pub seat_filter: Field,
    /// Marked assignments, of any space.
    pub chosen: BTreeSet<(SpaceId, Holder)>,
    /// Where a range mark began, in `shown`.
    pub range: Option<usize>,
    /// Whether the filter of the pane with the keys is being typed.
    pub typing: bool,
    /// Right pane.
    pub regarded: Option<Regarded>,
    /// First line shown of the right pane.
    pub detail_offset: usize,
    /// Whether all spaces are being read, one after the other.
    pub reading_all: bool,
    /// Whom the picker chose to put into spaces.
    pub whom: Vec<Target>,
}

impl SpacesScreen {
    /// The line of the middle pane under the cursor.
    pub fn seat(&self) -> Option<&Seat> {
        self.seats.get(*self.shown.get(self.seat_list.cursor)?)
    }

    /// The line of the left pane under the cursor.
    pub fn line(&self) -> Option<&SpaceLine> {
        self.lines.get(self.list.cursor)
    }

    /// The line of the middle pane at a place shown.
    pub fn shown_at(&self, place: usize) -> Option<&Seat> {
        self.seats.get(*self.shown.get(place)?)
    }
}
