//! From arguments to exit code.

use clap::Parser as _;
use std::io::ErrorKind;
use std::process::ExitCode;
use std::time::Duration;

use super::args::{Cli, Command};
use super::out::Out;
use super::session::demo_state;
use super::world::SERVE_A_WORLD;
use super::{
    apply, completions, discard, doctor, guide, logging, man, panic, plan, report, resume, revert,
    runs, show, sim, tui, verify,
};
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
            let printed = error.print();
            if usage {
                return ExitCode::from(USAGE);
            }
            // A closed pipe is no reason for another exit code.
            let lost = printed.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe);
            return ExitCode::from(u8::from(lost));
        }
    };
    let environment = Environment::read();
    let out = Out::new(cli.global.json, &environment);
    if let Err(problem) = hardened {
        out.note(format!("warning: {}", problem.text()));
    }
    match begin(&cli, &environment, out) {
        Ok(code) => out.end(code),
        Err(problem) => out.end(out.problem(&problem)),
    }
}

fn begin(cli: &Cli, environment: &Environment, out: Out) -> Result<ExitCode, Problem> {
    misplaced(cli)?;
    let log = cli.global.log.as_deref().or(environment.log.as_deref());
    let _log = logging::start(log)?;
    let ended = carry_out(cli, environment, out);
    if let Err(problem) = &ended {
        logging::problem(problem);
    }
    ended
}

fn carry_out(cli: &Cli, environment: &Environment, out: Out) -> Result<ExitCode, Problem> {
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

/// Refuses `--demo` and options of the embedded world where they would mean nothing: what is asked
/// for the demo must never go to a profile.
fn misplaced(cli: &Cli) -> Result<(), Problem> {
    let command = match &cli.command {
        None => None,
        Some(Command::Connect(_)) => Some("connect"),
        Some(Command::Doctor) => Some("doctor"),
        Some(Command::Plan(_)) => Some("plan"),
        Some(Command::Runs(args)) if args.compared().is_some() => Some("runs --verify RUN"),
        Some(Command::Runs(args)) if args.discard => Some("runs --discard"),
        Some(Command::Runs(_)) => Some("runs"),
        Some(Command::Apply(_)) => Some("apply"),
        Some(Command::Resume(_)) => Some("resume"),
        Some(Command::Revert(_)) => Some("revert"),
        Some(Command::Show(_)) => Some("show"),
        Some(Command::Report(_)) => Some("report"),
        Some(Command::Sim(_)) => Some("sim"),
        Some(Command::Completions(_)) => Some("completions"),
        Some(Command::Man) => Some("man"),
    };
    match (cli.demo, command) {
        (true, None | Some("plan" | "report" | "runs")) => Ok(()),
        (true, Some(name @ ("apply" | "resume" | "revert" | "runs --verify RUN" | "runs --discard"))) => Err(SERVE_A_WORLD.iter().fold(
            Problem::new(
                Kind::User,
                format!(
                    "--demo does not go with {name}: the demo's tenant ends with the command that began it"
                ),
            ),
            Problem::hint,
        )),
        (true, Some(name)) => Err(Problem::new(
            Kind::User,
            format!("--demo means nothing to {name}"),
        )
        .hint("It goes with the screen, with plan, with report and with runs.")),
        (false, Some("sim")) if cli.world.is_given() => Err(Problem::new(
            Kind::User,
            "options of the embedded world stand after sim",
        )
        .hint("Example: qroll sim --scenario s1")),
        (false, _) if cli.world.is_given() => Err(Problem::new(
            Kind::User,
            "options of the embedded world (--scenario, --people, --fault ...) go with --demo or sim",
        )
        .hint("Example: qroll --demo --scenario s1")),
        (false, _) => Ok(()),
    }
}

/// Commands that neither wait nor speak to anybody.
fn at_once(cli: &Cli, environment: &Environment, out: Out) -> Result<Option<ExitCode>, Problem> {
    match &cli.command {
        Some(Command::Completions(args)) => completions::run(args, out),
        Some(Command::Man) => man::run(out)?,
        Some(Command::Show(args)) => {
            return show::run(args, &cli.global, environment, out).map(Some);
        }
        Some(Command::Runs(args)) if args.compared().or(args.discarded()).is_none() => {
            let global = &cli.global;
            let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
            let state = if cli.demo {
                demo_state(&paths.state)
            } else {
                paths.state
            };
            return runs::run(args, &state, out).map(Some);
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
        Some(Command::Connect(args)) => guide::run(global, environment, args.manner(), out).await,
        Some(Command::Doctor) => doctor::run(global, environment, out).await,
        Some(Command::Apply(args)) => apply::run(args, global, environment, out).await,
        Some(Command::Resume(args)) => resume::run(args, global, environment, out).await,
        Some(Command::Revert(args)) => revert::run(args, global, environment, out).await,
        Some(Command::Runs(args)) if args.compared().is_some() => {
            let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
            let name = args.compared().unwrap_or_default();
            verify::one(name, global, environment, &paths.state, out).await
        }
        Some(Command::Runs(args)) if args.discard => {
            let run = args.discarded().unwrap_or_default();
            discard::run(run, global, environment, out).await
        }
        Some(Command::Report(args)) => report::run(args, global, demo, environment, out).await,
        Some(Command::Sim(args)) => sim::run(args, out).await,
        Some(Command::Show(_) | Command::Runs(_) | Command::Completions(_) | Command::Man) => {
            Ok(ExitCode::SUCCESS)
        }
        None => Box::pin(tui::run(global, demo, environment, out)).await,
    }
}
