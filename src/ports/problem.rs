//! What went wrong, for whom, and what to do: the one error shape that crosses a port.

use std::error::Error as StdError;
use std::fmt;

use crate::text::{Raw, Shown, show_str};

/// Whose fault it is. Decides the exit code, the colour and whether trying again helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The command line or an input file.
    User,
    /// The configuration.
    Config,
    /// The credential is wrong or has expired.
    Auth,
    /// The credential is right but may not do this.
    Denied,
    /// Name resolution, connection, TLS, timeout.
    Network,
    /// The other side asks us to wait.
    Throttled,
    /// It is not there.
    NotFound,
    /// It exists already, or has changed meanwhile.
    Conflict,
    /// The answer is not what the contract says.
    Protocol,
    /// Local disk, terminal, keyring.
    Host,
    /// Another run holds the tenant.
    Locked,
    /// A guard said no.
    Guard,
    /// The operator was asked and did not say yes: neither a slip nor a guard.
    Declined,
    /// The plan is older or other than what is there.
    Stale,
    /// The journal could not be kept.
    Journal,
    /// Our own mistake.
    Internal,
}

impl Kind {
    /// The exit code of product contract for a command that ends with this.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::User | Self::Config => 64,
            Self::Guard => 5,
            Self::Locked => 6,
            Self::Stale => 7,
            Self::Journal => 74,
            _ => 1,
        }
    }
}

/// An error that a person will read: a sentence saying what and where, hints saying what to do.
#[derive(Debug)]
pub struct Problem {
    /// Whose fault.
    pub kind: Kind,
    /// What and where. Already safe to show.
    text: String,
    /// What to do, one line each. Already safe to show.
    hints: Vec<String>,
    /// The server's request id, for support.
    trace: Option<Raw>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    dead_end: bool,
}

impl Problem {
    /// A problem of the given kind. The text goes through the door here, so callers may hand in
    /// what a server said.
    pub fn new(kind: Kind, text: impl AsRef<str>) -> Self {
        Self {
            kind,
            text: show_str(text.as_ref()).to_string(),
            hints: Vec::new(),
            trace: None,
            source: None,
            dead_end: false,
        }
    }

    /// Says that no other call would fare better: the certificate is refused, or whoever answers is
    /// not the one that was asked.
    #[must_use]
    pub fn dead_end(mut self) -> Self {
        self.dead_end = true;
        self
    }

    /// Whether no other call would fare better.
    pub fn is_dead_end(&self) -> bool {
        self.dead_end
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hints.push(show_str(hint.as_ref()).to_string());
        self
    }

    /// Adds the server's request id.
    #[must_use]
    pub fn trace(mut self, trace: Option<Raw>) -> Self {
        self.trace = trace;
        self
    }

    /// Adds the cause, for the chain in the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What and where.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What to do.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The server's request id.
    pub fn request_id(&self) -> Option<Shown> {
        self.trace.as_ref().map(Raw::show)
    }

    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, Kind::Network | Kind::Throttled) && !self.dead_end
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)?;
        match self.request_id() {
            Some(trace) => write!(out, " (request {trace})"),
            None => Ok(()),
        }
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
