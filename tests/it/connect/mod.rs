//! `qroll connect` in a real terminal, from an empty machine to a profile that plans: against the
//! embedded tenant and Graph, a real OpenLDAP, a file, and a real Secret Service.

mod entra;
mod file;
mod first;
mod guided;
mod keyring;
mod ldap;
mod screen;
mod stays;
