//! qroll
fn main() {}
