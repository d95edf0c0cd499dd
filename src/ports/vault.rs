//! Secrets: where they come from, and a type that does not print itself.

use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::path::PathBuf;

use super::Work;
use super::problem::Problem;

/// A secret. Wiped when dropped, `***` in `Debug`, never serialised.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// Where a secret was found; shown to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// The desktop's or server's secret store.
    Keyring,
    /// A systemd credential.
    Credential,
    /// A file descriptor given on the command line.
    Descriptor(i32),
    /// An environment variable, with a warning.
    Environment(String),
    /// An encrypted file, opened by a passphrase.
    Sealed(PathBuf),
    /// Typed in.
    Prompt,
    /// The embedded world's own.
    Embedded,
}

/// Looks secrets up.
pub trait Vault: Send + Sync {
    /// The secret by its name (`<profile>.tenant`, `<profile>.directory`), in the documented order.
    /// `None` when no source has it.
    fn find(&self, name: &str) -> Work<'_, Result<Option<(Secret, SecretSource)>, Problem>>;
}
