//! `qroll man`: the man page of the program and of every command, in one.

use clap::CommandFactory as _;

use super::args::Cli;
use super::out::Out;
use crate::ports::{Kind, Problem};

pub(super) fn run(out: Out) -> Result<(), Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(Kind::Internal, "the man page could not be made").because(error)
    };
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .map_err(failed)?;
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        let man = clap_mangen::Man::new(sub.clone());
        page.extend_from_slice(
            format!(".SH \"COMMAND {}\"\n", sub.get_name().to_uppercase()).as_bytes(),
        );
        man.render_description_section(&mut page).map_err(failed)?;
        man.render_options_section(&mut page).map_err(failed)?;
    }
    out.text(page);
    Ok(())
}
