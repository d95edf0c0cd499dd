//! Whatever comes from outside, mangled (T10): every reader meets mutations of real answers, and
//! must neither panic, hang, eat the memory, nor break the law that is its own.
//!
//! The short version runs with `cargo test`; a target runs for long with
//! `QROLL_FUZZ_SECONDS=3600 cargo test --release --test it -- proof_t10_ --nocapture --test-threads 1`.
//! `QROLL_SEED` chooses another sequence. `corpus/` holds what mutation begins with: bodies as the
//! embedded world gives them (`QROLL_FUZZ_RECORD=1 cargo test --test it -- fuzz::record` writes them
//! anew) and inputs that once broke something.

mod corpus;
mod engine;
mod files;
mod graph;
mod json;
mod mutate;
mod qlik;
mod record;
mod text;
mod wire;
mod writes;

pub(crate) use engine::{Target, Verdict, fuzz};
