//! The terminal is borrowed: raw mode, alternate screen, bracketed paste, hidden cursor. It is
//! given back on return, on an error and on a panic. After a hang-up nothing is written any more.

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::App;
use crate::ports::{Kind, Problem};
use crate::view;

/// Whether the terminal is ours and has to be given back.
static BORROWED: AtomicBool = AtomicBool::new(false);

/// A frame of any size in few writes.
const BUFFER: usize = 256 * 1024;

/// The borrowed terminal.
pub(super) struct Session<W: Write> {
    terminal: Terminal<CrosstermBackend<W>>,
    gone: bool,
}

impl Session<BufWriter<Stdout>> {
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
        enable_raw_mode().map_err(|error| failed(&error))?;
        BORROWED.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        // A session that was killed leaves its text on the alternate screen, and its colours on.
        execute!(
            out,
            EnterAlternateScreen,
            SetAttribute(Attribute::Reset),
            Clear(ClearType::All),
            EnableBracketedPaste,
            Hide
        )
        .map_err(|error| {
            give_back();
            failed(&error)
        })?;
        Self::on(BufWriter::with_capacity(BUFFER, out)).inspect_err(|_| give_back())
    }
}

impl<W: Write> Session<W> {
    /// A session on any writer that a terminal reads.
    ///
    /// # Errors
    /// The size cannot be read.
    pub(super) fn on(out: W) -> Result<Self, Problem> {
        let terminal = Terminal::new(CrosstermBackend::new(out)).map_err(|error| failed(&error))?;
        Ok(Self {
            terminal,
            gone: false,
        })
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal
            .size()
            .map_or((80, 24), |size| (size.width, size.height))
    }

    /// Draws one frame between synchronized-update brackets. Does nothing once the terminal is gone;
    /// a write that fails means that it is.
    pub(super) fn draw(&mut self, app: &App) -> bool {
        if self.gone {
            return false;
        }
        let drawn = self.frame(app);
        self.gone = drawn.is_err();
        drawn.is_ok()
    }

    fn frame(&mut self, app: &App) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view::screen(app, frame))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.terminal.backend_mut().flush()
    }

    /// Clears the whole screen, so that the next frame is drawn in full.
    pub(super) fn clear(&mut self) {
        if !self.gone && self.terminal.clear().is_err() {
            self.gone = true;
        }
    }

    /// Writes something that is no frame (the clipboard).
    pub(super) fn write(&mut self, command: impl crossterm::Command) -> bool {
        if self.gone {
            return false;
        }
        let out = self.terminal.backend_mut();
        queue!(out, command).and_then(|()| out.flush()).is_ok()
    }

    /// The terminal hung up: nothing is written to it any more, not even good-bye.
    pub(super) fn forget(&mut self) {
        self.gone = true;
        BORROWED.store(false, Ordering::SeqCst);
    }
}

impl<W: Write> Drop for Session<W> {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, once.
fn give_back() {
    if !BORROWED.swap(false, Ordering::SeqCst) {
        return;
    }
    // Nobody is left to tell when this fails.
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// The hook that was there comes after ours, so that what it prints stays on the real screen.
fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        give_back();
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
