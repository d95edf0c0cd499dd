//! The commit room against a small tenant that misbehaves: crashes at every step, faults by seed,
//! damaged journals, and the scenarios of a bad day. Everything in virtual time.

mod crash;
mod desk;
mod journal;
mod mangled;
mod paced;
mod plans;
mod power;
mod revert;
mod rules;
mod simulation;
mod tenant;
mod trace;
mod world;
