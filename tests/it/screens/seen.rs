//! A frame as a terminal shows it, and what is wrong with it: characters that act, hide or reorder,
//! cells that are not where they were drawn, columns that are pushed aside, strings without a warning.

use qroll::app::Screen;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::collections::BTreeSet;

use super::Desk;
use super::dressed::Dress;
use crate::hostile::{faults_of_bytes, is_forbidden, tokens};

/// One frame.
pub(super) struct Seen {
    buffer: Buffer,
    bytes: Vec<u8>,
    /// Rows of a table below its heading, where nothing lies over it.
    table: usize,
    /// Whether something lies over it.
    dialog: bool,
}

/// Rows of an area between two rules, as text with the column of each character.
#[derive(Default)]
struct Strip {
    y: u16,
    /// Where it begins.
    x: u16,
    text: String,
    /// The column of each byte of the text.
    columns: Vec<u16>,
    /// Columns of warning marks.
    marks: Vec<u16>,
}

impl Strip {
    fn find(&self, token: &str) -> Vec<u16> {
        let found = self.text.match_indices(token);
        found
            .filter_map(|(at, _)| self.columns.get(at).copied())
            .collect()
    }

    fn is_cut_behind(&self, x: u16) -> bool {
        let cuts = self.text.match_indices(['…', '⋯', '~']);
        cuts.into_iter()
            .any(|(at, _)| self.columns.get(at).is_some_and(|at| *at > x))
    }
}

impl Seen {
    /// Draws what the desk shows now.
    pub(super) fn of(desk: &Desk) -> Self {
        let (width, height) = desk.app.setup.size;
        let mut bytes = Vec::new();
        let options = TerminalOptions {
            viewport: Viewport::Fixed(Rect::new(0, 0, width, height)),
        };
        let mut terminal =
            Terminal::with_options(CrosstermBackend::new(&mut bytes), options).expect("a terminal");
        let frame = terminal.draw(|frame| qroll::view::screen(&desk.app, frame));
        let buffer = frame.expect("drawn").buffer.clone();
        drop(terminal);
        let app = &desk.app;
        let moved = app.runs.live.as_ref().map_or(0, |live| live.moved.len());
        let table = match app.screen {
            _ if !app.dialogs.is_empty() => 0,
            Screen::Roster => app.roster.shown.len(),
            Screen::Licenses | Screen::Spaces => 0,
            Screen::Plan | Screen::Runs => moved,
        };
        Self {
            buffer,
            bytes,
            table,
            dialog: !app.dialogs.is_empty(),
        }
    }

    /// Everything wrong with it.
    pub(super) fn faults(&self, dress: &Dress, unicode: bool) -> Vec<String> {
        let mut faults = faults_of_bytes(&self.bytes);
        for cell in &self.buffer.content {
            let symbol = cell.symbol();
            if symbol.chars().any(is_forbidden) || !unicode && !symbol.is_ascii() {
                faults.push(format!("a cell holds {}", symbol.escape_unicode()));
            }
        }
        faults.extend(self.misplaced());
        faults.extend(self.pushed_aside());
        // Rules are plain strokes in ASCII, so that what a dialog covers cannot be told there.
        if unicode || !self.dialog {
            faults.extend(self.unmarked(dress));
        }
        faults
    }

    /// Fields whose string stands somewhere on it.
    pub(super) fn fields(&self) -> BTreeSet<char> {
        let strips = self.strips();
        ('a'..='z')
            .filter(|field| {
                let (head, tail) = tokens(*field);
                let has = |token: &str| strips.iter().any(|strip| !strip.find(token).is_empty());
                has(&head) || has(&tail)
            })
            .collect()
    }

    /// Cells that a terminal shows elsewhere than they were drawn.
    fn misplaced(&self) -> Option<String> {
        let area = self.buffer.area;
        let rows = std::num::NonZeroU16::new(area.height)?;
        let columns = std::num::NonZeroU16::new(area.width)?;
        let mut parser = vt100::Parser::new(rows, columns, 0);
        parser.process(&self.bytes);
        for y in 0..area.height {
            let mut covered = 0;
            for x in 0..area.width {
                if covered > 0 {
                    covered -= 1;
                    continue;
                }
                let symbol = self.buffer.cell((x, y))?.symbol();
                covered = qroll::text::width(symbol).saturating_sub(1);
                let shown = parser.screen().cell(y, x)?.contents();
                let shown = if shown.is_empty() { " " } else { shown };
                if shown.chars().next() != symbol.chars().next() {
                    return Some(format!(
                        "row {y}, column {x} shows {} and not {}",
                        shown.escape_unicode(),
                        symbol.escape_unicode()
                    ));
                }
            }
        }
        None
    }

    /// Rows whose cells do not begin where the heading of their column does.
    fn pushed_aside(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (titles, least) in [
            (&["Name", "Directory", "Qlik", "License", "Space"][..], 4),
            (&["Planned from", "Now", "Wished"], 3),
        ] {
            for y in 0..self.buffer.area.height {
                let text = self.row(y);
                let columns: Vec<u16> = titles
                    .iter()
                    .filter_map(|title| column(&text, title))
                    .collect();
                if columns.len() < least || !columns.is_sorted() {
                    continue;
                }
                let rule = u16::from(least == 3);
                let rows = u16::try_from(self.table).unwrap_or(u16::MAX);
                let last = (y + rule)
                    .saturating_add(rows)
                    .min(self.buffer.area.height - 3);
                for below in y + rule + 1..=last {
                    for x in &columns {
                        if self.is_pushed(*x, below) {
                            faults.push(format!("row {below} is pushed into column {x}"));
                        }
                    }
                }
            }
        }
        faults
    }

