//! The command line, declared once: parsing, help, completions and the man page come from here.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

use super::apply::ApplyArgs;
use super::completions::CompletionsArgs;
use super::guide::ConnectArgs;
use super::plan::PlanArgs;
use super::report::ReportArgs;
use super::resume::ResumeArgs;
use super::revert::RevertArgs;
use super::runs::RunsArgs;
use super::show::ShowArgs;
use super::sim::SimArgs;
use super::world::WorldArgs;

// Without line breaks inside: the help breaks its lines at the terminal's width.
const EXIT_CODES: &str = "\
Exit codes: 0 done or nothing to do; 1 error, or not confirmed (nothing was sent); 2 the plan has \
changes; 3 partial; 4 unknown outcomes left; 5 stopped by a guard; 6 locked by another run; 7 stale \
or drifted; 64 usage; 74 journal; 129/130/143 signals.

Configuration: $XDG_CONFIG_HOME/qroll/config.toml. Secrets come from the keyring, from \
$CREDENTIALS_DIRECTORY/qroll.<profile>.tenant and .directory, from --tenant-secret-fd and \
--directory-secret-fd, from QROLL_TENANT_SECRET and QROLL_DIRECTORY_SECRET, from an encrypted file \
in the state directory, or are asked for; never from the command line.";

const APPLY_ASKS: &str = "\
The plan is printed, and the answer is asked for: any other answer sends nothing and ends with exit \
code 1.";

const CONNECT_ASKS: &str = "\
Each answer is tried at once; tenant and directory are only read. Nothing is written, stored or \
changed before the last question. A configuration that is there keeps its other profiles, its \
comments and its order. It needs a terminal, takes the whole screen of it, and ends with the doctor's \
lines and exit code; --plain asks line by line, for screen readers and for terminals without a screen.";

const DOCTOR_READS: &str = "\
The whole tenant and all people of the directory are read, and nothing is written to either. Exit \
code 0 when nothing failed, 1 otherwise; what is only to be known does not fail.";

const REPORT_READS: &str = "\
Reads and writes nothing but what it found of the use, in the state directory, so that a second look \
asks only for what came since. Exit code 3 when something was not read whole.";

/// Enrolls a company's directory into Qlik Cloud: people, licenses and spaces, planned, reviewed
/// and applied as a batch.
///
/// Without a command the screen opens on the default profile.
#[derive(Debug, Parser)]
#[command(name = "qroll", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// Use the embedded tenant and directory: real HTTP on loopback, nothing to configure.
    #[arg(long)]
    pub demo: bool,
    /// The embedded world.
    #[command(flatten)]
    pub world: WorldArgs,
    /// What to do; the screen when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command understands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Profile of the configuration; its default when absent.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory for runs, locks and the cached snapshot.
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub state_dir: Option<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Ignore the proxy of the environment.
    #[arg(long, global = true)]
    pub no_proxy: bool,
    /// PEM file with certificates to trust besides the platform's.
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Read the tenant's secret from this open file descriptor.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub tenant_secret_fd: Option<i32>,
    /// Read the directory's secret from this open file descriptor.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub directory_secret_fd: Option<i32>,
    /// Write a log to this file.
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up a profile by questions: tenant, directory, subjects, where secrets are kept.
    #[command(after_help = CONNECT_ASKS)]
    Connect(ConnectArgs),
    /// Check tenant, directory, rights, subjects, secrets and this machine: one line each, with the
    /// mend.
    #[command(after_help = DOCTOR_READS)]
    Doctor,
    /// Make a plan: who shall hold which license, spaces and roles.
    Plan(Box<PlanArgs>),
    /// Print a plan for a human, from the file.
    Show(ShowArgs),
    /// Apply exactly this plan.
    #[command(after_help = APPLY_ASKS)]
    Apply(ApplyArgs),
    /// List past and interrupted runs, or what became of each operation of one.
    Runs(RunsArgs),
    /// Go on with an interrupted run.
    Resume(ResumeArgs),
    /// Make the inverse of a run as a plan: what it gave and nobody changed since is taken back.
    Revert(RevertArgs),
    /// Review who holds seats, who of them is a stranger or does not use theirs, and who may what.
    #[command(after_help = REPORT_READS)]
    Report(ReportArgs),
    /// Serve the embedded tenant and directory on loopback, for tests and training.
    Sim(SimArgs),
    /// Print completions for a shell.
    Completions(CompletionsArgs),
    /// Print the man page.
    Man,
}
