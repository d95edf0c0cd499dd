//! `qroll` without a command: the screen.

use std::process::ExitCode;

use super::args::Global;
use super::out::Out;
use super::session::Session;
use super::world::WorldArgs;
use crate::config::Environment;
use crate::ports::{Kind, Problem};

pub(super) async fn run(
    global: &Global,
    demo: Option<&WorldArgs>,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    if !out.interactive {
        return Err(Problem::new(
            Kind::User,
            "the screen needs a terminal, and there is none here",
        )
        .hint("Without a screen: qroll plan, qroll show, qroll apply (see qroll --help)."));
    }
    let _session = Session::open(global, demo, environment, out).await?;
    Err(Problem::new(Kind::Internal, "the screen is not wired yet"))
}