    /// Whether something of the column before reaches into this one.
    fn is_pushed(&self, x: u16, y: u16) -> bool {
        let symbol = |x: u16| self.buffer.cell((x, y)).map_or(" ", Cell::symbol);
        let before = symbol(x.saturating_sub(1));
        let wide = qroll::text::width(symbol(x.saturating_sub(2))) > 1;
        wide || before != " "
    }

    fn row(&self, y: u16) -> Vec<String> {
        let cell = |x| {
            self.buffer
                .cell((x, y))
                .map_or_else(String::new, |cell| cell.symbol().to_owned())
        };
        (0..self.buffer.area.width).map(cell).collect()
    }

    /// The corners of the dialog that lies over the screen. What it covers in part was judged before.
    fn over(&self) -> Option<((u16, u16), (u16, u16))> {
        let is_line = |x, y| {
            self.buffer
                .cell((x, y))
                .is_some_and(|cell: &Cell| cell.symbol() == "─")
        };
        let area = self.buffer.area;
        if !self.dialog {
            return None;
        }
        let rows = || (0..area.height).rev();
        let bottom = rows().find(|y| (0..area.width).any(|x| is_line(x, *y)))?;
        let from = (0..area.width).find(|x| is_line(*x, bottom))?;
        let top = rows().find(|y| *y < bottom && is_line(from, *y))?;
        let to = (0..area.width).rev().find(|x| is_line(*x, bottom))?;
        Some(((from, top), (to, bottom)))
    }

    fn strips(&self) -> Vec<Strip> {
        let warning = Modifier::BOLD.union(Modifier::REVERSED);
        let over = self.over();
        let mut strips = Vec::new();
        for y in 0..self.buffer.area.height {
            let mut strip = Strip {
                y,
                ..Strip::default()
            };
            let mut covered = 0;
            for x in 0..self.buffer.area.width {
                if covered > 0 {
                    covered -= 1;
                    continue;
                }
                let Some(cell) = self.buffer.cell((x, y)) else {
                    continue;
                };
                let symbol = cell.symbol();
                covered = qroll::text::width(symbol).saturating_sub(1);
                let edge = over.is_some_and(|(from, to)| {
                    (from.0 == x || to.0 + 1 == x) && (from.1..=to.1).contains(&y)
                });
                if symbol == "│" || edge {
                    let next = Strip {
                        y,
                        x,
                        ..Strip::default()
                    };
                    strips.push(std::mem::replace(&mut strip, next));
                }
                if symbol == "!" && cell.modifier.contains(warning) {
                    strip.marks.push(x);
                }
                strip.text.push_str(symbol);
                strip.columns.resize(strip.text.len(), x);
            }
            strips.push(strip);
        }
        strips
    }

    /// Strings that were changed at the door and stand there without a warning.
    fn unmarked(&self, dress: &Dress) -> Vec<String> {
        let (strips, over) = (self.strips(), self.over());
        let mut faults = Vec::new();
        for field in dress.fields.chars().filter(|field| dress.must_warn(*field)) {
            let (head, tail) = tokens(field);
            for (at, strip) in strips.iter().enumerate() {
                for (token, down) in [(&head, true), (&tail, false)] {
                    for x in strip.find(token) {
                        if over.is_some_and(|(from, to)| {
                            (from.1..=to.1).contains(&strip.y) && !(from.0..=to.0).contains(&x)
                        }) {
                            continue;
                        }
                        let marked = strip.marks.iter().any(|mark| *mark < x);
                        let ends = down && !strip.find(&tail).is_empty();
                        let elsewhere =
                            !ends && !strip.is_cut_behind(x) && wrapped(&strips, at, down);
                        if !marked && !elsewhere {
                            faults.push(format!(
                                "no warning before {token} in row {}, column {x}",
                                strip.y
                            ));
                        }
                    }
                }
            }
        }
        faults
    }

    /// The screen as text, for a message.
    pub(super) fn text(&self) -> String {
        let lines =
            (0..self.buffer.area.height).map(|y| self.row(y).concat().trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A text in several lines: the warning stands on the line where something was changed.
fn wrapped(strips: &[Strip], at: usize, down: bool) -> bool {
    let near = |other: &&Strip| {
        let (y, other) = (strips[at].y, other.y);
        if down {
            other > y && other - y < 9
        } else {
            other < y && y - other < 9
        }
    };
    let same = |other: &&Strip| other.x == strips[at].x;
    strips
        .iter()
        .filter(near)
        .filter(same)
        .any(|strip| !strip.marks.is_empty())
}

/// Where a heading begins.
fn column(row: &[String], title: &str) -> Option<u16> {
    let wanted: Vec<String> = title.chars().map(String::from).collect();
    let at = row
        .windows(wanted.len() + 1)
        .position(|window| window.starts_with(&wanted) && window.ends_with(&[" ".to_owned()]))?;
    u16::try_from(at).ok()
}
