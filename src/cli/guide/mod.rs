//! `qroll connect`: a profile by questions, each step tried at once with the doctor's own checks. Nothing
//! is written, stored or changed before the last question; tenant and directory are only read.
//! [`run()`] has the order, and [`first()`] offers it where no profile is yet. It has two faces, which only
//! `talk` tells apart: a form on the whole screen, and questions line by line.

mod entra;
mod file;
mod first;
mod given;
mod keep;
mod ldap;
mod run;
mod screen;
mod source;
mod step;
mod subject;
mod talk;
mod tenant;
mod tried;
mod write;

use clap::Args;

pub(super) use first::{First, first};
pub(super) use run::run;

/// How `qroll connect` asks.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ConnectArgs {
    /// Ask line by line instead of on the whole screen.
    #[arg(long)]
    plain: bool,
}

impl ConnectArgs {
    /// How somebody wants to be asked.
    pub(super) fn manner(self) -> run::Manner {
        if self.plain {
            run::Manner::Plain
        } else {
            run::Manner::Screen
        }
    }
}
