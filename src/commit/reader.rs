//! The journal's reading side. A record counts only with newline, checksum, number and chain right.
//! A bad tail is what a crash leaves: it is named and cut. So is a hole of zeros where several
//! records were under way together: a disk that loses power may have kept the later ones only. Any
//! other bad middle is somebody's doing: it is shown and nothing resumes by itself (F6).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

use super::journal::{GENESIS, checksum, line, sha256};
use super::record::{Header, Record};
use crate::domain::OperationId;

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
    /// Records that were durable before; since version 2.
    #[serde(default)]
    synced: Option<u64>,
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
/// was written before it and is whole was written later, so the bad line was once whole. Unless
/// both were on their way to the disk together, and what is missing was never written.
fn blame(content: &mut Content, reason: &str, rest: &[u8], after: &[u8]) {
    let at = content.next;
    let (line, _) = rest.split_at(rest.len() - after.len());
    let mut later = whole_records(rest.get(1..).unwrap_or_default());
    let unwritten = has_hole(line, content.good) && later.clone().all(|frame| was_open(&frame, at));
    if later.next().is_some() && !unwritten {
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

/// Whether sectors of a line, which begins at this place of the file, were never written: zeros
/// that end where a sector ends, and begin where one or the line begins.
fn has_hole(line: &[u8], begin: u64) -> bool {
    const SECTOR: u64 = 512;
    let mut since = None;
    for (byte, at) in line.iter().chain([&b'\n']).zip(begin..) {
        let edge = at % SECTOR == 0;
        if edge && since.is_some() {
            return true;
        }
        if *byte != 0 {
            since = None;
        } else if edge || at == begin {
            since = Some(at);
        }
    }
    false
}

/// Whether a record says that the one with this number was not durable yet.
fn was_open(frame: &Frame<'_>, at: u64) -> bool {
    frame.synced.is_some_and(|synced| synced <= at) && frame.seq >= at
}

/// Every whole record in there, be it behind a lost newline.
fn whole_records(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> + Clone {
    const BEGIN: &[u8] = b"{\"v\":";
    (0..bytes.len())
        .filter_map(|at| bytes.get(at..))
        .filter(|rest| rest.starts_with(BEGIN))
        .filter_map(|rest| rest.split_inclusive(|byte| *byte == b'\n').next())
        .filter_map(|line| frame(line).ok())
}

/// A line that is whole by itself: newline, version, checksum.
fn frame(line: &[u8]) -> Result<Frame<'_>, String> {
    let Some((b'\n', text)) = line.split_last() else {
        return Err("no newline".to_owned());
    };
    let frame: Frame<'_> =
        serde_json::from_slice(text).map_err(|_error| "not a record".to_owned())?;
    if !matches!((frame.v, frame.synced), (1, None) | (2, Some(_))) {
        return Err(format!("format version {} is not known", frame.v));
    }
    if frame.crc != checksum(frame.synced, frame.rec.get()) {
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
    if line(seq, frame.synced, head, frame.rec.get()).as_bytes() != bytes {
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

    /// Operations without a verdict that may have happened, with the time of their last intent:
    /// their request left, or may have, and no clear "no" to it is on record.
    pub(super) fn open(&self) -> BTreeMap<&OperationId, Timestamp> {
        let mut refused = BTreeSet::new();
        let mut judged = BTreeSet::new();
        for (_, record) in &self.records {
            match record {
                Record::Outcome(answer) if answer.class.is_no() => {
                    refused.insert(answer.intent);
                }
                Record::Verdict(judgement) => {
                    judged.insert(&judgement.outcome.operation);
                }
                _ => {}
            }
        }
        let intents = self
            .records
            .iter()
            .filter_map(|(seq, record)| match record {
                Record::Intent(intent) if !refused.contains(seq) => Some(intent),
                _ => None,
            });
        let sent = intents.flat_map(|intent| intent.operations.iter().map(|id| (id, intent.at)));
        sent.filter(|(id, _)| !judged.contains(id)).collect()
    }

    /// Whether an end record stands.
    pub fn is_finished(&self) -> bool {
        matches!(self.records.last(), Some((_, Record::End { .. })))
    }

    /// Whether a person gave the run up.
    pub fn is_discarded(&self) -> bool {
        let last = self.records.last().map(|(_, record)| record);
        matches!(
            last,
            Some(Record::End {
                discarded: true,
                ..
            })
        )
    }

    /// Whether a person began to give the run up. It has no end yet, or it was discarded.
    pub fn is_given_up(&self) -> bool {
        let mut records = self.records.iter();
        records.any(|(_, record)| matches!(record, Record::GivenUp { .. }))
    }

    /// What is wrong with the journal itself.
    pub fn trouble(&self) -> Option<&str> {
        self.tampered.as_deref().or(self.torn.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Raw;
    use jiff::Timestamp;

    /// The lines of notes with `synced` for each.
    fn lines(synced: &[Option<u64>]) -> Vec<String> {
        let mut head = GENESIS.to_owned();
        let record = |at: usize| Record::Note {
            text: Raw::from(format!("note {at} {}", "x".repeat(600))),
            at: Timestamp::UNIX_EPOCH,
        };
        let mut lines = Vec::new();
        for (at, synced) in synced.iter().enumerate() {
            let text = serde_json::to_string(&record(at)).unwrap();
            let line = line(at as u64, *synced, &head, &text);
            head = sha256(line.as_bytes());
            lines.push(line);
        }
        lines
    }

    #[test]
    fn a_hole_begins_at_a_sector_or_with_the_line_and_ends_at_a_sector() {
        let zeros = |from: usize, to: usize| {
            let mut bytes = vec![b'x'; 600];
            bytes[from..to].fill(0);
            bytes
        };
        // A line that begins 100 bytes into a sector: the next one begins 412 bytes later.
        assert!(has_hole(&zeros(0, 412), 100), "from its own begin");
        assert!(!has_hole(&zeros(0, 411), 100), "and not up to the edge");
        assert!(!has_hole(&zeros(1, 412), 100), "zeros that were written");
        assert!(
            !has_hole(&zeros(30, 500), 100),
            "neither begins nor ends so"
        );
        assert!(has_hole(&zeros(0, 512), 512), "a whole sector");
        assert!(!has_hole(&zeros(0, 0), 0));
    }

    /// The lines with the whole sectors of the one before the last never written.
    fn with_hole(lines: &[String]) -> Vec<u8> {
        let mut bytes = lines.concat().into_bytes();
        let end = bytes.len() - lines.last().map_or(0, String::len);
        let begin = end - lines[lines.len() - 2].len();
        let hole = begin.div_ceil(512) * 512..end / 512 * 512;
        assert!(!hole.is_empty());
        bytes[hole].fill(0);
        bytes
    }

    #[test]
    fn journals_of_the_first_version_are_read_and_gone_on_with() {
        let whole = lines(&[None, None, Some(2), Some(2), Some(4)]);
        let content = read(whole.concat().as_bytes());
        assert_eq!((content.records.len(), content.trouble()), (5, None));
        let mut bytes = whole.concat();
        bytes.truncate(bytes.len() - 3);
        assert!(read(bytes.as_bytes()).torn.is_some());
    }

    #[test]
    fn a_kind_of_a_later_version_is_not_cut_off() {
        let first = lines(&[Some(0)]).concat();
        let head = sha256(first.as_bytes());
        let later = line(1, Some(1), &head, "{\"kind\":\"of-tomorrow\"}");
        let content = read(format!("{first}{later}").as_bytes());
        assert!(content.torn.is_none() && content.tampered.is_some());
    }

    #[test]
    fn a_hole_before_what_was_written_with_it_is_a_crash() {
        let together = lines(&[Some(0), Some(1), Some(1)]);
        let content = read(&with_hole(&together));
        assert!(content.torn.is_some() && content.tampered.is_none());
        assert_eq!(content.records.len(), 1);
    }

    #[test]
    fn a_hole_in_what_was_durable_is_somebodys_doing() {
        for later in [Some(2), None] {
            let content = read(&with_hole(&lines(&[Some(0), Some(1), later])));
            assert!(content.tampered.is_some(), "{later:?}");
        }
    }

    #[test]
    fn the_count_of_durable_records_is_under_the_checksum() {
        let line = lines(&[Some(0), Some(1)]).concat();
        let content = read(line.replace("\"synced\":1,", "\"synced\":0,").as_bytes());
        assert_eq!(content.records.len(), 1);
        assert!(content.trouble().is_some());
    }
}
