//! `qroll doctor`: one line for each check, with what was found and how to mend it. Nothing is
//! written to the tenant. [`run()`] has the order; [`report`] what a line is.

mod directory;
mod place;
mod report;
mod run;
mod secrets;
mod subject;
mod tenant;

pub(super) use run::run;
