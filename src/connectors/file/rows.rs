//! CSV to cells (RFC 4180), each cell with its place. Comment lines count only before the header,
//! and as the declaration `# rows: N` or `# complete: N` anywhere.

use std::borrow::Cow;

use super::faults::{Faults, Place};

/// A cell longer than this is an unclosed quote or not a list of people.
const CELL_CAP: usize = 1 << 20;

/// One cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) at: Place,
}

/// One record: where it begins, and its cells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) line: usize,
    pub(super) cells: Vec<Cell<'a>>,
}

/// All records, the header first, and how many rows the file says it has.
#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    pub(super) rows: Vec<Row<'a>>,
    pub(super) declared: Option<(Place, u64)>,
}

/// `# rows: N`, `# complete: N`: how a file says that it is whole.
pub(super) fn declaration(comment: &str) -> Option<u64> {
    let (word, number) = comment.strip_prefix('#')?.split_once(':')?;
    let word = word.trim();
    (word.eq_ignore_ascii_case("rows") || word.eq_ignore_ascii_case("complete"))
        .then(|| number.trim().parse().ok())?
}

/// Splits a text. Always ends; faults are added, never panicked over.
pub(super) fn table<'a>(text: &'a str, delimiter: char, faults: &mut Faults) -> Table<'a> {
    let mut scanner = Scanner {
        rest: text,
        at: Place { line: 1, column: 1 },
        delimiter,
    };
    let mut table = Table::default();
    while !scanner.rest.is_empty() {
        let at = scanner.at;
        if scanner.rest.starts_with('#') {
            let declared = declaration(scanner.peek_line().trim_end());
            if declared.is_some() || table.rows.is_empty() {
                scanner.skip_line();
                table.declared = declared.map(|count| (at, count)).or(table.declared);
                continue;
            }
        }
        let row = scanner.row(faults);
        let blank = matches!(row.cells.as_slice(), [only] if only.text.trim().is_empty());
        if !blank {
            table.rows.push(row);
        }
    }
    table
}

struct Scanner<'a> {
    rest: &'a str,
    at: Place,
    delimiter: char,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let character = chars.next()?;
        self.rest = chars.as_str();
        if character == '\n' {
            self.at = Place::line(self.at.line + 1);
        } else {
            self.at.column += 1;
        }
        Some(character)
    }

    fn peek_line(&self) -> &'a str {
        self.rest.split('\n').next().unwrap_or("")
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|character| character != '\n') {}
    }

    fn at_end_of_row(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('\n') || self.rest.starts_with("\r\n")
    }

    fn row(&mut self, faults: &mut Faults) -> Row<'a> {
        let line = self.at.line;
        let mut cells = vec![self.cell(faults)];
        while self.peek() == Some(self.delimiter) {
            self.next();
            cells.push(self.cell(faults));
        }
        self.skip_line();
        Row { line, cells }
    }

    fn cell(&mut self, faults: &mut Faults) -> Cell<'a> {
        let at = self.at;
        let text = if self.peek() == Some('"') {
            self.next();
            self.quoted(at, faults)
        } else {
            Cow::Borrowed(self.plain())
        };
        if text.len() > CELL_CAP {
            faults.add(at, "this cell is longer than 1 MiB");
        }
        Cell { text, at }
    }

    fn plain(&mut self) -> &'a str {
        let start = self.rest;
        while !self.at_end_of_row() && self.peek() != Some(self.delimiter) {
            self.next();
        }
        start
            .get(..start.len() - self.rest.len())
            .unwrap_or_default()
    }

    fn quoted(&mut self, at: Place, faults: &mut Faults) -> Cow<'a, str> {
        let mut text = String::new();
        loop {
            match self.next() {
                None => {
                    faults.add(at, "the quote that opens here is never closed");
                    break;
                }
                Some('"') if self.peek() == Some('"') => {
                    self.next();
                    text.push('"');
                }
                Some('"') => break,
                Some(character) => text.push(character),
            }
        }
        let after = self.at;
        if !self.plain().trim().is_empty() {
            faults.add(after, "text after the closing quote");
        }
        Cow::Owned(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let mut faults = Faults::default();
        let table = table(text, ',', &mut faults);
        let rows = table
            .rows
            .into_iter()
            .map(|row| {
                row.cells
                    .into_iter()
                    .map(|cell| cell.text.into_owned())
                    .collect()
            })
            .collect();
        faults.or("f", rows).unwrap()
    }

    #[test]
    fn quotes_line_breaks_and_blank_lines() {
        assert_eq!(
            cells("#TYPE x\nid,name\r\n\r\n1,\"a \"\"b\"\"\nc, d\"\r\n2,"),
            [
                vec!["id", "name"],
                vec!["1", "a \"b\"\nc, d"],
                vec!["2", ""]
            ]
        );
    }

    #[test]
    fn faults_name_the_opening_quote() {
        for (text, said) in [
            (
                "id,n\n1,\"open\n2,x\n",
                "line 2, column 3: the quote that opens here",
            ),
            ("id,n\n1,\"x\" y\n", "line 2, column 6: text after"),
        ] {
            let mut faults = Faults::default();
            table(text, ',', &mut faults);
            let text = faults.or("f", ()).unwrap_err().text().to_owned();
            assert!(text.contains(said), "{text}");
        }
    }

    #[test]
    fn only_a_declaration_is_a_comment_after_the_header() {
        let mut faults = Faults::default();
        let table = table("id\n#7\n# rows: 1\n", ',', &mut faults);
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.declared.map(|(_, count)| count), Some(1));
        assert_eq!(declaration("# Complete : 12"), Some(12));
        assert_eq!(declaration("# rows: many"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_quoted_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[^\0]{0,12}", 2..4), 1..6)
        ) {
            let text: String = rows.iter().map(|row| {
                let cells: Vec<_> =
                    row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
                cells.join(",") + "\n"
            }).collect();
            prop_assert_eq!(cells(&text), rows);
        }
    }
}
