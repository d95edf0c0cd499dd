//! Text on its way into a file or a pipe: CSV cells that no spreadsheet evaluates (CWE-1236) and
//! JSON whose hidden characters are escaped, so that it stays lossless and harmless on a terminal.

use serde::Serialize;
use std::io;

use super::door::{MARKS_PER_BASE, is_combining, show_str};
use super::raw::Raw;

/// What a spreadsheet takes for the beginning of a formula, in full width too, where that is typed.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A CSV cell: a leading `'` before anything a spreadsheet would run as a formula, also behind blanks
/// and quotes, and the door's escapes for what must not be printed.
pub fn csv_cell(raw: &Raw) -> String {
    let text = show_str(raw.expose()).to_string();
    let bare = text.trim_start_matches(|letter: char| letter == '"' || letter.is_whitespace());
    if bare.starts_with(FORMULA) || bare.starts_with(['␉', '␍']) {
        format!("'{text}")
    } else {
        text
    }
}

/// A line of CSV as RFC 4180 has it, with its end; no cell is a formula.
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a Raw>) -> String {
    let quoted = |cell: &Raw| {
        let cell = csv_cell(cell);
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    };
    let cells: Vec<String> = cells.into_iter().map(quoted).collect();
    format!("{}\r\n", cells.join(","))
}

/// A line of a table in Markdown, with its end.
pub fn markdown_line<'a>(cells: impl IntoIterator<Item = &'a Raw>) -> String {
    let cells: Vec<String> = cells.into_iter().map(markdown_cell).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A cell of a table in Markdown: nothing ends the cell, and nothing becomes a link with words of its
/// own, a picture, code or HTML. A bare address stays one, and some readers make it a link to where
/// it says (GitHub Flavored Markdown, 6.9 Autolinks).
pub fn markdown_cell(raw: &Raw) -> String {
    let mut out = String::new();
    for letter in show_str(raw.expose()).as_str().chars() {
        if matches!(letter, '\\' | '|' | '<' | '[' | '`') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// One line of JSON in which every character that the door would change is a `\u` escape.
///
/// # Errors
/// What serde says of the value (never about its text).
pub fn json_line<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut out = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(
        &mut out, Escaping,
    ))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

struct Escaping;

impl serde_json::ser::Formatter for Escaping {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let (mut units, mut marks) = ([0; 2], 0);
        for character in fragment.chars() {
            let mut bytes = [0; 4];
            let text = character.encode_utf8(&mut bytes);
            let plain = character.is_ascii() && !character.is_control();
            marks = if !plain && is_combining(character) {
                marks + 1
            } else {
                0
            };
            // A mark is looked at on a letter.
            let fine = || !show_str(&format!("a{character}")).altered();
            if plain || marks <= MARKS_PER_BASE && fine() {
                writer.write_all(text.as_bytes())?;
            } else {
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::holds;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_disarmed() {
        for cell in [
            "=HYPERLINK(1)",
            "+1",
            "-1",
            "@x",
            "\t=1",
            " =1",
            "\"=1",
            "\" \"@x",
            "＝1",
        ] {
            assert!(csv_cell(&Raw::from(cell)).starts_with('\''), "{cell:?}");
        }
        assert_eq!(csv_cell(&Raw::from("Anna")), "Anna");
    }

    #[test]
    fn a_cell_of_markdown_stays_one() {
        let cell = |text: &str| markdown_cell(&Raw::from(text));
        assert_eq!(cell("a|b"), "a\\|b");
        assert_eq!(cell("a\\|b"), "a\\\\\\|b", "the stroke is still escaped");
        assert_eq!(cell("<img src=x>[a](b)`c`"), "\\<img src=x>\\[a](b)\\`c\\`");
        assert_eq!(cell("O'Brien\n"), "O'Brien␊");
    }

    #[test]
    fn proof_t9_json_is_lossless_and_quiet() {
        holds("JSON: lossless, and quiet", ".*", |text| {
            let line = json_line(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
            prop_assert!(!line.chars().any(char::is_control));
            let quiet = !show_str(&line).altered() || line.contains('\u{fe0f}');
            prop_assert!(quiet, "{}", line);
            Ok(())
        });
    }

    #[test]
    fn proof_t9_no_spreadsheet_runs_a_cell() {
        holds(
            "CSV: nothing runs as a formula",
            "[ \t\r]{0,2}[=+@\\-]?.*",
            |text| {
                let cell = csv_cell(&Raw::from(text.as_str()));
                let first = cell.trim_start().chars().next();
                prop_assert!(!matches!(first, Some('=' | '+' | '-' | '@')), "{cell}");
                prop_assert!(
                    !show_str(&cell).altered() || cell.contains('\u{fe0f}'),
                    "{cell}"
                );
                Ok(())
            },
        );
    }

    #[test]
    fn letters_of_any_script_stay_readable_and_a_pile_of_marks_is_escaped() {
        for honest in [
            "Иван Ивановский",
            "株式会社クリック",
            "Nguyễn Thị Hạnh",
            "e\u{301}",
        ] {
            assert_eq!(json_line(&honest).unwrap(), format!("\"{honest}\""));
        }
        let pile = format!("e{}x", "\u{317}".repeat(MARKS_PER_BASE + 2));
        let kept = format!("e{}", "\u{317}".repeat(MARKS_PER_BASE));
        let line = json_line(&pile).unwrap();
        assert_eq!(line, format!("\"{kept}\\u0317\\u0317x\""));
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), pile);
    }
}
