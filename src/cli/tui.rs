//! `qroll` without a command: the screen.

use std::process::ExitCode;

use super::args::Global;
use super::out::Out;
use super::session::Session;
use super::world::WorldArgs;
use crate::app::Keymap;
use crate::config::Environment;
use crate::host::owner;
use crate::ports::{Kind, Problem};
use crate::terminal::{self, Wiring, capabilities};

pub(super) async fn run(
    global: &Global,
    demo: Option<&WorldArgs>,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    if !out.screen {
        return Err(Problem::new(
            Kind::User,
            "the screen needs a terminal, and there is none here",
        )
        .hint("Without a screen: qroll plan, qroll show, qroll apply (see qroll --help)."));
    }
    let session = Session::open(global, demo, environment, out).await?;
    let keymap = keymap(&session)?;
    let wiring = Wiring {
        profile: session.profile.clone(),
        host: session.host.clone(),
        tenant: session.tenant.clone(),
        directory: session.directory.clone(),
        rule: session.rule.clone(),
        guards: session.guards.clone(),
        keymap,
        state: session.state.clone(),
        clock: session.clock.clone(),
        rng: session.rng.clone(),
        disk: session.disk.clone(),
        owner: owner(session.clock.wall()),
        capabilities: capabilities(
            environment.locale.as_deref(),
            environment.no_color.as_deref(),
            environment.background.as_deref(),
        ),
    };
    let code = terminal::run(wiring, environment.term.as_deref()).await?;
    if let Some(world) = session.world {
        world.stop().await;
    }
    Ok(ExitCode::from(code))
}

fn keymap(session: &Session) -> Result<Keymap, Problem> {
    let changes = session
        .keys
        .iter()
        .map(|(action, key)| (action.as_str(), key.as_str()));
    Keymap::rebound(changes).map_err(|troubles| {
        let problem = Problem::new(Kind::Config, "[keys] of the configuration cannot be used");
        troubles.iter().fold(problem, Problem::hint)
    })
}
