//! The rim of the screen: session guard, input task, clipboard, main loop, and the single place
//! where effects start work.
//!
//! [`run`] takes everything ready-made ([`Wiring`]) and gives the exit code. Drawing happens on the
//! main loop only; a run is a task of its own that writes its journal first and never waits here.

mod alarm;
mod apply;
mod clipboard;
mod effects;
mod input;
mod main_loop;
mod session;
mod wiring;

pub use main_loop::run;
pub use wiring::{Capabilities, Wiring, capabilities};
