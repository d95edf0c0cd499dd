//! The Entra directory against the embedded world and against hostile servers.

pub(crate) mod certificate;
mod person;
mod reading;
mod standing;
mod table;
mod terminal;
pub(crate) mod world;
