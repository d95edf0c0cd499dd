//! CSV rows to people and groups: one row a person, groups in a column of their own.

use super::book::{Book, Direct};
use super::decode::decode;
use super::faults::{Faults, Place};
use super::header::{Field, Header, delimiter};
use super::rows::{Cell, Row, Table, table};
use crate::connectors::common;
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, Enabled, GroupKind, Person, PersonId,
    PersonKind,
};
use crate::ports::Problem;
use crate::text::Raw;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Classes of directory entries that are nobody.
const NOBODY: &[&str] = &["group", "computer", "contact", "organizationalunit"];

/// Reads a CSV file.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Book, Problem> {
    let mut faults = Faults::default();
    let decoded = decode(bytes, &mut faults);
    let text = decoded.text.as_ref();
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .unwrap_or("");
    let table = table(text, delimiter(first), &mut faults);
    let mut reader = Reader {
        book: Book::default(),
        lines: BTreeMap::new(),
        skipped: 0,
        faults,
    };
    reader.book.notices.extend(decoded.notice);
    reader.table(&table);
    let Reader {
        mut book,
        faults,
        skipped,
        ..
    } = reader;
    if skipped > 0 {
        book.notices.push(format!(
            "{skipped} rows are groups, computers or contacts and left out"
        ));
    }
    book.finish();
    faults.or(file, book)
}

struct Reader {
    book: Book,
    /// Where each id stood first.
    lines: BTreeMap<String, usize>,
    skipped: usize,
    faults: Faults,
}

impl Reader {
    fn table(&mut self, table: &Table<'_>) {
        let Some((head, rows)) = table.rows.split_first() else {
            self.faults.add(
                Place::line(1),
                "the file is empty; the first line must name the columns",
            );
            return;
        };
        let header = Header::read(head, &mut self.faults);
        for row in rows {
            self.row(&header, row);
        }
        let read = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.book.proof = match table.declared {
            None => {
                Completeness::Incomplete("the file does not declare itself complete".to_owned())
            }
            Some((_, count)) if count == read => {
                Completeness::Proven(format!("the file declares {count} rows and holds them"))
            }
            Some((at, count)) => {
                self.faults.add(at, format!("the file declares {count} rows but holds {read}: it is cut off or was edited"));
                Completeness::Unread
            }
        };
    }

    fn row(&mut self, header: &Header, row: &Row<'_>) {
        if row.cells.len() != header.width {
            let at = row
                .cells
                .get(header.width)
                .or(row.cells.last())
                .map_or(Place::line(row.line), |cell| cell.at);
            self.faults.add(
                at,
                format!(
                    "{} cells where the header names {} columns",
                    row.cells.len(),
                    header.width
                ),
            );
            return;
        }
        let by_field = |wanted: Field| {
            header
                .fields
                .iter()
                .find(|(_, field)| **field == wanted)
                .and_then(|(index, _)| row.cells.get(*index))
        };
        let class = by_field(Field::ObjectClass).map(|cell| cell.text.to_lowercase());
        if class
            .is_some_and(|class| NOBODY.contains(&class.rsplit(';').next().unwrap_or("").trim()))
        {
            self.skipped += 1;
            return;
        }
        let Some(id) = by_field(Field::Id).and_then(|cell| self.id(cell)) else {
            return;
        };
        let mut person = Person::new(id.clone(), "");
        for (index, field) in &header.fields {
            if let Some(cell) = row
                .cells
                .get(*index)
                .filter(|cell| !cell.text.trim().is_empty())
            {
                self.field(&mut person, *field, cell);
            }
        }
        for (index, name) in &header.others {
            if let Some(value) = row.cells.get(*index).and_then(value) {
                person.more.push((name.clone(), value));
            }
        }
        let mails = person.mail.take();
        let proxies = by_field(Field::OtherMails).map(|cell| parts(&cell.text));
        (person.mail, person.other_mails) = common::addresses(mails, proxies.into_iter().flatten());
        common::called(&mut person);
        self.book.people.insert(id, Arc::new(person));
    }

    fn id(&mut self, cell: &Cell<'_>) -> Option<PersonId> {
        let Some(id) = value(cell) else {
            self.faults.add(cell.at, "the id is empty");
            return None;
        };
        match self.lines.insert(id.key(), cell.at.line) {
            Some(line) => {
                self.faults
                    .add(cell.at, format!("this id stands on line {line} already"));
                None
            }
            None => Some(PersonId::new(id.expose())),
        }
    }

    fn field(&mut self, person: &mut Person, field: Field, cell: &Cell<'_>) {
        let text = value(cell);
        match field {
            // Addresses are read together when all is known.
            Field::Id | Field::ObjectClass | Field::OtherMails => {}
            Field::Name => person.name = text.unwrap_or_default(),
            Field::Mail => person.mail = text,
            Field::Upn => person.upn = text,
            Field::Sam => person.sam = text,
            Field::Department => person.department = text,
            Field::Title => person.title = text,
            Field::EmployeeId => person.employee_id = text,
            Field::Enabled => {
                person.enabled = match self.flag(cell) {
                    Some(true) => Enabled::Yes,
                    Some(false) => Enabled::No,
                    None => Enabled::Unknown,
                };
            }
            Field::Guest => {
                if self.flag(cell) == Some(true) {
                    person.kind = PersonKind::Guest;
                }
            }
            Field::UserType => {
                if cell.text.trim().eq_ignore_ascii_case("guest") {
                    person.kind = PersonKind::Guest;
                }
            }
            Field::Groups => {
                for name in parts(&cell.text) {
                    self.member(person.id.clone(), name);
                }
            }
        }
    }

    fn flag(&mut self, cell: &Cell<'_>) -> Option<bool> {
        match cell.text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" | "enabled" | "y" => Some(true),
            "false" | "no" | "0" | "disabled" | "n" => Some(false),
            _ => {
                self.faults.add(cell.at, "neither true nor false");
                None
            }
        }
    }

    /// A group of a CSV file is known by its name alone.
    fn member(&mut self, person: PersonId, name: &str) {
        let id = DirectoryGroupId::from(name);
        self.book
            .groups
            .entry(id.clone())
            .or_insert_with(|| DirectoryGroup {
                id: id.clone(),
                name: Raw::from(name),
                description: None,
                kind: GroupKind::Security,
                dynamic: false,
                role_assignable: false,
                subgroups: Vec::new(),
                size: None,
            });
        let direct: &mut Direct = self.book.direct.entry(id).or_default();
        direct.people.insert(person);
    }
}

fn value(cell: &Cell<'_>) -> Option<Raw> {
    let text = cell.text.trim();
    (!text.is_empty()).then(|| Raw::from(text))
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '|'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
