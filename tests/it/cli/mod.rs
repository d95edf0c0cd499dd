//! The commands through the real binary: help, exit codes, messages, and whole jobs against a
//! `qroll sim` child.

mod answers;
mod by_keys;
mod by_keys_check;
mod by_keys_later;
mod by_keys_seats;
mod by_keys_spaces;
mod demo;
mod discard;
mod doctor;
mod errors;
mod help;
pub(crate) mod place;
mod progress;
mod rekey;
mod report;
mod revert;
mod review;
mod scenarios;
mod sets;
mod shared;
mod standing;
mod take_back;
mod tenant_errors;
mod tenants;
mod ways;
mod widths;
