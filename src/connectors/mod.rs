//! The rooms that know a remote protocol: HTTP, Qlik Cloud, Microsoft Graph, files.

pub mod file;
pub mod http;

#[cfg(test)]
mod testing;
