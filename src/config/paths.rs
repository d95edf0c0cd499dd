//! Where the configuration and the state live, and whose they must be.

use directories::ProjectDirs;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::profile::Config;
use crate::ports::{Kind, Problem};

/// A configuration is a page of text; this is far beyond it.
const SIZE_CAP: u64 = 1 << 20;

/// The two places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config: PathBuf,
    /// Whether somebody named it (then it must exist).
    pub named: bool,
    /// The state directory.
    pub state: PathBuf,
}

impl Paths {
    /// `--config`, else `QROLL_CONFIG`, else the platform's place; `--state-dir`, else the platform's.
    ///
    /// # Errors
    /// There is no home directory and a place was not named.
    pub fn find(
        config: Option<PathBuf>,
        state: Option<PathBuf>,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let config = config.or_else(|| environment.config.clone());
        let named = config.is_some();
        if let (Some(config), Some(state)) = (&config, &state) {
            return Ok(Self {
                config: config.clone(),
                named,
                state: state.clone(),
            });
        }
        let platform = ProjectDirs::from("", "", "qroll").ok_or_else(|| {
            Problem::new(
                Kind::Host,
                "there is no home directory to keep the configuration and the state in",
            )
            .hint("Name both: --config FILE --state-dir DIRECTORY")
        })?;
        Ok(Self {
            config: config.unwrap_or_else(|| platform.config_dir().join("config.toml")),
            named,
            state: state.unwrap_or_else(|| {
                let state = platform
                    .state_dir()
                    .unwrap_or_else(|| platform.data_local_dir());
                state.to_path_buf()
            }),
        })
    }
}

/// Reads and checks the configuration; `None` when there is no file and nobody named one.
///
/// # Errors
/// Named but not there, not readable, somebody else's, writable by everybody, or wrong inside.
pub fn read_config(paths: &Paths) -> Result<Option<Config>, Problem> {
    match config_text(paths)? {
        Some(text) => {
            let home = paths.config.parent().unwrap_or(Path::new("."));
            Config::parse(&paths.config.display().to_string(), &text, home).map(Some)
        }
        None if paths.named => {
            let text = format!(
                "the configuration {} cannot be read: No such file or directory",
                paths.config.display()
            );
            Err(Problem::new(Kind::Config, text))
        }
        None => Ok(None),
    }
}

/// The text of the configuration; `None` when there is no file.
///
/// # Errors
/// Not readable, somebody else's, or writable by everybody.
pub fn config_text(paths: &Paths) -> Result<Option<String>, Problem> {
    let shown = paths.config.display().to_string();
    #[expect(
        clippy::disallowed_methods,
        reason = "this room reads the configuration"
    )]
    let opened = File::open(&paths.config);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Problem::new(
                Kind::Config,
                format!("the configuration {shown} cannot be read: {error}"),
            )
            .because(error));
        }
    };
    let unreadable = |error: std::io::Error| {
        Problem::new(
            Kind::Config,
            format!("the configuration {shown} cannot be read: {error}"),
        )
        .because(error)
    };
    let meta = file.metadata().map_err(unreadable)?;
    ours(&paths.config, meta.uid(), meta.mode())?;
    let mut text = String::new();
    file.by_ref()
        .take(SIZE_CAP)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    Ok(Some(text))
}

/// Whoever can write the configuration can send the credential elsewhere.
fn ours(path: &Path, owner: u32, mode: u32) -> Result<(), Problem> {
    let path = path.display();
    let us = rustix::process::geteuid().as_raw();
    if owner != us && owner != 0 {
        return Err(Problem::new(
            Kind::Config,
            format!("the configuration {path} belongs to another user ({owner})"),
        )
        .hint("Whoever owns it decides where the credential goes. Copy it and use the copy."));
    }
    if mode & 0o002 != 0 {
        return Err(Problem::new(
            Kind::Config,
            format!("the configuration {path} is writable by everybody"),
        )
        .hint(format!("chmod 600 {path}")));
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_that_others_control_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config.toml");
        std::fs::write(&config, "").unwrap();
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o646)).unwrap();
        let paths = Paths {
            config: config.clone(),
            named: true,
            state: directory.path().into(),
        };
        assert!(
            read_config(&paths)
                .unwrap_err()
                .text()
                .contains("writable by everybody")
        );
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(read_config(&paths).unwrap().is_some());
        let us = rustix::process::geteuid().as_raw();
        assert!(
            ours(&config, us.wrapping_add(4711), 0o600)
                .unwrap_err()
                .text()
                .contains("another user")
        );
        assert!(ours(&config, us, 0o644).is_ok());
    }

    #[test]
    fn only_a_named_file_must_exist() {
        let mut paths = Paths {
            config: "/nonexistent/config.toml".into(),
            named: false,
            state: "/nonexistent".into(),
        };
        assert!(read_config(&paths).unwrap().is_none());
        paths.named = true;
        assert_eq!(read_config(&paths).unwrap_err().kind, Kind::Config);
    }

    #[test]
    fn the_command_line_wins_over_the_environment() {
        let environment =
            Environment::from(|name| (name == "QROLL_CONFIG").then(|| "/e/c.toml".into()));
        let state = Some(PathBuf::from("/s"));
        let paths = Paths::find(None, state.clone(), &environment).unwrap();
        assert_eq!((paths.config, paths.named), ("/e/c.toml".into(), true));
        let paths = Paths::find(Some("/a".into()), state, &environment).unwrap();
        assert_eq!((paths.config, paths.state), ("/a".into(), "/s".into()));
    }
}
