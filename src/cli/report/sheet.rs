//! A report before it is written, and the four ways to write it.

use serde_json::{Value, json};

use crate::cli::out::Out;
use crate::text::{Raw, csv_line, fit, markdown_cell, markdown_line, width};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// A table for a terminal.
    #[default]
    Text,
    /// For a spreadsheet: no cell is a formula.
    Csv,
    /// A table in Markdown.
    Md,
    /// One line of JSON that loses nothing.
    Json,
}

/// A report.
pub(super) struct Sheet {
    /// What it is called.
    pub(super) name: &'static str,
    /// What stands above the table.
    pub(super) lead: Vec<String>,
    /// Heads of the columns.
    pub(super) head: Vec<&'static str>,
    /// Rows, a cell a column.
    pub(super) rows: Vec<Vec<Raw>>,
    /// The same rows for programs.
    pub(super) data: Vec<Value>,
    /// Numbers for programs.
    pub(super) summary: Value,
    /// What stands below the table.
    pub(super) tail: Vec<String>,
    /// What is missing, and why.
    pub(super) gaps: Vec<String>,
}

/// Columns that give room where a terminal is narrow: of the others every cell counts.
const GIVING: [&str; 7] = [
    "Name",
    "E-mail",
    "Subject",
    "Entitled by",
    "Note",
    "Space",
    "From",
];
/// The column that gives first, down to so many cells: both ends of a subject tell it.
const FIRST: &str = "Subject";
const ENDS: usize = 13;
/// Cells that a column keeps however narrow the terminal is.
const NARROWEST: usize = 6;
/// Between two columns.
const GUTTER: &str = "  ";

impl Sheet {
    pub(super) fn write(&self, format: Format, out: Out) {
        match format {
            Format::Text => self.text(out),
            Format::Csv => self.csv(out),
            Format::Md => self.markdown(out),
            Format::Json => out.json(&json!({
                "report": self.name,
                "summary": self.summary,
                "gaps": self.gaps,
                "rows": self.data,
            })),
        }
    }

    fn text(&self, out: Out) {
        for line in &self.lead {
            out.line(line);
        }
        let shown: Vec<Vec<String>> = self.rows.iter().map(|row| shown(row)).collect();
        let mut widths: Vec<usize> = (0..self.head.len())
            .map(|column| {
                let cells = shown.iter().filter_map(|row| row.get(column));
                let head = self.head.get(column).map_or(0, |head| width(head));
                let widest = cells.map(|cell| width(cell)).max().unwrap_or(0);
                widest.max(head)
            })
            .collect();
        if let Some(columns) = out.columns() {
            self.squeeze(&mut widths, columns);
        }
        let head: Vec<String> = self.head.iter().map(|head| (*head).to_owned()).collect();
        if !self.rows.is_empty() {
            out.text(format!("\n{}\n", line(&head, &widths)));
            for row in &shown {
                out.text(format!("{}\n", line(row, &widths)));
            }
        }
        if !self.tail.is_empty() || !self.gaps.is_empty() {
            out.text("\n");
        }
        for text in &self.tail {
            out.line(text);
        }
        for gap in &self.gaps {
            out.line(format!("Not read whole: {gap}"));
        }
    }

    /// Takes cells from the widest column that gives some, until all fit or none gives any more.
    fn squeeze(&self, widths: &mut [usize], columns: usize) {
        let gutters = GUTTER.len() * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gutters > columns {
            let first = self.head.iter().position(|head| *head == FIRST);
            if let Some(room) = first.and_then(|place| widths.get_mut(place))
                && *room > ENDS
            {
                *room -= 1;
                continue;
            }
            let giving = widths.iter_mut().zip(&self.head);
            let giving = giving.filter(|(room, head)| GIVING.contains(head) && **room > NARROWEST);
            match giving.map(|(room, _)| room).max() {
                Some(widest) => *widest -= 1,
                None => return,
            }
        }
    }

    fn csv(&self, out: Out) {
        let head: Vec<Raw> = self.head.iter().map(|head| Raw::from(*head)).collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            out.text(csv_line(row));
        }
        self.aside(out);
    }

    fn markdown(&self, out: Out) {
        for text in &self.lead {
            out.text(format!("{}  \n", paragraph(text.trim_end())));
        }
        if !self.rows.is_empty() {
            let rule: String = self.head.iter().map(|_| " --- |").collect();
            out.text(format!("\n| {} |\n|{rule}\n", self.head.join(" | ")));
        }
        for row in &self.rows {
            out.text(markdown_line(row));
        }
        for text in self.tail.iter().chain(&self.gaps) {
            out.text(format!("\n{}\n", paragraph(text)));
        }
    }

    /// What has no place in a table of cells.
    fn aside(&self, out: Out) {
        for text in &self.tail {
            out.note(text);
        }
        for gap in &self.gaps {
            out.note(format!("Not read whole: {gap}"));
        }
    }
}

fn shown(row: &[Raw]) -> Vec<String> {
    row.iter().map(|cell| cell.show().to_string()).collect()
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, room)| fit(cell, *room))
        .collect();
    cells.join(GUTTER).trim_end().to_owned()
}

/// A paragraph of Markdown: nothing at its beginning makes it a heading, a quotation or a list.
fn paragraph(text: &str) -> String {
    let text = markdown_cell(&Raw::from(text));
    match text.chars().next() {
        Some('#' | '>' | '-' | '+' | '*' | '=' | '~') => format!("\\{text}"),
        _ => text,
    }
}
