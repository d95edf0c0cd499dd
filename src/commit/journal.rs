//! The journal's writing side: one append a record, numbered, checksummed and chained, and the
//! only mint of [`Durable`]. Line:
//! `{"v":2,"seq":n,"synced":k,"prev":"<sha256>","crc":"<8 hex>","rec":{…}}`, where `synced` counts the
//! records that were durable before this one was written, `prev` is the SHA-256 of the previous
//! whole line, and `crc` is the CRC-32 of `synced` in decimal and the bytes of `rec`. Version 1 had
//! no `synced`. Any failure is final (F2, F3).

use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::reader::Content;
use super::record::Record;
use crate::ports::{Appender, Bug, Disk, Durable, Kind, Problem, planted};

/// `prev` of the first line.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Bytes to reserve for an operation: intent, outcome, verdict, with room for long names.
const RESERVE_PER_OPERATION: u64 = 3 * 1024;

/// An open journal; a single owner writes it.
pub struct Journal {
    file: Box<dyn Appender>,
    next: u64,
    head: String,
    /// Records below this number are durable.
    synced: u64,
    /// Intents whose proof was not handed out yet.
    unproven: BTreeSet<u64>,
    failed: bool,
}

/// Lower-case hex of SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The checksum of a record and of what was durable when it was written; without the latter in
/// version 1.
pub(super) fn checksum(synced: Option<u64>, record: &str) -> String {
    let mut crc = crc32fast::Hasher::new();
    if let Some(synced) = synced {
        crc.update(synced.to_string().as_bytes());
    }
    crc.update(record.as_bytes());
    format!("{:08x}", crc.finalize())
}

/// The line of a record, newline included.
pub(super) fn line(seq: u64, synced: Option<u64>, prev: &str, record: &str) -> String {
    let crc = checksum(synced, record);
    let (version, synced) = match synced {
        Some(synced) => (2, format!("\"synced\":{synced},")),
        None => (1, String::new()),
    };
    format!(
        "{{\"v\":{version},\"seq\":{seq},{synced}\"prev\":\"{prev}\",\"crc\":\"{crc}\",\"rec\":{record}}}\n"
    )
}

fn journal_problem(problem: Problem) -> Problem {
    let hints: Vec<String> = problem.hints().to_vec();
    let text = format!("the journal cannot be kept: {}", problem.text());
    hints
        .iter()
        .fold(Problem::new(Kind::Journal, text), Problem::hint)
        .hint("nothing more was sent; `qroll resume` goes on from what is recorded")
        .because(problem)
}

impl Journal {
    /// A new journal with room for `operations`.
    ///
    /// # Errors
    /// It exists, or there is no room.
    pub fn create(disk: &dyn Disk, path: &Path, operations: u64) -> Result<Self, Problem> {
        let reserve = (operations + 16).saturating_mul(RESERVE_PER_OPERATION);
        let file = disk.create(path, reserve).map_err(journal_problem)?;
        Ok(Self::over(file, 0, GENESIS.to_owned()))
    }

    /// An existing journal behind its last good record; a torn tail is cut off.
    ///
    /// # Errors
    /// It cannot be opened or cut.
    pub fn open(disk: &dyn Disk, path: &Path, content: &Content) -> Result<Self, Problem> {
        let file = disk.reopen(path, content.good).map_err(journal_problem)?;
        Ok(Self::over(file, content.next, content.head.clone()))
    }

    fn over(file: Box<dyn Appender>, next: u64, head: String) -> Self {
        Self {
            file,
            next,
            head,
            synced: next,
            unproven: BTreeSet::new(),
            failed: false,
        }
    }

    /// Appends a record; durable only after [`Journal::sync`]. Gives its number.
    ///
    /// # Errors
    /// Final: the journal must not be written again.
    pub fn append(&mut self, record: &Record) -> Result<u64, Problem> {
        self.usable()?;
        let text = serde_json::to_string(record).map_err(|error| {
            Problem::new(Kind::Internal, format!("a record has no JSON: {error}"))
        })?;
        let seq = self.next;
        let line = line(seq, Some(self.synced), &self.head, &text);
        let appended = self.file.append(line.as_bytes());
        self.checked(appended)?;
        self.next += 1;
        self.head = sha256(line.as_bytes());
        if matches!(record, Record::Intent(_)) {
            self.unproven.insert(seq);
        }
        Ok(seq)
    }

    /// Makes everything appended durable.
    ///
    /// # Errors
    /// Final; never tried again (F3).
    pub fn sync(&mut self) -> Result<(), Problem> {
        if self.synced == self.next {
            return Ok(());
        }
        self.usable()?;
        let synced = if planted(Bug::NoSync) {
            Ok(())
        } else {
            self.file.sync()
        };
        self.checked(synced)?;
        self.synced = self.next;
        Ok(())
    }

    /// Whether the file is still to be found.
    pub(super) fn is_linked(&self) -> bool {
        self.file.is_linked()
    }

    /// The proof for one intent: only when it is durable, and only once.
    pub fn durable(&mut self, seq: u64) -> Option<Durable> {
        let durable = !self.failed && seq < self.synced && self.unproven.remove(&seq);
        durable.then(|| Durable::minted_by_the_journal(seq))
    }

    fn usable(&self) -> Result<(), Problem> {
        if self.failed {
            return Err(Problem::new(
                Kind::Journal,
                "the journal failed before and is not trusted",
            ));
        }
        Ok(())
    }

    fn checked(&mut self, result: Result<(), Problem>) -> Result<(), Problem> {
        result.map_err(|problem| {
            self.failed = true;
            journal_problem(problem)
        })
    }
}
