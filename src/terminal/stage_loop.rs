//! The loop of a form: draw when something changed, wait for whoever asks and for the terminal.

use crossterm::event::Event;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::input::{Input, signals};
use super::painter::Painter;
use super::session::{Drawn, Lease, Session};
use super::tty;
use crate::app::form::{Form, FormEffect, FormMessage, Reply};
use crate::app::{Capabilities, Message, Signal};
use crate::ports::{Clock, Problem};

/// What whoever asks wants of the form.
pub(super) enum Call {
    Tell(FormMessage),
    Ask {
        message: FormMessage,
        answer: Sender<Reply>,
    },
    /// From here on something is written, if the person is still there.
    Lock(Sender<bool>),
    End,
}

/// What a form needs to stand on the terminal.
pub(super) struct Stand {
    pub(super) title: String,
    pub(super) steps: Vec<String>,
    pub(super) capabilities: Capabilities,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) term: Option<String>,
    pub(super) left: CancellationToken,
    pub(super) gone: Arc<AtomicBool>,
}

/// Columns and rows of a terminal that does not tell.
const USUAL: (u16, u16) = (80, 24);

/// Shows the form until it is told to end; says first whether it could be opened.
pub(super) async fn stand(
    wanted: Stand,
    calls: UnboundedReceiver<Call>,
    ready: Sender<Result<(), Problem>>,
) {
    match Show::open(wanted) {
        Err(problem) => drop(ready.send(Err(problem))),
        Ok((mut show, messages)) => {
            // Whoever asked for it waits for this.
            let _ = ready.send(Ok(()));
            show.run(calls, messages).await;
        }
    }
}

struct Show {
    form: Form,
    session: Session,
    waiting: Option<Sender<Reply>>,
    left: CancellationToken,
    gone: Arc<AtomicBool>,
    signals: tokio::task::JoinHandle<()>,
    // Dropped in this order: nobody reads keys any more when the terminal is given back.
    _input: Input,
    _lease: Lease,
}

impl Show {
    fn open(wanted: Stand) -> Result<(Self, UnboundedReceiver<Message>), Problem> {
        let (inbox, messages) = unbounded_channel();
        // Before the terminal is ours, as for the other screen.
        let signals = signals(inbox.clone(), Arc::clone(&wanted.clock))?;
        let lease = Lease::open(wanted.term.as_deref())?;
        let size = tty::size().unwrap_or(USUAL);
        let painter = Painter::start(inbox.clone(), Arc::clone(&wanted.clock))?;
        let show = Self {
            form: Form::new(wanted.title, wanted.steps, size, wanted.capabilities),
            session: Session::new(painter, size)?,
            waiting: None,
            left: wanted.left,
            gone: wanted.gone,
            signals,
            _input: Input::start(inbox, wanted.clock)?,
            _lease: lease,
        };
        Ok((show, messages))
    }

    async fn run(
        &mut self,
        mut calls: UnboundedReceiver<Call>,
        mut messages: UnboundedReceiver<Message>,
    ) {
        loop {
            self.draw();
            // What is said comes before keys: a key answers what was asked, not what comes.
            tokio::select! {
                biased;
                call = calls.recv() => match call {
                    Some(Call::Tell(message)) => self.take(message),
                    Some(Call::Ask { message, answer }) => self.ask(message, answer),
                    Some(Call::Lock(answer)) => {
                        let there = !self.left.is_cancelled();
                        if there {
                            self.take(FormMessage::Writing);
                        }
                        let _ = answer.send(there);
                    }
                    Some(Call::End) | None => break,
                },
                message = messages.recv() => match message {
                    Some(message) => self.hear(message),
                    None => break,
                },
            }
        }
        self.signals.abort();
    }

    fn draw(&mut self) {
        if self.is_gone() || !self.session.is_free() || !self.form.take_dirty() {
            return;
        }
        if self.session.draw_form(&self.form) == Drawn::Shown {
            self.take(FormMessage::Drawn);
        } else {
            self.lose();
        }
    }

    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    fn ask(&mut self, message: FormMessage, answer: Sender<Reply>) {
        if self.is_gone() || self.left.is_cancelled() {
            let reply = if self.is_gone() {
                Reply::Gone
            } else {
                Reply::Left
            };
            // Whoever asked may be gone, too.
            let _ = answer.send(reply);
            return;
        }
        self.waiting = Some(answer);
        self.take(message);
    }

    fn take(&mut self, message: FormMessage) {
        match self.form.update(message) {
            None => {}
            Some(FormEffect::Answer(reply)) => self.reply(reply),
            Some(FormEffect::Leave) => self.left.cancel(),
            Some(FormEffect::Redraw) => self.session.clear(),
            Some(FormEffect::Suspend) => self.suspend(),
        }
    }

    fn reply(&mut self, reply: Reply) {
        if matches!(reply, Reply::Left) {
            self.left.cancel();
        }
        if let Some(waiting) = self.waiting.take() {
            let _ = waiting.send(reply);
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Terminal { event, at } => self.take(FormMessage::Terminal { event, at }),
            Message::Painted { frame, at } => {
                self.session.painted();
                self.take(FormMessage::Painted { frame, at });
            }
            Message::InputClosed | Message::Broken => self.lose(),
            Message::Signal(Signal::Suspend) => self.suspend(),
            Message::Signal(Signal::Continue) => self.resume(),
            // Whoever asks has armed what ends the program at the others.
            _ => {}
        }
    }

    /// The terminal is gone: whoever waits must not wait for ever.
    fn lose(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
        self.session.forget();
        self.reply(Reply::Gone);
        self.left.cancel();
    }

    fn suspend(&mut self) {
        if tty::can_suspend() {
            self.session.park();
            tty::suspend();
        }
    }

    fn resume(&mut self) {
        self.session.unpark();
        if let Some((columns, rows)) = tty::size() {
            let event = Event::Resize(columns, rows);
            self.take(FormMessage::Terminal {
                event,
                at: std::time::Duration::ZERO,
            });
        }
    }
}
