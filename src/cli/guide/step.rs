//! The steps, for whoever shows them.

/// A step of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Profile,
    Tenant,
    Directory,
    Subject,
    Secrets,
    Write,
    Doctor,
}

impl Step {
    /// In their order.
    pub(super) const ALL: [Self; 7] = [
        Self::Profile,
        Self::Tenant,
        Self::Directory,
        Self::Subject,
        Self::Secrets,
        Self::Write,
        Self::Doctor,
    ];

    /// Its head.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Profile => "The profile",
            Self::Tenant => "The Qlik Cloud tenant",
            Self::Directory => "The directory",
            Self::Subject => "Whose subject is it",
            Self::Secrets => "Where secrets are kept",
            Self::Write => "What will be written",
            Self::Doctor => "The doctor",
        }
    }
}
