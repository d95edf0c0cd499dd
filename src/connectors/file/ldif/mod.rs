//! LDIF (RFC 2849) as servers and `ldapsearch` write it.
//!
//! Lines are unfolded ([`lines`]), grouped to records ([`record`]), judged as person or group and
//! joined by normalised DN ([`join`]).

mod join;
mod lines;
mod record;

pub(super) use join::read;
