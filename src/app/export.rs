//! Exports of what is shown: CSV (formulas disarmed), JSON (lossless), Markdown.

use serde::Serialize;

use super::actions::Screen;
use super::effect::Effect;
use super::menu::Format;
use super::model::App;
use crate::domain::{Enabled, LicenseType, Row, Subject};
use crate::planner::holders::{Holder, day};
use crate::text::{Raw, csv_line, json_line, markdown_line};

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

/// Headings of seats, in the order of [`seat_cells`].
const SEATS: [&str; 8] = [
    "name",
    "mail",
    "subject",
    "license",
    "since",
    "last_use",
    "entitled_by",
    "note",
];

/// What is shown, before it is written.
pub(super) struct Table {
    /// What its rows are, for the name of the file.
    pub(super) name: &'static str,
    pub(super) head: &'static [&'static str],
    pub(super) rows: Vec<Vec<Raw>>,
    /// The same rows for programs, a line each.
    pub(super) lines: Vec<String>,
}

impl App {
    pub(super) fn export(&mut self, format: Format) -> Vec<Effect> {
        let table = match self.screen {
            Screen::Licenses => self.seat_table(),
            Screen::Spaces => self.sheet(),
            _ => self.roster_table(),
        };
        let (ending, content) = match format {
            Format::Csv => ("csv", table.csv()),
            Format::Json => ("json", table.json()),
            Format::Markdown => ("md", table.markdown()),
        };
        // The time makes the name new; colons are no good in file names.
        let stamp = self.wall.strftime("%Y%m%dT%H%M%SZ");
        vec![Effect::Write(
            self.data.epoch,
            format!("{}-{stamp}.{ending}", table.name),
            content,
        )]
    }

    fn roster_table(&self) -> Table {
        let shown = self.roster.shown.iter();
        let rows: Vec<&Row> = shown.filter_map(|at| self.derived.row(*at)).collect();
        Table {
            name: "roster",
            head: &COLUMNS,
            rows: rows.iter().map(|row| cells(row).to_vec()).collect(),
            lines: rows
                .iter()
                .filter_map(|row| json_line(&line(row)).ok())
                .collect(),
        }
    }

    fn seat_table(&self) -> Table {
        let shown = self.licenses.shown.iter();
        let seats: Vec<&Holder> = shown.filter_map(|at| self.licenses.holder(*at)).collect();
        Table {
            name: "licenses",
            head: &SEATS,
            rows: seats.iter().map(|one| seat_cells(one)).collect(),
            lines: seats
                .iter()
                .filter_map(|one| json_line(&one.data()).ok())
                .collect(),
        }
    }

    /// A row as cells; safe to show.
    pub(super) fn export_line(row: &Row) -> Vec<String> {
        cells(row)
            .iter()
            .map(|cell| cell.show().to_string())
            .collect()
    }
}

fn seat_cells(holder: &Holder) -> Vec<Raw> {
    vec![
        holder.name.clone(),
        holder.email.clone().unwrap_or_default(),
        holder.subject.raw().clone(),
        holder
            .license
            .as_ref()
            .map(LicenseType::raw)
            .cloned()
            .unwrap_or_default(),
        Raw::from(holder.since.map(day).unwrap_or_default()),
        Raw::from(holder.last_use.words()),
        holder.standing.words(),
        Raw::from(holder.oddities()),
    ]
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

impl Table {
    fn heads(&self) -> Vec<Raw> {
        self.head.iter().map(|head| Raw::from(*head)).collect()
    }

    fn csv(&self) -> String {
        let head = csv_line(&self.heads());
        let rows = self.rows.iter().map(csv_line);
        std::iter::once(head).chain(rows).collect()
    }

    fn json(&self) -> String {
        format!("[\n{}\n]\n", self.lines.join(",\n"))
    }

    fn markdown(&self) -> String {
        let head = format!(
            "| {} |\n|{}\n",
            self.head.join(" | "),
            " --- |".repeat(self.head.len())
        );
        let rows = self.rows.iter().map(markdown_line);
        std::iter::once(head).chain(rows).collect()
    }
}
