//! The commit room against a small tenant that misbehaves: crashes at every step, faults by seed,
//! damaged journals, and the scenarios of a bad day. Everything in virtual time.

mod clocks;
mod crash;
mod desk;
mod discards;
mod journal;
mod large;
mod laws;
mod mangled;
mod paced;
mod plans;
mod power;
mod readings;
mod real;
mod revert;
mod rules;
mod shield;
mod sim;
mod storms;
mod stormy;
mod tenant;
mod trace;
mod waits;
mod week;
mod world;
