//! The desk: the wished rows in roster order, each judged (who is skipped and why, what the seats
//! allow, what is protected). Plan, seat meter and roster colours all read from here, so they agree.

mod license;
mod protect;
mod seats;
mod standing;
mod tenant;

pub(super) use license::{Fate, LicenseCase, LicenseNote, Owner};
pub(super) use protect::{Protection, Shield};
pub use seats::SeatMeter;
pub(super) use standing::{Skip, barrier, who};
pub(super) use tenant::{SpaceState, TenantView};
pub use tenant::{known_as, twin};

use std::sync::Arc;

use super::build::Gap;
use super::roster::Index;
use super::wishes::{EffectiveWish, Wishes};
use crate::domain::{
    Doubt, Guards, Past, Row, RowKey, Snapshot, Staging, Subject, SubscriptionModel, User,
    UserStatus,
};

/// One wished row, judged.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The row.
    pub(super) row: Row,
    /// What is wished for it.
    pub(super) wish: Arc<EffectiveWish>,
    /// The subject that holds, or shall hold, the license.
    pub(super) subject: Option<Subject>,
    /// The user, when the match counts.
    pub(super) user: Option<Arc<User>>,
    /// Why nothing is given.
    pub(super) skip: Option<Skip>,
    /// What happens to the license.
    pub(super) license: LicenseCase,
}

impl Case {
    /// Whether the row gets what is wished (a seat may still be missing).
    pub(super) fn served(&self) -> bool {
        self.wish.gives() && self.skip.is_none() && self.license.fate != Fate::LeftOut
    }

    /// Whether a user record has to be made.
    pub(super) fn creates(&self) -> bool {
        self.served() && self.user.is_none() && matches!(self.row.key, RowKey::Person(_))
    }

    /// Whether a disabled record is enabled.
    pub(super) fn enables(&self) -> bool {
        self.served()
            && self.wish.enable
            && self
                .user
                .as_ref()
                .is_some_and(|user| user.status == UserStatus::Disabled)
    }
}

/// All wished rows, judged.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) staging: &'a Staging,
    pub(super) index: &'a Index,
    pub(super) guards: &'a Guards,
    pub(super) view: TenantView<'a>,
    pub(super) protection: Protection,
    pub(super) cases: Vec<Case>,
    pub(super) meters: Vec<SeatMeter>,
    /// Picks that did not come whole.
    pub(super) gaps: &'a [Gap],
    /// Readings that are hard to believe.
    pub(super) doubts: Vec<Doubt>,
    /// Seats to take back of which nobody knows whether another tenant uses them.
    pub(super) untold: u64,
    /// Seats given away that only this plan's removals make free.
    pub(super) removals_first: bool,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        index: &'a Index,
        snapshot: &'a Snapshot,
        staging: &'a Staging,
        guards: &'a Guards,
    ) -> Self {
        Self::with_gaps(index, snapshot, staging, guards, &[], &Past::default())
    }

    /// A desk on which some of the rows were picked by readings that are not whole.
    pub(super) fn with_gaps(
        index: &'a Index,
        snapshot: &'a Snapshot,
        staging: &'a Staging,
        guards: &'a Guards,
        gaps: &'a [Gap],
        past: &Past,
    ) -> Self {
        let protection = Protection::new(snapshot, guards, &past.doubts);
        let wishes = Wishes::new(staging, snapshot).doubting(gaps);
        let rows = wishes.rows(index);
        let mut cases = Vec::with_capacity(rows.size_hint().1.unwrap_or(0));
        cases.extend(rows.map(|(row, wish)| judge(row, wish, index, snapshot, &protection)));
        standing::check_mails(&mut cases, index);
        standing::check_names(&mut cases, index);
        let untold = untold(&mut cases, staging.allowed.orphans);
        let (meters, removals_first) = if capacity(snapshot) {
            (seats::capacity(&cases, snapshot), false)
        } else {
            seats::allocate(&mut cases, snapshot, &staging.short)
        };
        Self {
            snapshot,
            staging,
            index,
            guards,
            view: TenantView::new(snapshot),
            protection,
            cases,
            meters,
            gaps,
            doubts: past.doubts.clone(),
            untold,
            removals_first,
        }
    }
}

/// Whether seats cannot be assigned here.
pub(super) fn capacity(snapshot: &Snapshot) -> bool {
    snapshot.tenant.licensing.value.model == SubscriptionModel::Capacity
}

/// How many seats are to be taken back of which nobody knows whether another tenant uses them. They
/// are, where somebody typed exactly this number.
fn untold(cases: &mut [Case], typed: Option<u64>) -> u64 {
    let number: usize = cases.iter().map(|case| case.license.untold.len()).sum();
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    if number > 0 && typed == Some(number) {
        let cases = cases.iter_mut().map(|case| &mut case.license);
        cases
            .filter(|license| !license.untold.is_empty())
            .for_each(LicenseCase::take_untold);
    }
    number
}

fn judge(
    row: Row,
    wish: Arc<EffectiveWish>,
    index: &Index,
    snapshot: &Snapshot,
    protection: &Protection,
) -> Case {
    let user = row.joined_user().cloned();
    let skip = standing::skip(&row, &wish, user.as_deref());
    let subject = standing::license_subject(&row, user.as_deref());
    let mut case = Case {
        row,
        wish,
        subject,
        user,
        skip,
        license: LicenseCase::default(),
    };
    if !capacity(snapshot) {
        case.license = license::judge(&case, index, snapshot, protection);
    }
    case
}
