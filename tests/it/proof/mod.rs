//! How the proofs of a trusted commit are sized and reported. Each proof has a number (T1, T2, ...),
//! runs a short version with `cargo test` and its full size with `QROLL_PROOF=full`, and prints one
//! row of a table:
//! `QROLL_PROOF=full cargo test --release --lib --test it -- proof_ --nocapture --test-threads 1 | grep '^T'`
//!
//! Two proofs are about the tests and need a tool beside cargo. T20: `cargo mutants` with
//! `.cargo/mutants.toml` and `.cargo/mutants-journal.toml`, whose heads say how. T21:
//! `cargo llvm-cov --lib --test it --no-fail-fast --summary-only`; where the toolchain has no LLVM
//! tools, `LLVM_COV` and `LLVM_PROFDATA` name those of the system, of the version that
//! `rustc -vV` tells. Waits that are short run over on a busy machine, so read its figures and take
//! the verdict of the tests from a build without it.

pub(crate) mod history;
mod law;
mod table;

pub(crate) use law::holds;
pub(crate) use table::{Row, seed, sized};
