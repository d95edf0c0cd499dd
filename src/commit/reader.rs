//! The journal's reading side. A record counts only with newline, checksum, number and chain right.
//! A bad tail is what a crash leaves: it is named and cut. A bad middle is somebody's doing: it is
//! shown and nothing resumes by itself (F6).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::journal::{GENESIS, line, sha256};
use super::record::{Header, Record};

/// Format version that this reader knows.
const VERSION: u32 = 1;

/// What a journal says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Good records with their numbers, in order.
    pub records: Vec<(u64, Record)>,
    /// Length of the good part, in bytes.
    pub good: u64,
    /// Number of the next record.
    pub next: u64,
    /// SHA-256 of the last good line; chain head.
    pub head: String,
    /// What hangs behind the good part after a crash, described.
    pub torn: Option<String>,
    /// Why the middle cannot be trusted, described.
    pub tampered: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame<'a> {
    v: u32,
    seq: u64,
    prev: &'a str,
    crc: &'a str,
    #[serde(borrow)]
    rec: &'a RawValue,
}

/// Reads and judges the bytes of a journal. Never panics, whatever they are.
pub fn read(bytes: &[u8]) -> Content {
    let mut content = Content {
        head: GENESIS.to_owned(),
        ..Content::default()
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (this, after) = match end {
            Some(end) => rest.split_at(end + 1),
            None => (rest, &rest[rest.len()..]),
        };
        match judge(this, content.next, &content.head) {
            Ok(record) => {
                content.records.push((content.next, record));
                content.good += this.len() as u64;
                content.next += 1;
                content.head = sha256(this);
                rest = after;
            }
            Err(reason) => {
                blame(&mut content, &reason, rest, after);
                break;
            }
        }
    }
    content
}

/// Decides whether a bad line is a crash's tail or a bad middle: whatever stands behind a line that
/// was written before it and is whole was written later, so the bad line was once whole.
fn blame(content: &mut Content, reason: &str, rest: &[u8], after: &[u8]) {
    let at = content.next;
    if holds_a_record(rest.get(1..).unwrap_or_default()) {
        content.tampered = Some(format!(
            "record {at} is damaged ({reason}) though whole records follow it"
        ));
    } else if after.is_empty() && frame(rest).is_ok() {
        // Whole by itself, but not the continuation of what stands before it.
        content.tampered = Some(format!("record {at} does not belong here ({reason})"));
    } else {
        content.torn = Some(format!(
            "{} bytes behind record {} were cut ({reason})",
            rest.len(),
            at.saturating_sub(1)
        ));
    }
}

/// Whether a whole record stands anywhere in there, be it behind a lost newline.
fn holds_a_record(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"{\"v\":";
    (0..bytes.len())
        .filter_map(|at| bytes.get(at..))
        .filter(|rest| rest.starts_with(BEGIN))
        .filter_map(|rest| rest.split_inclusive(|byte| *byte == b'\n').next())
        .any(|line| frame(line).is_ok())
}

/// A line that is whole by itself: newline, version, checksum.
fn frame(line: &[u8]) -> Result<Frame<'_>, String> {
    let Some((b'\n', text)) = line.split_last() else {
        return Err("no newline".to_owned());
    };
    let frame: Frame<'_> =
        serde_json::from_slice(text).map_err(|_error| "not a record".to_owned())?;
    if frame.v != VERSION {
        return Err(format!("format version {} is not known", frame.v));
    }
    let crc = crc32fast::hash(frame.rec.get().as_bytes());
    if frame.crc != format!("{crc:08x}") {
        return Err("wrong checksum".to_owned());
    }
    Ok(frame)
}

fn judge(bytes: &[u8], seq: u64, head: &str) -> Result<Record, String> {
    let frame = frame(bytes)?;
    if frame.seq != seq {
        return Err(format!("number {} instead of {seq}", frame.seq));
    }
    if frame.prev != head {
        return Err("broken chain".to_owned());
    }
    // Bytes that say the same in another spelling were not written by us.
    if line(seq, head, frame.rec.get()).as_bytes() != bytes {
        return Err("not as written".to_owned());
    }
    serde_json::from_str(frame.rec.get()).map_err(|error| format!("unknown record: {error}"))
}

impl Content {
    /// The header, when the first record is one.
    pub fn header(&self) -> Option<&Header> {
        match self.records.first() {
            Some((0, Record::Header(header))) => Some(header),
            _ => None,
        }
    }

    /// Whether an end record stands.
    pub fn is_finished(&self) -> bool {
        matches!(self.records.last(), Some((_, Record::End { .. })))
    }

    /// What is wrong with the journal itself.
    pub fn trouble(&self) -> Option<&str> {
        self.tampered.as_deref().or(self.torn.as_deref())
    }
}
