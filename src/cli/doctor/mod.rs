//! `qroll doctor`: one line for each check, with what was found and how to mend it. Nothing is
//! written to the tenant. [`run()`] has the order; [`report`] what a line is.

mod directory;
mod place;
mod report;
mod run;
mod secrets;
mod subject;
mod tenant;

pub(super) use directory::check as check_directory;
pub(super) use report::Report;
pub(super) use run::run;
pub(super) use secrets::place as place_of_secret;
pub(super) use subject::check as check_subject;
pub(super) use tenant::check as check_tenant;
