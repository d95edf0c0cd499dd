//! Traits for the outside, and the errors they speak.
