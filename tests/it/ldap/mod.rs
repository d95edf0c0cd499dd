//! Directories over LDAP: against a real OpenLDAP, and against a hostile server of our own.

mod company;
mod reading;
mod slapd;
