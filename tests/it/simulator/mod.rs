//! The embedded world over real HTTP: what it serves, what it refuses, how it fails on purpose.

mod client;
mod serves;
