//! From arguments to exit code.

use clap::Parser as _;
use std::process::ExitCode;
use std::time::Duration;

use super::args::{Cli, Command};
use super::out::Out;
use super::{apply, completions, logging, man, panic, plan, resume, runs, show, sim, tui};
use crate::config::{Environment, Paths};
use crate::host::harden;
use crate::ports::{Kind, Problem};

/// Wrong usage, as `sysexits.h` has it.
const USAGE: u8 = 64;
/// Threads that hang in a keyring or a name lookup may not hold the end up.
const SHUTDOWN: Duration = Duration::from_millis(500);

/// The whole program.
pub fn main() -> ExitCode {
    panic::install();
    let hardened = harden();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let usage = error.use_stderr();
            // A closed pipe is no reason for another exit code.
            let _ = error.print();
            return ExitCode::from(if usage { USAGE } else { 0 });
        }
    };
    let environment = Environment::read();
    let out = Out::new(cli.global.json, environment.no_color.is_some());
    if let Err(problem) = hardened {
        out.note(format!("warning: {}", problem.text()));
    }
    match begin(&cli, &environment, out) {
        Ok(code) => code,
        Err(problem) => out.problem(&problem),
    }
}

fn begin(cli: &Cli, environment: &Environment, out: Out) -> Result<ExitCode, Problem> {
    let log = cli.global.log.as_deref().or(environment.log.as_deref());
    let _log = logging::start(log)?;
    if let Some(code) = at_once(cli, environment, out)? {
        return Ok(code);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Problem::new(Kind::Host, "the program could not start its threads").because(error)
        })?;
    let ended = runtime.block_on(dispatch(cli, environment, out));
    runtime.shutdown_timeout(SHUTDOWN);
    ended
}

/// Commands that neither wait nor speak to anybody.
fn at_once(cli: &Cli, environment: &Environment, out: Out) -> Result<Option<ExitCode>, Problem> {
    match &cli.command {
        Some(Command::Completions(args)) => completions::run(args, out),
        Some(Command::Man) => man::run(out)?,
        Some(Command::Show(args)) => return show::run(args, out).map(Some),
        Some(Command::Runs(args)) => {
            let global = &cli.global;
            let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
            return runs::run(args, &paths.state, out).map(Some);
        }
        _ => return Ok(None),
    }
    Ok(Some(ExitCode::SUCCESS))
}

async fn dispatch(cli: &Cli, environment: &Environment, out: Out) -> Result<ExitCode, Problem> {
    let demo = cli.demo.then_some(&cli.world);
    let global = &cli.global;
    match &cli.command {
        Some(Command::Plan(args)) => plan::run(args, global, demo, environment, out).await,
        Some(Command::Apply(args)) => apply::run(args, global, environment, out).await,
        Some(Command::Resume(args)) => resume::run(args, global, environment, out).await,
        Some(Command::Sim(args)) => sim::run(args, out).await,
        Some(Command::Show(_) | Command::Runs(_) | Command::Completions(_) | Command::Man) => {
            Ok(ExitCode::SUCCESS)
        }
        None => tui::run(global, demo, environment, out).await,
    }
}
