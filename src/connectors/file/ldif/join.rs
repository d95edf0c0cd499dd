//! Entries to a book: members joined by normalised DN, or by login for `memberUid`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lines::unfold;
use super::record::{self, Records};
use crate::connectors::file::book::{Book, Direct};
use crate::connectors::file::decode::decode;
use crate::connectors::file::faults::{Faults, Place};
use crate::connectors::file::header::is_secret;
use crate::connectors::ldap::{Class, Entry, Map, dn};
use crate::domain::{Completeness, DirectoryGroupId, Person, PersonId};
use crate::ports::Problem;
use crate::text::Raw;

/// Attributes that are links, binary or noise.
const NO_ATTRIBUTE: &[&str] = &[
    "objectclass",
    "member",
    "memberof",
    "uniquemember",
    "memberuid",
    "jpegphoto",
    "thumbnailphoto",
    "usercertificate",
    "useraccountcontrol",
    "proxyaddresses",
    "objectguid",
    "objectsid",
];

/// Reads an LDIF file.
pub(in crate::connectors::file) fn read(file: &str, bytes: &[u8]) -> Result<Book, Problem> {
    let mut faults = Faults::default();
    let decoded = decode(bytes, &mut faults);
    let lines = unfold(&decoded.text, &mut faults);
    let records = record::records(&lines, &mut faults);
    drop(lines);
    let mut join = Join::new();
    join.book.notices.extend(decoded.notice);
    for (line, entry) in &records.entries {
        join.entry(*line, entry, &mut faults);
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

struct Join {
    map: Map,
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
    fn new() -> Self {
        Self {
            map: Map::any(),
            book: Book::default(),
            lines: BTreeMap::new(),
            ids: BTreeMap::new(),
            people: BTreeMap::new(),
            logins: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }

    fn entry(&mut self, line: usize, entry: &Entry, faults: &mut Faults) {
        let key = dn::normal(&entry.dn);
        if let Some(before) = self.lines.insert(key.clone(), line) {
            faults.add(
                Place::line(line),
                format!("the entry of line {before} has the same DN"),
            );
            return;
        }
        let class = entry.class();
        if class == Class::Other {
            return;
        }
        let id = entry.id(&self.map.id);
        if let Some(before) = self.ids.insert(id.to_lowercase(), line) {
            faults.add(
                Place::line(line),
                format!("the entry of line {before} has the same id"),
            );
            return;
        }
        if class == Class::Group {
            let id = DirectoryGroupId::new(id);
            self.groups.insert(key, id.clone());
            self.book.groups.insert(id, self.map.group(entry));
        } else {
            let mut person = self.map.person(entry, class, None);
            rest(&mut person, entry);
            for login in entry.texts("uid").chain(entry.texts("samaccountname")) {
                self.logins.insert(login.to_lowercase(), person.id.clone());
            }
            self.people.insert(key, person.id.clone());
            self.book.people.insert(person.id.clone(), Arc::new(person));
        }
    }

    fn groups(&mut self, entries: &[(usize, Entry)]) {
        for (_, entry) in entries {
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

/// Every other attribute of the file, for templates and filters; secrets are left behind.
fn rest(person: &mut Person, entry: &Entry) {
    for name in entry.attributes.keys() {
        let wanted = !NO_ATTRIBUTE.contains(&name.as_str()) && !is_secret(name);
        let value = entry.text(&[name]);
        if let Some(value) = value.filter(|value| wanted && value.len() <= 512) {
            person.more.push((name.as_str().into(), Raw::from(value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_an_entry_are_left_behind() {
        let book = read(
            "people.ldif",
            b"dn: uid=anna\nobjectClass: person\nuid: anna\nuserPassword: {SSHA}x\nl: Lund\n",
        );
        let book = book.expect("a file");
        let person = book.people.values().next().expect("one person");
        let names: Vec<_> = person.more.iter().map(|(name, _)| name.expose()).collect();
        assert_eq!(names, ["dn", "l", "uid"]);
        assert_eq!(person.name.expose(), "anna", "called by what there is");
    }
}
