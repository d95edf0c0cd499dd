//! `qroll report`: who holds seats, who of them is a stranger, who does not use theirs, who may what
//! in which space. Reads only. A report is made once, as a [`sheet::Sheet`], and written as text, CSV,
//! Markdown or JSON.

mod access;
mod bars;
mod idle;
mod reviewed;
mod run;
mod seats;
mod sheet;

pub(super) use reviewed::{judged, with_use};
pub(super) use run::{ReportArgs, approved, run};
