//! What a review says about a seat, in the few words that a cell holds.

use jiff::Timestamp;

use super::theme::Mean;
use super::words::Cell;
use crate::planner::holders::{Holder, LastUse, Note, Standing};

/// The Last use column.
pub(super) fn last_use(last: LastUse, now: Timestamp) -> Cell {
    match last {
        LastUse::NotRead => ("?".to_owned(), Mean::Quiet),
        LastUse::NoUser => ("no user here".to_owned(), Mean::Quiet),
        LastUse::At(at) => {
            let days = now.duration_since(at).as_hours() / 24;
            let text = match days {
                ..=0 => "today".to_owned(),
                1 => "yesterday".to_owned(),
                many => format!("{many} d ago"),
            };
            (text, Mean::Plain)
        }
        LastUse::NotSince(at) => (format!("not since {}", short(at, now)), Mean::Warn),
        LastUse::NeverSince(at) => (format!("never since {}", short(at, now)), Mean::Warn),
    }
}

/// A day, with its year where that is another one.
fn short(at: Timestamp, now: Timestamp) -> String {
    let year = |at: Timestamp| at.strftime("%Y").to_string();
    let form = if year(at) == year(now) {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    at.strftime(form).to_string()
}

/// The Entitled by column.
pub(super) fn entitled(standing: &Standing) -> Cell {
    let mean = match standing {
        Standing::Stranger | Standing::Nested(_) | Standing::Unknown(_) => Mean::Warn,
        Standing::Member(_) | Standing::Excepted(_) => Mean::Plain,
        Standing::Protected(_) | Standing::Elsewhere(_) | Standing::NotAsked => Mean::Quiet,
    };
    let text = match standing {
        Standing::Stranger => "stranger".to_owned(),
        Standing::Nested(way) => {
            let way: Vec<String> = way.iter().map(|group| group.show().to_string()).collect();
            format!("via {}", way.join(" > "))
        }
        Standing::Unknown(_) => "cannot be told".to_owned(),
        _ => standing.words().show().to_string(),
    };
    (text, mean)
}

/// The Note column.
pub(super) fn note(holder: &Holder) -> Cell {
    let odd = [
        Note::Orphan,
        Note::Excess,
        Note::DisabledThere,
        Note::DisabledHere,
    ];
    let mean = if holder.notes.iter().any(|note| odd.contains(note)) {
        Mean::Warn
    } else {
        Mean::Plain
    };
    // Made of our own words only.
    (holder.oddities(), mean)
}
