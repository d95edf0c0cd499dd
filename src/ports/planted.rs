//! Bugs to plant, so that the proofs can show that they would see them (T1c): a simulation that never
//! caught one is decoration. Only with the cargo feature `planted`, which no release is built with;
//! without it every question below is a constant "no" and nothing of this is left.
//!
//! It stands among the ports because rooms that do not know each other have to ask.

/// A bug that somebody could make. What it breaks stands where `planted` is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// An unclear answer is taken for a yes, without reading back.
    NoReadBack,
    /// A 5xx is taken for a no.
    ErrorsAreNo,
    /// Items of a 207 are matched by their position.
    MatchByPosition,
    /// The proof of an intent is minted without a sync.
    NoSync,
    /// After an unclear answer the write is sent again without a look. (The plan's "retry invitations":
    /// qroll has no unkeyed operation, it never invites.)
    ResendBlindly,
    /// A resume counts what was sent as done.
    TrustSummary,
    /// A 409 is taken for a yes.
    ConflictIsYes,
    /// A user is deleted by subject instead of by id.
    DeleteBySubject,
    /// What an operation needs is not asked for.
    NoGate,
    /// An empty page is taken for the end of a list.
    WrongPageEnd,
    /// The lock of the tenant is not taken.
    NoLock,
    /// A next link is followed wherever it leads, with the token.
    TokenToNextLink,
    /// The look before a write is not repeated, however old it is.
    OldLook,
    /// What differs after an unclear answer is taken for a no.
    DiffersIsNo,
    /// A refusal after an unclear answer is final while that one may still land.
    HastyNo,
}

impl Bug {
    /// Every bug.
    pub const ALL: [Self; 15] = [
        Self::NoReadBack,
        Self::ErrorsAreNo,
        Self::MatchByPosition,
        Self::NoSync,
        Self::ResendBlindly,
        Self::TrustSummary,
        Self::ConflictIsYes,
        Self::DeleteBySubject,
        Self::NoGate,
        Self::WrongPageEnd,
        Self::NoLock,
        Self::TokenToNextLink,
        Self::OldLook,
        Self::DiffersIsNo,
        Self::HastyNo,
    ];
}

#[cfg(feature = "planted")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug in this thread, or takes it out.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether this bug is planted.
#[cfg(feature = "planted")]
pub(crate) fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Never.
#[cfg(not(feature = "planted"))]
pub(crate) const fn planted(_bug: Bug) -> bool {
    false
}
