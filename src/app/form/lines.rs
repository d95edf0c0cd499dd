//! The lines of the right side, for its width, and which of them stand in the window.

use super::asked::{Asked, Open, Typed};
use super::model::{Form, Said};
use crate::text::{show_str, width};

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Ordinary.
    Plain,
    /// Of little weight.
    Quiet,
    /// A step begins.
    Head,
    /// The question.
    Title,
    /// As it should be.
    Good,
    /// To be known.
    Know,
    /// Does not work.
    Bad,
    /// The way under the cursor.
    Cursor,
    /// What is being typed.
    Typing,
}

/// A line of the right side; safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormLine {
    /// How it looks.
    pub look: Look,
    /// What it says.
    pub text: String,
    /// Cell of the cursor in it.
    pub cursor: Option<usize>,
}

impl Form {
    /// The lines in the window, and how many are hidden above and below.
    pub fn window(&self) -> (Vec<FormLine>, usize, usize) {
        let mut lines = self.lines();
        let below = self.up.min(lines.len().saturating_sub(self.rows()));
        lines.truncate(lines.len() - below);
        let above = lines.len().saturating_sub(self.rows());
        lines.drain(..above);
        (lines, above, below)
    }

    /// Lines that do not fit.
    pub(super) fn hidden(&self) -> usize {
        self.lines().len().saturating_sub(self.rows())
    }

    fn lines(&self) -> Vec<FormLine> {
        let cells = self.right();
        let mut lines = Vec::new();
        for said in &self.said {
            let (look, text) = match said {
                Said::Head(title) => {
                    lines.push(head(title, cells));
                    continue;
                }
                Said::Note(text) | Said::Mend(text) => (Look::Plain, text),
                Said::Good(text) => (Look::Good, text),
                Said::Know(text) => (Look::Know, text),
                Said::Bad(text) => (Look::Bad, text),
                Said::Answer(text) => (Look::Quiet, text),
            };
            broken(text, look, cells, &mut lines);
        }
        match (self.progress.as_str(), &self.open) {
            ("", None) if self.step.is_some() => {
                broken(
                    "one moment: it is being tried",
                    Look::Quiet,
                    cells,
                    &mut lines,
                );
            }
            ("", _) => {}
            (progress, _) => broken(progress, Look::Quiet, cells, &mut lines),
        }
        if let Some(open) = &self.open {
            if !lines.is_empty() {
                lines.push(line(Look::Plain, String::new()));
            }
            question(open, cells, &mut lines);
        }
        lines
    }
}

/// The rule above a step, with its title.
fn head(title: &str, cells: usize) -> FormLine {
    let title = format!("── {} ", show_str(title));
    let rest = cells.saturating_sub(width(&title) + 1);
    line(Look::Head, format!("{title}{}", "─".repeat(rest)))
}

fn line(look: Look, text: String) -> FormLine {
    FormLine {
        look,
        text,
        cursor: None,
    }
}

fn question(open: &Open, cells: usize, lines: &mut Vec<FormLine>) {
    if let Some(wrong) = &open.wrong {
        broken(wrong, Look::Bad, cells, lines);
    }
    let words = open.asked.question().trim();
    let words = match &open.asked {
        Asked::Secret { .. } => format!("{words} (not shown)"),
        Asked::Sure { .. } => format!("{words} Type yes or no"),
        _ => words.to_owned(),
    };
    if !words.is_empty() {
        broken(&words, Look::Title, cells, lines);
    }
    match (&open.asked, &open.typed) {
        (Asked::Choice { ways, .. }, Typed::Way(at)) => {
            for (number, way) in ways.iter().enumerate() {
                let look = if number == *at {
                    Look::Cursor
                } else {
                    Look::Plain
                };
                let sign = if number == *at { '>' } else { ' ' };
                hung(&format!("{sign} {}  ", number + 1), way, look, cells, lines);
            }
        }
        (asked, Typed::Line(field)) => {
            let (text, at) = seen(field.text(), field.cursor(), cells.saturating_sub(3));
            let mut typing = FormLine {
                look: Look::Typing,
                text: format!("> {text}"),
                cursor: Some(at + 2),
            };
            if let (
                Asked::Text {
                    default: Some(default),
                    ..
                },
                true,
            ) = (asked, field.is_empty())
            {
                let default = show_str(default).elided(cells.saturating_sub(22).max(8));
                typing.text = format!(">   {default}");
                typing.look = Look::Quiet;
            }
            lines.push(typing);
        }
        (_, Typed::Hidden(secret)) => {
            let dots = secret.chars().count().min(cells.saturating_sub(4));
            lines.push(FormLine {
                look: Look::Typing,
                text: format!("> {}", "•".repeat(dots)),
                cursor: Some(dots + 2),
            });
        }
        _ => {}
    }
}

/// The part of a line around its cursor, and where the cursor is in it.
fn seen(text: &str, cursor: usize, cells: usize) -> (String, usize) {
    let skip = (cursor + 1).saturating_sub(cells);
    let (mut passed, mut used, mut out) = (0, 0, String::new());
    let mut buffer = [0; 4];
    for letter in text.chars() {
        let wide = width(letter.encode_utf8(&mut buffer));
        if passed < skip {
            passed += wide;
        } else if used + wide <= cells {
            out.push(letter);
            used += wide;
        } else {
            break;
        }
    }
    (out, cursor.saturating_sub(passed))
}

/// A text of several lines, each through the one door and broken between words, hanging under its
/// beginning.
fn broken(text: &str, look: Look, cells: usize, lines: &mut Vec<FormLine>) {
    for text in text.split('\n') {
        let body = text.trim_start_matches(' ');
        let indent = " ".repeat(text.len() - body.len());
        hung(&indent, body, look, cells, lines);
    }
}

/// A text behind its head, continued under its beginning.
fn hung(head: &str, body: &str, look: Look, cells: usize, lines: &mut Vec<FormLine>) {
    let dash = if body.starts_with("- ") { 2 } else { 0 };
    let arrow = if body.starts_with("-> ") { 3 } else { 0 };
    let hang = width(head) + dash + arrow;
    let room = cells.saturating_sub(hang).max(8);
    let mut rest = show_str(body).to_string();
    let mut at = head.to_owned();
    let mut first = room + hang - width(head);
    loop {
        let (taken, left) = split(&rest, first);
        lines.push(line(look, format!("{at}{taken}")));
        if left.is_empty() {
            return;
        }
        (rest, at, first) = (left, " ".repeat(hang), room);
    }
}

/// As many words as fit, and the rest; a word that is too long for any line is cut, so that it can be read
/// to its end.
fn split(text: &str, cells: usize) -> (String, String) {
    if width(text) <= cells {
        return (text.to_owned(), String::new());
    }
    let (mut used, mut blank, mut end) = (0, None, text.len());
    let mut buffer = [0; 4];
    for (at, letter) in text.char_indices() {
        used += width(letter.encode_utf8(&mut buffer));
        if letter == ' ' {
            blank = Some(at);
        }
        if used > cells {
            end = at;
            break;
        }
    }
    let end = blank.filter(|blank| *blank > 0).unwrap_or(end).max(1);
    let end = (end..=text.len())
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(text.len());
    let (taken, left) = text.split_at(end);
    (taken.to_owned(), left.trim_start().to_owned())
}
