//! A form on the whole terminal, for a command that asks its way through steps: whoever asks waits on
//! its own thread, the form lives on another, and nothing is drawn by anybody else meanwhile.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::stage_loop::{Call, Stand, stand};
use super::tty;
use crate::app::Capabilities;
use crate::app::form::{Asked, FormMessage, Reply, Said};
use crate::ports::{Clock, Kind, Problem};

/// The form on the terminal. Dropping it gives the terminal back.
pub struct Stage {
    calls: UnboundedSender<Call>,
    left: CancellationToken,
    gone: Arc<AtomicBool>,
    locked: AtomicBool,
    round: Mutex<Round>,
    thread: Option<JoinHandle<()>>,
}

/// What was answered since the last place that Back leads to.
#[derive(Default)]
struct Round {
    /// Whether somebody asks anew when Back is wished.
    open: bool,
    given: Vec<(Asked, Reply)>,
    /// Answered again without a question.
    replay: VecDeque<(Asked, Reply)>,
    /// The answer that Back came for: it is offered when its question comes.
    offer: Option<(Asked, Reply)>,
    wrong: Option<String>,
    turned: bool,
}

impl Stage {
    /// Takes the terminal. Must be called on the runtime; whoever asks must not be one of its workers.
    ///
    /// # Errors
    /// There is no terminal that could show it.
    pub fn open(
        title: &str,
        steps: Vec<String>,
        capabilities: Capabilities,
        clock: Arc<dyn Clock>,
        term: Option<&str>,
    ) -> Result<Self, Problem> {
        let (calls, called) = unbounded_channel();
        let (left, gone) = (CancellationToken::new(), Arc::new(AtomicBool::new(false)));
        let wanted = Stand {
            title: title.to_owned(),
            steps,
            capabilities,
            clock,
            term: term.map(str::to_owned),
            left: left.clone(),
            gone: Arc::clone(&gone),
        };
        let (ready, opened) = channel();
        let runtime = Handle::current();
        let thread = std::thread::Builder::new()
            .name("form".to_owned())
            .spawn(move || runtime.block_on(stand(wanted, called, ready)))
            .map_err(|error| Problem::new(Kind::Host, "no thread for the form").because(error))?;
        let stage = Self {
            calls,
            left,
            gone,
            locked: AtomicBool::new(false),
            round: Mutex::default(),
            thread: Some(thread),
        };
        match opened.recv() {
            Ok(Ok(())) => Ok(stage),
            Ok(Err(problem)) => Err(problem),
            Err(_) => Err(Problem::new(Kind::Internal, "the form did not open")),
        }
    }

    /// A step begins.
    pub fn begin(&self, step: usize) {
        *self.round() = Round::default();
        self.tell(FormMessage::Begin(step));
    }

    /// Another title.
    pub fn title(&self, text: &str) {
        self.tell(FormMessage::Title(text.to_owned()));
    }

    /// Something to read.
    pub fn say(&self, said: Said) {
        self.tell(FormMessage::Say(said));
    }

    /// The step stays as it is although something of it fails.
    pub fn flaw(&self) {
        self.tell(FormMessage::Flawed);
    }

    /// The step is over, and no other follows.
    pub fn done(&self) {
        self.tell(FormMessage::Done);
    }

    /// From here on something is written and nobody can leave in the middle. Whether the person is still
    /// there.
    pub fn lock(&self) -> bool {
        let (answer, answered) = channel();
        let there = self.calls.send(Call::Lock(answer)).is_ok() && answered.recv().unwrap_or(false);
        self.locked.store(there, Ordering::SeqCst);
        there
    }

    /// It is written.
    pub fn unlock(&self) {
        self.locked.store(false, Ordering::SeqCst);
        self.tell(FormMessage::Written);
    }

    /// What others say while the terminal is the form's.
    pub fn voice(&self) -> Voice {
        Voice(self.calls.clone())
    }

