//! What happens to a form.

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use std::time::Duration;
use unicode_normalization::UnicodeNormalization as _;

use super::asked::{Asked, Open, Reply, Typed};
use super::model::{Form, Mark, Outcome, Said, StepState};
use super::pace::Pace;
use super::typing::{cut, is_seen};
use crate::app::key::Key;

/// A fact.
#[derive(Debug)]
pub enum FormMessage {
    /// A step begins.
    Begin(usize),
    /// Another name for what is set up.
    Title(String),
    /// Something to read.
    Say(Said),
    /// What is going on.
    Progress(String),
    /// The step that is open stays as it is although something fails.
    Flawed,
    /// The step is over, and no other follows.
    Done,
    /// From here on Back leads no further.
    Round,
    /// Everything since the last round is asked again.
    Again,
    /// A question. `wrong` says why the last answer to it was not taken.
    Ask {
        /// What is asked.
        asked: Asked,
        /// Why the last answer was not taken.
        wrong: Option<String>,
        /// Whether there is a question to go back to.
        back: bool,
    },
    /// The last answer was none: it is asked for again.
    Refused,
    /// A question that was answered before, with its answer.
    Answered(Asked, Reply),
    /// It is being written: nobody can leave in the middle.
    Writing,
    /// It is written.
    Written,
    /// The terminal.
    Terminal {
        /// What it reports.
        event: Event,
        /// When.
        at: Duration,
    },
    /// A frame is on its way.
    Drawn,
    /// A frame is out.
    Painted {
        /// Which.
        frame: u64,
        /// When.
        at: Duration,
    },
}

/// A wish.
#[derive(Debug)]
pub enum FormEffect {
    /// The open question is answered.
    Answer(Reply),
    /// The person leaves, whatever goes on.
    Leave,
    /// The screen is drawn anew.
    Redraw,
    /// The terminal goes to the shell for a while.
    Suspend,
}

impl Form {
    /// Takes a fact.
    pub fn update(&mut self, message: FormMessage) -> Option<FormEffect> {
        let seen = matches!(message, FormMessage::Drawn | FormMessage::Painted { .. });
        self.dirty |= !seen;
        match message {
            FormMessage::Begin(step) => self.begin(step),
            FormMessage::Title(title) => self.title = title,
            FormMessage::Say(said) => {
                self.progress.clear();
                self.said.push(said);
            }
            FormMessage::Progress(text) => self.progress = text,
            FormMessage::Flawed => self.set(StepState::Flawed),
            FormMessage::Done => self.end_step(),
            FormMessage::Round => self.mark = self.here(),
            FormMessage::Again => self.drop_to(self.mark),
            FormMessage::Ask { asked, wrong, back } => self.ask(asked, wrong, back),
            FormMessage::Refused => self.drop_to(self.last),
            FormMessage::Answered(asked, reply) => self.keep(&asked, &reply),
            FormMessage::Writing => self.outcome = Outcome::Writing,
            FormMessage::Written => self.outcome = Outcome::Written,
            FormMessage::Terminal { event, at } => return self.event(event, at),
            FormMessage::Drawn => {
                let frame = self.frame;
                if let Some(open) = self.open.as_mut() {
                    open.drawn |= frame >= open.frame;
                }
            }
            FormMessage::Painted { frame, at } => {
                if let Some(open) = self
                    .open
                    .as_mut()
                    .filter(|open| open.since.is_none() && frame >= open.frame)
                {
                    open.since = Some(at);
                }
            }
        }
        None
    }

    /// What was said before the first step belongs to it.
    fn begin(&mut self, step: usize) {
        self.end_step();
        if let Some(head) = self.steps.get(step).filter(|_| self.step.is_some()) {
            self.said.push(Said::Head(head.title.clone()));
        }
        // A step that was given from outside is done.
        for passed in self
            .steps
            .iter_mut()
            .take(step)
            .filter(|step| step.state == StepState::Waiting)
        {
            passed.state = StepState::Done;
        }
        self.step = Some(step);
        self.set(StepState::Now);
        let here = Mark {
            said: self.said.len(),
            answers: 0,
        };
        (self.up, self.mark, self.last) = (0, here, here);
    }

    fn end_step(&mut self) {
        let open = self.step.and_then(|step| self.steps.get(step));
        if open.is_some_and(|step| step.state == StepState::Now) {
            self.set(StepState::Done);
        }
    }

    fn set(&mut self, state: StepState) {
        if let Some(step) = self.step.and_then(|step| self.steps.get_mut(step)) {
            step.state = state;
        }
    }

    fn answers(&mut self) -> Option<&mut Vec<String>> {
        let step = self.steps.get_mut(self.step?)?;
        Some(&mut step.answers)
    }

    fn here(&mut self) -> Mark {
        // Answers of the last round are asked for again, each with what was said.
        if let Some(answers) = self.answers() {
            answers.clear();
        }
        Mark {
            said: self.said.len(),
            answers: 0,
        }
    }

    /// Forgets what was said and answered since.
    fn drop_to(&mut self, mark: Mark) {
        self.said.truncate(mark.said);
        if let Some(answers) = self.answers() {
            answers.truncate(mark.answers);
        }
    }

