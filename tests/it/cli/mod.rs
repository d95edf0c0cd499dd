//! The commands through the real binary: help, exit codes, messages, and whole jobs against a
//! `qroll sim` child.

mod by_keys;
mod errors;
mod help;
mod place;
mod scenarios;
mod tenant_errors;