    /// Asks. An answer that was given before [`Stage::turned`] is given again without a question.
    pub fn ask(&self, asked: Asked) -> Reply {
        let (wrong, back, offered) = {
            let mut round = self.round();
            if let Some((before, reply)) = round.replay.pop_front() {
                if before == asked {
                    round.given.push((before, reply.clone()));
                    drop(round);
                    self.tell(FormMessage::Answered(asked, reply.clone()));
                    return reply;
                }
                round.replay.clear();
            }
            let offer = round.offer.take().filter(|(before, _)| *before == asked);
            let offered =
                offer.map_or_else(|| asked.clone(), |(before, reply)| offering(before, reply));
            let back = round.open && !round.given.is_empty();
            (round.wrong.take(), back, offered)
        };
        let reply = put(&self.calls, offered, wrong, back);
        let mut round = self.round();
        match &reply {
            Reply::Back => {
                round.offer = round.given.pop();
                round.replay = std::mem::take(&mut round.given).into();
                round.turned = true;
            }
            Reply::Left | Reply::Gone => {}
            _ => round.given.push((asked, reply.clone())),
        }
        reply
    }

    /// The last answer cannot be taken, because of this: it is asked for again.
    pub fn refuse(&self, why: &str) {
        let mut round = self.round();
        round.given.pop();
        round.replay.clear();
        round.wrong = Some(why.to_owned());
        drop(round);
        self.tell(FormMessage::Refused);
    }

    /// From here on Back leads no further.
    pub fn start_round(&self) {
        *self.round() = Round {
            open: true,
            ..Round::default()
        };
        self.tell(FormMessage::Round);
    }

    /// From here on there is no way back.
    pub fn end_round(&self) {
        *self.round() = Round::default();
    }

    /// Whether somebody wants back to an earlier question of the round, which is then asked anew.
    pub fn turned(&self) -> bool {
        let turned = std::mem::take(&mut self.round().turned);
        if turned {
            self.tell(FormMessage::Again);
        }
        turned
    }

    /// Waits until the person leaves or the terminal is gone. What is being written then goes on to its end.
    pub async fn left(&self) {
        self.left.cancelled().await;
        if self.locked.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    /// Whether the terminal is gone.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    fn tell(&self, message: FormMessage) {
        // A form that is gone has nothing to show.
        let _ = self.calls.send(Call::Tell(message));
    }

    fn round(&self) -> std::sync::MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.calls.send(Call::End);
        if let Some(thread) = self.thread.take() {
            // Whatever it died of was said by the panic hook.
            let _ = thread.join();
        }
    }
}

/// The voice of others on the form.
#[derive(Clone)]
pub struct Voice(UnboundedSender<Call>);

impl Voice {
    /// Something to read.
    pub fn say(&self, said: Said) {
        let _ = self.0.send(Call::Tell(FormMessage::Say(said)));
    }

    /// What is going on.
    pub fn progress(&self, text: &str) {
        let _ = self
            .0
            .send(Call::Tell(FormMessage::Progress(text.to_owned())));
    }

    /// Asks for a secret.
    pub fn secret(&self, question: &str) -> Reply {
        let question = question.to_owned();
        put(&self.0, Asked::Secret { question }, None, false)
    }
}

fn put(calls: &UnboundedSender<Call>, asked: Asked, wrong: Option<String>, back: bool) -> Reply {
    let (answer, answered): (Sender<Reply>, _) = channel();
    let call = Call::Ask {
        message: FormMessage::Ask { asked, wrong, back },
        answer,
    };
    if calls.send(call).is_err() {
        return Reply::Gone;
    }
    answered.recv().unwrap_or(Reply::Gone)
}

/// The question with the answer that was given to it as what Enter takes.
fn offering(asked: Asked, reply: Reply) -> Asked {
    match (asked, reply) {
        (Asked::Text { question, .. }, Reply::Text(text)) if !text.is_empty() => Asked::Text {
            question,
            default: Some(text),
        },
        (
            Asked::Choice {
                question,
                ways,
                kept,
                ..
            },
            Reply::Way(default),
        ) => Asked::Choice {
            question,
            ways,
            default,
            kept,
        },
        (asked, _) => asked,
    }
}

/// Gives the terminal back, if a form holds it: for whoever ends the program in the middle.
pub fn close_form() {
    tty::give_back();
}
