//! The rim of the screen: session guard, input task, clipboard, main loop, and the single place
//! where effects start work.
//!
//! [`run`] takes everything ready-made ([`Wiring`]) and gives the exit code. Frames are drawn on the
//! main loop and written by a thread; a run is a task of its own that writes its journal first and never waits here.

mod alarm;
mod apply;
mod burst;
mod clipboard;
mod codes;
mod decode;
mod effects;
mod input;
mod line;
mod main_loop;
mod painter;
mod question;
mod review;
mod session;
mod stage;
mod stage_loop;
mod tty;
mod wiring;

pub use line::ask_line;
pub use main_loop::run;
pub use question::{Answer, ask, close_question};
pub use stage::{Stage, Voice, close_form};
pub use tty::ignores_hangup;
pub use wiring::{Capabilities, Wiring, capabilities};
