//! Lists of people in a file: one a line, or the first column of a table.

use std::io::Read as _;
use std::path::Path;

use super::pick::Pick;
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// A list of people is text; more than this is something else.
const LIST_CAP: u64 = 32 << 20;
/// First lines of lists that came out of a table.
const HEADERS: &[&str] = &[
    "mail",
    "email",
    "e-mail",
    "upn",
    "userprincipalname",
    "login",
    "id",
    "objectid",
    "user",
    "username",
    "samaccountname",
];

/// Reads a list: one entry a line, or the first column of a table; comments and blank lines left out.
///
/// # Errors
/// The file cannot be read, is no text or holds nobody.
pub(super) fn list(path: &Path) -> Result<Pick, Problem> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Problem::new(
            Kind::User,
            format!("the list {shown} cannot be read: {error}"),
        )
        .because(error)
    };
    let mut text = String::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "the operator named this file on the command line"
    )]
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(LIST_CAP)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let entries = entries(&text);
    if entries.is_empty() {
        return Err(
            Problem::new(Kind::User, format!("the list {shown} names nobody")).hint(
                "One mail address, login or id a line, or a table with them in the first column.",
            ),
        );
    }
    Ok(Pick::List {
        source: shown.to_string(),
        entries,
    })
}

pub(super) fn entries(text: &str) -> Vec<(usize, Raw)> {
    let text = text.trim_start_matches('\u{feff}');
    let mut entries: Vec<(usize, Raw)> = text
        .lines()
        .enumerate()
        .map(|(index, line)| {
            let cell = line.split([',', ';', '\t']).next().unwrap_or("");
            (
                index + 1,
                cell.trim().trim_matches(['"', '\'', '<', '>']).trim(),
            )
        })
        .filter(|(_, cell)| !cell.is_empty() && !cell.starts_with('#'))
        .map(|(line, cell)| (line, Raw::from(cell)))
        .collect();
    if entries
        .first()
        .is_some_and(|(_, first)| HEADERS.contains(&first.key().as_str()))
    {
        entries.remove(0);
    }
    entries
}
