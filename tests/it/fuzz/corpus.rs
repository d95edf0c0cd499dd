//! What mutation begins with, from the files beside.

use std::path::{Path, PathBuf};

/// The folder of a target.
pub(super) fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/fuzz/corpus")
        .join(target)
}

/// Everything in the folder of a target, by file name.
pub(super) fn corpus(target: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(target))
        .expect("the corpus is part of the tree")
        .map(|entry| entry.expect("the corpus can be read").path())
        .collect();
    files.sort();
    let read = |path: &PathBuf| std::fs::read(path).expect("the corpus can be read");
    files.iter().map(read).collect()
}

/// A path as the name of a file: an id becomes `one`, so that names last.
pub(super) fn name(path: &str) -> String {
    let path = path
        .trim_start_matches("/api/v1/")
        .trim_start_matches("/v1.0/");
    let segments = path.split('/').map(|segment| {
        let is_id = segment == "me"
            || segment.len() >= 20 && segment.contains(|letter: char| letter.is_ascii_digit());
        if is_id { "one" } else { segment }
    });
    segments.collect::<Vec<_>>().join("-")
}
