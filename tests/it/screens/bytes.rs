//! What a key costs on the wire, and that nothing is sent when nothing changed.

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Desk;
use super::desk::setup;
use super::world;

#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Vec<u8>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Line {
    wire: Wire,
    terminal: Terminal<CrosstermBackend<Wire>>,
}

impl Line {
    fn new(columns: u16, rows: u16) -> Self {
        let wire = Wire::default();
        let options = TerminalOptions {
            viewport: Viewport::Fixed(Rect::new(0, 0, columns, rows)),
        };
        let terminal = Terminal::with_options(CrosstermBackend::new(wire.clone()), options)
            .expect("a terminal");
        Self { wire, terminal }
    }

    /// What the last frame sent, for a message.
    fn text(&self) -> String {
        self.wire.0.borrow().escape_ascii().to_string()
    }

    /// Draws as the main loop does; the bytes it took.
    fn frame(&mut self, desk: &mut Desk) -> usize {
        self.wire.0.borrow_mut().clear();
        if desk.app.take_dirty() {
            queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate).expect("written");
            self.terminal
                .draw(|frame| qroll::view::screen(&desk.app, frame))
                .expect("drawn");
            queue!(self.terminal.backend_mut(), EndSynchronizedUpdate).expect("written");
        }
        self.wire.0.borrow().len()
    }
}

fn crowded(count: usize) -> Desk {
    let (tenant, directory) = world::crowd(count);
    let mut desk = Desk::over(setup((120, 36)), tenant, directory);
    desk.keys("<tab>");
    desk
}

#[test]
fn an_arrow_key_costs_at_most_200_bytes() {
    let mut desk = crowded(2_000);
    let mut line = Line::new(120, 36);
    assert!(line.frame(&mut desk) > 1_000, "the first frame is whole");
    for _ in 0..20 {
        desk.quick("<down>");
        let bytes = line.frame(&mut desk);
        assert!(
            (1..=200).contains(&bytes),
            "{bytes} bytes for an arrow key: {}",
            line.text()
        );
    }
    for _ in 0..20 {
        desk.quick("<up>");
        let bytes = line.frame(&mut desk);
        assert!(
            (1..=200).contains(&bytes),
            "{bytes} bytes for an arrow key: {}",
            line.text()
        );
    }
}

#[test]
fn nothing_is_drawn_when_nothing_changed() {
    let mut desk = crowded(100);
    let mut line = Line::new(120, 36);
    line.frame(&mut desk);
    desk.quick("<up>");
    assert_eq!(line.frame(&mut desk), 0, "the cursor is at the top already");
    let wall = world::now();
    desk.at += Duration::from_secs(1);
    desk.send(qroll::app::Message::Tick { at: desk.at, wall });
    desk.send(qroll::app::Message::Tick { at: desk.at, wall });
    assert_eq!(line.frame(&mut desk), 0, "a tick without anything moving");
}

#[test]
fn a_hundred_thousand_rows_answer_within_a_key() {
    let mut desk = crowded(100_000);
    assert_eq!(desk.app.roster.shown.len(), 100_000);
    let mut line = Line::new(120, 36);
    line.frame(&mut desk);
    desk.quick("/a");
    let mut slowest = Duration::ZERO;
    for letter in "ndersson".chars() {
        let begin = Instant::now();
        desk.quick(&letter.to_string());
        line.frame(&mut desk);
        slowest = slowest.max(begin.elapsed());
    }
    assert!(!desk.app.roster.shown.is_empty());
    // The bar is 15 ms in a release build; this one is a guard against something quadratic.
    assert!(slowest < Duration::from_millis(900), "{slowest:?}");
}
