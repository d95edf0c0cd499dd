//! What is wrong with a file, by line and column. Faults are collected, so that a person mends a
//! file once and not twenty times; with one of them nothing of the file is used.

use crate::ports::{Kind, Problem};

/// More than these are counted but not named.
const NAMED: usize = 20;

/// A place in a text: line and character, both from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    /// The beginning of a line.
    pub(super) fn line(line: usize) -> Self {
        Self { line, column: 1 }
    }

    /// The place of a byte in a text.
    pub(super) fn of_byte(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self { line, column }
    }
}

/// The faults met so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    named: Vec<(Place, String)>,
    more: usize,
}

impl Faults {
    /// One more.
    pub(super) fn add(&mut self, place: Place, text: impl Into<String>) {
        if self.named.len() < NAMED {
            self.named.push((place, text.into()));
        } else {
            self.more += 1;
        }
    }

    /// The value when there was no fault, else the problem that names them.
    pub(super) fn or<T>(mut self, file: &str, value: T) -> Result<T, Problem> {
        if self.named.is_empty() {
            return Ok(value);
        }
        self.named.sort_by_key(|(place, _)| *place);
        let all = self.named.len() + self.more;
        let mut lines = self
            .named
            .iter()
            .map(|(place, text)| format!("line {}, column {}: {text}", place.line, place.column));
        let first = lines.next().unwrap_or_default();
        let mut problem = Problem::new(Kind::User, format!("{file}, {first}"));
        for line in lines {
            problem = problem.hint(line);
        }
        if self.more > 0 {
            problem = problem.hint(format!("and {} more", self.more));
        }
        Err(problem.hint(match all {
            1 => "Nothing of the file was used. Mend this place and try again.".to_owned(),
            _ => format!("Nothing of the file was used. Mend these {all} places and try again."),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_order_and_the_flood_is_counted() {
        let mut faults = Faults::default();
        for line in (1..=25).rev() {
            faults.add(Place::line(line), "bad");
        }
        let problem = faults.or("people.csv", ()).unwrap_err();
        assert_eq!(problem.text(), "people.csv, line 6, column 1: bad");
        assert_eq!(problem.hints().len(), 21);
        assert_eq!(problem.hints()[19], "and 5 more");
        assert!(problem.hints()[20].contains("these 25 places"));
    }

    #[test]
    fn a_byte_has_a_line_and_a_column() {
        let place = Place::of_byte("äb\ncd", 5);
        assert_eq!((place.line, place.column), (2, 2));
    }
}
