//! The screen on the borrowed terminal. Frames are drawn into memory and written by the painter; a
//! frame is drawn only when the last one is out. After a hang-up nothing is written any more.

use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write};
use std::rc::Rc;

use super::painter::Painter;
use super::tty::{self, Found};
use crate::app::App;
use crate::app::form::Form;
use crate::ports::{Kind, Problem};
use crate::view;

/// Gives the terminal back when it goes.
pub(super) struct Lease {
    /// How the terminal was found.
    pub(super) found: Found,
}

impl Lease {
    /// Borrows the terminal.
    ///
    /// # Errors
    /// There is none, it is a dumb one, or it refuses raw mode.
    pub(super) fn open(term: Option<&str>) -> Result<Self, Problem> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(refusal(
                "the screen needs a terminal, and there is none here",
            ));
        }
        if matches!(term, None | Some("" | "dumb" | "unknown")) {
            return Err(refusal(
                "this terminal (TERM) cannot move its cursor, so there is no screen",
            ));
        }
        restore_on_panic();
        let found = tty::borrow().map_err(|error| failed(&error))?;
        Ok(Self { found })
    }
}

impl Lease {
    /// Gives the terminal back; whether anything can be said on it now.
    pub(super) fn end(self) -> bool {
        let heard = tty::give_back();
        drop(self);
        heard
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        tty::give_back();
    }
}

/// Where a frame is drawn before it is written.
#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen.
pub(super) struct Session {
    terminal: Terminal<CrosstermBackend<Paper>>,
    paper: Paper,
    painter: Painter,
    size: (u16, u16),
    busy: bool,
    /// The shell has the terminal.
    parked: bool,
    gone: bool,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    /// It is on its way.
    Shown,
    /// The terminal is gone.
    Gone,
    /// A panic has given the terminal back: it is not ours to draw on any more.
    GivenBack,
}

impl Session {
    /// A screen of this size.
    ///
    /// # Errors
    /// The memory of it cannot be made.
    pub(super) fn new(painter: Painter, size: (u16, u16)) -> Result<Self, Problem> {
        let paper = Paper::default();
        Ok(Self {
            terminal: blank(&paper, size).map_err(|error| failed(&error))?,
            paper,
            painter,
            size,
            busy: false,
            parked: false,
            gone: false,
        })
    }

    /// Whether the next frame can be drawn: the last one is out, and the terminal is here.
    pub(super) fn is_free(&self) -> bool {
        !self.busy && !self.parked
    }

    /// Gives the terminal to the shell; whether anything can be said on it.
    pub(super) fn park(&mut self) -> bool {
        self.parked = true;
        tty::give_back()
    }

    /// Takes it again; what is on it is unknown.
    pub(super) fn unpark(&mut self) {
        let hello = tty::take().and_then(|_| tty::hello());
        self.gone |= !hello.is_ok_and(|hello| self.painter.put(hello, None));
        self.parked = false;
        self.clear();
    }

    /// The last frame is out.
    pub(super) fn painted(&mut self) {
        self.busy = false;
    }

    /// Draws one frame of the model, at the size that it knows.
    pub(super) fn draw(&mut self, app: &App) -> Drawn {
        let show = |frame: &mut Frame<'_>| view::screen(app, frame);
        self.put(app.setup.size, app.frame(), show)
    }

    /// The same of a form.
    pub(super) fn draw_form(&mut self, form: &Form) -> Drawn {
        let show = |frame: &mut Frame<'_>| view::form(form, frame);
        self.put(form.size, form.frame(), show)
    }

    /// One frame with its number, between synchronized-update brackets.
    fn put(&mut self, size: (u16, u16), number: u64, show: impl FnOnce(&mut Frame<'_>)) -> Drawn {
        if self.gone {
            return Drawn::Gone;
        }
        if !tty::is_ours() {
            return Drawn::GivenBack;
        }
        let drawn = self.frame(size, show);
        let bytes = self.paper.0.take();
        self.busy = true;
        self.gone = drawn.is_err() || !self.painter.put(bytes, Some(number));
        if self.gone { Drawn::Gone } else { Drawn::Shown }
    }

    fn frame(&mut self, size: (u16, u16), show: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        if self.size != size {
            self.size = size;
            self.begin_anew()?;
        }
        self.terminal.draw(show)?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// The next frame is drawn in full, on a cleared screen.
    pub(super) fn clear(&mut self) {
        // What is drawn into memory does not fail; the next frame would tell.
        let _ = self.begin_anew();
    }

    /// ratatui's own way of clearing asks the terminal where its cursor is, and waits for the answer.
    fn begin_anew(&mut self) -> io::Result<()> {
        self.terminal = blank(&self.paper, self.size)?;
        queue!(
            self.terminal.backend_mut(),
            SetAttribute(Attribute::Reset),
            Clear(ClearType::All)
        )
    }

    /// Writes something that is no frame (the clipboard).
    pub(super) fn write(&mut self, command: impl crossterm::Command) -> bool {
        if self.gone || !tty::is_ours() {
            return false;
        }
        let mut bytes = Vec::new();
        queue!(bytes, command).is_ok() && self.painter.put(bytes, None)
    }

    /// Nothing is drawn any more.
    pub(super) fn forget(&mut self) {
        self.gone = true;
    }
}

/// A screen on which nothing stands.
fn blank(
    paper: &Paper,
    (width, height): (u16, u16),
) -> io::Result<Terminal<CrosstermBackend<Paper>>> {
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, width, height)),
    };
    Terminal::with_options(CrosstermBackend::new(paper.clone()), options)
}

/// The hook that was there comes after ours, so that what it prints stays on the real screen.
fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tty::give_back();
        before(info);
    }));
}

fn refusal(text: &str) -> Problem {
    Problem::new(Kind::Host, text)
        .hint("without a screen: qroll plan, qroll show, qroll apply (see qroll --help)")
}

fn failed(error: &io::Error) -> Problem {
    Problem::new(Kind::Host, format!("the terminal cannot be used: {error}"))
        .hint("without a screen: qroll plan, qroll show, qroll apply (see qroll --help)")
}