    fn ask(&mut self, asked: Asked, wrong: Option<String>, back: bool) {
        self.progress.clear();
        self.up = 0;
        self.open = Some(Open {
            typed: Typed::empty(&asked),
            asked,
            wrong,
            back,
            frame: self.frame + 1,
            drawn: false,
            since: None,
            pace: Pace::default(),
        });
    }

    fn keep(&mut self, asked: &Asked, reply: &Reply) {
        let answers = self.answers().map_or(0, |answers| answers.len());
        self.last = Mark {
            said: self.said.len(),
            answers,
        };
        let Some(kept) = asked.kept(reply) else {
            return;
        };
        let line = match asked {
            Asked::Secret { .. } => kept.clone(),
            _ => format!("{}: {kept}", asked.question().trim_end_matches(['?', ':'])),
        };
        self.said.push(Said::Answer(line));
        if let Some(answers) = self.answers() {
            answers.push(kept);
        }
    }

    fn event(&mut self, event: Event, at: Duration) -> Option<FormEffect> {
        match event {
            Event::Resize(columns, rows) => {
                let was_tiny = self.is_tiny();
                self.size = (columns, rows);
                if was_tiny {
                    self.unsee();
                }
                self.up = self.up.min(self.hidden());
                None
            }
            Event::Paste(text) => {
                if !self.is_tiny() {
                    self.paste(&text, at);
                }
                None
            }
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                self.key(Key::from_event(&key), at)
            }
            _ => None,
        }
    }

    fn key(&mut self, key: Key, at: Duration) -> Option<FormEffect> {
        let control = key.modifiers == KeyModifiers::CONTROL;
        match key.code {
            KeyCode::Char('l') if control => return Some(FormEffect::Redraw),
            KeyCode::Char('z') if control => return Some(FormEffect::Suspend),
            _ if self.is_tiny() => return self.tiny_key(key),
            KeyCode::PageUp => self.up = (self.up + self.page()).min(self.hidden()),
            KeyCode::PageDown => self.up = self.up.saturating_sub(self.page()),
            _ if self.leaving => return self.leaving_key(key),
            _ if is_way_out(key) => self.leaving = self.outcome != Outcome::Writing,
            _ => return self.question_key(key, at),
        }
        None
    }

    /// What cannot be read cannot be answered; it can only be left.
    fn tiny_key(&mut self, key: Key) -> Option<FormEffect> {
        if self.leaving {
            return self.leaving_key(key);
        }
        self.leaving = is_way_out(key) && self.outcome != Outcome::Writing;
        None
    }

    /// The question was in none of the frames so far.
    fn unsee(&mut self) {
        let frame = self.frame + 1;
        if let Some(open) = self.open.as_mut() {
            (open.frame, open.drawn, open.since) = (frame, false, None);
        }
    }

    fn page(&self) -> usize {
        self.rows().saturating_sub(2).max(1)
    }

    /// Whether to leave: only `y` or a second Ctrl-C does.
    fn leaving_key(&mut self, key: Key) -> Option<FormEffect> {
        let again = key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL;
        match key.code {
            KeyCode::Char('y') if key.modifiers.is_empty() => {}
            _ if again => {}
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('n') => {
                self.leaving = false;
                return None;
            }
            _ => return None,
        }
        self.leaving = false;
        Some(match self.open.take() {
            Some(_) => FormEffect::Answer(Reply::Left),
            None => FormEffect::Leave,
        })
    }

    fn question_key(&mut self, key: Key, at: Duration) -> Option<FormEffect> {
        let open = self.open.as_mut()?;
        self.up = 0;
        let enter = key.code == KeyCode::Enter && key.modifiers.is_empty()
            || key.code == KeyCode::Char('j') && key.modifiers == KeyModifiers::CONTROL;
        if key.code == KeyCode::Tab && key.modifiers == KeyModifiers::SHIFT {
            if !open.back {
                return None;
            }
            self.open = None;
            return Some(FormEffect::Answer(Reply::Back));
        }
        // Nobody answers what nobody could read.
        if !open.drawn || matches!(open.asked, Asked::Sure { .. }) && !open.paced(key, enter, at) {
            return None;
        }
        if !enter {
            open.edit(key);
            return None;
        }
        let reply = open.reply()?;
        if let Some(open) = self.open.take() {
            self.keep(&open.asked, &reply);
        }
        Some(FormEffect::Answer(reply))
    }

    fn paste(&mut self, text: &str, at: Duration) {
        let Some(open) = self.open.as_mut().filter(|_| !self.leaving) else {
            return;
        };
        let first = text.lines().next().unwrap_or_default();
        match (&open.asked, &mut open.typed) {
            (Asked::Sure { .. }, _) => {
                open.pace.paste(at);
                open.pasted();
            }
            (_, Typed::Line(field)) => {
                let seen: String = first.nfc().filter(|letter| is_seen(*letter)).collect();
                field.paste(&seen);
            }
            (_, Typed::Hidden(secret)) => secret.push_str(cut(first, secret.len())),
            (_, Typed::Way(_)) => {}
        }
    }
}

fn is_way_out(key: Key) -> bool {
    key.code == KeyCode::Esc
        || key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL
}
