//! The commands: one file per subcommand, the wiring of all rooms, and the exit codes.
//!
//! [`session`] builds tenant, directory, rule and guards from a profile or the embedded world,
//! [`gather`] reads what a plan needs, [`out`] is the only place that prints. The screen's wiring
//! uses the same three.

mod apply;
mod args;
mod completions;
mod confirm;
mod connect;
mod deliver;
mod discard;
mod doctor;
mod entra;
mod follow;
pub mod gather;
mod guide;
mod holders;
mod keep;
mod list;
mod loading;
mod logging;
mod man;
mod meter;
mod narrow;
pub mod out;
pub mod panic;
pub mod pick;
mod plan;
mod render;
mod report;
mod resolve;
mod resume;
mod revert;
mod reviewed;
mod run;
mod runs;
pub mod session;
mod show;
mod sign_in;
pub mod signals;
mod sim;
mod stage;
mod tui;
mod verify;
mod world;
mod wrap;

pub use args::{Cli, Command, Global};
pub use pick::Pick;
pub use run::main;
pub use world::WorldArgs;
