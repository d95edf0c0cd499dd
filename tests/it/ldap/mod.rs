//! Directories over LDAP: against a real OpenLDAP, and against a hostile server of our own.

mod active_directory;
pub(crate) mod certificate;
mod commands;
pub(crate) mod company;
mod dark;
mod hostile;
mod kerberos;
pub(crate) mod reading;
mod rogue;
pub(crate) mod slapd;
mod table;
