//! Entries to a book: members joined by normalised DN, or by login for `memberUid`.

use std::collections::BTreeMap;

use super::entry::{self, Class};
use super::lines::unfold;
use super::record::{Entry, Records};
use super::{dn, record};
use crate::connectors::file::book::{Book, Direct};
use crate::connectors::file::decode::decode;
use crate::connectors::file::faults::{Faults, Place};
use crate::domain::{Completeness, DirectoryGroup, DirectoryGroupId, GroupKind, PersonId};
use crate::ports::Problem;
use crate::text::Raw;

/// Reads an LDIF file.
pub(in crate::connectors::file) fn read(file: &str, bytes: &[u8]) -> Result<Book, Problem> {
    let mut faults = Faults::default();
    let decoded = decode(bytes, &mut faults);
    let lines = unfold(&decoded.text, &mut faults);
    let records = record::records(&lines, &mut faults);
    drop(lines);
    let mut join = Join::default();
    join.book.notices.extend(decoded.notice);
    for entry in &records.entries {
        join.entry(entry, &mut faults);
    }
    join.groups(&records.entries);
    let mut book = join.book;
    book.proof = proof(&records, &mut faults);
    notices(&records, &mut book);
    book.finish();
    faults.or(file, book)
}

fn proof(records: &Records, faults: &mut Faults) -> Completeness {
    let read = u64::try_from(records.entries.len()).unwrap_or(u64::MAX);
    if let Some(result) = &records.failed {
        return Completeness::Incomplete(format!("the search behind the file ended with {result}"));
    }
    if records.references > 0 {
        return Completeness::Incomplete(
            "the file holds referrals, which are not followed".to_owned(),
        );
    }
    match records.declared {
        None => Completeness::Incomplete("the file does not declare itself complete".to_owned()),
        Some((_, count)) if count == read => {
            Completeness::Proven(format!("the file declares {count} entries and holds them"))
        }
        Some((line, count)) => {
            faults.add(
                Place::line(line),
                format!("the file declares {count} entries but holds {read}: it is cut off or was edited"),
            );
            Completeness::Unread
        }
    }
}

fn notices(records: &Records, book: &mut Book) {
    if records.changes > 0 {
        book.notices.push(format!(
            "{} change records other than add are left out",
            records.changes
        ));
    }
    if records.references > 0 {
        book.notices
            .push(format!("{} referrals are not followed", records.references));
    }
}

#[derive(Default)]
struct Join {
    book: Book,
    /// Line of each DN, by its normal form.
    lines: BTreeMap<String, usize>,
    /// Line of each id.
    ids: BTreeMap<String, usize>,
    people: BTreeMap<String, PersonId>,
    logins: BTreeMap<String, PersonId>,
    groups: BTreeMap<String, DirectoryGroupId>,
}

impl Join {
    fn entry(&mut self, entry: &Entry, faults: &mut Faults) {
        let key = dn::normal(&entry.dn);
        if let Some(line) = self.lines.insert(key.clone(), entry.line) {
            faults.add(
                Place::line(entry.line),
                format!("the entry of line {line} has the same DN"),
            );
            return;
        }
        let class = entry::class(entry);
        if class == Class::Other {
            return;
        }
        let id = entry::id(entry);
        if let Some(line) = self.ids.insert(id.to_lowercase(), entry.line) {
            faults.add(
                Place::line(entry.line),
                format!("the entry of line {line} has the same id"),
            );
            return;
        }
        if class == Class::Group {
            let id = DirectoryGroupId::new(id);
            self.groups.insert(key, id.clone());
            self.book.groups.insert(id.clone(), group(id, entry));
        } else {
            let person = entry::person(entry, class);
            for login in entry.texts("uid").chain(entry.texts("samaccountname")) {
                self.logins.insert(login.to_lowercase(), person.id.clone());
            }
            self.people.insert(key, person.id.clone());
            self.book.people.insert(person.id.clone(), person);
        }
    }

    fn groups(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Some(id) = self.groups.get(&dn::normal(&entry.dn)).cloned() {
                let direct = self.direct(entry);
                self.book.direct.insert(id, direct);
            }
        }
    }

    fn direct(&self, entry: &Entry) -> Direct {
        let mut direct = Direct::default();
        let (mut ranged, mut ended) = (false, false);
        for name in entry.attributes.keys() {
            let (base, range) = name.split_once(";range=").unwrap_or((name, ""));
            if matches!(base, "member" | "uniquemember") {
                ranged |= !range.is_empty();
                ended |= range.ends_with('*');
                for member in entry.texts(name) {
                    self.member(&mut direct, member);
                }
            }
        }
        // `member;range=0-1499` without a part that ends in `*`: the server held the rest back.
        direct.cut = ranged && !ended;
        for login in entry.texts("memberuid") {
            match self.logins.get(&login.to_lowercase()) {
                Some(person) => drop(direct.people.insert(person.clone())),
                None => direct.dangling += 1,
            }
        }
        direct
    }

    fn member(&self, direct: &mut Direct, member: &str) {
        let key = dn::normal(dn::without_uid(member));
        if let Some(person) = self.people.get(&key) {
            direct.people.insert(person.clone());
        } else if let Some(group) = self.groups.get(&key) {
            direct.groups.insert(group.clone());
        } else {
            direct.dangling += 1;
        }
    }
}

fn group(id: DirectoryGroupId, entry: &Entry) -> DirectoryGroup {
    let name = entry
        .text(&["cn", "name", "samaccountname", "displayname"])
        .map(str::to_owned);
    let name = name
        .or_else(|| dn::leaf(&entry.dn))
        .unwrap_or_else(|| entry.dn.clone());
    // groupType bit 31 marks security groups (MS-ADTS); without it the group is a mail list.
    let kind = match entry
        .text(&["grouptype"])
        .and_then(|text| text.parse::<i64>().ok())
    {
        Some(bits) if bits >= 0 && bits & 0x8000_0000 == 0 => GroupKind::Mail,
        _ => GroupKind::Security,
    };
    DirectoryGroup {
        id,
        name: Raw::from(name),
        description: entry.text(&["description"]).map(Raw::from),
        kind,
        dynamic: false,
        subgroups: Vec::new(),
        size: None,
    }
}
