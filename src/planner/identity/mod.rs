//! Whose subject is it: what speaks for a subject template before users are made by it. Existing
//! users that it reproduces, what the identity provider says of itself, and which templates would
//! do better (Qlik dossier: subjects come from the active interactive provider, and a wrong one is
//! accepted without a word and takes a seat).

mod evidence;
mod propose;
pub mod report;
mod stated;

pub use evidence::{Difference, Doubtful, Evidence, FEW, Tested, Trust};
pub use propose::{Proposal, propose};
pub use stated::{Stated, stated};
