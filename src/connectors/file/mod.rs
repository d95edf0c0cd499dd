//! A directory that is a file: CSV (RFC 4180) or LDIF (RFC 2849), read whole or not at all.
//!
//! [`FileDirectory`] answers the directory port from memory. A file is proven complete only when it
//! declares how many entries it holds and does hold them; otherwise it can add but never remove.

mod book;
mod decode;
mod directory;
mod faults;
mod filter;
mod header;
mod ldif;
mod people;
mod rows;
#[cfg(test)]
mod tests;

pub use directory::{FileDirectory, SIZE_CAP};
