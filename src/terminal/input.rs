//! What comes from outside: keys from one thread, signals from one task.
//!
//! crossterm's own poll never returns after a hang-up and burns a core (reliability, fact 3), so
//! our `poll(2)` looks first and leaves on `POLLHUP` or `POLLERR`. Its `use-dev-tty` source is a
//! must: the other one is edge-triggered and loses keys that arrive together with a resize.

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, poll};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;

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
    Nothing,
}

fn look(stopped: &UnixStream) -> Look {
    let stdin = io::stdin();
    let mut fds = [
        PollFd::new(&stdin, PollFlags::IN),
        PollFd::new(stopped, PollFlags::IN),
    ];
    match poll(&mut fds, None) {
        Err(rustix::io::Errno::INTR) => return Look::Nothing,
        Err(_) => return Look::Gone,
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
        Look::Nothing
    }
}

fn read(inbox: &UnboundedSender<Message>, clock: &dyn Clock, stopped: &UnixStream) {
    loop {
        match look(stopped) {
            Look::Stop => return,
            Look::Nothing => {}
            Look::Gone => {
                let _ = inbox.send(Message::InputClosed);
                return;
            }
            Look::Keys => {
                if drain(inbox, clock).is_err() {
                    let _ = inbox.send(Message::InputClosed);
                    return;
                }
            }
        }
    }
}

/// That source does not look at all when it is given no time.
const GLANCE: Duration = Duration::from_millis(1);

fn drain(inbox: &UnboundedSender<Message>, clock: &dyn Clock) -> io::Result<()> {
    while crossterm::event::poll(GLANCE)? {
        let event = crossterm::event::read()?;
        let message = Message::Terminal {
            event,
            at: clock.now().0,
        };
        if inbox.send(message).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

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
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut window = signal(SignalKind::window_change()).map_err(failed)?;
    Ok(tokio::spawn(async move {
        loop {
            let message = tokio::select! {
                _ = hangup.recv() => Message::Signal(Signal::Hangup),
                _ = interrupt.recv() => Message::Signal(Signal::Interrupt),
                _ = terminate.recv() => Message::Signal(Signal::Terminate),
                _ = window.recv() => match crossterm::terminal::size() {
                    Ok((columns, rows)) => Message::Terminal {
                        event: Event::Resize(columns, rows),
                        at: clock.now().0,
                    },
                    Err(_) => continue,
                },
            };
            if inbox.send(message).is_err() {
                return;
            }
        }
    }))
}
