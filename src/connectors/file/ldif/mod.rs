//! LDIF (RFC 2849) as servers and `ldapsearch` write it.
//!
//! Lines are unfolded ([`lines`]), grouped to records ([`record`]), judged as person or group
//! ([`entry`]) and joined by normalised DN ([`dn`]).

mod dn;
mod entry;
mod join;
mod lines;
mod record;

pub(super) use join::read;
