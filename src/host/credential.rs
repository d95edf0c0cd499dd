//! Secrets out of files: systemd credentials, and descriptors that a parent process left open.

use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::ports::{Kind, Problem, Secret};

/// Keys and client secrets are shorter by far.
const SIZE_CAP: u64 = 64 * 1024;

/// `qroll.<name>` in a directory of credentials; `None` when it is not there.
pub(super) fn read(directory: &Path, name: &str) -> Result<Option<Secret>, Problem> {
    let path = directory.join(format!("qroll.{name}"));
    let refused = |said: &str| refused(&path, said);
    let Some(file) = opened(&path, true, &refused)? else {
        return Ok(None);
    };
    let secret = line(file).map_err(|error| refused("cannot be read").because(error))?;
    Ok(Some(secret))
}

/// The bytes of a file that the configuration names and nobody but this user may read, such as a
/// private key.
///
/// # Errors
/// `Config` when it cannot be read, is no regular file, or others may read it.
pub fn private_file(path: &Path) -> Result<Vec<u8>, Problem> {
    let refused = |said: &str| {
        Problem::new(
            Kind::Config,
            format!("the private key {} {said}", path.display()),
        )
        .hint("It must be a regular file of our own with mode 0600 or 0400.")
    };
    let file = opened(path, false, &refused)?;
    let missing = || refused("cannot be read: No such file or directory");
    let file = file.ok_or_else(missing)?;
    contents(file).map_err(|error| refused(&format!("cannot be read: {error}")).because(error))
}

/// Opens a regular file that nobody but us may read; `None` when it is not there. Links may be left
/// unfollowed, and nothing is waited for that is no file.
pub(super) fn opened(
    path: &Path,
    no_links: bool,
    refused: &dyn Fn(&str) -> Problem,
) -> Result<Option<File>, Problem> {
    let mut flags = OFlags::NONBLOCK;
    flags.set(OFlags::NOFOLLOW, no_links);
    let unreadable = |error: std::io::Error| {
        let link = rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::LOOP);
        if link {
            return refused("is a symbolic link");
        }
        refused(&format!("cannot be read: {error}")).because(error)
    };
    let open = OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or(0))
        .open(path);
    let file = match open {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let meta = file.metadata().map_err(unreadable)?;
    let us = rustix::process::geteuid().as_raw();
    judge(meta.is_file(), meta.uid(), meta.mode(), us).map_err(refused)?;
    Ok(Some(file))
}

/// What it holds, up to more than any secret or key is long.
pub(super) fn contents(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(SIZE_CAP).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As ssh judges a key: nothing for group and others. systemd (since 250) leaves the file to root and lets the service in by an
/// ACL, whose mask shows as a readable group; nobody but root and the service can read that.
fn judge(regular: bool, owner: u32, mode: u32, us: u32) -> Result<(), &'static str> {
    if !regular {
        return Err("is not a regular file");
    }
    match owner {
        _ if mode & 0o007 != 0 => Err("may be read by others"),
        owner if owner == us && mode.trailing_zeros() >= 6 => Ok(()),
        0 if us != 0 && mode & 0o030 == 0 => Ok(()),
        owner if owner == us => Err("may be read by others"),
        _ => Err("belongs to another user"),
    }
}

fn refused(path: &Path, said: &str) -> Problem {
    Problem::new(
        Kind::Config,
        format!("the credential {} {said}", path.display()),
    )
    .hint("It must be a regular file of our own with mode 0600 or 0400.")
}

/// The first line of a descriptor that the parent left open for us.
pub(super) fn from_descriptor(descriptor: i32) -> Result<Secret, Problem> {
    let refused = |said: &str| {
        Problem::new(Kind::User, format!("file descriptor {descriptor} {said}"))
            .hint("Example: qroll plan --tenant-secret-fd 3 3< secret.txt")
    };
    let path = [
        format!("/proc/self/fd/{descriptor}"),
        format!("/dev/fd/{descriptor}"),
    ]
    .into_iter()
    .find(|path| Path::new(path).exists())
    .ok_or_else(|| refused("is not open"))?;
    #[expect(clippy::disallowed_methods, reason = "this is the vault")]
    let opened = File::open(path);
    let file = opened.map_err(|error| refused("cannot be read").because(error))?;
    let secret = line(file).map_err(|error| refused("cannot be read").because(error))?;
    if secret.expose().is_empty() {
        return Err(refused("holds no secret"));
    }
    Ok(secret)
}

fn line(file: File) -> std::io::Result<Secret> {
    let mut text = String::new();
    file.take(SIZE_CAP).read_to_string(&mut text)?;
    Ok(Secret::new(text.lines().next().unwrap_or("").trim()))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn only_our_own_private_regular_file_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("qroll.a.tenant");
        assert!(read(directory.path(), "a.tenant").unwrap().is_none());
        std::fs::write(&path, "s3\n").unwrap();
        for (mode, good) in [
            (0o600, true),
            (0o400, true),
            (0o640, false),
            (0o604, false),
            (0o602, false),
        ] {
            set(&path, mode);
            let read = read(directory.path(), "a.tenant");
            assert_eq!(read.is_ok(), good, "mode {mode:o}");
            if good {
                assert_eq!(read.unwrap().unwrap().expose(), "s3");
            }
        }
        let link = directory.path().join("qroll.b.tenant");
        std::os::unix::fs::symlink(&path, link).unwrap();
        let problem = read(directory.path(), "b.tenant").unwrap_err();
        assert!(problem.text().contains("is a symbolic link"), "{problem}");
        std::fs::create_dir(directory.path().join("qroll.c.tenant")).unwrap();
        assert!(
            read(directory.path(), "c.tenant")
                .unwrap_err()
                .text()
                .contains("not a regular file")
        );
    }

    #[test]
    fn a_private_key_that_others_may_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        let problem = private_file(&path).unwrap_err();
        assert!(problem.text().contains("No such file"), "{problem}");
        std::fs::write(&path, "pem").unwrap();
        for (mode, good) in [(0o600, true), (0o400, true), (0o640, false), (0o644, false)] {
            set(&path, mode);
            assert_eq!(private_file(&path).is_ok(), good, "mode {mode:o}");
        }
        let problem = private_file(directory.path()).unwrap_err();
        assert!(problem.text().contains("not a regular file"), "{problem}");
    }

    #[test]
    fn owners_are_judged() {
        assert_eq!(judge(true, 1000, 0o400, 1000), Ok(()));
        assert_eq!(judge(true, 0, 0o440, 1000), Ok(()), "systemd's way");
        assert_eq!(
            judge(true, 1001, 0o400, 1000),
            Err("belongs to another user")
        );
        assert_eq!(judge(true, 0, 0o444, 1000), Err("may be read by others"));
        assert_eq!(judge(true, 0, 0o440, 0), Err("may be read by others"));
    }

    #[test]
    fn a_closed_descriptor_is_said() {
        assert!(
            from_descriptor(999_999)
                .unwrap_err()
                .text()
                .contains("is not open")
        );
    }
}
