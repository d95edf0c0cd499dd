//! Start to first frame with a cached snapshot, and the memory of the program with everybody loaded.

use crate::table::Table;

pub(crate) fn measure(_table: &mut Table, _people: usize) {}
