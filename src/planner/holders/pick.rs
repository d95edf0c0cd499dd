//! Ready-made selections of seats.

use jiff::Timestamp;

use super::judge::{Holder, LastUse, Note, Review};
use super::standing::Standing;
use super::unused::{Unused, unused};

/// Seats that want a look, each for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pick {
    /// In no approved group, and no exception.
    Strangers,
    /// Not used for so long as the rule says.
    Unused,
    /// Of those the ones that nothing spares.
    ToTakeBack,
    /// Of nobody here, in use elsewhere or not.
    Orphans,
    /// Beyond what the license covers.
    Excess,
    /// Disabled on either side.
    Disabled,
    /// The same person twice: several seats, or one on an older subject.
    TwoSubjects,
    /// Invited or provisioned, and never came.
    NeverCame,
}

impl Pick {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Strangers,
        Self::Unused,
        Self::ToTakeBack,
        Self::Orphans,
        Self::Excess,
        Self::Disabled,
        Self::TwoSubjects,
        Self::NeverCame,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Strangers => "strangers",
            Self::Unused => "unused",
            Self::ToTakeBack => "to take back",
            Self::Orphans => "orphans",
            Self::Excess => "in excess",
            Self::Disabled => "disabled",
            Self::TwoSubjects => "two subjects",
            Self::NeverCame => "never came",
        }
    }

    /// Whether it can be told only after a look at the use.
    pub fn wants_use(self) -> bool {
        matches!(self, Self::Unused | Self::ToTakeBack)
    }

    fn fits(self, holder: &Holder) -> bool {
        let any = |notes: &[Note]| holder.notes.iter().any(|note| notes.contains(note));
        match self {
            Self::Strangers => holder.standing == Standing::Stranger,
            Self::Orphans => any(&[Note::Orphan]),
            Self::Excess => any(&[Note::Excess]),
            Self::Disabled => any(&[Note::DisabledHere, Note::DisabledThere]),
            Self::TwoSubjects => any(&[Note::SeveralSeats, Note::OlderSubject]),
            // The record may not have been told of a sign-in that the log knows.
            Self::NeverCame => {
                any(&[Note::NeverCame]) && !matches!(holder.last_use, LastUse::At(_))
            }
            Self::Unused | Self::ToTakeBack => false,
        }
    }
}

/// Places in the review of those who are picked; the longest unused first, else in its order.
pub fn picked(review: &Review, pick: Pick, rule: Unused, now: Timestamp) -> Vec<usize> {
    if pick.wants_use() {
        let found = unused(review, rule, now).into_iter();
        let found = found.filter(|one| pick == Pick::Unused || one.spared.is_none());
        return found.map(|one| one.place).collect();
    }
    let holders = review.holders.iter().enumerate();
    let fitting = holders.filter(|(_, holder)| pick.fits(holder));
    fitting.map(|(place, _)| place).collect()
}
