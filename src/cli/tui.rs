//! `qroll` without a command: the screen.

use std::process::ExitCode;

use super::args::Global;
use super::out::Out;
use super::session::Session;
use super::signals::hand_over;
use super::world::WorldArgs;
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
    let wiring = Wiring {
        profile: session.profile.clone(),
        host: session.host.clone(),
        tenant: session.tenant.clone(),
        directory: session.directory.clone(),
        rule: session.rule.clone(),
        guards: session.guards.clone(),
        keymap: session.keymap.clone(),
        queries: session.queries.clone(),
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
    hand_over();
    let (code, parting) = terminal::run(wiring, environment.term.as_deref()).await?;
    if let Some(parting) = parting {
        let rest = if session.world.is_some() {
            "the demo's tenant ends here, so nothing is left to resume"
        } else {
            "qroll resume goes on"
        };
        out.note(format!("{parting}; {rest}"));
    }
    if let Some(world) = session.world {
        world.stop().await;
    }
    Ok(ExitCode::from(code))
}
