//! One company, written once, brought into each kind of source by its own means and read back by the
//! real connectors: the rows must not tell where they came from.

mod company;
mod program;
mod rows;
mod sources;
