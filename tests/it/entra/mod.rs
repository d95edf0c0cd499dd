//! The Entra directory against the embedded world and against hostile servers.

mod certificate;
mod reading;
mod standing;
mod world;
