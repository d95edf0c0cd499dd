//! The local disk, as little of it as state files and journals need. Files are private (0600 in
//! 0700 directories), never follow a link in the last component, and a failed sync is final.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::problem::{Kind, Problem};

/// What came of asking for a lock.
pub enum LockOutcome {
    /// Held until the guard is dropped.
    Held(Box<dyn std::any::Any + Send + Sync>),
    /// Somebody else holds it.
    Busy {
        /// What they wrote into the lock file.
        holder: String,
        /// Their process, when it was stopped (Ctrl-Z) and holds on until it is continued.
        stopped: Option<u32>,
    },
}

/// An append-only file.
pub trait Appender: Send {
    /// Appends all bytes in one write.
    ///
    /// # Errors
    /// Disk full, read-only, gone. The file must not be written again.
    fn append(&mut self, bytes: &[u8]) -> Result<(), Problem>;

    /// Returns once everything appended is durable.
    ///
    /// # Errors
    /// Final for this file: a second sync may succeed without the data.
    fn sync(&mut self) -> Result<(), Problem>;

    /// Whether the file still has a name; without one it is gone once it is closed (F8).
    fn is_linked(&self) -> bool {
        true
    }
}

/// Creates, reads, replaces and locks files.
pub trait Disk: Send + Sync {
    /// Whole content; `None` when there is no such file.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Problem>;
    /// The first `most` bytes; `None` when there is no such file. For a file that may be anybody's.
    ///
    /// # Errors
    /// As [`Disk::read`].
    fn read_head(&self, path: &Path, most: u64) -> Result<Option<Vec<u8>>, Problem> {
        let mut bytes = self.read(path)?;
        if let Some(bytes) = &mut bytes {
            bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        }
        Ok(bytes)
    }
    /// Replaces the file: temporary file, sync, rename, sync of the directory.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Problem>;
    /// As [`Disk::replace`], for what is too large to stand in memory at once.
    ///
    /// # Errors
    /// As [`Disk::replace`], and what `write` says.
    fn replace_by(
        &self,
        path: &Path,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Problem> {
        let mut bytes = Vec::new();
        write(&mut bytes).map_err(|error| {
            let text = format!("{} could not be written: {error}", path.display());
            Problem::new(Kind::Host, text).because(error)
        })?;
        self.replace(path, &bytes)
    }
    /// A new file (an error when it exists) with `reserve` bytes reserved, directory synced.
    fn create(&self, path: &Path, reserve: u64) -> Result<Box<dyn Appender>, Problem>;
    /// An existing file for appending, cut to `length` first.
    fn reopen(&self, path: &Path, length: u64) -> Result<Box<dyn Appender>, Problem>;
    /// Paths of the entries of a directory, sorted; empty when there is none.
    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Problem>;
    /// Makes a private directory with its parents.
    fn make_directory(&self, path: &Path) -> Result<(), Problem>;
    /// Why files in this directory may not outlive a power loss or may not be locked, in a sentence;
    /// `None` when nothing speaks against it (F5).
    fn caution(&self, _directory: &Path) -> Option<String> {
        None
    }
    /// Whether somebody holds this lock now, ourselves included. Only for telling: a moment later it
    /// may be otherwise.
    fn is_held(&self, _path: &Path) -> bool {
        false
    }
    /// Takes an advisory lock on a permanent file and writes `owner` into it.
    fn lock(&self, path: &Path, owner: &str) -> Result<LockOutcome, Problem>;
}
