//! The bars of "How fast": `cargo bench --bench bars` prints what is reached on this machine.
//!
//! Every figure comes from the real parts: the real client against the embedded world over HTTP, the
//! real binary in a pseudo-terminal. `cargo bench --bench bars -- load commit` prints a part only,
//! `-- screen 100000` one size of it, `-- scale` the bars of T12.

#![expect(clippy::print_stdout, reason = "printing is what a bench is for")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

mod commit;
mod directory;
mod load;
#[path = "../it/pty/mod.rs"]
mod pty;
mod scale;
mod screen;
mod start;
mod table;
mod usage;
mod world;

use table::Table;

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    if let [word, url] = asked.as_slice()
        && word == directory::CHILD
    {
        directory::read(url);
        return;
    }
    let sizes: Vec<usize> = asked.iter().filter_map(|word| word.parse().ok()).collect();
    let parts: Vec<&String> = asked
        .iter()
        .filter(|word| word.parse::<usize>().is_err())
        .collect();
    let wants = |part: &str| parts.is_empty() || parts.iter().any(|name| *name == part);
    let mut table = Table::default();
    if wants("load") {
        load::measure(&mut table);
    }
    if wants("directory") {
        directory::measure(&mut table);
    }
    if wants("commit") {
        commit::measure(&mut table);
    }
    if wants("usage") {
        usage::measure(&mut table);
    }
    if wants("scale") {
        scale::measure(&mut table);
    }
    for people in [1_000, 10_000, 100_000] {
        if !sizes.is_empty() && !sizes.contains(&people) {
            continue;
        }
        if wants("screen") {
            screen::measure(&mut table, people);
        }
        if wants("start") {
            start::measure(&mut table, people);
        }
    }
    println!("\n{table}");
}
