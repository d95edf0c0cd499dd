//! The real disk. Private files (0600 in 0700 directories), no link is followed in the last
//! component, foreign owners are refused, and what is said to be durable has been synced, the
//! directory entry included (reliability 3.3, 4.6).

#![expect(
    clippy::disallowed_methods,
    reason = "this is the disk that is injected"
)]

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::harden::stopped;
use crate::ports::{Appender, Disk, Kind, LockOutcome, Problem};

const NO_FOLLOW: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

/// How often, and how far apart, a lock is tried before somebody is believed to hold it: whoever
/// only looks holds it for a blink, and the name in it may be of one long gone.
const BUSY_LOOKS: u32 = 10;
const BUSY_WAIT: Duration = Duration::from_millis(3);
/// How often, and how far apart, a lock's holder is looked for that has not written its name yet.
const NAME_LOOKS: u32 = 50;
const NAME_WAIT: Duration = Duration::from_millis(10);

/// The local file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

/// A file that only grows.
struct RealAppender {
    file: File,
    path: PathBuf,
    /// A failed write or sync is final: a second sync may succeed without the data.
    failed: bool,
}

pub(super) fn failure(doing: &str, path: &Path, error: &io::Error) -> Problem {
    let problem = Problem::new(
        Kind::Host,
        format!("cannot {doing} {}: {error}", path.display()),
    );
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            problem.hint("free some space, or give another directory with --state-dir")
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            problem.hint("give a directory of your own with --state-dir")
        }
        _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            problem.hint("it is a link; qroll does not follow links to its own files")
        }
        _ => problem,
    }
}

/// Refuses what somebody else could have put there.
fn refuse_foreign(path: &Path, metadata: &Metadata) -> Result<(), Problem> {
    let me = rustix::process::geteuid().as_raw();
    if metadata.uid() != me && metadata.uid() != 0 {
        return Err(Problem::new(
            Kind::Host,
            format!(
                "{} belongs to user {}, not to you ({me})",
                path.display(),
                metadata.uid()
            ),
        )
        .hint("nobody else may own qroll's files; move it away"));
    }
    Ok(())
}

fn open(path: &Path, options: &mut OpenOptions, doing: &str) -> Result<File, Problem> {
    let file = options
        .custom_flags(NO_FOLLOW)
        .mode(0o600)
        .open(path)
        .map_err(|error| failure(doing, path, &error))?;
    let metadata = file
        .metadata()
        .map_err(|error| failure(doing, path, &error))?;
    refuse_foreign(path, &metadata)?;
    Ok(file)
}

pub(super) fn sync_directory_of(path: &Path) -> Result<(), Problem> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| failure("sync the directory of", path, &error))
}

/// Reserves blocks without changing the length, so that a full disk is found before the first
/// write (F1). File systems that cannot are left to fail later.
fn reserve_blocks(file: &File, path: &Path, bytes: u64) -> Result<(), Problem> {
    if bytes == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, bytes) {
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        Err(error) => Err(failure(
            &format!("reserve {bytes} bytes for"),
            path,
            &error.into(),
        )),
    }
}

impl Appender for RealAppender {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.usable()?;
        self.file.write_all(bytes).map_err(|error| {
            self.failed = true;
            failure("append to", &self.path, &error)
        })
    }

    fn sync(&mut self) -> Result<(), Problem> {
        self.usable()?;
        self.file.sync_data().map_err(|error| {
            self.failed = true;
            failure("sync", &self.path, &error)
        })
    }

    fn is_linked(&self) -> bool {
        // An unknown answer is not the news that it is gone.
        self.file
            .metadata()
            .map_or(true, |metadata| metadata.nlink() > 0)
    }
}

/// What speaks against a journal on a file system of this magic number (statfs(2)).
#[cfg(target_os = "linux")]
fn spoken_against(magic: u64) -> Option<(&'static str, &'static str)> {
    const GONE: &str = "it is in memory and gone after a restart, and with it what a resume needs";
    const REMOTE: &str =
        "it is on another machine: a lock or a sync there may not hold what it promises";
    const LAYER: &str = "it is a layer that may be thrown away, as that of a container";
    Some(match magic {
        0x0102_1994 => ("tmpfs", GONE),
        0x8584_58f6 => ("ramfs", GONE),
        0x6969 => ("NFS", REMOTE),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => ("SMB", REMOTE),
        0x0102_1997 => ("9p", REMOTE),
        0x794c_7630 => ("overlayfs", LAYER),
        _ => return None,
    })
}

/// Bytes that this user may still write where the path is or would be; `None` when nobody tells.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let found = path.ancestors().find(|path| path.exists())?;
    let told = rustix::fs::statvfs(found).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

impl RealAppender {
    fn usable(&self) -> Result<(), Problem> {
        if self.failed {
            return Err(Problem::new(
                Kind::Host,
                format!("{} failed before and is not trusted", self.path.display()),
            ));
        }
        Ok(())
    }
}

impl Disk for RealDisk {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Problem> {
        self.read_head(path, u64::MAX)
    }

