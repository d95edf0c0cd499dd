//! T13: five hundred hostile strings in every field that comes from outside, through every sink. Here
//! are the strings, the judge, and the real program; the screens without a terminal are in
//! `screens/every.rs`.

mod families;
mod judge;
mod program;
mod strings;
mod world;

pub(crate) use judge::{faults_of_bytes, faults_of_text, is_forbidden, must_warn, quoted};
pub(crate) use strings::{FULL, Hostile, tokens};
