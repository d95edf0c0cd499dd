//! `qroll connect`: a profile by questions, each step tried at once with the doctor's own checks. Nothing
//! is written, stored or changed before the last question; tenant and directory are only read.
//! [`run()`] has the order, and [`first()`] offers it where no profile is yet.

mod entra;
mod file;
mod first;
mod given;
mod keep;
mod ldap;
mod run;
mod source;
mod subject;
mod talk;
mod tenant;
mod tried;
mod write;

pub(super) use first::{First, first};
pub(super) use run::run;
