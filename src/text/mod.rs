//! `Raw` and `Shown`: the one door between text from outside and a screen, a log or an export.
//!
//! Anything that came from a network, a file, a directory or a terminal paste is [`Raw`]. It has
//! no `Display`, so it cannot be printed by accident. [`show`] turns it into [`Shown`], which
//! holds no control, no hidden and no reordering character, and says whether anything was changed.
//! Knows no other room.

mod cells;
mod door;
mod export;
mod look;
mod near;
mod pool;
mod raw;

pub use cells::{elide_middle, fit, shorten, width};
pub use door::{Shown, is_altered, show, show_str};
pub use export::{csv_cell, csv_line, json_line, markdown_cell, markdown_line};
pub use look::{looks, mixed_word};
pub use near::nearest;
pub use pool::Pool;
pub use raw::Raw;
