//! Directories over LDAP: against a real OpenLDAP, and against a hostile server of our own.

mod commands;
pub(crate) mod company;
mod hostile;
mod reading;
mod rogue;
pub(crate) mod slapd;
