#![doc = include_str!("ARCHITECTURE.md")]

pub mod app;
pub mod cli;
pub mod commit;
pub mod config;
pub mod connectors;
pub mod domain;
pub mod host;
pub mod planner;
pub mod ports;
pub mod review;
pub mod simulator;
pub mod terminal;
pub mod text;
pub mod view;

#[cfg(test)]
#[path = "../tests/it/proof"]
mod proof {
    //! What the proofs beside the code share with those in `tests/it`.

    mod law;
    mod table;

    pub(crate) use law::holds;
}
