//! Writing a file that is the operator's own and not ours: it stays where a link leads, keeps its mode,
//! and is not written over when somebody else changed it meanwhile.

#![expect(
    clippy::disallowed_methods,
    reason = "the operator named this file; it is looked at before it is written"
)]

use rustix::fs::fchown;
use rustix::process::Gid;
use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use super::disk::{failure, sync_directory_of};
use crate::ports::{Kind, Problem};

/// Puts the text into the place of what was there when it was read (`None`: there was no file): a
/// temporary file, sync, rename. A file that is new is readable by its owner alone.
///
/// # Errors
/// `Conflict` when something else is there by now; `Host` when it cannot be written.
pub fn rewrite(path: &Path, before: Option<&str>, text: &str) -> Result<(), Problem> {
    let target = match std::fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(failure("write", path, &error)),
    };
    unchanged(&target, before)?;
    let home = home(&target);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&home)
        .map_err(|error| failure("make the directory", &home, &error))?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let temporary = home.join(format!(".{name}.{}", std::process::id()));
    let written = fill(&temporary, &target, text)
        .and_then(|()| unchanged(&target, before))
        .and_then(|()| {
            std::fs::rename(&temporary, &target).map_err(|error| failure("write", &target, &error))
        });
    if let Err(problem) = written {
        // It may not have come to be.
        let _ = std::fs::remove_file(&temporary);
        return Err(problem);
    }
    sync_directory_of(&target)
}

fn home(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn unchanged(target: &Path, before: Option<&str>) -> Result<(), Problem> {
    let now = match std::fs::read(target) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failure("read", target, &error)),
    };
    if now.as_deref() == before.map(str::as_bytes) {
        return Ok(());
    }
    let text = format!(
        "{} was changed by something else meanwhile; it was not written",
        target.display()
    );
    Err(Problem::new(Kind::Conflict, text).hint("Start again: what is there now is read anew."))
}

/// The temporary file, with the mode and the group of what is there.
fn fill(temporary: &Path, target: &Path, text: &str) -> Result<(), Problem> {
    let failed = |error: std::io::Error| failure("write", target, &error);
    // A leftover of a process that had our number and died.
    let _ = std::fs::remove_file(temporary);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(temporary)
        .map_err(failed)?;
    if let Ok(there) = std::fs::metadata(target) {
        let ours = file.metadata().map_err(failed)?;
        if there.gid() != ours.gid() {
            let group = Some(Gid::from_raw(there.gid()));
            fchown(&file, None, group).map_err(|error| failed(error.into()))?;
        }
        let mode = Permissions::from_mode(there.mode() & 0o777);
        file.set_permissions(mode).map_err(failed)?;
    }
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_its_owners_alone_and_one_that_is_there_keeps_its_mode_and_its_link() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/b/config.toml");
        rewrite(&path, None, "one").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let link = place.path().join("link.toml");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        rewrite(&link, Some("one"), "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert!(link.is_symlink());
        assert_eq!(mode(&path), 0o640);
        let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "no temporary file stays");
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_stays() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("config.toml");
        std::fs::write(&path, "theirs").unwrap();
        for before in [None, Some("ours")] {
            let problem = rewrite(&path, before, "new").unwrap_err();
            assert_eq!(problem.kind, Kind::Conflict);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        }
    }
}
