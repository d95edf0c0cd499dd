//! The loop: draw when something changed, wait for whatever comes, take it in one batch, start
//! what follows from it.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::clipboard;
use super::effects::Effects;
use super::input::{Input, signals};
use super::session::{Drawn, Session};
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
    let mut session = Session::open(term)?;
    let wiring = Arc::new(wiring);
    let (inbox, messages) = unbounded_channel();
    let mut app = App::new(setup(&wiring, session.size()));
    first_screen(&mut app, &wiring);
    session.draw(&app);
    let _ = app.take_dirty();
    let signals = signals(inbox.clone(), Arc::clone(&wiring.clock))?;
    let input = Input::start(inbox.clone(), Arc::clone(&wiring.clock))?;
    let code = turn(&mut app, &mut session, inbox, messages, wiring).await;
    signals.abort();
    drop(session);
    drop(input);
    if app.is_broken() {
        return Err(Problem::new(
            Kind::Internal,
            "the screen ended by a mistake in qroll itself",
        )
        .hint("what was sent is in the journal: qroll runs lists it, qroll resume goes on")
        .hint("the message above says where; please report it"));
    }
    Ok((code, app.parting().filter(|_| !app.is_gone())))
}

fn setup(wiring: &Wiring, size: (u16, u16)) -> Setup {
    let (kind, label) = wiring.directory.describe();
    Setup {
        profile: wiring.profile.clone(),
        tenant: wiring.host.clone(),
        source: Source { kind, label },
        rule: wiring.rule.clone(),
        guards: wiring.guards.clone(),
        capabilities: wiring.capabilities,
        keymap: wiring.keymap.clone(),
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

async fn turn<W: Write>(
    app: &mut App,
    session: &mut Session<W>,
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
            forget(app, session);
        } else if app.take_dirty() {
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
            for effect in app.update(message) {
                carry_out(app, session, &mut effects, effect);
            }
        }
    }
    if app.is_gone() {
        forget(app, session);
    }
    effects.finish().await;
    app.finished().unwrap_or(0)
}

/// After a hang-up there is nobody to say good-bye to; after a panic there is.
fn forget<W: Write>(app: &App, session: &mut Session<W>) {
    if !app.is_broken() {
        session.forget();
    }
}

fn carry_out<W: Write>(
    app: &mut App,
    session: &mut Session<W>,
    effects: &mut Effects,
    effect: Effect,
) {
    match effect {
        Effect::Copy(text) => {
            if let Some(sent) = clipboard::copy(session, &text) {
                let _ = app.update(sent);
            }
        }
        Effect::Redraw => session.clear(),
        effect => effects.start(effect),
    }
}
