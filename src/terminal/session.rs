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
    /// Whether this is the terminal that a panic gives back.
    lent: bool,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    /// It is on the screen.
    Shown,
    /// The terminal is gone.
    Gone,
    /// A panic has given the terminal back: it is not ours to draw on any more.
    GivenBack,
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
        let mut session =
            Self::on(BufWriter::with_capacity(BUFFER, out)).inspect_err(|_| give_back())?;
        session.lent = true;
        Ok(session)
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
            lent: false,
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
    pub(super) fn draw(&mut self, app: &App) -> Drawn {
        if self.gone {
            return Drawn::Gone;
        }
        if self.is_given_back() {
            return Drawn::GivenBack;
        }
        let drawn = self.frame(app);
        self.gone = drawn.is_err();
        if self.gone { Drawn::Gone } else { Drawn::Shown }
    }

    fn is_given_back(&self) -> bool {
        self.lent && !BORROWED.load(Ordering::SeqCst)
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
        if self.gone || self.is_given_back() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Capabilities, Keymap, Palette, Setup, Source};
    use crate::domain::{Guards, SourceKind};
    use crate::planner::{IdentityRule, SubjectTemplate};
    use ratatui::layout::Rect;
    use ratatui::{TerminalOptions, Viewport};
    use std::cell::RefCell;
    use std::rc::Rc;

    fn app() -> App {
        App::new(Setup {
            profile: "acme".to_owned(),
            tenant: "acme.eu.qlikcloud.com".to_owned(),
            source: Source {
                kind: SourceKind::File,
                label: "people.csv".to_owned(),
            },
            rule: IdentityRule::new(SubjectTemplate::parse("{id}").unwrap()),
            guards: Guards::default(),
            capabilities: Capabilities {
                unicode: true,
                palette: Palette::None,
            },
            keymap: Keymap::default(),
            wall: jiff::Timestamp::UNIX_EPOCH,
            size: (80, 24),
        })
    }

    /// What was written, to look at while the session still writes.
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

    fn session(lent: bool, paper: &Paper) -> Session<Paper> {
        let options = TerminalOptions {
            viewport: Viewport::Fixed(Rect::new(0, 0, 80, 24)),
        };
        let backend = CrosstermBackend::new(paper.clone());
        Session {
            terminal: Terminal::with_options(backend, options).unwrap(),
            gone: false,
            lent,
        }
    }

    #[test]
    fn nothing_is_drawn_on_a_terminal_that_a_panic_gave_back() {
        // No test borrows the real terminal, so a lent one has been given back.
        let paper = Paper::default();
        let mut given_back = session(true, &paper);
        assert_eq!(given_back.draw(&app()), Drawn::GivenBack);
        assert!(!given_back.write(Hide));
        assert!(paper.0.borrow().is_empty());
        let mut ours = session(false, &paper);
        assert_eq!(ours.draw(&app()), Drawn::Shown);
        assert!(!paper.0.borrow().is_empty());
    }
}
