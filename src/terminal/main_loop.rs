//! The loop: draw when something changed, wait for whatever comes, take it in one batch, start
//! what follows from it.

use crossterm::event::Event;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::clipboard;
use super::effects::Effects;
use super::input::{Input, signals};
use super::painter::Painter;
use super::session::{Drawn, Lease, Session};
use super::tty::{self, Found};
use super::wiring::Wiring;
use crate::app::{Answer, App, Effect, Epoch, Message, Setup, Source};
use crate::host::cache;
use crate::ports::{Kind, Problem};

/// Messages taken before the next frame.
const BATCH: usize = 256;

/// Shows the screen until the operator leaves; the exit code, and what is to be said after it.
///
/// # Errors
/// There is no terminal that could show it.
pub async fn run(wiring: Wiring, term: Option<&str>) -> Result<(u8, Option<String>), Problem> {
    let wiring = Arc::new(wiring);
    let (inbox, messages) = unbounded_channel();
    // Before the terminal is ours: a signal must not find it borrowed and nobody to give it back.
    let signals = signals(inbox.clone(), Arc::clone(&wiring.clock))?;
    let lease = Lease::open(term)?;
    let size = tty::size().unwrap_or(USUAL);
    let mut app = App::new(setup(&wiring, size));
    let painter = Painter::start(inbox.clone(), Arc::clone(&wiring.clock))?;
    let mut session = Session::new(painter, size)?;
    first_screen(&mut app, &wiring);
    let _ = app.take_dirty();
    session.draw(&app);
    let input = Input::start(inbox.clone(), Arc::clone(&wiring.clock))?;
    let code = turn(&mut app, &mut session, inbox, messages, wiring).await;
    signals.abort();
    let found = lease.found;
    let heard = lease.end();
    drop(input);
    if app.is_broken() {
        return Err(Problem::new(
            Kind::Internal,
            "the screen ended by a mistake in qroll itself",
        )
        .hint("what was sent is in the journal: qroll runs lists it, qroll resume goes on")
        .hint("the message above says where; please report it"));
    }
    let parting = app.parting().or_else(|| left_raw(found));
    Ok((code, parting.filter(|_| heard && !app.is_gone())))
}

/// Columns and rows of a terminal that does not tell.
const USUAL: (u16, u16) = (80, 24);

/// A program that is killed cannot give its terminal back; whoever comes next says how.
fn left_raw(found: Found) -> Option<String> {
    (found == Found::Raw).then(|| {
        "this terminal had been left raw by a program that was killed, and is put right now; \
         if it still looks odd, type reset"
            .to_owned()
    })
}

fn setup(wiring: &Wiring, size: (u16, u16)) -> Setup {
    let (kind, label) = wiring.directory.describe();
    Setup {
        profile: wiring.profile.clone(),
        tenant: wiring.host.clone(),
        source: Source { kind, label },
        rule: wiring.rule.clone(),
        guards: wiring.guards.clone(),
        entitled: wiring.entitled.clone(),
        capabilities: wiring.capabilities,
        keymap: wiring.keymap.clone(),
        queries: wiring.queries.clone(),
        wall: wiring.clock.wall(),
        size,
    }
}

/// People of the last reading stand on the very first frame.
fn first_screen(app: &mut App, wiring: &Wiring) {
    let paths = cache::cache_paths(&wiring.state, &wiring.profile);
    if let Some(snapshot) = cache::fetch(&*wiring.disk, &paths.first) {
        let answer = Answer::Cached(Some(Box::new(snapshot)));
        let _ = app.update(Message::Answer {
            epoch: Epoch::default(),
            answer,
        });
    }
}

async fn turn(
    app: &mut App,
    session: &mut Session,
    inbox: UnboundedSender<Message>,
    mut messages: UnboundedReceiver<Message>,
    wiring: Arc<Wiring>,
) -> u8 {
    let clock = Arc::clone(&wiring.clock);
    let mut effects = Effects::new(wiring, inbox);
    if app.data.cached {
        effects.fetch_cached(app.data.epoch);
    }
    for effect in app.start() {
        effects.start(effect);
    }
    let mut batch = Vec::new();
    while app.finished().is_none() {
        if app.is_gone() {
            session.forget();
        } else if session.is_free() && app.take_dirty() {
            match session.draw(app) {
                Drawn::Shown => {}
                Drawn::Gone => batch.push(Message::InputClosed),
                Drawn::GivenBack => batch.push(Message::Broken),
            }
        }
        if batch.is_empty() {
            let wait = app.wake().map(|at| at.saturating_sub(clock.now().0));
            let tick = async {
                match wait {
                    Some(wait) => clock.sleep(wait.max(Duration::from_millis(1))).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                count = messages.recv_many(&mut batch, BATCH) => if count == 0 { break },
                () = tick => batch.push(Message::Tick { at: clock.now().0, wall: clock.wall() }),
            }
        }
        for message in batch.drain(..) {
            if matches!(message, Message::Painted { .. }) {
                session.painted();
            }
            for effect in app.update(message) {
                carry_out(app, session, &mut effects, effect);
            }
        }
    }
    effects.finish().await;
    app.finished().unwrap_or(0)
}

fn carry_out(app: &mut App, session: &mut Session, effects: &mut Effects, effect: Effect) {
    match effect {
        Effect::Copy(text) => {
            if let Some(sent) = clipboard::copy(session, &text) {
                let _ = app.update(sent);
            }
        }
        Effect::Redraw => session.clear(),
        Effect::Suspend if tty::can_suspend() => suspend(app, session),
        Effect::Suspend => app.refuse("there is no shell that could bring qroll back"),
        Effect::Reopen => reopen(app, session),
        Effect::Detach => {
            session.forget();
            tty::detach();
        }
        effect => effects.start(effect),
    }
}

/// Gives the terminal to the shell and stops; whoever lets us go on sends a signal that is heard.
fn suspend(app: &App, session: &mut Session) {
    let heard = session.park();
    if let Some(parting) = app.parked().filter(|_| heard) {
        // Nobody is left to tell when this fails.
        let _ = writeln!(io::stderr(), "{parting}");
    }
    tty::suspend();
}

/// Takes the terminal again after a stop.
fn reopen(app: &mut App, session: &mut Session) {
    session.unpark();
    if let Some((columns, rows)) = tty::size() {
        let _ = app.update(Message::Terminal {
            event: Event::Resize(columns, rows),
            at: app.now,
        });
    }
}
