//! Texts at a terminal of any width: broken between words, never cut and never wider.

use super::place::{Place, World};
use crate::pty::Terminal;
use qroll::text::width;

const COMMANDS: [&[&str]; 9] = [
    &["--help"],
    &["plan", "--help"],
    &["show", "--help"],
    &["apply", "--help"],
    &["runs", "--help"],
    &["resume", "--help"],
    &["revert", "--help"],
    &["sim", "--help"],
    &["completions", "--help"],
];

/// Everything that a terminal of this width got, in lines.
fn lines(mut terminal: Terminal) -> (u32, Vec<String>) {
    let code = terminal.exit_code();
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let lines = raw.split('\n').map(|line| {
        // A line that was rewritten counts as what it was in the end.
        let line = line.trim_end_matches('\r');
        line.rsplit('\r').next().unwrap_or(line).to_owned()
    });
    (code, lines.collect())
}

/// Words that no terminal of that width holds go over its edge, and nothing else.
#[track_caller]
fn fits(lines: &[String], columns: usize) {
    for line in lines {
        let widest = line.split(' ').map(width).max().unwrap_or(0);
        let words = line.split_whitespace().count();
        assert!(
            width(line) <= columns || words <= 1 || widest > columns,
            "{} of {columns} cells: {line:?}",
            width(line)
        );
    }
}

#[test]
fn help_fits_the_terminal() {
    let place = Place::new();
    for columns in [80, 60] {
        for command in COMMANDS {
            let home = place.path("");
            let (code, lines) = lines(Terminal::qroll(command, &home, columns, 40));
            assert_eq!(code, 0, "{command:?}");
            assert!(lines.len() > 5, "{lines:?}");
            // Colours are the help's own.
            let plain: Vec<String> = lines.iter().map(|line| without_colours(line)).collect();
            fits(&plain, usize::from(columns));
        }
    }
}

/// Without `ESC [ ... m`.
fn without_colours(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

#[test]
fn plans_and_problems_fit_the_terminal_and_lose_nothing() {
    let world = World::scenario("s1");
    let place = Place::new();
    place.with_world(&world, "");
    let arguments = [
        "plan",
        "--group",
        "QLIK_ANALYZERS",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    let (_, wide) = lines(place.terminal(&world, &arguments, 400));
    for columns in [80, 60] {
        let (code, narrow) = lines(place.terminal(&world, &arguments, columns));
        assert_eq!(code, 2, "{narrow:?}");
        fits(&narrow, usize::from(columns));
        let words = |lines: &[String]| -> Vec<String> {
            let words = lines.iter().flat_map(|line| line.split_whitespace());
            // The time, and with it the hash and its words, differ from plan to plan.
            words
                .filter(|word| word.len() < 30)
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(words(&narrow).len(), words(&wide).len());
    }
    let unknown = ["plan", "--group", "No such group anywhere", "--person", "x"];
    let (code, narrow) = lines(place.terminal(&world, &unknown, 40));
    assert_eq!(code, 64);
    fits(&narrow, 40);
}
