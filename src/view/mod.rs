//! Functions of `&App` that draw. They decide nothing and start nothing.
//!
//! [`screen`] is the only door. Everything it writes went through `text::show` and is cut to its
//! place by the pen; only rows inside the window are looked at.

mod access;
mod detail;
mod dialogs;
mod footer;
mod form;
mod frame;
mod groups;
mod header;
mod licenses;
mod live;
mod moved;
mod outcomes;
mod pen;
mod people;
mod plan;
mod runs;
mod seat_words;
mod spaces;
mod theme;
mod words;

pub use form::form;
pub use frame::screen;
