//! Key to last byte of the frame: `App::update`, the view, and the real backend writing into a
//! counter, at 120x36 over a roster of everybody. Also the fuzzy filter as one types.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use qroll::app::{Answer, App, Capabilities, Epoch, Keymap, Message, Palette, Setup, Source};
use qroll::domain::{Guards, Snapshot, SourceKind};
use qroll::planner::{IdentityRule, SubjectTemplate};
use qroll::view;

use crate::table::{Table, ms, quantiles, thousands};
use crate::world;

const KEYS: usize = 1_000;

#[derive(Clone, Default)]
struct Counter(Arc<Mutex<usize>>);

impl Counter {
    fn take(&self) -> usize {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Desk {
    app: App,
    terminal: Terminal<CrosstermBackend<Counter>>,
    counter: Counter,
    at: Duration,
}

impl Desk {
    /// The time from the key to the last byte, and the bytes.
    fn press(&mut self, code: KeyCode) -> (Duration, usize) {
        self.at += Duration::from_millis(100);
        let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
        let message = Message::Terminal { event, at: self.at };
        let begun = Instant::now();
        let _ = self.app.update(message);
        if self.app.take_dirty() {
            self.terminal
                .draw(|frame| view::screen(&self.app, frame))
                .expect("a frame");
        }
        (begun.elapsed(), self.counter.take())
    }
}

/// Arrow keys, pages and marks; then a filter.
pub(crate) fn measure(table: &mut Table, people: usize) {
    let mut desk = desk(world::company(people, people / 2));
    let size = format!("{} people, 120x36", thousands(people));
    keys(table, &mut desk, &size, "p99 5 ms");
    let idle = desk.app.take_dirty();
    table.row(
        "drawn when nothing changed",
        &size,
        "nothing",
        if idle { "a frame" } else { "nothing" }.into(),
    );
    filter(table, &mut desk, &size);
}

/// The same keys with everybody marked and staged, which colours every row.
pub(crate) fn staged(table: &mut Table, snapshot: Snapshot, size: &str) {
    let mut desk = desk(snapshot);
    desk.press(KeyCode::Tab);
    let begun = Instant::now();
    desk.press(KeyCode::Char('*'));
    desk.press(KeyCode::Char('n'));
    let span = begun.elapsed();
    table.row("everybody marked and staged by hand", size, "-", ms(span));
    desk.press(KeyCode::BackTab);
    keys(table, &mut desk, size, "p99 50 ms");
    filter(table, &mut desk, size);
}

fn keys(table: &mut Table, desk: &mut Desk, size: &str, bar: &str) {
    desk.press(KeyCode::Tab);
    let mut arrows = Vec::new();
    let mut bytes = Vec::new();
    for _ in 0..KEYS {
        let (span, count) = desk.press(KeyCode::Down);
        arrows.push(span);
        bytes.push(count);
    }
    let mut others = Vec::new();
    for index in 0..KEYS {
        let key = [
            KeyCode::PageDown,
            KeyCode::Char(' '),
            KeyCode::Up,
            KeyCode::PageUp,
        ][index % 4];
        others.push(desk.press(key).0);
    }
    bytes.sort_unstable();
    let (half, most) = quantiles(arrows);
    table.row(
        "arrow key to last byte, p50 / p99",
        size,
        bar,
        both(half, most),
    );
    let (half, most) = quantiles(others);
    table.row(
        "other keys to last byte, p50 / p99",
        size,
        bar,
        both(half, most),
    );
    let median = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
    table.row(
        "bytes of an arrow key, median",
        size,
        "200",
        median.to_string(),
    );
}

fn filter(table: &mut Table, desk: &mut Desk, size: &str) {
    let mut worst = Duration::ZERO;
    desk.press(KeyCode::Char('/'));
    for letter in "ivanova 77".chars() {
        worst = worst.max(desk.press(KeyCode::Char(letter)).0);
    }
    for _ in 0..10 {
        worst = worst.max(desk.press(KeyCode::Backspace).0);
    }
    table.row("fuzzy filter, the slowest key", size, "15 ms", ms(worst));
}

fn both(half: Duration, most: Duration) -> String {
    format!("{} / {}", ms(half), ms(most))
}

fn desk(snapshot: Snapshot) -> Desk {
    let counter = Counter::default();
    let mut terminal = Terminal::with_options(
        CrosstermBackend::new(counter.clone()),
        ratatui::TerminalOptions {
            viewport: ratatui::Viewport::Fixed(ratatui::layout::Rect::new(0, 0, 120, 36)),
        },
    )
    .expect("a terminal");
    let mut app = App::new(Setup {
        profile: "bench".into(),
        tenant: "acme.eu.qlikcloud.com".into(),
        source: Source {
            kind: SourceKind::Entra,
            label: "corp.example".into(),
        },
        rule: IdentityRule::new(SubjectTemplate::parse("{id}").expect("a template")),
        guards: Guards::default(),
        entitled: qroll::domain::Entitled::default(),
        capabilities: Capabilities {
            unicode: true,
            palette: Palette::Dark,
        },
        keymap: Keymap::default(),
        queries: std::collections::BTreeMap::new(),
        wall: jiff::Timestamp::UNIX_EPOCH,
        size: (120, 36),
    });
    let answer = Answer::Cached(Some(Box::new(snapshot)));
    let _ = app.update(Message::Answer {
        epoch: Epoch::default(),
        answer,
    });
    terminal
        .draw(|frame| view::screen(&app, frame))
        .expect("a frame");
    counter.take();
    Desk {
        app,
        terminal,
        counter,
        at: Duration::ZERO,
    }
}
