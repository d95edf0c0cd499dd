//! The rooms that know a remote protocol: HTTP, Qlik Cloud, Microsoft Graph, LDAP, files.

mod climb;
mod common;
pub mod entra;
pub mod file;
pub mod http;
pub mod ldap;
pub mod qlik;

#[cfg(test)]
mod testing;
