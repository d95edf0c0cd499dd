//! What comes from outside: keys from one thread, signals from one task.
//!
//! The thread reads the terminal itself: crossterm's own poll never returns after a hang-up and
//! burns a core (reliability, fact 3). Our `poll(2)` comes first and leaves on `POLLHUP` or
//! `POLLERR`.

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;

use super::burst::Burst;
use super::decode::Decoder;
use super::tty;
use crate::app::{Message, Signal};
use crate::ports::{Clock, Kind, Problem};

/// Reads the terminal until dropped.
pub(super) struct Input {
    /// Dropping it wakes the thread and ends it.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Input {
    /// Starts reading.
    ///
    /// # Errors
    /// No thread or no descriptor is left.
    pub(super) fn start(
        inbox: UnboundedSender<Message>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Problem> {
        let failed = |error: io::Error| {
            Problem::new(Kind::Host, format!("the terminal cannot be read: {error}"))
        };
        let (stop, stopped) = UnixStream::pair().map_err(failed)?;
        let thread = std::thread::Builder::new()
            .name("terminal-input".to_owned())
            .spawn(move || read(&inbox, &*clock, &stopped))
            .map_err(failed)?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It ends at once; whatever it died of was said by the panic hook.
            let _ = thread.join();
        }
    }
}

/// What the descriptors say.
enum Look {
    Keys,
    Gone,
    Stop,
    /// Nothing came for as long as was asked.
    Rest,
    Again,
}

fn look(stopped: &UnixStream, patience: Option<Duration>) -> Look {
    let stdin = io::stdin();
    let mut fds = [
        PollFd::new(&stdin, PollFlags::IN),
        PollFd::new(stopped, PollFlags::IN),
    ];
    let patience = patience.and_then(|span| Timespec::try_from(span).ok());
    match poll(&mut fds, patience.as_ref()) {
        Err(rustix::io::Errno::INTR) => return Look::Again,
        Err(_) => return Look::Gone,
        Ok(0) => return Look::Rest,
        Ok(_) => {}
    }
    let [keys, stop] = fds.map(|fd| fd.revents());
    if !stop.is_empty() {
        Look::Stop
    } else if keys.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        Look::Gone
    } else if keys.contains(PollFlags::IN) {
        Look::Keys
    } else {
        Look::Again
    }
}

fn read(inbox: &UnboundedSender<Message>, clock: &dyn Clock, stopped: &UnixStream) {
    let (mut decoder, mut burst) = (Decoder::default(), Burst::default());
    let mut buffer = [0; BUFFER];
    loop {
        let mut events = Vec::new();
        match look(stopped, decoder.patience()) {
            Look::Stop => return,
            Look::Again => continue,
            Look::Rest => decoder.rest(&mut events),
            Look::Keys => match rustix::io::read(io::stdin(), &mut buffer) {
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
                Ok(count) if count > 0 => {
                    decoder.feed(buffer.get(..count).unwrap_or_default(), &mut events);
                }
                Ok(_) | Err(_) => {
                    let _ = inbox.send(Message::InputClosed);
                    return;
                }
            },
            Look::Gone => {
                let _ = inbox.send(Message::InputClosed);
                return;
            }
        }
        let at = clock.now().0;
        for event in burst.fold(events, at) {
            if inbox.send(Message::Terminal { event, at }).is_err() {
                return;
            }
        }
    }
}

/// More than a terminal's line discipline hands out at once.
const BUFFER: usize = 8 * 1024;

/// Forwards signals until the inbox is closed.
///
/// # Errors
/// The system refuses the handlers.
pub(super) fn signals(
    inbox: UnboundedSender<Message>,
    clock: Arc<dyn Clock>,
) -> Result<tokio::task::JoinHandle<()>, Problem> {
    let failed =
        |error: io::Error| Problem::new(Kind::Host, "signals cannot be handled").because(error);
    let mut hangup = if tty::ignores_hangup() {
        None
    } else {
        Some(signal(SignalKind::hangup()).map_err(failed)?)
    };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut window = signal(SignalKind::window_change()).map_err(failed)?;
    let mut quit = signal(SignalKind::quit()).map_err(failed)?;
    let mut suspend = signal(SignalKind::from_raw(tty::SUSPEND)).map_err(failed)?;
    let mut resume = signal(SignalKind::from_raw(tty::CONTINUE)).map_err(failed)?;
    Ok(tokio::spawn(async move {
        loop {
            let message = tokio::select! {
                () = told(hangup.as_mut()) => Message::Signal(Signal::Hangup),
                _ = interrupt.recv() => Message::Signal(Signal::Interrupt),
                _ = terminate.recv() => Message::Signal(Signal::Terminate),
                _ = quit.recv() => Message::Signal(Signal::Quit),
                _ = suspend.recv() => Message::Signal(Signal::Suspend),
                _ = resume.recv() => Message::Signal(Signal::Continue),
                _ = window.recv() => match tty::size() {
                    Some((columns, rows)) => Message::Terminal {
                        event: Event::Resize(columns, rows),
                        at: clock.now().0,
                    },
                    None => continue,
                },
            };
            if inbox.send(message).is_err() {
                return;
            }
        }
    }))
}

/// The next of a signal that may not be listened to.
async fn told(signal: Option<&mut tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
