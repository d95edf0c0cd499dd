//! What the guards remember between runs, in the state directory: which sizes the directory's
//! readings had (`sources.<profile>.json`), and what runs of the last seven days took.

use jiff::Timestamp;
use std::path::{Path, PathBuf};

use super::files::Files;
use super::week::week;
use crate::domain::{DirectoryGroupId, Doubt, Past, Snapshot, Staging, Target, TenantId};
use crate::planner::{Memory, Vouched};
use crate::ports::{Disk, Problem};
use crate::text::Raw;

/// Where the guards' memory of a profile lies, and what a person vouched for.
#[derive(Clone, Debug)]
pub struct Recall<'a> {
    /// The state directory.
    pub state: &'a Path,
    /// The profile.
    pub profile: &'a str,
    /// Sizes that a person vouched for.
    pub vouched: &'a Vouched,
    /// Groups that the choice of people relies on, besides those that the staging names.
    pub chosen_by: &'a [DirectoryGroupId],
    /// Groups whose members were left out of it.
    pub without: &'a [DirectoryGroupId],
    /// Now.
    pub now: Timestamp,
}

impl Recall<'_> {
    /// What the guards have to know before a plan is made.
    ///
    /// # Errors
    /// The state directory cannot be read.
    pub fn past(
        &self,
        disk: &dyn Disk,
        snapshot: &Snapshot,
        staging: &Staging,
    ) -> Result<Past, Problem> {
        let groups = self.groups(staging);
        let week = week(disk, self.state, &snapshot.tenant.tenant.id, self.now)?;
        let doubts = match self.memory(disk)? {
            Some(memory) => {
                let directory = &snapshot.directory;
                let mut doubts = memory.doubts(directory, &groups, self.vouched);
                let shrunk = memory.shrunk(directory, &self.left_out(staging), self.vouched);
                doubts.extend(shrunk.into_iter().filter(|doubt| doubt.count != Some(0)));
                doubts
            }
            None if self.is_vouched() => Vec::new(),
            None => vec![self.damaged()],
        };
        Ok(Past { week, doubts })
    }

    /// Keeps the sizes of what was read whole, for the next time. What is hard to believe keeps its
    /// old size, vouched for or not: that can still be taken back.
    ///
    /// # Errors
    /// The state directory cannot be written.
    pub fn remember(
        &self,
        disk: &dyn Disk,
        snapshot: &Snapshot,
        staging: &Staging,
    ) -> Result<(), Problem> {
        let nobody = Vouched::default();
        let vouched = &nobody;
        let plain = Recall { vouched, ..*self };
        plain.settle(disk, snapshot, staging)
    }

    /// As [`Recall::remember`], and takes in what a person vouched for: from here on it is the size
    /// that counts.
    ///
    /// # Errors
    /// The state directory cannot be written.
    pub fn settle(
        &self,
        disk: &dyn Disk,
        snapshot: &Snapshot,
        staging: &Staging,
    ) -> Result<(), Problem> {
        let before = match self.memory(disk)? {
            Some(memory) => memory,
            None if self.is_vouched() => Memory::default(),
            None => return Ok(()),
        };
        let mut memory = before.clone();
        let groups = self.groups(staging);
        memory.learn(&snapshot.directory, &groups, self.vouched, self.now);
        if memory == before {
            return Ok(());
        }
        disk.make_directory(self.state)?;
        // Plain data always serialises.
        let bytes = serde_json::to_vec(&memory).unwrap_or_default();
        disk.replace(&self.path(), &bytes)
    }

    /// `None` when it is there and cannot be understood.
    fn memory(&self, disk: &dyn Disk) -> Result<Option<Memory>, Problem> {
        Ok(match disk.read(&self.path())? {
            Some(bytes) => serde_json::from_slice(&bytes).ok(),
            None => Some(Memory::default()),
        })
    }

    fn path(&self) -> PathBuf {
        self.state.join(self.file())
    }

    fn file(&self) -> String {
        let safe = |c: char| {
            if c.is_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        };
        let profile: String = self.profile.chars().map(safe).collect();
        format!("sources.{profile}.json")
    }

    /// Groups that the plan relies on.
    fn groups(&self, staging: &Staging) -> Vec<DirectoryGroupId> {
        let mut all = groups(staging);
        all.extend(self.chosen_by.iter().cloned());
        all.sort();
        all.dedup();
        all
    }

    /// Groups by absence from which people are chosen.
    fn left_out(&self, staging: &Staging) -> Vec<DirectoryGroupId> {
        let mut all = self.without.to_vec();
        for target in staging.wishes.keys() {
            if let Target::Set(set) = target {
                all.extend(set.not.iter().cloned());
            }
        }
        all.sort();
        all.dedup();
        all
    }

    fn is_vouched(&self) -> bool {
        self.vouched.contains(&(self.file(), 0))
    }

    fn damaged(&self) -> Doubt {
        Doubt {
            what: Raw::from(self.file()),
            cause: "is damaged, so nobody knows how large the directory was".to_owned(),
            count: Some(0),
            of_tenant: false,
        }
    }
}

/// Groups that something is wished for, or by which people are chosen for whom it is.
fn groups(staging: &Staging) -> Vec<DirectoryGroupId> {
    let mut groups = Vec::new();
    for target in staging.wishes.keys() {
        match target {
            Target::Group(id) => groups.push(id.clone()),
            Target::Set(set) => groups.extend(set.groups().cloned()),
            Target::Row(_) | Target::AllPeople | Target::QlikGroup(_) => {}
        }
    }
    groups
}

/// Whether a run of this tenant is on record here.
///
/// # Errors
/// The state directory cannot be read.
pub fn was_applied_to(
    disk: &dyn Disk,
    state_dir: &Path,
    tenant: &TenantId,
) -> Result<bool, Problem> {
    let files = Files::new(state_dir);
    for run in files.list(disk, None)? {
        let content = files.content(disk, &run)?;
        if content.header().is_some_and(|one| one.tenant == *tenant) {
            return Ok(true);
        }
    }
    Ok(false)
}
