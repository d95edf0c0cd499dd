//! `qroll` without a command: the screen.

use std::process::ExitCode;

use super::args::Global;
use super::guide::{First, first};
use super::out::Out;
use super::session::Session;
use super::signals::hand_over;
use super::world::WorldArgs;
use crate::config::{Environment, Paths, config_text};
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
    if demo.is_none() && out.interactive {
        let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
        if config_text(&paths)?.is_none() {
            return match first(global, environment, &paths, out).await? {
                First::Screen => show(global, None, environment, out).await,
                First::Demo => show(global, Some(&WorldArgs::default()), environment, out).await,
                First::Leave(code) => Ok(code),
            };
        }
    }
    show(global, demo, environment, out).await
}

async fn show(
    global: &Global,
    demo: Option<&WorldArgs>,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let session = Session::open(global, demo, environment, out).await?;
    let wiring = Wiring {
        profile: session.profile.clone(),
        host: session.host.clone(),
        tenant: session.tenant.clone(),
        directory: session.directory.clone(),
        rule: session.rule.clone(),
        guards: session.guards.clone(),
        entitled: session.entitled.clone(),
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