    fn read_head(&self, path: &Path, most: u64) -> Result<Option<Vec<u8>>, Problem> {
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(NO_FOLLOW)
            .open(path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failure("read", path, &error)),
        };
        let metadata = file
            .metadata()
            .map_err(|error| failure("read", path, &error))?;
        refuse_foreign(path, &metadata)?;
        let mut bytes = Vec::new();
        file.take(most)
            .read_to_end(&mut bytes)
            .map_err(|error| failure("read", path, &error))?;
        Ok(Some(bytes))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Problem> {
        self.replace_by(path, &mut |file| file.write_all(bytes))
    }

    fn replace_by(
        &self,
        path: &Path,
        write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), Problem> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}", std::process::id()));
        // A leftover of a process that had our number and died; never somebody's file.
        if std::fs::symlink_metadata(&temporary).is_ok() {
            std::fs::remove_file(&temporary)
                .map_err(|error| failure("remove", &temporary, &error))?;
        }
        let mut file = open(
            &temporary,
            OpenOptions::new().write(true).create_new(true),
            "write",
        )?;
        let written = write(&mut file)
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&temporary, path));
        if let Err(error) = written {
            let problem = failure("write", path, &error);
            return match std::fs::remove_file(&temporary) {
                Ok(()) => Err(problem),
                Err(_) => Err(problem.hint(format!("{} is left over", temporary.display()))),
            };
        }
        sync_directory_of(path)
    }

    fn create(&self, path: &Path, reserve: u64) -> Result<Box<dyn Appender>, Problem> {
        let mut options = OpenOptions::new();
        let file = open(path, options.append(true).create_new(true), "create")?;
        reserve_blocks(&file, path, reserve)?;
        file.sync_all()
            .map_err(|error| failure("sync", path, &error))?;
        sync_directory_of(path)?;
        Ok(Box::new(RealAppender {
            file,
            path: path.to_owned(),
            failed: false,
        }))
    }

    fn reopen(&self, path: &Path, length: u64) -> Result<Box<dyn Appender>, Problem> {
        let file = open(path, OpenOptions::new().append(true), "open")?;
        file.set_len(length)
            .and_then(|()| file.sync_all())
            .map_err(|error| failure("cut", path, &error))?;
        Ok(Box::new(RealAppender {
            file,
            path: path.to_owned(),
            failed: false,
        }))
    }

    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Problem> {
        let entries = match std::fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failure("list", directory, &error)),
        };
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| failure("list", directory, &error))?;
        paths.sort();
        Ok(paths)
    }

    fn make_directory(&self, path: &Path) -> Result<(), Problem> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| failure("make the directory", path, &error))?;
        let metadata =
            std::fs::symlink_metadata(path).map_err(|error| failure("look at", path, &error))?;
        if !metadata.is_dir() {
            return Err(Problem::new(
                Kind::Host,
                format!("{} is a link or a file, not a directory", path.display()),
            )
            .hint("give a directory of your own with --state-dir"));
        }
        refuse_foreign(path, &metadata)?;
        if metadata.mode() & 0o077 != 0 {
            return Err(Problem::new(
                Kind::Host,
                format!(
                    "{} is open to others (mode {:04o})",
                    path.display(),
                    metadata.mode() & 0o7777
                ),
            )
            .hint(format!("chmod 700 {}", path.display())));
        }
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn caution(&self, directory: &Path) -> Option<String> {
        // The nearest that is there: the directory itself may not be made yet.
        let found = directory.ancestors().find(|path| path.exists())?;
        let magic = rustix::fs::statfs(found).ok()?.f_type;
        // Some machines have it signed and narrow.
        let (name, why) = spoken_against(u64::try_from(magic).unwrap_or(0) & 0xffff_ffff)?;
        Some(format!(
            "the state directory {} is on {name}: {why}",
            directory.display()
        ))
    }

    fn is_held(&self, path: &Path) -> bool {
        let mut options = OpenOptions::new();
        let Ok(file) = open(path, options.read(true), "lock") else {
            return false;
        };
        // Shared, and let go of at once: looking keeps nobody out for longer than a blink.
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    fn lock(&self, path: &Path, owner: &str) -> Result<LockOutcome, Problem> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = open(path, options, "lock")?;
        let mut looks = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(failure("lock", path, &error)),
            }
            if looks < BUSY_LOOKS {
                looks += 1;
                std::thread::sleep(BUSY_WAIT);
                continue;
            }
            // What the holder wrote is for the message only.
            let mut holder = String::new();
            let read = file
                .rewind()
                .and_then(|()| (&file).take(512).read_to_string(&mut holder));
            if read.is_ok() && !holder.is_empty() {
                let stopped = stopped(&holder);
                return Ok(LockOutcome::Busy { holder, stopped });
            }
            // It has the lock and has not written its name yet.
            looks += 1;
            if looks > BUSY_LOOKS + NAME_LOOKS {
                return Ok(LockOutcome::Busy {
                    holder: "somebody who left no name".to_owned(),
                    stopped: None,
                });
            }
            std::thread::sleep(NAME_WAIT);
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(owner.as_bytes()))
            .map_err(|error| failure("write the owner into", path, &error))?;
        Ok(LockOutcome::Held(Box::new(file)))
    }
}
