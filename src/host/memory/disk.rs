//! A disk in memory that keeps apart what was synced and what was only written, so that a crash
//! can drop (or tear) the latter. A fuse makes the k-th operation and all later ones fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Fuse;
use crate::ports::{Appender, Disk, Kind, LockOutcome, Problem};

/// A disk; clones share the content.
#[derive(Clone, Default)]
pub struct MemoryDisk {
    state: Arc<Mutex<State>>,
    fuse: Fuse,
}

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, Content>,
    locks: BTreeMap<PathBuf, Lock>,
    next_lock: u64,
}

#[derive(Clone, Default)]
struct Content {
    bytes: Vec<u8>,
    synced: usize,
}

#[derive(Clone, Default)]
struct Lock {
    owner: String,
    holder: Option<u64>,
}

struct Guard {
    state: Arc<Mutex<State>>,
    path: PathBuf,
    number: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut state = locked(&self.state);
        if let Some(lock) = state.locks.get_mut(&self.path)
            && lock.holder == Some(self.number)
        {
            lock.holder = None;
        }
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryDisk {
    /// An empty disk that works.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same content behind a fuse: the next process on this machine.
    #[must_use]
    pub fn with_fuse(&self, fuse: Fuse) -> Self {
        Self {
            state: Arc::clone(&self.state),
            fuse,
        }
    }

    /// Power goes: what was not synced is lost, except its first `torn` bytes in each file; locks
    /// are gone.
    pub fn crash(&self, torn: usize) {
        self.lose_power(|_path, synced, pending| {
            let kept = pending.get(..torn).unwrap_or(pending);
            [synced, kept].concat()
        });
    }

    /// Power goes: `left` says what is in each file afterwards, given what was synced and what was
    /// only written; locks are gone.
    pub fn lose_power(&self, mut left: impl FnMut(&Path, &[u8], &[u8]) -> Vec<u8>) {
        let mut state = locked(&self.state);
        for (path, content) in &mut state.files {
            let (synced, pending) = content.bytes.split_at(content.synced);
            content.bytes = left(path, synced, pending);
            content.synced = content.bytes.len();
        }
        for lock in state.locks.values_mut() {
            lock.holder = None;
        }
    }

    /// Replaces the content of a file from outside, as an editor or a bad sector would.
    pub fn tamper(&self, path: &Path, bytes: Vec<u8>) {
        let synced = bytes.len();
        locked(&self.state)
            .files
            .insert(path.to_owned(), Content { bytes, synced });
    }

    /// What of a file would survive a crash.
    pub fn synced(&self, path: &Path) -> Option<Vec<u8>> {
        let state = locked(&self.state);
        let content = state.files.get(path)?;
        content.bytes.get(..content.synced).map(<[u8]>::to_vec)
    }

    /// What a file holds now, synced or not.
    pub fn written(&self, path: &Path) -> Option<Vec<u8>> {
        let state = locked(&self.state);
        state.files.get(path).map(|content| content.bytes.clone())
    }

    /// Paths of all files, sorted.
    pub fn files(&self) -> BTreeSet<PathBuf> {
        locked(&self.state).files.keys().cloned().collect()
    }

    fn step(&self, doing: &str, path: &Path) -> Result<MutexGuard<'_, State>, Problem> {
        if self.fuse.step() {
            return Ok(locked(&self.state));
        }
        Err(Problem::new(
            Kind::Host,
            format!("cannot {doing} {}: input/output error", path.display()),
        ))
    }

    fn missing(path: &Path) -> Problem {
        Problem::new(Kind::Host, format!("there is no file {}", path.display()))
    }
}

struct MemoryAppender {
    disk: MemoryDisk,
    path: PathBuf,
    failed: bool,
}

impl MemoryAppender {
    fn change(&mut self, doing: &str, change: impl FnOnce(&mut Content)) -> Result<(), Problem> {
        if self.failed {
            return Err(Problem::new(Kind::Host, "the file failed before"));
        }
        let changed = self.disk.step(doing, &self.path).and_then(|mut state| {
            match state.files.get_mut(&self.path) {
                Some(content) => {
                    change(content);
                    Ok(())
                }
                None => Err(MemoryDisk::missing(&self.path)),
            }
        });
        self.failed = changed.is_err();
        changed
    }
}

