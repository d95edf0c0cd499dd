//! The direction of the rooms: who may know whom. Reads the `crate::` paths of every file under
//! `src` and names file and line of a trespass. The map that this enforces is `ARCHITECTURE.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// Every room with the rooms it may name, besides itself. `*` is for the two that do the wiring.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("domain", &["text"]),
    ("ports", &["domain", "text"]),
    (
        "planner",
        &["domain", "ports::Problem", "ports::Kind", "text"],
    ),
    (
        "app",
        &[
            "domain",
            "planner",
            "ports::Problem",
            "ports::Kind",
            "ports::Secret",
            "text",
        ],
    ),
    ("view", &["app", "domain", "planner", "text"]),
    ("connectors", &["domain", "ports", "text"]),
    ("host", &["domain", "ports", "text"]),
    (
        "commit",
        &[
            "domain",
            "planner::Memory",
            "planner::Vouched",
            "planner::file",
            "planner::words",
            "ports",
            "text",
        ],
    ),
    ("review", &["domain", "planner::holders", "ports", "text"]),
    ("simulator", &["domain", "ports", "text"]),
    ("config", &["domain", "planner", "ports", "text"]),
    ("terminal", &["*"]),
    ("cli", &["*"]),
];

#[test]
fn every_room_keeps_to_its_direction() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let trespasses: Vec<String> = MAY_KNOW
        .iter()
        .flat_map(|(room, known)| {
            files(&source.join(room))
                .into_iter()
                .flat_map(move |file| trespasses(room, known, &file))
        })
        .collect();
    assert!(trespasses.is_empty(), "\n{}", trespasses.join("\n"));
}

#[test]
fn every_room_stands_in_the_table_and_on_the_map() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let map = fs::read_to_string(source.join("ARCHITECTURE.md")).expect("the map");
    let mut rooms: Vec<String> = fs::read_dir(&source)
        .expect("src")
        .map(|entry| entry.expect("entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    rooms.sort();
    let mut table: Vec<String> = MAY_KNOW
        .iter()
        .map(|(room, _)| (*room).to_owned())
        .collect();
    table.sort();
    assert_eq!(
        rooms, table,
        "rooms on disk and rooms in the table of this test"
    );
    for room in rooms {
        assert!(
            map.contains(&format!("`{room}/`")),
            "ARCHITECTURE.md does not speak of `{room}/`"
        );
    }
}

#[test]
fn a_trespass_is_caught_and_named() {
    let lines =
        "use crate::domain::Plan;\n// crate::view is fine in a comment\nuse crate::view::screen;\n";
    let found = trespasses_in("domain", &["text"], "src/domain/plan.rs", lines);
    assert_eq!(
        found,
        ["src/domain/plan.rs:3: `domain` may not know `view::screen`"]
    );
}

#[test]
fn only_the_journal_mints_durable_tokens() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let minters: Vec<String> = files(&source)
        .into_iter()
        .filter(|file| !file.ends_with("ports/tenant.rs"))
        .filter(|file| read(file).contains("minted_by_the_journal"))
        .map(|file| file.display().to_string())
        .collect();
    assert!(
        minters.iter().all(|file| file.contains("commit/journal")),
        "{minters:?}"
    );
}

fn trespasses(room: &str, known: &[&str], file: &Path) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = file
        .strip_prefix(root)
        .unwrap_or(file)
        .display()
        .to_string();
    trespasses_in(room, known, &name, &read(file))
}

fn trespasses_in(room: &str, known: &[&str], name: &str, text: &str) -> Vec<String> {
    if known.contains(&"*") {
        return Vec::new();
    }
    // Tests at the foot of a file may build their world from any room.
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let numbered = code
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for (index, line) in numbered {
        for path in paths(line) {
            // What proofs share is compiled for tests only.
            let own = [room, "proof"]
                .iter()
                .any(|own| path == *own || path.starts_with(&format!("{own}::")));
            let allowed = own
                || known
                    .iter()
                    .any(|k| path == *k || path.starts_with(&format!("{k}::")));
            if !allowed {
                found.push(format!(
                    "{name}:{}: `{room}` may not know `{path}`",
                    index + 1
                ));
            }
        }
    }
    found
}

/// The paths below `crate::` that a line names; braces are opened one level.
fn paths(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tail in line.split("crate::").skip(1) {
        let head: String = tail
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
            .collect();
        match tail[head.len()..].strip_prefix('{') {
            Some(list) => {
                let inner = list.split('}').next().unwrap_or(list);
                found.extend(
                    inner
                        .split(',')
                        .map(|name| format!("{head}{}", name.trim())),
                );
            }
            None => found.push(head.trim_end_matches(':').to_owned()),
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs")
            && path.file_name().is_none_or(|name| name != "tests.rs")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
