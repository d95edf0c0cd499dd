//! LDAP servers: Active Directory, OpenLDAP, 389ds, `FreeIPA` (RFC 4511 through the `ldap3` crate).
//!
//! A `line` is one connection, signed in; a `search` reads all pages of one question on it;
//! `members` walks down from a group, `above` climbs from a person. What differs between servers is in `dialect`. Entries are
//! judged in `entry`, read by attribute maps in `map` and compared by `dn`; the LDIF reader
//! does the same with its own.

mod above;
mod contained;
mod dialect;
mod directory;
pub(super) mod dn;
mod entry;
mod filter;
mod kerberos;
mod line;
mod map;
mod members;
mod refusal;
mod search;
mod tls;

pub use contained::is_contained;
pub use directory::{LdapDirectory, LdapOptions};
pub(super) use entry::{Class, Entry};
pub use kerberos::KERBEROS;
pub use line::Bind;
pub(super) use map::Map;
pub use map::{FIELDS, Vendor};
pub use search::Limits;
pub use tls::OwnCertificate;
