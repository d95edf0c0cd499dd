//! Exports of what is shown: CSV (formulas disarmed), JSON (lossless), Markdown.

use serde::Serialize;
use std::fmt::Write as _;

use super::effect::Effect;
use super::menu::Format;
use super::model::App;
use crate::domain::{Enabled, LicenseType, Row, Subject};
use crate::text::{Raw, csv_cell, json_line, markdown_cell};

/// Headings, in the order of [`App::export_line`].
const COLUMNS: [&str; 8] = [
    "name",
    "mail",
    "directory",
    "qlik",
    "license",
    "subject",
    "directory_id",
    "user_id",
];

#[derive(Serialize)]
struct Line<'a> {
    name: Option<&'a Raw>,
    mail: Option<&'a Raw>,
    directory: &'static str,
    qlik: &'a str,
    license: Option<&'a str>,
    subject: Option<&'a str>,
    directory_id: Option<&'a str>,
    user_id: Option<&'a str>,
}

impl App {
    pub(super) fn export(&mut self, format: Format) -> Vec<Effect> {
        let rows = self
            .roster
            .shown
            .iter()
            .filter_map(|at| self.derived.row(*at));
        let (ending, content) = match format {
            Format::Csv => ("csv", csv(rows)),
            Format::Json => ("json", json(rows)),
            Format::Markdown => ("md", markdown(rows)),
        };
        // The time makes the name new; colons are no good in file names.
        let stamp = self.wall.strftime("%Y%m%dT%H%M%SZ");
        vec![Effect::Write(
            self.data.epoch,
            format!("roster-{stamp}.{ending}"),
            content,
        )]
    }

    /// A row as cells; safe to show.
    pub(super) fn export_line(row: &Row) -> Vec<String> {
        cells(row)
            .iter()
            .map(|cell| cell.show().to_string())
            .collect()
    }
}

fn line(row: &Row) -> Line<'_> {
    let person = row.person.as_deref();
    let user = row.user.as_deref();
    Line {
        name: row.name(),
        mail: person
            .and_then(|p| p.mail.as_ref())
            .or(user.and_then(|u| u.email.as_ref())),
        directory: match person.map(|p| p.enabled) {
            None => "none",
            Some(Enabled::Yes) => "enabled",
            Some(Enabled::No) => "disabled",
            Some(Enabled::Unknown) => "unknown",
        },
        qlik: user.map_or("none", |user| user.status.word()),
        license: row.license().map(LicenseType::expose),
        subject: user
            .map(|u| &u.subject)
            .or(row.subject.as_ref())
            .map(Subject::expose),
        directory_id: person.map(|p| p.id.expose()),
        user_id: user.map(|u| u.id.expose()),
    }
}

fn cells(row: &Row) -> [Raw; 8] {
    let line = line(row);
    let text = |text: Option<&str>| Raw::from(text.unwrap_or_default());
    [
        line.name.cloned().unwrap_or_default(),
        line.mail.cloned().unwrap_or_default(),
        Raw::from(line.directory),
        Raw::from(line.qlik),
        text(line.license),
        text(line.subject),
        text(line.directory_id),
        text(line.user_id),
    ]
}

fn csv<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut out = COLUMNS.join(",");
    out.push_str("\r\n");
    for row in rows {
        let line: Vec<String> = cells(row)
            .iter()
            .map(csv_cell)
            .map(|cell| {
                if cell.contains([',', '"']) {
                    format!("\"{}\"", cell.replace('"', "\"\""))
                } else {
                    cell
                }
            })
            .collect();
        out.push_str(&line.join(","));
        out.push_str("\r\n");
    }
    out
}

fn json<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let lines: Vec<String> = rows.filter_map(|row| json_line(&line(row)).ok()).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn markdown<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut out = format!(
        "| {} |\n|{}\n",
        COLUMNS.join(" | "),
        " --- |".repeat(COLUMNS.len())
    );
    for row in rows {
        let line: Vec<String> = cells(row).iter().map(markdown_cell).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} |", line.join(" | "));
    }
    out
}
