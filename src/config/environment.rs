//! The environment variables that qroll knows, read once at the start and passed on as values.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::ports::Secret;

/// What the environment says.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `QROLL_CONFIG`: another configuration file.
    pub config: Option<PathBuf>,
    /// `CREDENTIALS_DIRECTORY` of systemd.
    pub credentials: Option<PathBuf>,
    /// `QROLL_TENANT_SECRET`.
    pub tenant_secret: Option<Secret>,
    /// `QROLL_DIRECTORY_SECRET`.
    pub directory_secret: Option<Secret>,
    /// `QROLL_LOG`: file for the log.
    pub log: Option<PathBuf>,
    /// `NO_COLOR`.
    pub no_color: Option<String>,
    /// `TERM`.
    pub term: Option<String>,
    /// The first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set.
    pub locale: Option<String>,
    /// `COLORFGBG`: foreground and background of some terminals.
    pub background: Option<String>,
}

impl Environment {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "this room reads the environment")]
    pub fn read() -> Self {
        Self::from(|name| std::env::var_os(name))
    }

    /// The same from any source of variables.
    pub fn from(read: impl Fn(&str) -> Option<OsString>) -> Self {
        let get = |name: &str| read(name).filter(|value| !value.is_empty());
        let path = |name: &str| get(name).map(PathBuf::from);
        let text = |name: &str| get(name).and_then(|value| value.into_string().ok());
        let secret = |name: &str| {
            get(name)
                .and_then(|value| value.into_string().ok())
                .map(Secret::new)
        };
        Self {
            config: path("QROLL_CONFIG"),
            credentials: path("CREDENTIALS_DIRECTORY"),
            tenant_secret: secret("QROLL_TENANT_SECRET"),
            directory_secret: secret("QROLL_DIRECTORY_SECRET"),
            log: path("QROLL_LOG"),
            no_color: text("NO_COLOR"),
            term: text("TERM"),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(text),
            background: text("COLORFGBG"),
        }
    }
}
