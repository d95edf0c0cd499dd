//! The embedded world over real HTTP: what it serves, what it refuses, how it fails on purpose.

pub(crate) mod client;
mod fails;
mod graph;
mod limits;
mod refuses;
mod serves;
