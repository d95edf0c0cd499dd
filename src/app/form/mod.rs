//! A set-up by steps on the whole screen: the steps with what was answered, what was said of the one that
//! is open, and its question.
//!
//! Pure, as everything in `app`: [`Form::update`] takes what somebody asked or a terminal reported and gives
//! wishes; `view` draws `&Form`. It knows nothing of what is set up: whoever asks brings the steps.

mod asked;
mod lines;
mod model;
mod pace;
#[cfg(test)]
mod tests;
mod typing;
mod update;

pub use asked::{Asked, Reply, Typed};
pub use lines::{FormLine, Look};
pub use model::{Form, FormStep, Outcome, Said, StepState};
pub use update::{FormEffect, FormMessage};
