//! Physical lines to logical ones: a line that begins with a blank continues the one before,
//! comments included (RFC 2849, note 2).

use crate::connectors::file::faults::{Faults, Place};

/// A logical line: longer than this is not an attribute of a person or a group.
const LINE_CAP: usize = 32 << 20;

/// One unfolded line, or the blank between two records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins.
    pub(super) number: usize,
    /// Unfolded; empty for the blank between records.
    pub(super) text: String,
}

/// Unfolds a text.
pub(super) fn unfold(text: &str, faults: &mut Faults) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (index, physical) in text.split('\n').enumerate() {
        let number = index + 1;
        let physical = physical.strip_suffix('\r').unwrap_or(physical);
        let Some(more) = physical.strip_prefix(' ') else {
            lines.push(Line {
                number,
                text: physical.to_owned(),
            });
            continue;
        };
        match lines.last_mut().filter(|line| !line.text.is_empty()) {
            Some(line) if line.text.len() + more.len() > LINE_CAP => {
                faults.add(
                    Place::line(number),
                    "this folded line is longer than 32 MiB",
                );
            }
            Some(line) => line.text.push_str(more),
            None if more.trim().is_empty() => {}
            None => faults.add(Place::line(number), "a continuation with no line before it"),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_values_unfold() {
        let mut faults = Faults::default();
        let lines = unfold("# a\n  b\r\ncn: An\r\n na\r\n\r\nx: 1", &mut faults);
        let texts: Vec<_> = lines
            .iter()
            .map(|line| (line.number, line.text.as_str()))
            .collect();
        assert_eq!(texts, [(1, "# a b"), (3, "cn: Anna"), (5, ""), (6, "x: 1")]);
        assert!(faults.or("f", ()).is_ok());
    }

    #[test]
    fn a_stray_continuation_is_a_fault() {
        let mut faults = Faults::default();
        unfold("\n na", &mut faults);
        assert!(
            faults
                .or("f", ())
                .unwrap_err()
                .text()
                .contains("line 2, column 1: a continuation")
        );
    }
}
