//! Screens without a terminal: keys as text, answers from a small world, whole screens compared.

mod bytes;
mod cache;
mod decisions;
mod desk;
mod dressed;
mod every;
mod guards;
mod hostile;
mod prose;
mod roster;
mod runs;
mod seen;
mod sizes;
mod styles;
mod subjects;
mod typed;
mod work;
mod world;

use desk::Desk;
