//! `qroll completions SHELL`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::args::Cli;
use super::out::Out;

/// Options of `qroll completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell.
    pub shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, out: Out) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "qroll", &mut script);
    out.text(script);
}
