//! How the proofs of a trusted commit are sized and reported. Each proof has a number (T1, T2, ...),
//! runs a short version with `cargo test` and its full size with `QROLL_PROOF=full`, and prints one
//! row of a table:
//! `QROLL_PROOF=full cargo test --release --lib --test it -- proof_ --nocapture --test-threads 1 | grep '^T'`

pub(crate) mod history;
mod law;
mod table;

pub(crate) use law::holds;
pub(crate) use table::{Row, seed, sized};
