//! Screens without a terminal: keys as text, answers from a small world, whole screens compared.

mod bytes;
mod cache;
mod conflicts;
mod decisions;
mod desk;
mod dressed;
mod every;
mod guards;
mod hostile;
mod licenses;
mod prose;
mod roster;
mod runs;
mod seen;
mod sets;
mod sizes;
mod spaces;
mod styles;
mod subjects;
mod typed;
mod walk;
mod work;
mod world;

use desk::Desk;
