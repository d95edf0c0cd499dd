//! Logical lines to entries: DN, attributes by lower-case name, values as bytes. Change records
//! other than `add` are counted and left out; `:<` would read local files and is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::lines::Line;
use crate::connectors::file::faults::{Faults, Place};
use crate::connectors::file::rows::declaration;
use crate::connectors::ldap::Entry;

/// All entries, and what the file says of itself.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Each with the line it begins in.
    pub(super) entries: Vec<(usize, Entry)>,
    /// `# rows: N`, `# complete: N`, `# numEntries: N`.
    pub(super) declared: Option<(usize, u64)>,
    /// `result: 4 Size limit exceeded` of ldapsearch.
    pub(super) failed: Option<String>,
    /// Change records that are no `add`.
    pub(super) changes: usize,
    /// Referrals (`ref:`), which are not followed.
    pub(super) references: usize,
}

/// Groups lines to records.
pub(super) fn records(lines: &[Line], faults: &mut Faults) -> Records {
    let mut records = Records::default();
    for block in lines.split(|line| line.text.is_empty()) {
        let mut content = Vec::new();
        for line in block {
            if line.text.starts_with('#') {
                if let Some(count) = declared(&line.text) {
                    records.declared = Some((line.number, count));
                }
            } else {
                content.push(line);
            }
        }
        block_of(&content, &mut records, faults);
    }
    records
}

fn declared(comment: &str) -> Option<u64> {
    let number = comment.strip_prefix("# numEntries:");
    declaration(comment).or_else(|| number?.trim().parse().ok())
}

fn block_of(mut lines: &[&Line], records: &mut Records, faults: &mut Faults) {
    if let Some((first, rest)) = lines.split_first()
        && first.text.to_lowercase().starts_with("version:")
    {
        if first.text.get(8..).map(str::trim) != Some("1") {
            faults.add(
                Place {
                    line: first.number,
                    column: 9,
                },
                "only version 1 of LDIF is known",
            );
        }
        lines = rest;
    }
    let Some(first) = lines.first() else { return };
    let Some((name, value)) = attribute(first, faults) else {
        return;
    };
    match name.as_str() {
        "dn" => match String::from_utf8(value) {
            Ok(dn) => record(
                first.number,
                dn,
                lines.get(1..).unwrap_or(&[]),
                records,
                faults,
            ),
            Err(_) => faults.add(Place::line(first.number), "this DN is not UTF-8"),
        },
        // The footer of ldapsearch.
        "search" | "result" => {
            let result = lines
                .iter()
                .find_map(|line| line.text.strip_prefix("result:"));
            records.failed = result
                .map(|result| result.trim().to_owned())
                .filter(|result| result.split_whitespace().next() != Some("0"));
        }
        "ref" => records.references += 1,
        _ => faults.add(Place::line(first.number), "a record must begin with dn:"),
    }
}

fn record(line: usize, dn: String, lines: &[&Line], records: &mut Records, faults: &mut Faults) {
    let kind = lines.iter().find_map(|line| {
        let (name, value) = line.text.split_once(':')?;
        name.eq_ignore_ascii_case("changetype")
            .then(|| value.trim().to_lowercase())
    });
    if kind.is_some_and(|kind| kind != "add") {
        records.changes += 1;
        return;
    }
    let mut entry = Entry {
        dn,
        ..Entry::default()
    };
    for line in lines {
        if let Some((name, value)) = attribute(line, faults)
            && !matches!(name.as_str(), "changetype" | "control")
        {
            entry.attributes.entry(name).or_default().push(value);
        }
    }
    records.entries.push((line, entry));
}

/// `name: value`, `name:: base64`; the name lower-cased and without `;binary`.
fn attribute(line: &Line, faults: &mut Faults) -> Option<(String, Vec<u8>)> {
    let mut fault = |column: usize, said: &str| {
        faults.add(
            Place {
                line: line.number,
                column,
            },
            said,
        );
    };
    let Some((name, rest)) = line.text.split_once(':') else {
        fault(
            line.text.chars().count() + 1,
            "a colon is missing after the attribute's name",
        );
        return None;
    };
    let column = name.chars().count() + 2;
    let bad = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';' | '_' | '='));
    if name.is_empty() || name.contains(bad) {
        let at = name.chars().position(bad).map_or(1, |at| at + 1);
        fault(at, "this cannot stand in the name of an attribute");
        return None;
    }
    let name = name.to_lowercase().replace(";binary", "");
    if rest.starts_with('<') {
        fault(column, "values from other files (:<) are not read");
        return None;
    }
    let Some(encoded) = rest.strip_prefix(':') else {
        return Some((name, rest.trim_start_matches(' ').as_bytes().to_vec()));
    };
    let Ok(value) = STANDARD.decode(encoded.trim()) else {
        fault(column + 1, "this is not base64");
        return None;
    };
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::file::ldif::lines::unfold;

    fn read(text: &str) -> Result<Records, String> {
        let mut faults = Faults::default();
        let lines = unfold(text, &mut faults);
        let records = records(&lines, &mut faults);
        faults.or("f", records).map_err(|problem| {
            std::iter::once(problem.text())
                .chain(problem.hints().iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("\n")
        })
    }

    #[test]
    fn records_base64_options_and_changes() {
        let records = read(
            "version: 1\n\ndn:: Y249w4Q=\nCN: Ä\nuserCertificate;binary:: AAE=\n\
             displayName;lang-de: X\n\ndn: cn=b\nchangetype: modify\nreplace: cn\ncn: c\n-\n\n\
             dn: cn=c\nchangetype: add\ncn: c",
        )
        .unwrap();
        assert_eq!(records.changes, 1);
        let [(_, first), (_, second)] = records.entries.as_slice() else {
            panic!("two entries")
        };
        assert_eq!(first.dn, "cn=Ä");
        assert_eq!(first.text(&["displayname", "cn"]), Some("Ä"));
        assert_eq!(first.attributes["usercertificate"], [vec![0, 1]]);
        assert_eq!(second.attributes.len(), 1, "changetype is no attribute");
    }

    #[test]
    fn footers_of_ldapsearch() {
        let records = read("dn: cn=a\ncn: a\n\n# search result\nsearch: 2\nresult: 4 Size limit exceeded\n\n# numEntries: 1\n").unwrap();
        assert_eq!(records.failed.as_deref(), Some("4 Size limit exceeded"));
        assert_eq!(records.declared.map(|(_, count)| count), Some(1));
        assert!(
            read("search: 2\nresult: 0 Success\n")
                .unwrap()
                .failed
                .is_none()
        );
    }

    #[test]
    fn faults_name_their_place() {
        let said =
            read("dn: cn=a\ncn a\njpeg:< file:///x\nmail:: *\nf oo: 1\n\ncn: lost\n").unwrap_err();
        for part in [
            "line 2, column 5: a colon is missing",
            "line 3, column 6: values from other files",
            "line 4, column 7: this is not base64",
            "line 5, column 2: this cannot stand",
            "line 7, column 1: a record must begin with dn:",
        ] {
            assert!(said.contains(part), "{said} should hold {part}");
        }
    }
}
