//! The guide's face on the whole screen. While it stands, whatever is printed and whatever asks for a
//! secret goes to it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::step::Step;
use crate::app::form::{Reply, Said};
use crate::cli::out::{Heard, Out, Tone, divert};
use crate::cli::signals::leave_at_signal;
use crate::config::Environment;
use crate::host::{RealClock, ask_elsewhere};
use crate::ports::{Kind, Problem};
use crate::terminal::{Stage, Voice, capabilities, close_form};

/// The screen.
pub(super) struct Screen {
    pub(super) stage: Stage,
    /// What the last step said, to be left on the terminal.
    said: Arc<Mutex<Vec<(Tone, String)>>>,
    written: AtomicBool,
}

impl Screen {
    /// Takes the terminal, if it is one that can show a screen.
    ///
    /// # Errors
    /// It refuses.
    pub(super) fn open(environment: &Environment, out: Out) -> Result<Option<Self>, Problem> {
        let term = environment.term.as_deref();
        let moves = !matches!(term, None | Some("" | "dumb" | "unknown"));
        if !out.screen || !out.interactive || out.json || !moves {
            return Ok(None);
        }
        let steps = Step::ALL.map(|step| step.title().to_owned()).to_vec();
        let capabilities = capabilities(
            environment.locale.as_deref(),
            environment.no_color.as_deref(),
            environment.background.as_deref(),
        );
        let clock = Arc::new(RealClock::new());
        leave_at_signal(close_form)?;
        let stage = Stage::open("qroll connect", steps, capabilities, clock, term)?;
        let said = Arc::default();
        listen(stage.voice(), Arc::clone(&said));
        let voice = stage.voice();
        ask_elsewhere(Some(Box::new(move |question| {
            match voice.secret(question) {
                Reply::Secret(secret) => Some(
                    secret
                        .map(|one| one.expose().to_owned())
                        .unwrap_or_default(),
                ),
                _ => None,
            }
        })));
        Ok(Some(Self {
            stage,
            said,
            written: AtomicBool::new(false),
        }))
    }

    /// A step begins.
    pub(super) fn begin(&self, step: Step) {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let at = Step::ALL.iter().position(|one| *one == step);
        self.stage.begin(at.unwrap_or_default());
    }

    /// The profile is written.
    pub(super) fn written(&self) {
        self.written.store(true, Ordering::SeqCst);
        self.stage.unlock();
    }

    /// What becomes of whoever does not answer.
    pub(super) fn absent(&self) -> Problem {
        if self.written.load(Ordering::SeqCst) {
            return Problem::new(
                Kind::Declined,
                "left before the doctor was done; the profile is written",
            )
            .hint("qroll doctor says whether it works.");
        }
        if self.stage.is_gone() {
            return Problem::new(
                Kind::Host,
                "the terminal is gone; nothing was written, stored or changed",
            );
        }
        super::talk::left()
    }

    /// Gives the terminal back, and leaves on it what the last step said, where that is of use.
    pub(super) fn close(self, out: Out, leave: bool) {
        let said = std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner));
        let gone = self.stage.is_gone();
        drop(self);
        if leave && !gone {
            for (tone, line) in said {
                out.told(tone, line);
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        divert(None);
        ask_elsewhere(None);
    }
}

fn listen(voice: Voice, said: Arc<Mutex<Vec<(Tone, String)>>>) {
    divert(Some(Box::new(move |heard| match heard {
        Heard::Foot(text) => voice.progress(text.trim()),
        Heard::Line(tone, text) => {
            let text = text.trim_matches('\n');
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((tone, text.to_owned()));
            let text = flush(text);
            voice.say(match tone {
                Tone::Plain => Said::Note(text),
                Tone::Good => Said::Good(text),
                Tone::Know => Said::Know(text),
                Tone::Bad => Said::Bad(text),
                Tone::Mend => Said::Mend(text),
            });
        }
    })));
}

/// Lines that stand in from those of the questions stand out here by themselves.
fn flush(text: &str) -> String {
    let lines = text
        .split('\n')
        .map(|line| line.strip_prefix("  ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