impl Appender for MemoryAppender {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let was_whole = !self.failed;
        let appended = self.change("append to", |content| {
            content.bytes.extend_from_slice(bytes);
        });
        // Of an append that fails, anything may have reached the disk.
        if was_whole
            && appended.is_err()
            && let Some(content) = locked(&self.disk.state).files.get_mut(&self.path)
        {
            content.bytes.extend_from_slice(bytes);
        }
        appended
    }

    fn sync(&mut self) -> Result<(), Problem> {
        self.change("sync", |content| content.synced = content.bytes.len())
    }
}

impl Disk for MemoryDisk {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Problem> {
        let state = self.step("read", path)?;
        Ok(state.files.get(path).map(|content| content.bytes.clone()))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Problem> {
        let content = Content {
            bytes: bytes.to_vec(),
            synced: bytes.len(),
        };
        self.step("write", path)?
            .files
            .insert(path.to_owned(), content);
        Ok(())
    }

    fn create(&self, path: &Path, _reserve: u64) -> Result<Box<dyn Appender>, Problem> {
        let mut state = self.step("create", path)?;
        if state.files.contains_key(path) {
            return Err(Problem::new(
                Kind::Host,
                format!("{} exists", path.display()),
            ));
        }
        state.files.insert(path.to_owned(), Content::default());
        Ok(Box::new(MemoryAppender {
            disk: self.clone(),
            path: path.to_owned(),
            failed: false,
        }))
    }

    fn reopen(&self, path: &Path, length: u64) -> Result<Box<dyn Appender>, Problem> {
        let mut state = self.step("open", path)?;
        let Some(content) = state.files.get_mut(path) else {
            return Err(Self::missing(path));
        };
        content
            .bytes
            .truncate(usize::try_from(length).unwrap_or(usize::MAX));
        content.synced = content.bytes.len();
        Ok(Box::new(MemoryAppender {
            disk: self.clone(),
            path: path.to_owned(),
            failed: false,
        }))
    }

    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Problem> {
        let state = self.step("list", directory)?;
        Ok(state
            .files
            .keys()
            .filter(|path| path.parent() == Some(directory))
            .cloned()
            .collect())
    }

    fn make_directory(&self, path: &Path) -> Result<(), Problem> {
        self.step("make the directory", path).map(|_state| ())
    }

    fn is_held(&self, path: &Path) -> bool {
        let state = locked(&self.state);
        state
            .locks
            .get(path)
            .is_some_and(|lock| lock.holder.is_some())
    }

    fn lock(&self, path: &Path, owner: &str) -> Result<LockOutcome, Problem> {
        let mut state = self.step("lock", path)?;
        let number = state.next_lock;
        state.next_lock += 1;
        let lock = state.locks.entry(path.to_owned()).or_default();
        if lock.holder.is_some() {
            return Ok(LockOutcome::Busy {
                holder: lock.owner.clone(),
                stopped: None,
            });
        }
        lock.holder = Some(number);
        owner.clone_into(&mut lock.owner);
        Ok(LockOutcome::Held(Box::new(Guard {
            state: Arc::clone(&self.state),
            path: path.to_owned(),
            number,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_drops_what_was_not_synced_and_may_tear_it() {
        let disk = MemoryDisk::new();
        let path = Path::new("/state/file");
        let mut file = disk.create(path, 0).unwrap();
        file.append(b"kept").unwrap();
        file.sync().unwrap();
        file.append(b"lost").unwrap();
        disk.crash(1);
        assert_eq!(disk.read(path).unwrap().unwrap(), b"keptl");
    }

    #[test]
    fn a_blown_fuse_fails_that_operation_and_all_later_ones() {
        let disk = MemoryDisk::new().with_fuse(Fuse::at(3));
        let path = Path::new("/state/file");
        let mut file = disk.create(path, 0).unwrap();
        file.append(b"a").unwrap();
        assert!(file.sync().is_err());
        assert!(file.append(b"b").is_err());
        assert!(disk.read(path).is_err());
    }

    #[test]
    fn a_lock_is_held_once_and_freed_when_dropped_or_when_the_power_goes() {
        let disk = MemoryDisk::new();
        let path = Path::new("/state/t.lock");
        let held = disk.lock(path, "first").unwrap();
        assert!(
            matches!(disk.lock(path, "second").unwrap(), LockOutcome::Busy { holder, .. } if holder == "first")
        );
        disk.crash(0);
        let again = disk.lock(path, "third").unwrap();
        assert!(matches!(again, LockOutcome::Held(_)));
        drop(held);
        assert!(matches!(
            disk.lock(path, "fourth").unwrap(),
            LockOutcome::Busy { .. }
        ));
    }
}
