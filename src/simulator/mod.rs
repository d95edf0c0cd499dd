//! The embedded world: one seeded company behind a Qlik Cloud face and a Microsoft Graph face,
//! real HTTP on loopback.
//!
//! It serves `--demo`, `qroll sim` and the tests. It depends on no other room: it plays the outside,
//! so it may not share types (and mistakes) with the client it is there to examine.
//!
//! - [`world`]: the company and the tenant in memory, from a scenario file or from sizes and a seed.
//! - [`qlik`]: the Qlik Cloud face. Strict: what the contract refuses is refused, with no effect.
//! - [`graph`]: the Microsoft Graph face and its token endpoint.
//! - [`faults`]: what may go wrong on purpose (`--fault`).
//! - [`serve`]: ports, tasks, the request log, and the handle tests hold.

pub mod clock;
mod fault_words;
pub mod faults;
pub mod graph;
mod http;
mod log;
pub mod qlik;
pub mod serve;
mod wire;
pub mod world;

pub use fault_words::FaultParseError;
pub use faults::Fault;
pub use log::{Face, LoggedRequest};
pub use serve::{Running, SimulatorError, SimulatorOptions, WorldSource, start};
pub use world::{World, WorldSize};
